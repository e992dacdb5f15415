"""
Whether a phone number can be one, and in which country, as Google's libphonenumber knows it.

Imported when a message is sent: loading ``phonenumbers`` takes a tenth of a second.
"""

from __future__ import annotations

import logging
import re
from typing import Any, Literal

import phonenumbers
from phonenumbers.phonenumberutil import ndd_prefix_for_region

from airflow_provider_whatsapp.client.forks import fork_safe_lock
from airflow_provider_whatsapp.exceptions import ConfigurationError, InvalidRequestError
from airflow_provider_whatsapp.models.ids import (
    MAX_DIGITS,
    MIN_DIGITS,
    DialledNumber,
    shorten_phone_number,
)
from airflow_provider_whatsapp.models.validation import describe, validate

# WhatsApp keeps spellings that the countries have given up: Mexico's 1 and Brazil's mobile numbers without the
# ninth digit. (Argentina's numbers with and without the 9 are valid both ways.)
_OTHER_SPELLINGS = (
    (re.compile(r"521([0-9]{10})"), r"52\1"),
    (re.compile(r"55([0-9]{2})([6-9][0-9]{7})"), r"55\g<1>9\2"),
)

_in_phonenumbers = fork_safe_lock()

log = logging.getLogger(__name__)


def check_phone_number(digits: str, mode: Literal["warn", "fail"]) -> None:
    """
    Warn of a number that libphonenumber calls invalid, or fail over it.

    :param digits: as the gateway takes them, country code first.
    :raises InvalidRequestError: with ``mode="fail"``, without the number.
    """
    with _in_phonenumbers:
        if _is_valid(digits):
            return
        country = _country(digits)
    if country:
        got = f"read as {country}"
        problem = f"is read as {country}, and is not a valid number there"
    else:
        got = "with an unknown country code"
        problem = "has an unknown country code"
    if mode == "fail":
        raise InvalidRequestError(
            f"to: must be a valid phone number (got {len(digits)} digits, {got}). Write it as "
            '+<country code><number>, or set check_numbers of the Airflow connection to "warn" or "off".'
        )
    log.warning(
        "to: %s %s; write it as +<country code><number>, or set check_numbers of the Airflow connection to "
        '"fail" or "off"',
        shorten_phone_number(digits),
        problem,
    )


def international_number(to: Any, country: str) -> Any:
    """
    Return ``to`` with a + and its country code if it is a national number of ``country``, else as it is.

    A number with a + is international, one with a leading zero is not. Any other is the one of the two that
    libphonenumber calls valid; if it can be neither, it is international. Where national numbers are dialled with a 0,
    as in Germany, one without it that begins with the country's own code is international, too: exports often drop
    the +.

    :param country: ISO 3166-1 alpha-2.
    :raises InvalidRequestError: if it can be both, or is not a valid national number, without the number.
    :raises ConfigurationError: if there is no such country.
    """
    if country not in phonenumbers.SUPPORTED_REGIONS:
        raise ConfigurationError(
            f"default_country: must be the ISO 3166-1 code of a country (got {country}). Write DE or GB, for example."
        )
    dialled = validate(DialledNumber, to, field="to")
    if dialled.startswith("+"):
        return to
    with _in_phonenumbers:
        national = _national(dialled, country)
        # No country code begins with a zero, so it cannot be an international number.
        if dialled.startswith("0"):
            if national is None:
                raise InvalidRequestError(
                    f"to: must be a valid number as dialled in {country}, because it has a leading zero "
                    f"(got {describe(to)}). Correct it, or write it as +<country code><number>."
                )
            return f"+{national}"
        if national is None or _has_own_code(dialled, country):
            return to
        # A guess could send a text to a stranger abroad.
        if national != dialled and _is_valid(dialled):
            raise InvalidRequestError(
                f"to: must be clear, but could be +{national[:4]}… or +{dialled[:4]}… (got {describe(to)}). "
                "Write it as '+<country code> <number>': with the space, native Jinja rendering keeps the +."
            )
        return f"+{national}"


def _national(dialled: str, country: str) -> str | None:
    """Return the digits of a number as dialled within ``country``, country code first, if they are valid."""
    try:
        number = phonenumbers.parse(dialled, country)
    except phonenumbers.NumberParseException:
        return None
    digits = phonenumbers.format_number(
        number, phonenumbers.PhoneNumberFormat.E164
    ).removeprefix("+")
    # libphonenumber calls some German numbers valid that are longer than E.164 allows.
    if MIN_DIGITS <= len(digits) <= MAX_DIGITS and _is_valid(digits):
        return digits
    return None


def _has_own_code(dialled: str, country: str) -> bool:
    is_dialled_with_a_zero = ndd_prefix_for_region(country, strip_non_digits=True) == "0"
    code = phonenumbers.country_code_for_region(country)
    return is_dialled_with_a_zero and dialled.startswith(str(code)) and _is_valid(dialled)


def _is_valid(digits: str) -> bool:
    if _is_known(digits):
        return True
    others = (
        pattern.sub(other, digits)
        for pattern, other in _OTHER_SPELLINGS
        if pattern.fullmatch(digits)
    )
    return any(map(_is_known, others))


def _is_known(digits: str) -> bool:
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return False
    # The parser drops what is dialled at home only, such as the 0 in +49 0160: the gateway would be given it.
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return phonenumbers.is_valid_number(number) and written == f"+{digits}"


def _country(digits: str) -> str | None:
    try:
        code = phonenumbers.parse(f"+{digits}").country_code or 0
    except phonenumbers.NumberParseException:
        return None
    # Some countries share a code, such as 1; the main one comes first.
    region, *others = phonenumbers.region_codes_for_country_code(code)
    if others:
        region = f"{region}, …"
    return f"country code {code} ({region})"
