"""Who a message goes to: phone numbers in the form that the gateway wants."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.base import IntIsText
from airflow_provider_whatsapp.models.json_values import json_problem
from airflow_provider_whatsapp.models.validation import (
    describe,
    pattern_validator,
    rule_error,
)

# E.164 allows 15 digits; the shortest numbers in international form have 7.
MIN_DIGITS, MAX_DIGITS = 7, 15

# How people write one number: groups of digits, some in brackets, with one mark between two of them.
_SPACE, _MARK = "[ \u00a0\u2009\u202f]", r"[.\-\u2010-\u2015]"
_BETWEEN = f"(?:{_SPACE}?{_MARK}{_SPACE}?|{_SPACE})?"
_FIRST = rf"(?:(?:\+{_SPACE}?)?(?:\d|\(\d+\))|\(\+\d+\))"
# Possessive, so that a long text that does not fit is given up at once.
_SPELLING = re.compile(rf"{_FIRST}(?:{_BETWEEN}(?:\d|\(\d+\)))*+", re.ASCII)

# What separates the items of a list, and a + behind a digit.
_SEPARATOR = re.compile(r"[;/|\t-\r\x1c-\x1f\x85\u2028\u2029]|\A[^0-9]*[0-9].*\+")
_NO_DIGIT = re.compile("[^0-9]")
# A 0 that is dialled at home only, behind a country code: +44 (0) 7911 123456, +44 (07911) 123456.
_LATER_ZERO = re.compile(r"\A(?:.*\(0\)|[^0-9]*[0-9].*\(0)", re.DOTALL)

_LENGTH_RULE = f"must have {MIN_DIGITS} to {MAX_DIGITS} digits"
_INTERNATIONAL = "Pass '+<country code><number>'."
_ONE_OR_MAP = "Pass one number; for several, map the task with .expand(to=[...])."
_KEEP_AS_TEXT = (
    'Keep it as text: in pandas with astype("Int64").astype(str) or read_csv(dtype=str).'
)


class _Rule(NamedTuple):
    """A reason why a text cannot be one phone number, and what to do."""

    is_broken_by: Callable[[str], object]
    rule: str
    remedy: str


def _finds(pattern: str) -> Callable[[str], object]:
    return re.compile(pattern, re.ASCII | re.IGNORECASE).search


def _looks_like_several(text: str) -> bool:
    if _SEPARATOR.search(text):
        return True
    # Two parts that are long enough to be numbers, whether or not each of them is written in groups.
    digits = len(_NO_DIGIT.sub("", text))
    return digits >= 2 * MIN_DIGITS and any(
        sum(len(_NO_DIGIT.sub("", part)) >= MIN_DIGITS for part in parts) > 1
        for parts in (text.split(), _NO_DIGIT.split(text))
    )


# The first rule that is broken names the likely cause, so that special cases stand before general ones.
_RULES = (
    _Rule(_finds(r"\A[\s+().\-\u2010-\u2015]*\Z"), "must not be empty", _INTERNATIONAL),
    _Rule(
        _finds(r"\A(?:nan|nat|none|null|<na>|n/a)\Z"),
        "must be a phone number, but a missing value was written as text",
        "Leave out the rows that have no number.",
    ),
    _Rule(
        _finds(r"[\[\]{}]|\A\(.*,.*\)\Z"),
        "must be one phone number, but is a list written as text",
        _ONE_OR_MAP,
    ),
    _Rule(
        _finds(r"\A[+-]?\d+(?:[.,]\d*)?e[+-]?\d+\Z"),
        "must be written out, but has an exponent, which drops digits",
        _KEEP_AS_TEXT,
    ),
    _Rule(
        _looks_like_several,
        "must be one phone number, but looks like two or more",
        _ONE_OR_MAP,
    ),
    _Rule(
        _finds(","),
        "must not have a comma, because the fraction behind a decimal comma would become part of the number",
        f"Remove it. {_KEEP_AS_TEXT}",
    ),
    _Rule(
        lambda text: any(char.isdigit() and not char.isascii() for char in text),
        "must be written with the digits 0 to 9, not with those of another script",
        "Rewrite it.",
    ),
    _Rule(
        re.compile(r"[^\W\d_]").search,
        "must not have letters",
        "Remove words, extensions such as x12, and prefixes such as tel: or whatsapp:.",
    ),
    _Rule(
        # In '+33.6.12.34.56.00' and '+49.1601234567' dots stand between groups.
        _finds(r"\.\Z|\.0\Z|\A[^.]*\.(?:\d\d?|0+)\Z|(?<!\d)\d{7,}\.\d*\Z"),
        "must not have a decimal point, because the fraction behind it would become part of the number",
        _KEEP_AS_TEXT,
    ),
    _Rule(
        _finds("[\"'`\u00b4\u2018-\u201f]"),
        "must not have quotes",
        "Remove them, for example where a CSV is read.",
    ),
    _Rule(
        lambda text: not _SPELLING.fullmatch(text),
        "must be groups of digits with one space, dot or hyphen between two of them; "
        "a + may come first, and a group may be in brackets",
        _INTERNATIONAL,
    ),
)


def reject_several(value: object) -> None:
    """
    Raise an error for a list, or anything else that holds several recipients.

    :raises pydantic_core.PydanticCustomError: that says how to send to all of them.
    """
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | bytearray):
        raise rule_error("must be one recipient", remedy=_ONE_OR_MAP)


def remove_punctuation(value: object) -> str:
    """
    Return the digits of one phone number, national or international, with the + if it begins with one.

    :raises pydantic_core.PydanticCustomError: saying what is wrong, without the number.
    """
    reject_several(value)
    _check_type(value)
    text = str(value).strip()
    # Invisible characters come along when a number is copied out of a contact or a file. They are looked for first,
    # because they hide what else is wrong.
    for char in text:
        if unicodedata.category(char) in ("Cf", "Cc") and not char.isspace():
            raise rule_error(
                f"must not have invisible characters, but has U+{ord(char):04X}",
                remedy="Type the number anew, or remove them where it comes from.",
            )
    for is_broken_by, rule, remedy in _RULES:
        if is_broken_by(text):
            raise rule_error(rule, remedy=remedy)
    digits = _NO_DIGIT.sub("", text)
    # The + tells later checks that the number is international; it need not come first: (+1) 650 555 1234.
    if "+" in text:
        return f"+{digits}"
    return digits


def _check_type(value: object) -> None:
    if isinstance(value, float | Decimal):
        raise rule_error(
            "must be text, because a float can gain a digit", remedy=_KEEP_AS_TEXT
        )
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise rule_error("must be text", remedy=_INTERNATIONAL)
    if isinstance(value, int) and value < 0:
        raise rule_error("must be text", remedy=_INTERNATIONAL)
    # Python writes no number of more than 4300 digits.
    if isinstance(value, int) and json_problem(value):
        raise rule_error(_LENGTH_RULE, remedy=_INTERNATIONAL)


def normalize_phone_number(value: object) -> str:
    """
    Return the digits of an international phone number, as the gateway takes it.

    ``"+1 (650) 555-1234"`` and ``16505551234`` both become ``"16505551234"``. An int is accepted
    because native Jinja rendering turns ``"16505551234"`` into one.

    :raises pydantic_core.PydanticCustomError: saying what is wrong, without the number.
    """
    digits = remove_punctuation(value).removeprefix("+")
    if _LATER_ZERO.search(str(value)) or digits.startswith("0"):
        raise rule_error(
            "must not have a leading zero or a 0 in brackets",
            remedy="Write the country code first, without a 0 that is dialled only from abroad or at home. "
            "If these are national numbers, set default_country of the Airflow connection.",
        )
    if not MIN_DIGITS <= len(digits) <= MAX_DIGITS:
        raise rule_error(_LENGTH_RULE, remedy=_INTERNATIONAL)
    return digits


PhoneNumber = Annotated[str, BeforeValidator(normalize_phone_number)]
# As people dial it: perhaps national, and with a + only if it was written with one.
DialledNumber = Annotated[str, BeforeValidator(remove_punctuation)]


def shorten_message_id(message_id: str) -> str:
    """Return the end of a message's id (``wamid.…NzE5MkEA``), for logs: its beginning spells the recipient's number."""
    return f"wamid.…{message_id.removeprefix('wamid.')[-8:]}"


def shorten_phone_number(phone_number: str) -> str:
    """Return the number with its middle hidden (``1650•••1234``), for logs."""
    # Of a shorter number eight digits would be nearly all.
    if len(phone_number) < 10:
        return "•••"
    return f"{phone_number[:4]}•••{phone_number[-4:]}"


MessageId = Annotated[
    str,
    pattern_validator(
        r"wamid\.[!-~]{1,506}",
        "must be a message id, which begins with wamid. and has no blanks",
        remedy="Take it from the response to a send, or from the webhook of an incoming message.",
    ),
]


# A business-scoped user id, which may stand for a phone number.
UserId = Annotated[
    str,
    pattern_validator(
        r"[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}",
        "must be a user id such as US.1349…",
        remedy="Copy it whole.",
    ),
]
MediaId = Annotated[
    str,
    pattern_validator(
        r"[0-9]{1,64}",
        "must be a media id of digits",
        remedy="Pass the media_id that the upload returned.",
    ),
    IntIsText,
]
TemplateName = Annotated[
    str,
    pattern_validator(
        r"[a-z0-9_]{1,512}",
        "must be 1 to 512 lower-case letters, digits and underscores",
        remedy="Write it in lower case, with _ for everything else.",
    ),
]


LanguageCode = Annotated[
    str,
    pattern_validator(
        r"[a-z]{2,3}(_[A-Z]{2,3})?",
        "must be a language code such as en or en_US",
        remedy="Use a code of Meta's list of template languages.",
    ),
]
ConnectionId = Annotated[
    str,
    pattern_validator(
        r"[A-Za-z0-9_-]{1,128}",
        "must be an id from maton.ai/connections",
        remedy="Copy it whole.",
    ),
]
SenderId = Annotated[
    str,
    IntIsText,
    pattern_validator(
        r"[0-9]{1,64}", "must be an id of digits", remedy="Copy it as Meta shows it."
    ),
]

DIGITS = re.compile(r"[0-9]{1,64}", re.ASCII)


def graph_id(value: object, name: str) -> str:
    """
    Return an id that is safe in a path.

    Ids reach us from templates and XCom; anything but digits could lead to another endpoint.

    :raises InvalidRequestError: naming the argument.
    """
    text = value
    # A long int stays what it is, because Python writes no number of more than 4300 digits.
    if isinstance(value, int) and not isinstance(value, bool) and not json_problem(value):
        text = str(value)
    if not isinstance(text, str) or not DIGITS.fullmatch(text):
        raise InvalidRequestError(
            f"{name}: must be an id of digits (got {describe(value)}). Copy it as Meta shows it."
        )
    return text
