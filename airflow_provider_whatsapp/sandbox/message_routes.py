"""
Send a message.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request

from airflow_provider_whatsapp.sandbox.errors import invalid_parameter, messaging_error, unknown_object
from airflow_provider_whatsapp.sandbox.graph import JsonObject
from airflow_provider_whatsapp.sandbox.phone_numbers import digits_of_sender
from airflow_provider_whatsapp.sandbox.state import CurrentSandbox, Sandbox
from airflow_provider_whatsapp.sandbox.template_messages import check_template

router = APIRouter()

# What a message of each type must fulfil; it returns what the answer's message says besides the id.
_CHECKS: dict[str, Callable[[Sandbox, dict[str, Any]], dict[str, Any]]] = {
    "template": check_template,
}


@router.post("/{phone_number_id}/messages")
def send(sandbox: CurrentSandbox, request: Request, phone_number_id: str, body: JsonObject) -> dict[str, Any]:
    """Accept a message, or say what is wrong with it."""
    if not sandbox.phone_numbers.owns(phone_number_id):
        raise unknown_object(phone_number_id, method="post")
    wa_id = _check_envelope(body)
    with sandbox.lock:
        accepted = _check_content(sandbox, body)
        message = sandbox.messages.add(
            to=wa_id,
            body=body,
            connection_id=request.state.connection_id,
            phone_number_id=phone_number_id,
        )
    return {
        "messaging_product": "whatsapp",
        "contacts": [{"input": body["to"], "wa_id": wa_id}],
        "messages": [{"id": message.id, **accepted}],
    }


def _check_envelope(body: dict[str, Any]) -> str:
    """Check what all types share, and return the recipient's WhatsApp id."""
    if "messaging_product" not in body:
        raise invalid_parameter("The parameter messaging_product is required")
    if str(body["messaging_product"]).lower() != "whatsapp":
        raise invalid_parameter("Param messaging_product must be one of {WHATSAPP}")
    if body.get("recipient_type", "individual") != "individual":
        raise invalid_parameter("Param recipient_type must be one of {INDIVIDUAL}")
    if "to" not in body:
        raise invalid_parameter("The parameter to is required")
    return _wa_id(body["to"])


def _wa_id(to: object) -> str:
    if not isinstance(to, str):
        raise invalid_parameter("Param to must be a string")
    digits = re.sub(r"[\s()\-]", "", to).removeprefix("+")
    if not re.fullmatch(r"[1-9][0-9]{6,14}", digits, re.ASCII):
        raise messaging_error(
            131009, "Parameter value is not valid", "Recipient is not a phone number in international format"
        )
    if digits == digits_of_sender():
        raise messaging_error(131021, "Recipient cannot be sender", "Sender and recipient are the same number")
    return digits


def _check_content(sandbox: Sandbox, body: dict[str, Any]) -> dict[str, Any]:
    kind = str(body.get("type", "text"))
    if kind not in _CHECKS:
        raise messaging_error(131051, "Unsupported message type", f"Messages of type {kind} are not supported")
    if not isinstance(body.get(kind), dict):
        raise invalid_parameter(f"The parameter {kind} is required")
    return _CHECKS[kind](sandbox, body[kind])
