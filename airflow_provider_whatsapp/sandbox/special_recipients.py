"""
Phone numbers that stand for an error, as the test cards of payment services do.

+1 555 0 and a code is refused with that code; +1 555 9 and a code is accepted, and fails later.
Codes are Meta's: https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

from __future__ import annotations

import re
from typing import NamedTuple

from airflow_provider_whatsapp.sandbox.errors import messaging_error

REENGAGEMENT = 131047

_NUMBER = re.compile(r"1555([09])([0-9]{6})", re.ASCII)


class SpecialRecipient(NamedTuple):
    """What becomes of a message to one of these numbers."""

    status: int
    title: str
    details: str


SPECIAL_RECIPIENTS = {
    130403: SpecialRecipient(400, "Recipient is blocked", "This business has blocked the recipient"),
    130429: SpecialRecipient(400, "Rate limit hit", "The number sends faster than its throughput"),
    130472: SpecialRecipient(400, "Recipient is part of an experiment", "Meta holds marketing back from this person"),
    130497: SpecialRecipient(403, "Country is not allowed", "This account may not message people of this country"),
    131000: SpecialRecipient(500, "Something went wrong", "The message was not sent for an unknown reason"),
    131016: SpecialRecipient(500, "Service unavailable", "A service is down for the moment"),
    131021: SpecialRecipient(400, "Recipient cannot be sender", "Sender and recipient are the same number"),
    131026: SpecialRecipient(
        400, "Message undeliverable", "No WhatsApp, an old version of it, or its terms not accepted"
    ),
    131030: SpecialRecipient(400, "Recipient is not on the allow-list", "A test number reaches listed recipients only"),
    131031: SpecialRecipient(403, "Account is locked", "The account is restricted for a breach of policy"),
    131037: SpecialRecipient(400, "Display name is not approved", "The number needs an approved display name"),
    131042: SpecialRecipient(400, "Payment issue", "The account has no working payment method"),
    131043: SpecialRecipient(400, "Message expired", "The message was not delivered within its time to live"),
    131045: SpecialRecipient(500, "Incorrect certificate", "The sender's number is not registered correctly"),
    131047: SpecialRecipient(400, "Re-engagement message", "The person wrote more than 24 hours ago, or never"),
    131048: SpecialRecipient(400, "Spam rate limit hit", "Earlier messages of this number were reported as spam"),
    131049: SpecialRecipient(400, "Not delivered to keep engagement healthy", "This person gets enough marketing"),
    131050: SpecialRecipient(400, "Recipient stopped marketing", "The person opted out of this business's marketing"),
    131053: SpecialRecipient(400, "Media upload error", "The file of the message could not be fetched"),
    131056: SpecialRecipient(400, "Pair rate limit hit", "Too many messages from this number to this recipient"),
    131057: SpecialRecipient(500, "Account in maintenance", "The account is being upgraded, for about a minute"),
    133010: SpecialRecipient(400, "Sender is not registered", "The business's number is not on the Cloud API"),
}


def check_recipient(wa_id: str, *, is_template: bool) -> None:
    """Refuse a message to a number that stands for a refusal."""
    code = _code(wa_id, "0", is_template=is_template)
    if code is not None:
        special = SPECIAL_RECIPIENTS[code]
        raise messaging_error(code, special.title, special.details, status=special.status)


def later_failure(wa_id: str, *, is_template: bool) -> int | None:
    """Return the code with which a message to this number fails after it was accepted."""
    return _code(wa_id, "9", is_template=is_template)


def title_of(code: int) -> str:
    """Return what a code means, or that it isn't known."""
    special = SPECIAL_RECIPIENTS.get(code)
    return special.title if special else "Unknown error"


def _code(wa_id: str, kind: str, *, is_template: bool) -> int | None:
    found = _NUMBER.fullmatch(wa_id)
    if found is None or found[1] != kind:
        return None
    code = int(found[2])
    # What is past the 24-hour window can still be reached with a template.
    if code not in SPECIAL_RECIPIENTS or (code == REENGAGEMENT and is_template):
        return None
    return code
