"""Waits for a Maton connection that a person finishes in a browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from airflow_provider_whatsapp.client.client import WhatsAppClient
from airflow_provider_whatsapp.models.connections import ConnectionStatus, MatonConnection
from airflow_provider_whatsapp.models.ids import ConnectionId
from airflow_provider_whatsapp.models.validation import validate
from airflow_provider_whatsapp.waits.poll import Outcome, PollResult

# The connection's own url would be the shorter way, but it contains a session token, and logs are kept.
_WHERE = "open maton.ai/connections, sign in, and finish it in the browser"


@dataclass(frozen=True, kw_only=True)
class ConnectionWait:
    """
    Waits until a Maton connection is ACTIVE.

    :param maton_connection_id: the connection; the client's if absent, and without both any of the account.
    :raises InvalidRequestError: if the id is not a valid one.
    """

    maton_connection_id: str | None = None

    def __post_init__(self) -> None:
        """Validate the id, before the first poll."""
        if self.maton_connection_id is not None:
            validate(ConnectionId, self.maton_connection_id, field="maton_connection_id")

    def poll(self, client: WhatsAppClient) -> PollResult:
        """Ask for the connection, or for all connections of the account."""
        chosen = self.maton_connection_id or client.config.connection_id
        if chosen:
            return activation([client.connections.get(chosen)], chosen)
        return activation(client.connections.list(), chosen)


def activation(connections: Sequence[MatonConnection], chosen: str | None) -> PollResult:
    """
    Tell whether a connection is ACTIVE, and if not, where a person makes it so.

    :param connections: the chosen one, or all of the account.
    :param chosen: the id of the one that is waited for; ``None`` waits for any.
    """
    active = next(
        (one for one in connections if one.status is ConnectionStatus.ACTIVE), None
    )
    if active is not None:
        return PollResult(
            Outcome.SUCCESS, f"Maton connection {active.connection_id} is ACTIVE"
        )
    if chosen is None:
        return PollResult(
            Outcome.WAITING,
            f"The account has no ACTIVE WhatsApp Business connection: {_WHERE}",
        )
    status = connections[0].status
    if status is ConnectionStatus.FAILED:
        return PollResult(
            Outcome.FAILED,
            f"Maton connection {chosen} has FAILED: delete it and make another one",
        )
    return PollResult(Outcome.WAITING, f"Maton connection {chosen} is {status}: {_WHERE}")
