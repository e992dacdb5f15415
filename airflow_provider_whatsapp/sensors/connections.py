"""The sensor for Maton connections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_whatsapp.sensors.base import PollingSensor
from airflow_provider_whatsapp.triggers.connections import MatonConnectionTrigger

if TYPE_CHECKING:
    from airflow_provider_whatsapp.waits.connections import ConnectionWait


class MatonConnectionSensor(PollingSensor):
    """
    Wait until a person has connected WhatsApp Business to Maton.

    The log says where to do that. It does not hold the connection's own ``url``, which is a secret: read
    that with ``MatonHook().client.connections.get(…).url.get_secret_value()``. Fails at once, without
    retries, when the connection has FAILED or does not exist.

    :param maton_connection_id: of the Maton connection; the Airflow connection's if absent, and where that
        has none, any of the account. (templated)
    :param maton_conn_id: the Airflow connection. (templated)
    :param deferrable: wait in the triggerer.

    .. seealso:: https://maton.ai/connections
    """

    template_fields: Sequence[str] = ("maton_connection_id", *PollingSensor.template_fields)

    def __init__(self, *, maton_connection_id: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.maton_connection_id = maton_connection_id

    def wait(self) -> ConnectionWait:
        """Return the wait, with its arguments validated."""
        from airflow_provider_whatsapp.waits.connections import ConnectionWait

        return ConnectionWait(maton_connection_id=self.maton_connection_id)

    def trigger(self) -> MatonConnectionTrigger:
        """Wait for the same connection in the triggerer."""
        return MatonConnectionTrigger(
            maton_conn_id=self.maton_conn_id,
            maton_connection_id=self.maton_connection_id,
            poll_interval=self.poke_interval,
        )
