"""
What became of messages, best effort: not verified against the live service.

Where Meta does not offer it to the account, calls fail with ``PermissionDeniedError``, or find nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from airflow_provider_whatsapp.client.api import Api
from airflow_provider_whatsapp.client.http.calls import Call
from airflow_provider_whatsapp.client.http.redaction import redact
from airflow_provider_whatsapp.client.resources.pagination import Page, paginate
from airflow_provider_whatsapp.models.ids import MessageId, graph_id
from airflow_provider_whatsapp.models.message_history import (
    DeliveryStatus,
    MessageEvent,
    MessageHistoryEntry,
)
from airflow_provider_whatsapp.models.validation import validate

# Without fields there are neither events nor reasons.
ENTRY_FIELDS = "id,message_id,events{id,delivery_status,timestamp,error_description}"
EVENT_FIELDS = "cursor,node{id,delivery_status,occurrence_timestamp,error_description}"


class MessageHistory:
    """``/{phone_number_id}/message_history`` and ``/{history_id}/events``."""

    def __init__(self, api: Api) -> None:
        """Use ``api``."""
        self._api = api

    def list(
        self,
        *,
        message_id: str | None = None,
        phone_number_id: str | None = None,
        page_size: int = 100,
    ) -> Iterator[MessageHistoryEntry]:
        """
        Yield messages with their events, page after page.

        :param message_id: only this message (``wamid…``).
        :param phone_number_id: the number that sent, the account's default if absent.
        :param page_size: messages a call, 100 at most.
        :raises InvalidRequestError: if the id cannot be one.
        :raises PermissionDeniedError: if the account has no access to its history.
        """
        sender = self._api.config.phone_number_id_of(phone_number_id)
        only = message_id
        if only is not None:
            only = validate(MessageId, only, field="message_id")

        def fetch(cursor: str | None) -> Page[MessageHistoryEntry]:
            params: dict[str, str | int | None] = {
                "message_id": only,
                "fields": ENTRY_FIELDS,
                "limit": page_size,
                "after": cursor,
            }
            call = Call(method="GET", path=f"{sender}/message_history", params=params)
            return self._api.call(call, Page[MessageHistoryEntry])

        # Meta ignores a filter that it does not know, and would list messages to other people.
        return (
            entry.model_copy(
                update={"events": [_without_phone_numbers(event) for event in entry.events]}
            )
            for entry in paginate(fetch)
            if only in (None, entry.message_id)
        )

    def events(
        self, history_id: str, *, status: DeliveryStatus | str | None = None
    ) -> Iterator[MessageEvent]:
        """
        Yield the events of one message, page after page.

        :param history_id: ``id`` of the entry in the history, which is not the message's.
        :param status: only events of this status, such as ``FAILED``; capitals or not.
        :raises NotFoundError: if there is no such entry.
        """
        path = f"{graph_id(history_id, 'history_id')}/events"
        wanted = status and status.upper()

        def fetch(cursor: str | None) -> Page[MessageEvent]:
            params: dict[str, str | int | None] = {
                "status_filter": wanted,
                "fields": EVENT_FIELDS,
                "limit": 100,
                "after": cursor,
            }
            return self._api.call(
                Call(method="GET", path=path, params=params), Page[MessageEvent]
            )

        # Newer versions call the filter delivery_status, and Meta ignores an unknown filter.
        return (
            _without_phone_numbers(event)
            for event in paginate(fetch)
            if wanted in (None, event.delivery_status)
        )


def _without_phone_numbers(event: MessageEvent) -> MessageEvent:
    """Redact Meta's description as that of every error, so that a log can show it."""
    said = event.error_description
    if said is None:
        return event
    return event.model_copy(update={"error_description": redact(said)})
