"""
Whom a message is for: a phone number, a business-scoped user id, or a group.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from airflow_provider_whatsapp.sandbox.errors import invalid_parameter, messaging_error
from airflow_provider_whatsapp.sandbox.message_nodes import Node, missing, not_valid
from airflow_provider_whatsapp.sandbox.phone_numbers import digits_of_sender

_KINDS = ("individual", "group")
_USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """A recipient as it was given, and as WhatsApp knows it."""

    given: str
    to: str
    has_wa_id: bool = True

    def contact(self) -> dict[str, Any]:
        """Return what the answer says; who is known by a user id keeps the phone number to themselves."""
        return {"input": self.given, "wa_id": self.to} if self.has_wa_id else {"input": self.given}


def recipient_of(body: Node) -> Recipient:
    """Return the recipient of a message; ``to`` counts where ``recipient`` is there as well."""
    kind = body.choice("recipient_type", _KINDS) if body.has("recipient_type") else "individual"
    if not body.has("to") and body.has("recipient"):
        return _user(body)
    if "to" not in body.value:
        raise invalid_parameter("The parameter to is required")
    to = body.value["to"]
    if not isinstance(to, str):
        raise invalid_parameter("Param to must be a string")
    if kind == "group":
        if not to.strip():
            raise missing("to")
        return Recipient(given=to, to=to)
    return Recipient(given=to, to=_wa_id(to))


def _user(body: Node) -> Recipient:
    user_id = body.text("recipient")
    if not _USER_ID.fullmatch(user_id):
        raise not_valid("recipient is not a business-scoped user id, for example US.13491208655302741918")
    return Recipient(given=user_id, to=user_id, has_wa_id=False)


def _wa_id(to: str) -> str:
    digits = re.sub(r"[\s()\-]", "", to).removeprefix("+")
    if not re.fullmatch(r"[1-9][0-9]{6,14}", digits, re.ASCII):
        raise not_valid("Recipient is not a phone number in international format")
    if digits == digits_of_sender():
        raise messaging_error(131021, "Recipient cannot be sender", "Sender and recipient are the same number")
    return digits
