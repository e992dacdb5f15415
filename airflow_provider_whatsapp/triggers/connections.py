"""Wait for a Maton connection in the triggerer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_whatsapp.triggers.base import PollingTrigger

if TYPE_CHECKING:
    from airflow_provider_whatsapp.waits.connections import ConnectionWait


class MatonConnectionTrigger(PollingTrigger):
    """
    Fires when a Maton connection is ACTIVE, or has FAILED.

    :param maton_conn_id: the Airflow connection.
    :param maton_connection_id: of the Maton connection; any of the account if absent.
    :param poll_interval: seconds between two polls.
    """

    arguments = ("maton_conn_id", "maton_connection_id", "poll_interval")

    def __init__(
        self, *, maton_conn_id: str, maton_connection_id: str | None, poll_interval: float
    ) -> None:
        super().__init__(maton_conn_id=maton_conn_id, poll_interval=poll_interval)
        self.maton_connection_id = maton_connection_id

    def wait(self) -> ConnectionWait:
        """Return the same wait as the sensor."""
        from airflow_provider_whatsapp.waits.connections import ConnectionWait

        return ConnectionWait(maton_connection_id=self.maton_connection_id)
