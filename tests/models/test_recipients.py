from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.base import checked
from airflow_provider_whatsapp.models.recipients import PhoneNumber, normalise_phone_number, shorten_phone_number

NUMBERS = st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True)


@pytest.mark.parametrize(
    "written",
    [
        "+1 (650) 555-1234",
        "16505551234",
        16505551234,
        "+1.650.555.1234",
        " +1\u00a0650\u2011555\u20131234\n",
        "(+1) 650 555 1234",
    ],
    ids=["usual", "digits", "int", "dots", "typographic", "plus in brackets"],
)
def test_accepted(written):
    """However a number is written, the gateway gets its digits."""
    assert checked(PhoneNumber, written, field="to") == "16505551234"


@pytest.mark.parametrize(
    ("value", "rule", "remedy", "found"),
    [
        ("004915112345678", "no leading zero", "country code first", "a str of 15 characters"),
        ("+0491511234567", "no leading zero", "country code first", "a str of 14 characters"),
        ("call me maybe", "7 to 15 digits", "'+<country code><number>'", "a str of 13 characters"),
        ("+1 650 555 1234 ext 9", "7 to 15 digits", "'+<country code><number>'", "a str of 21 characters"),
        ("165055", "7 to 15 digits", "'+<country code><number>'", "a str of 6 characters"),
        ("1650555123412345", "7 to 15 digits", "'+<country code><number>'", "a str of 16 characters"),
        ("1650+5551234", "7 to 15 digits", "'+<country code><number>'", "a str of 12 characters"),
        ("١٦٥٠٥٥٥١٢٣٤", "7 to 15 digits", "'+<country code><number>'", "a str of 11 characters"),
        ("", "is empty", "'+<country code><number>'", "a str of 0 characters"),
        (" + ", "is empty", "'+<country code><number>'", "a str of 3 characters"),
        (True, "is text", "'+<country code><number>'", "a bool"),
        (None, "is text", "'+<country code><number>'", "None"),
        (16505551234.0, "is text", "'+<country code><number>'", "a float"),
        (["16505551234"], "is text", "'+<country code><number>'", "a list of 1 items"),
        (1650555123412345, "7 to 15 digits", "'+<country code><number>'", "an int"),
    ],
    ids=[
        "00",
        "plus zero",
        "letters",
        "extension",
        "short",
        "long",
        "inner plus",
        "arabic digits",
        "empty",
        "plus only",
        "bool",
        "none",
        "float",
        "list",
        "long int",
    ],
)
def test_refused(refused, value, rule, remedy, found):
    """A number that WhatsApp could take for another one is refused, without being repeated."""
    message = refused(checked, PhoneNumber, value, field="to")
    assert message.startswith("to: ")
    assert rule in message
    assert f"(found {found}); " in message
    assert remedy in message
    assert not re.search(r"[0-9]{4}|maybe|ext 9", message)


@given(NUMBERS, st.lists(st.sampled_from([" ", ".", "-", "(", ")", "\u2013", ""]), min_size=16, max_size=16))
def test_punctuation_does_not_matter(number, marks):
    """Marks between the digits change nothing."""
    written = "+" + "".join(mark + digit for mark, digit in zip(marks, number, strict=False))
    assume("(0)" not in written)  # which is refused on purpose
    assert normalise_phone_number(written) == normalise_phone_number(int(number)) == number


@given(st.text(alphabet="0123456789+-() .x\u0663") | st.text() | st.integers())
def test_what_is_accepted(value):
    """What is accepted is 7 to 15 ASCII digits without a leading zero, and stays so when read again."""
    try:
        number = normalise_phone_number(value)
    except PydanticCustomError:
        return
    assert re.fullmatch(r"[1-9][0-9]{6,14}", number)
    assert normalise_phone_number(number) == number


@pytest.mark.parametrize(
    ("number", "shown"),
    [("16505551234", "1650•••1234"), ("1650555123", "1650•••5123"), ("165055512", "•••"), ("", "•••")],
    ids=["usual", "shortest that is shown", "too short", "empty"],
)
def test_shortened(number, shown):
    """A number in a log lacks its middle; a short one is hidden altogether."""
    assert shorten_phone_number(number) == shown


@given(NUMBERS)
def test_shortened_number_is_incomplete(number):
    """No log shows a whole number."""
    assert number not in shorten_phone_number(number)
    assert len(re.sub(r"\D", "", shorten_phone_number(number))) < len(number)


def test_a_zero_in_brackets_is_refused():
    """The 0 of '+44 (0) 20' is dialled at home only; with it the number would be somebody else's."""
    with pytest.raises(InvalidRequestError, match="no leading zero, and none in brackets"):
        checked(PhoneNumber, "+44 (0) 20 7946 0958")
