"""Whether a Maton connection can be used yet. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from airflow_provider_whatsapp.models.connections import ConnectionStatus, MatonConnection
from airflow_provider_whatsapp.waits.outcome import Outcome, PollResult

# The connection's own url would be the shorter way, but it holds a session token, and logs are kept.
_WHERE = "open maton.ai/connections, sign in, and finish it in the browser"


def activation(connections: Sequence[MatonConnection], chosen: str | None) -> PollResult:
    """
    Tell whether a connection is ACTIVE, and if not, where a person makes it so.

    :param connections: the chosen one, or all of the account.
    :param chosen: the id of the one that is waited for; ``None`` waits for any.
    """
    active = next((one for one in connections if one.status is ConnectionStatus.ACTIVE), None)
    if active is not None:
        return PollResult(Outcome.DONE, f"Maton connection {active.connection_id} is ACTIVE")
    if chosen is None:
        return PollResult(Outcome.WAITING, f"The account has no ACTIVE WhatsApp Business connection: {_WHERE}")
    status = connections[0].status
    if status is ConnectionStatus.FAILED:
        return PollResult(Outcome.REFUSED, f"Maton connection {chosen} has FAILED: delete it and make another one")
    return PollResult(Outcome.WAITING, f"Maton connection {chosen} is {status}: {_WHERE}")
