from __future__ import annotations

import logging
import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.client.recipients import (
    check_phone_number,
    international_number,
)
from airflow_provider_whatsapp.exceptions import ConfigurationError, InvalidRequestError
from airflow_provider_whatsapp.models.ids import normalize_phone_number

VALID = {
    "US": "16505551234",
    "UK": "442079460000",
    "a zero of Italy": "390669812345",
    "Ivory Coast": "2250712345678",
    "no country": "80012345678",
    "Mexico": "525512345678",
    "Mexico with the 1": "5215512345678",
    "Argentina": "541123456789",
    "Argentina with the 9": "5491123456789",
    "Brazil": "5511999998888",
    "Brazil without the ninth digit": "551199998888",
    "a landline of Brazil": "551133334444",
}


@pytest.mark.parametrize("digits", VALID.values(), ids=VALID)
def test_valid(caplog, digits):
    """A number that exists, in any spelling that WhatsApp uses, gives no warning and no error."""
    check_phone_number(digits, "warn")
    check_phone_number(digits, "fail")
    assert caplog.records == []


@pytest.mark.parametrize("kind", ["mobile", "landline"])
def test_no_example_of_libphonenumber_is_called_invalid(caplog, kind):
    """For every country, its example of a number is valid in the digits that are sent."""
    number_type = {
        "mobile": phonenumbers.PhoneNumberType.MOBILE,
        "landline": phonenumbers.PhoneNumberType.FIXED_LINE,
    }
    found = [
        phonenumbers.example_number_for_type(region, number_type[kind])
        for region in phonenumbers.SUPPORTED_REGIONS
    ]
    examples = [
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        for number in found
        if number
    ]
    assert len(examples) > 200
    for number in examples:
        check_phone_number(number.removeprefix("+"), "warn")
    assert caplog.records == []


INVALID = {
    "without country code": ("6505551234", "country code 65 (SG)"),
    "of the guide": ("1234567890", "country code 1 (US, …)"),
    "with a 0 inside": ("4901601234567", "country code 49 (DE)"),
    "too short": ("49160123456", "country code 49 (DE)"),
    "two in one": ("5551234555567", "country code 55 (BR)"),
    "for films": ("15550131026", "country code 1 (US, …)"),
    "Mexico with two digits too many": ("52155123456789", "country code 52 (MX)"),
    "Argentina with the 15": ("54111523456789", "country code 54 (AR)"),
    "Brazil with eight digits of no mobile number": (
        "551119998888",
        "country code 55 (BR)",
    ),
}


@pytest.mark.parametrize(("digits", "country"), INVALID.values(), ids=INVALID)
def test_invalid(caplog, digits, country):
    """A number that cannot exist gives one warning, or one error, that says how it is read, without the number."""
    with caplog.at_level(logging.WARNING):
        check_phone_number(digits, "warn")
    (record,) = caplog.records
    assert record.getMessage() == (
        f"to: {digits[:4]}•••{digits[-4:]} is read as {country}, and is not a valid number there; "
        'write it as +<country code><number>, or set check_numbers of the Airflow connection to "fail" or "off"'
    )
    with pytest.raises(InvalidRequestError) as caught:
        check_phone_number(digits, "fail")
    assert str(caught.value) == (
        f"to: must be a valid phone number (got {len(digits)} digits, read as {country}). "
        'Write it as +<country code><number>, or set check_numbers of the Airflow connection to "warn" or "off".'
    )
    assert caught.value.permanent


def test_an_unknown_country_code(caplog):
    """A number without a country has another error than one that is invalid in its country."""
    check_phone_number("9991234567", "warn")
    assert "to: 9991•••4567 has an unknown country code; write it" in caplog.text
    with pytest.raises(
        InvalidRequestError, match="10 digits, with an unknown country code"
    ):
        check_phone_number("9991234567", "fail")


@given(st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True))
def test_any_number_can_be_checked(digits):
    """The check ends for any digits, and its error does not hold them."""
    problem = ""
    try:
        check_phone_number(digits, "fail")
    except InvalidRequestError as error:
        problem = str(error)
    assert digits not in problem


INTERNATIONAL = {
    "mobile": ("DE", "0160 1234567", "+491601234567"),
    "in brackets": ("DE", "(0160) 123-4567", "+491601234567"),
    "0 in brackets": ("DE", "(0)160 1234567", "+491601234567"),
    "from abroad": ("DE", "0049 160 1234567", "+491601234567"),
    "to abroad": ("US", "011 49 160 1234567", "+491601234567"),
    "without 0": ("DE", "160 1234567", "+491601234567"),
    "US": ("US", "(650) 555-1234", "+16505551234"),
    "US as an int": ("US", 6505551234, "+16505551234"),
    "US with the 1": ("US", "1 650 555 1234", "+16505551234"),
    "Russia with the 8": ("RU", "8 916 123-45-67", "+79161234567"),
    "a zero that stays": ("IT", "06 6981 2345", "+390669812345"),
    "Argentina with the 15": ("AR", "011 15-2345-6789", "+5491123456789"),
    "Brazil without the ninth digit": ("BR", "11 9999-8888", "+551199998888"),
    "with a plus": ("DE", "+1 650 555 1234", "+1 650 555 1234"),
    "with a plus, and invalid": ("DE", "+49 0160 1234567", "+49 0160 1234567"),
    "only valid abroad": ("DE", "1 650 555 1234", "1 650 555 1234"),
    "own code without a plus": ("DE", "4916 01234567", "4916 01234567"),
    "own code without a plus, as an int": ("DE", 491601234567, 491601234567),
    "a zero before what looks like the own code": (
        "DE",
        "04916 01234567",
        "+49491601234567",
    ),
    "valid nowhere": ("US", "555 1234", "555 1234"),
    "valid nowhere, as an int": ("US", 5551234, 5551234),
}


@pytest.mark.parametrize(
    ("country", "to", "expected"), INTERNATIONAL.values(), ids=INTERNATIONAL
)
def test_international(country, to, expected):
    """A national number gets its country code; one that is international already, or is neither, stays as it is."""
    assert international_number(to, country) == expected


@pytest.mark.parametrize(
    ("country", "to", "readings"),
    [
        ("US", "368 514-7406", r"\+1368… or \+3685… \(got str, 12 characters\)"),
        ("US", 3685147406, r"\+1368… or \+3685… \(got int\)"),
    ],
    ids=["text", "int"],
)
def test_ambiguous(country, to, readings):
    """A number that is valid in two countries is an error: both could be meant."""
    with pytest.raises(
        InvalidRequestError, match=f"^to: must be clear, but could be {readings}"
    ) as caught:
        international_number(to, country)
    assert "Write it as '+<country code> <number>'" in str(caught.value)
    assert not re.search(r"[0-9]{5}", str(caught.value))


@pytest.mark.parametrize(
    "to", ["0160 12", "0", "00", "0049", "0999 99999999999", "0300000000000000"]
)
def test_not_a_national_number(to):
    """A leading zero marks a national number: if it is invalid in its country, it is not sent to another one."""
    with pytest.raises(
        InvalidRequestError,
        match=r"to: must be a valid number as dialled in DE.*\(got str, ",
    ) as caught:
        international_number(to, "DE")
    assert to not in str(caught.value)


@pytest.mark.parametrize(
    ("to", "rule"),
    [
        ("0160 1234567.0", "decimal point"),
        ("0160 1234567, 0160 7654321", "looks like two"),
        (["0160 1234567"], r"map the task with \.expand\(to=\[\.\.\.\]\)"),
        (0.5, "because a float"),
    ],
    ids=["float", "two", "list", "real float"],
)
def test_a_national_number_is_read_as_strictly(to, rule):
    """Text that cannot be one number is an error before its country matters."""
    with pytest.raises(InvalidRequestError, match=f"^to: must .*{rule}"):
        international_number(to, "DE")


@pytest.mark.parametrize("country", ["UK", "XX", "EU"])
def test_no_such_country(country):
    """An unknown country code is an error when it is used, and the error names the setting."""
    with pytest.raises(
        ConfigurationError, match=rf"^default_country: must be .* \(got {country}\)"
    ):
        international_number("0160 1234567", country)


@given(
    st.from_regex(r"\+?[0-9]{7,15}", fullmatch=True),
    st.sampled_from(["DE", "US", "RU", "IT", "BR", "MX"]),
)
def test_what_has_become_international_stays_so(to, country):
    """A normalized number does not change when it is read again; other text stays as it was."""
    try:
        number = international_number(to, country)
    except InvalidRequestError:
        return
    assert number == to or (number.startswith("+") and normalize_phone_number(number))
    assert international_number(number, country) == number
