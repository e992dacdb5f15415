"""Wait for the status of a message in the triggerer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_whatsapp.triggers.base import PollingTrigger

if TYPE_CHECKING:
    from airflow_provider_whatsapp.waits.messages import MessageWait


class MessageStatusTrigger(PollingTrigger):
    """
    Fires when a message has reached a status, has failed, or its history is not available.

    :param maton_conn_id: the Airflow connection.
    :param message_id: of the message.
    :param status: SENT, DELIVERED or READ.
    :param phone_number_id: the number that sent it, the connection's if absent.
    :param poll_interval: seconds between two polls.
    """

    arguments = (
        "maton_conn_id",
        "message_id",
        "status",
        "phone_number_id",
        "poll_interval",
    )

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

    def wait(self) -> MessageWait:
        """Return the same wait as the sensor."""
        from airflow_provider_whatsapp.waits.messages import MessageWait

        return MessageWait(
            message_id=self.message_id,
            status=self.status,
            phone_number_id=self.phone_number_id,
        )
