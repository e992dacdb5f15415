"""
Send a message, mark one as read, and read the history of messages.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
https://developers.facebook.com/docs/whatsapp/cloud-api/reference/message-history
"""

from __future__ import annotations

from typing import get_args

from fastapi import APIRouter, Request

from airflow_provider_whatsapp.sandbox.aliases import Json
from airflow_provider_whatsapp.sandbox.graph.calls import (
    CurrentPage,
    JsonBody,
    build_page,
    encode_cursor,
)
from airflow_provider_whatsapp.sandbox.graph.errors import invalid_parameter, unknown_object
from airflow_provider_whatsapp.sandbox.graph.fields import (
    Selection,
    parse_fields,
    select_nested_fields,
)
from airflow_provider_whatsapp.sandbox.graph.parts import Part
from airflow_provider_whatsapp.sandbox.messages.recipients import (
    find_later_failure,
    read_recipient,
    validate_recipient,
)
from airflow_provider_whatsapp.sandbox.messages.store import (
    Status,
    StatusEvent,
    StoredMessage,
)
from airflow_provider_whatsapp.sandbox.messages.validation import (
    validate_content,
    validate_envelope,
    validate_message_id,
    validate_type,
)
from airflow_provider_whatsapp.sandbox.state import CurrentSandbox, Sandbox
from airflow_provider_whatsapp.sandbox.templates.sending import validate_template_message

router = APIRouter()

DEFAULT_HISTORY_FIELDS = "id,message_id"

# What the history shows of the application that gets the webhooks. The sandbox calls none.
_APPLICATION = {"id": "900000000000002", "name": "WhatsApp sandbox"}
_WEBHOOK = "https://example.com/webhook"

_ENTRY_FIELDS = parse_fields(
    "id,message_id,events{id,delivery_status,timestamp,webhook_update_state,application{id,name},webhook_uri,"
    "error_description}"
)
_EVENT_FIELDS = parse_fields(
    "cursor,node{id,delivery_status,occurrence_timestamp,status_timestamp,application{id,name},error_description}"
)


@router.post("/{phone_number_id}/messages")
def send(
    sandbox: CurrentSandbox, request: Request, phone_number_id: str, body: JsonBody
) -> Json:
    """Accept a message or a read receipt, or say why it is rejected."""
    if not sandbox.phone_numbers.owns(phone_number_id):
        raise unknown_object(phone_number_id, method="post")
    message_body = Part(body, "")
    validate_envelope(message_body)
    # Both kinds of call have the same path; the status tells them apart.
    if message_body.has("status"):
        return mark_as_read(sandbox, message_body)
    recipient = read_recipient(message_body)
    accepted: Json = {}
    # One lock for check and storage, so that a template cannot be paused between them.
    with sandbox.lock:
        message_type = validate_type(message_body)
        is_template = message_type == "template"
        if is_template:
            template = message_body.get_part("template").value
            validate_template_message(sandbox, template, has_wa_id=recipient.has_wa_id)
            # Meta reports this for templates only.
            accepted = {"message_status": "accepted"}
        else:
            validate_content(message_type, message_body, media=sandbox.media)
        # Last, so that a special recipient never hides a mistake in the message.
        validate_recipient(recipient.to, is_template=is_template)
        message = sandbox.messages.add(
            to=recipient.to,
            body=body,
            connection_id=request.state.connection_id,
            phone_number_id=phone_number_id,
            failure=find_later_failure(recipient.to, is_template=is_template),
        )
    return {
        "messaging_product": "whatsapp",
        "contacts": [recipient.to_contact()],
        "messages": [{"id": message.id, **accepted}],
    }


def mark_as_read(sandbox: Sandbox, body: Part) -> Json:
    """Accept a read receipt, with or without a typing indicator."""
    body.get_choice("status", ("read",))
    validate_message_id(body)
    typing_indicator = None
    if typing := body.get_optional_part("typing_indicator"):
        typing.get_choice("type", ("text",))
        typing_indicator = typing.value
    with sandbox.lock:
        sandbox.read_messages.add(body.value["message_id"], typing_indicator)
    return {"success": True}


@router.get("/{phone_number_id}/message_history")
def list_history(
    sandbox: CurrentSandbox,
    page: CurrentPage,
    phone_number_id: str,
    message_id: str | None = None,
    fields: str | None = None,
) -> Json:
    """Return the messages of a number, or one of them. Their statuses are there only if asked for."""
    if not sandbox.phone_numbers.owns(phone_number_id):
        raise unknown_object(phone_number_id)
    # The id is always there, because the cursors are made of it.
    selection: Selection = {"id": {}, **parse_fields(fields or DEFAULT_HISTORY_FIELDS)}
    with sandbox.lock:
        entries = [
            build_entry(message)
            for message in sandbox.messages.find_all()
            if message.phone_number_id == phone_number_id
            and message_id in (None, message.id)
        ]
    return build_page(
        entries,
        page,
        show=lambda entry: select_nested_fields(entry, selection, known=_ENTRY_FIELDS),
    )


@router.get("/{history_id}/events")
def list_events(
    *,
    sandbox: CurrentSandbox,
    page: CurrentPage,
    history_id: str,
    status_filter: str | None = None,
    delivery_status: str | None = None,
    fields: str | None = None,
) -> Json:
    """Return the statuses that one message has reached, newest last."""
    # Meta's documentation has both names for the filter.
    status = status_filter or delivery_status
    if status and status not in get_args(Status):
        raise invalid_parameter("Param status_filter must be a valid delivery status")
    selection: Selection = {}
    if fields:
        selection = parse_fields(fields)
    with sandbox.lock:
        message = sandbox.messages.find_by_history_id(history_id)
        if message is None:
            raise unknown_object(history_id)
        events = [event for event in message.events if not status or event.status == status]
    return build_page(
        [build_event(event) for event in events],
        page,
        show=lambda event: select_nested_fields(
            {"cursor": encode_cursor(event["id"]), "node": event},
            selection,
            known=_EVENT_FIELDS,
        ),
    )


def build_entry(message: StoredMessage) -> Json:
    """Return what the history shows of a message."""
    events = []
    for event in message.events:
        shown = {
            **build_status(event),
            "timestamp": int(event.timestamp),
            "webhook_update_state": "DELIVERED",
            "webhook_uri": _WEBHOOK,
        }
        events.append(shown)
    return {
        "id": message.history_id,
        "message_id": message.id,
        "events": {"data": events},
    }


def build_event(event: StatusEvent) -> Json:
    """Return what the list of one message's statuses shows of a status."""
    # Two fields of Meta's, which are the same in the sandbox.
    moment = int(event.timestamp)
    return {
        **build_status(event),
        "occurrence_timestamp": moment,
        "status_timestamp": moment,
    }


def build_status(event: StatusEvent) -> Json:
    """Return the fields of a status that both views show."""
    # Only failures have a description.
    status = {
        "id": event.id,
        "delivery_status": event.status,
        "application": _APPLICATION,
    }
    if event.error_description:
        status["error_description"] = event.error_description
    return status
