"""
Send a message, or mark one as read.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request

from airflow_provider_whatsapp.sandbox import message_contents as contents
from airflow_provider_whatsapp.sandbox.errors import invalid_parameter, messaging_error, unknown_object
from airflow_provider_whatsapp.sandbox.graph import JsonObject
from airflow_provider_whatsapp.sandbox.interactive_messages import check_interactive
from airflow_provider_whatsapp.sandbox.message_contacts import check_contacts
from airflow_provider_whatsapp.sandbox.message_envelope import check_envelope
from airflow_provider_whatsapp.sandbox.message_nodes import Node
from airflow_provider_whatsapp.sandbox.recipients import Recipient, recipient_of
from airflow_provider_whatsapp.sandbox.special_recipients import check_recipient, later_failure
from airflow_provider_whatsapp.sandbox.state import CurrentSandbox, Sandbox
from airflow_provider_whatsapp.sandbox.template_messages import check_template

router = APIRouter()

# What a message of each type must fulfil, where that is a matter of its content alone.
_CHECKS: dict[str, Callable[[Node], None]] = {
    "text": contents.check_text,
    "location": contents.check_location,
    "reaction": contents.check_reaction,
}
_TYPES = (*_CHECKS, *contents.MEDIA, "contacts", "interactive", "template")


@router.post("/{phone_number_id}/messages")
def send(sandbox: CurrentSandbox, request: Request, phone_number_id: str, body: JsonObject) -> dict[str, Any]:
    """Accept a message or a read receipt, or say what is wrong with it."""
    if not sandbox.phone_numbers.owns(phone_number_id):
        raise unknown_object(phone_number_id, method="post")
    node = Node(body, "")
    check_envelope(node)
    if node.has("status"):
        return _mark_as_read(sandbox, node)
    recipient = recipient_of(node)
    with sandbox.lock:
        accepted = _check_content(sandbox, node, recipient)
        is_template = body.get("type") == "template"
        check_recipient(recipient.to, is_template=is_template)
        message = sandbox.messages.add(
            to=recipient.to,
            body=body,
            connection_id=request.state.connection_id,
            phone_number_id=phone_number_id,
            failure=later_failure(recipient.to, is_template=is_template),
        )
    return {
        "messaging_product": "whatsapp",
        "contacts": [recipient.contact()],
        "messages": [{"id": message.id, **accepted}],
    }


def _mark_as_read(sandbox: Sandbox, body: Node) -> dict[str, Any]:
    body.choice("status", ("read",))
    contents.check_message_id(body)
    typing = body.optional_node("typing_indicator")
    if typing is not None:
        typing.choice("type", ("text",))
    with sandbox.lock:
        sandbox.read_messages.add(body.value["message_id"], typing.value if typing else None)
    return {"success": True}


def _check_content(sandbox: Sandbox, body: Node, recipient: Recipient) -> dict[str, Any]:
    """Check the part that is named like the type; return what the answer says besides the message's id."""
    kind = str(body.value.get("type", "text"))
    if kind not in _TYPES:
        raise messaging_error(131051, "Unsupported message type", f"Messages of type {kind} are not supported")
    if not body.has(kind):
        raise invalid_parameter(f"The parameter {kind} is required")
    if kind == "contacts":
        check_contacts(body.value[kind])
        return {}
    content = body.node(kind)
    if kind == "template":
        return check_template(sandbox, content.value, has_wa_id=recipient.has_wa_id)
    if kind == "interactive":
        check_interactive(content, sandbox.media)
    elif kind in contents.MEDIA:
        contents.check_media_message(kind, content, sandbox.media)
    else:
        _CHECKS[kind](content)
    return {}
