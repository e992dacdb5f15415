"""Wait for a Maton connection in the triggerer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from airflow_provider_whatsapp.triggers.base import PollingTrigger

if TYPE_CHECKING:
    from airflow_provider_whatsapp.client.client import WhatsAppClient
    from airflow_provider_whatsapp.waits.outcome import PollResult


class MatonConnectionTrigger(PollingTrigger):
    """
    Fires when a Maton connection is ACTIVE, or has FAILED.

    :param maton_conn_id: the Airflow connection.
    :param maton_connection_id: of the Maton connection; any of the account if absent.
    :param poll_interval: seconds between two looks.
    """

    arguments = ("maton_conn_id", "maton_connection_id", "poll_interval")

    def __init__(self, *, maton_conn_id: str, maton_connection_id: str | None, poll_interval: float) -> None:
        super().__init__(maton_conn_id=maton_conn_id, poll_interval=poll_interval)
        self.maton_connection_id = maton_connection_id

    async def look(self) -> PollResult:
        """Look at the connection."""
        return await asyncio.to_thread(poll_connection, await self.client(), self.maton_connection_id)


def poll_connection(client: WhatsAppClient, maton_connection_id: str | None) -> PollResult:
    """Tell whether a Maton connection, or any of the account, can be used. Its url is a secret and stays out."""
    from airflow_provider_whatsapp.waits.connections import activation

    chosen = maton_connection_id or client.config.connection_id
    return activation([client.connections.get(chosen)] if chosen else client.connections.list(), chosen)
