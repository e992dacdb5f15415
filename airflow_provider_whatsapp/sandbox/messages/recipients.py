"""
Who a message is for: a phone number, a business-scoped user id, or a group.

Some phone numbers stand for an error, as the test cards of payment services do. +1 555 0 and a code
is rejected with that code; +1 555 9 and a code is accepted, and fails later. The codes are Meta's:
https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from airflow_provider_whatsapp.sandbox.account.phone_numbers import sender_digits
from airflow_provider_whatsapp.sandbox.aliases import Json
from airflow_provider_whatsapp.sandbox.graph.errors import (
    invalid_parameter,
    invalid_value,
    messaging_error,
    missing_parameter,
)
from airflow_provider_whatsapp.sandbox.graph.parts import Part

RECIPIENT_TYPES = ("individual", "group")
REENGAGEMENT = 131047

_USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}", re.ASCII)
_SPECIAL_NUMBER = re.compile(r"1555([09])([0-9]{6})", re.ASCII)


class SpecialRecipient(NamedTuple):
    """The error of a special recipient, and the HTTP status if it comes at once."""

    status: int
    title: str
    details: str


SPECIAL_RECIPIENTS = {
    130403: SpecialRecipient(
        400,
        "Recipient is blocked",
        "This business has blocked the recipient",
    ),
    130429: SpecialRecipient(
        400,
        "Rate limit hit",
        "The number sends faster than its throughput",
    ),
    130472: SpecialRecipient(
        400,
        "Recipient is part of an experiment",
        "Meta holds marketing back from this person",
    ),
    130497: SpecialRecipient(
        403,
        "Country is not allowed",
        "This account may not message people of this country",
    ),
    131000: SpecialRecipient(
        500,
        "Something went wrong",
        "The message was not sent for an unknown reason",
    ),
    131016: SpecialRecipient(
        500,
        "Service unavailable",
        "A service is down for the moment",
    ),
    131021: SpecialRecipient(
        400,
        "Recipient cannot be sender",
        "Sender and recipient are the same number",
    ),
    131026: SpecialRecipient(
        400,
        "Message undeliverable",
        "No WhatsApp, an old version of it, or its terms not accepted",
    ),
    131030: SpecialRecipient(
        400,
        "Recipient is not on the allow-list",
        "A test number reaches listed recipients only",
    ),
    131031: SpecialRecipient(
        403,
        "Account is locked",
        "The account is restricted for a breach of policy",
    ),
    131037: SpecialRecipient(
        400,
        "Display name is not approved",
        "The number needs an approved display name",
    ),
    131042: SpecialRecipient(
        400,
        "Payment issue",
        "The account has no working payment method",
    ),
    131043: SpecialRecipient(
        400,
        "Message expired",
        "The message was not delivered within its time to live",
    ),
    131045: SpecialRecipient(
        500,
        "Incorrect certificate",
        "The sender's number is not registered correctly",
    ),
    131047: SpecialRecipient(
        400,
        "Re-engagement message",
        "The person wrote more than 24 hours ago, or never",
    ),
    131048: SpecialRecipient(
        400,
        "Spam rate limit hit",
        "Earlier messages of this number were reported as spam",
    ),
    131049: SpecialRecipient(
        400,
        "Not delivered to keep engagement healthy",
        "This person gets enough marketing",
    ),
    131050: SpecialRecipient(
        400,
        "Recipient stopped marketing",
        "The person opted out of this business's marketing",
    ),
    131053: SpecialRecipient(
        400,
        "Media upload error",
        "The file of the message could not be fetched",
    ),
    131056: SpecialRecipient(
        400,
        "Pair rate limit hit",
        "Too many messages from this number to this recipient",
    ),
    131057: SpecialRecipient(
        500,
        "Account in maintenance",
        "The account is being upgraded, for about a minute",
    ),
    133010: SpecialRecipient(
        400,
        "Sender is not registered",
        "The business's number is not on the Cloud API",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """
    A recipient as the call wrote it, and as WhatsApp knows it.

    :param has_wa_id: whether the response shows ``to``. It does not for a user id, because people who
        are known by one keep their phone number private.
    """

    given: str
    to: str
    has_wa_id: bool = True

    def to_contact(self) -> Json:
        """Return the entry of the response's ``contacts``."""
        contact = {"input": self.given}
        if self.has_wa_id:
            contact["wa_id"] = self.to
        return contact


def read_recipient(body: Part) -> Recipient:
    """Return the recipient of a message, or reject one that is absent or malformed."""
    recipient_type = "individual"
    if body.has("recipient_type"):
        recipient_type = body.get_choice("recipient_type", RECIPIENT_TYPES)
    # Meta reads ``to`` if a message has both.
    if not body.has("to") and body.has("recipient"):
        return read_user_id(body)
    if "to" not in body.value:
        raise invalid_parameter("The parameter to is required")
    to = body.value["to"]
    if not isinstance(to, str):
        raise invalid_parameter("Param to must be a string")
    if recipient_type != "group":
        return Recipient(given=to, to=normalize_number(to))
    if not to.strip():
        raise missing_parameter("to is required")
    return Recipient(given=to, to=to)


def read_user_id(body: Part) -> Recipient:
    """Return the recipient that ``recipient`` names."""
    user_id = body.get_text("recipient")
    if not _USER_ID.fullmatch(user_id):
        raise invalid_value(
            "recipient is not a business-scoped user id, for example US.13491208655302741918"
        )
    return Recipient(given=user_id, to=user_id, has_wa_id=False)


def normalize_number(to: str) -> str:
    """Return the digits of a phone number, as WhatsApp identifies it."""
    # WhatsApp accepts the separators that people write.
    digits = re.sub(r"[\s()\-]", "", to).removeprefix("+")
    if not re.fullmatch(r"[1-9][0-9]{6,14}", digits, re.ASCII):
        raise invalid_value("Recipient is not a phone number in international format")
    if digits == sender_digits():
        raise messaging_error(
            131021, "Recipient cannot be sender", "Sender and recipient are the same number"
        )
    return digits


def validate_recipient(wa_id: str, *, is_template: bool) -> None:
    """Reject a message to a number that stands for an error at once."""
    code = find_special_code(wa_id, digit="0", is_template=is_template)
    if code is not None:
        special = SPECIAL_RECIPIENTS[code]
        raise messaging_error(code, special.title, special.details, status=special.status)


def find_later_failure(wa_id: str, *, is_template: bool) -> int | None:
    """Return the code with which a message to this number becomes FAILED, or None if it arrives."""
    return find_special_code(wa_id, digit="9", is_template=is_template)


def find_special_code(wa_id: str, *, digit: str, is_template: bool) -> int | None:
    """Return the code that a number stands for, if ``digit`` comes before it."""
    found = _SPECIAL_NUMBER.fullmatch(wa_id)
    if found is None or found[1] != digit:
        return None
    code = int(found[2])
    if code not in SPECIAL_RECIPIENTS:
        return None
    # Outside the 24-hour window, templates are the messages that still arrive.
    if code == REENGAGEMENT and is_template:
        return None
    return code


def get_error_title(code: int) -> str:
    """Return the title of an error code, as the message history shows it."""
    # A test may set any code, also one that no special recipient has.
    special = SPECIAL_RECIPIENTS.get(code)
    if special is None:
        return "Unknown error"
    return special.title
