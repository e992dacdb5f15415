"""Wait for the status of a message in the triggerer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from airflow_provider_whatsapp.exceptions import BadRequestError, NotFoundError, PermissionDeniedError
from airflow_provider_whatsapp.triggers.base import PollingTrigger

if TYPE_CHECKING:
    from airflow_provider_whatsapp.client.client import WhatsAppClient
    from airflow_provider_whatsapp.waits.outcome import PollResult


class MessageStatusTrigger(PollingTrigger):
    """
    Fires when a message has reached a status, has failed, or its history is not available.

    :param maton_conn_id: the Airflow connection.
    :param message_id: of the message.
    :param status: SENT, DELIVERED or READ.
    :param phone_number_id: the number that sent it, the connection's if absent.
    :param poll_interval: seconds between two looks.
    """

    arguments = ("maton_conn_id", "message_id", "status", "phone_number_id", "poll_interval")

    def __init__(
        self,
        *,
        maton_conn_id: str,
        message_id: str,
        status: str,
        phone_number_id: str | None,
        poll_interval: float,
    ) -> None:
        super().__init__(maton_conn_id=maton_conn_id, poll_interval=poll_interval)
        self.message_id = message_id
        self.status = status
        self.phone_number_id = phone_number_id

    async def look(self) -> PollResult:
        """Look into the message's history."""
        client = await self.client()
        return await asyncio.to_thread(poll_message, client, self.message_id, self.status, self.phone_number_id)


def poll_message(client: WhatsAppClient, message_id: str, status: str, phone_number_id: str | None) -> PollResult:
    """Tell how far a message has come; a history that Meta refuses is not available, which is no error."""
    from airflow_provider_whatsapp.waits.messages import delivery, validate_status
    from airflow_provider_whatsapp.waits.outcome import Outcome, PollResult

    wanted = validate_status(status)
    try:
        entries = list(client.message_history.list(message_id=message_id, phone_number_id=phone_number_id))
    except (BadRequestError, NotFoundError, PermissionDeniedError) as error:
        # What the gateway itself refuses is the Maton connection, whatever is asked for.
        if error.is_gateway or not error.permanent:
            raise
        return PollResult(Outcome.UNAVAILABLE, f"The message history is not available to this account. {error}")
    return delivery(message_id, wanted, entries)
