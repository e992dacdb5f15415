"""Sending messages."""

from __future__ import annotations

from typing import Any

from airflow_provider_whatsapp.client.api import Api
from airflow_provider_whatsapp.client.http.calls import Call, Idempotency
from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.base import Success
from airflow_provider_whatsapp.models.messages import (
    Envelope,
    PreparedMessage,
    ReadReceipt,
    SentMessage,
)
from airflow_provider_whatsapp.models.validation import describe, validate


class Messages:
    """``POST /{phone_number_id}/messages``."""

    def __init__(self, api: Api) -> None:
        """Use ``api``."""
        self._api = api

    def send(
        self,
        message: Envelope | PreparedMessage,
        *,
        phone_number_id: str | None = None,
        retry_unknown_outcome: bool = False,
    ) -> SentMessage:
        """
        Send one message; accepted is not yet delivered.

        :param message: of any type, see :mod:`airflow_provider_whatsapp.models.messages`.
        :param phone_number_id: the number that sends, the account's default if absent.
        :param retry_unknown_outcome: send it again if it is not known whether it was sent: it then arrives at least
            once, and perhaps more often.
        :raises InvalidRequestError: if it is not a model but, for example, a dict: give that to ``validate`` first; or
            if its number is invalid, and ``check_numbers`` of the account is ``"fail"``.
        :raises OutcomeUnknownError: if it is not known whether it was sent.
        :raises ApiError: if it was rejected.

        https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
        """
        prepared = _prepare(message)
        sender = self._api.config.phone_number_id_of(phone_number_id)
        self.check_number(prepared)
        idempotency = Idempotency.NEVER_RETRY
        if retry_unknown_outcome:
            idempotency = Idempotency.AT_LEAST_ONCE
        call = Call(
            method="POST",
            path=f"{sender}/messages",
            json=prepared.body,
            idempotency=idempotency,
            sender=sender,
            recipient=prepared.recipient,
        )
        return self._api.call(call, SentMessage)

    def check_number(self, message: Envelope | PreparedMessage) -> None:
        """
        Do what ``check_numbers`` of the account says if libphonenumber calls the recipient's number invalid.

        ``send`` does this, too. Groups and user ids are not checked.

        :raises InvalidRequestError: with ``check_numbers="fail"``.
        """
        digits = _prepare(message).digits
        mode = self._api.config.check_numbers
        if digits and mode != "off":
            # Loaded when a number is checked: it takes a tenth of a second.
            from airflow_provider_whatsapp.client.recipients import check_phone_number

            check_phone_number(digits, mode)

    def international_number(self, to: Any) -> Any:
        """
        Return a number of ``default_country`` of the account in international form, and any other as it is.

        With ``default_country="DE"``, ``"0160 1234567"`` becomes ``"+491601234567"``. Operators do this with
        their ``to``; a model of a message takes international numbers only.

        :raises InvalidRequestError: if it cannot be a number, or can be one of two.
        :raises ConfigurationError: if ``default_country`` is not a country.
        """
        if self._api.config.default_country is None:
            return to
        from airflow_provider_whatsapp.client.recipients import international_number

        return international_number(to, self._api.config.default_country)

    def mark_read(
        self,
        message_id: str,
        *,
        typing_indicator: bool = False,
        phone_number_id: str | None = None,
    ) -> None:
        """
        Mark an incoming message, and those before it, as read.

        :param message_id: of the incoming message, from its webhook.
        :param typing_indicator: also show that a reply is being written, for at most 25 seconds.
        :param phone_number_id: the number that received it, the account's default if absent.
        :raises InvalidRequestError: if the id is not a valid one.
        :raises ApiError: if Meta or the gateway rejects the call.

        https://developers.facebook.com/docs/whatsapp/cloud-api/guides/mark-message-as-read
        """
        fields: dict[str, Any] = {"message_id": message_id}
        if typing_indicator:
            # Its only type is the default.
            fields["typing_indicator"] = {}
        receipt = validate(ReadReceipt, fields)
        receiver = self._api.config.phone_number_id_of(phone_number_id)
        # Marking a message twice changes nothing, so a retry is safe.
        call = Call(method="POST", path=f"{receiver}/messages", json=receipt.encode())
        self._api.call(call, Success)


def _prepare(message: Envelope | PreparedMessage) -> PreparedMessage:
    if isinstance(message, PreparedMessage):
        return message
    if not isinstance(message, Envelope):
        raise InvalidRequestError(
            f"message: must be a model of a message (got {describe(message)}). Pass a dict to validate first."
        )
    return message.prepare()
