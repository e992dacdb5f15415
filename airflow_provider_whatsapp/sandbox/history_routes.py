"""
The history of messages: which statuses each has reached.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/message-history
"""

from __future__ import annotations

import base64
from typing import Any, get_args

from fastapi import APIRouter, Request

from airflow_provider_whatsapp.sandbox.errors import invalid_parameter, unknown_object
from airflow_provider_whatsapp.sandbox.field_selection import Selection, chosen, parsed
from airflow_provider_whatsapp.sandbox.graph import page
from airflow_provider_whatsapp.sandbox.message_statuses import Status, StatusEvent
from airflow_provider_whatsapp.sandbox.messages import StoredMessage
from airflow_provider_whatsapp.sandbox.state import CurrentSandbox

router = APIRouter()

_APPLICATION = {"id": "900000000000002", "name": "WhatsApp sandbox"}
_WEBHOOK = "https://example.com/webhook"
_ENTRY_DEFAULT = "id,message_id"
_ENTRY = parsed(
    "id,message_id,events{id,delivery_status,timestamp,webhook_update_state,application{id,name},webhook_uri,"
    "error_description}"
)
_EVENT = parsed(
    "cursor,node{id,delivery_status,occurrence_timestamp,status_timestamp,application{id,name},error_description}"
)


@router.get("/{phone_number_id}/message_history")
def list_history(
    *,
    sandbox: CurrentSandbox,
    request: Request,
    phone_number_id: str,
    message_id: str | None = None,
    fields: str | None = None,
    limit: str | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    """Return the messages of a number, or one of them; their statuses come only if asked for."""
    if not sandbox.phone_numbers.owns(phone_number_id):
        raise unknown_object(phone_number_id)
    selection: Selection = {"id": {}, **parsed(fields or _ENTRY_DEFAULT)}
    with sandbox.lock:
        entries = [
            _entry(message)
            for message in sandbox.messages.listed()
            if message.phone_number_id == phone_number_id and message_id in (None, message.id)
        ]
    return page(
        entries,
        path=request.url.path.removeprefix("/whatsapp-business"),
        limit=limit,
        after=after,
        show=lambda entry: chosen(entry, selection, known=_ENTRY),
    )


@router.get("/{history_id}/events")
def list_events(
    *,
    sandbox: CurrentSandbox,
    request: Request,
    history_id: str,
    status_filter: str | None = None,
    delivery_status: str | None = None,
    fields: str | None = None,
    limit: str | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    """Return the statuses that one message has reached, newest last; the filter goes by two names."""
    status = status_filter or delivery_status
    if status and status not in get_args(Status):
        raise invalid_parameter("Param status_filter must be a valid delivery status")
    selection = parsed(fields) if fields else {}
    with sandbox.lock:
        message = sandbox.messages.find_history(history_id)
        if message is None:
            raise unknown_object(history_id)
        events = [_node(event) for event in message.events if not status or event.status == status]
    return page(
        events,
        path=request.url.path.removeprefix("/whatsapp-business"),
        limit=limit,
        after=after,
        show=lambda node: chosen({"cursor": _cursor(node["id"]), "node": node}, selection, known=_EVENT),
    )


def _entry(message: StoredMessage) -> dict[str, Any]:
    shown = [
        {
            **_what_happened(event),
            "timestamp": int(event.timestamp),
            "webhook_update_state": "DELIVERED",
            "webhook_uri": _WEBHOOK,
        }
        for event in message.events
    ]
    return {"id": message.history_id, "message_id": message.id, "events": {"data": shown}}


def _node(event: StatusEvent) -> dict[str, Any]:
    moment = int(event.timestamp)
    return {**_what_happened(event), "occurrence_timestamp": moment, "status_timestamp": moment}


def _what_happened(event: StatusEvent) -> dict[str, Any]:
    """Return what both views have; there is a description of failures only."""
    shown = {"id": event.id, "delivery_status": event.status, "application": _APPLICATION}
    return {**shown, "error_description": event.error_description} if event.error_description else shown


def _cursor(event_id: str) -> str:
    """Return the cursor that pages end with if this event is their last."""
    return base64.urlsafe_b64encode(event_id.encode()).decode()
