"""Sending messages."""

from __future__ import annotations

from airflow_provider_whatsapp.client.account import phone_number_id_of
from airflow_provider_whatsapp.client.api import Api
from airflow_provider_whatsapp.client.protocol import Call, Repeat
from airflow_provider_whatsapp.models.messages import SentMessage, TemplateMessage


class Messages:
    """``POST /{phone_number_id}/messages``."""

    def __init__(self, api: Api) -> None:
        """Use ``api``."""
        self._api = api

    def send(self, message: TemplateMessage, *, phone_number_id: str | None = None) -> SentMessage:
        """
        Send one message; accepted is not yet delivered.

        :param message: see :mod:`airflow_provider_whatsapp.models.messages`.
        :param phone_number_id: the number that sends, the account's default if absent.
        :raises OutcomeUnknownError: if it is not known whether it was sent; it is not sent again.
        :raises ApiError: if it was refused.

        https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
        """
        sender = phone_number_id_of(self._api.config, phone_number_id)
        call = Call(method="POST", path=f"{sender}/messages", json=message.wire(), repeat=Repeat.HARMFUL)
        return self._api.call(call, SentMessage)
