"""Who a message goes to: phone numbers in the form that the gateway wants."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator

from airflow_provider_whatsapp.models.base import refusal

# E.164 allows 15 digits; the shortest numbers in international form have 7.
_DIGITS = re.compile(r"[1-9][0-9]{6,14}", re.ASCII)
_PUNCTUATION = re.compile(r"[\s().\-\u2010-\u2015]+")


def normalise_phone_number(value: object) -> str:
    """
    Return the digits of an international phone number, as the gateway takes it.

    ``"+1 (650) 555-1234"`` and ``16505551234`` both become ``"16505551234"``. An int is accepted
    because native Jinja rendering turns ``"16505551234"`` into one.

    :raises pydantic_core.PydanticCustomError: saying what is wrong, without the number.
    """
    if isinstance(value, bool) or not isinstance(value, str | int) or (isinstance(value, int) and value < 0):
        raise refusal("a phone number is text", remedy="pass it as '+<country code><number>'")
    digits = _PUNCTUATION.sub("", str(value)).removeprefix("+")
    if not digits:
        raise refusal("the phone number is empty", remedy="pass '+<country code><number>'")
    if "(0)" in str(value) or digits.startswith("0"):
        raise refusal(
            "an international phone number has no leading zero, and none in brackets",
            remedy="write the country code first, without a 0 that is dialled only from abroad or at home",
        )
    if not _DIGITS.fullmatch(digits):
        raise refusal(
            "a phone number has 7 to 15 digits; only spaces, dots, hyphens, brackets and a leading + "
            "may stand between them",
            remedy="pass '+<country code><number>'",
        )
    return digits


PhoneNumber = Annotated[str, BeforeValidator(normalise_phone_number)]


def shorten_message_id(message_id: str) -> str:
    """Return the end of a message's id (``wamid.…NzE5MkEA``), for logs: its beginning spells the recipient's number."""
    return f"wamid.…{message_id.removeprefix('wamid.')[-8:]}"


def shorten_phone_number(phone_number: str) -> str:
    """Return the number with its middle hidden (``1650•••1234``), for logs."""
    return f"{phone_number[:4]}•••{phone_number[-4:]}" if len(phone_number) >= 10 else "•••"
