from __future__ import annotations

import re
import time
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.ids import (
    PhoneNumber,
    normalize_phone_number,
    remove_punctuation,
    shorten_phone_number,
)
from airflow_provider_whatsapp.models.validation import describe, validate

NUMBERS = st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True)
WHITE_SPACE = "\t\n\v\f\r\x1c\x85 \u00a0\u2009\u2028\u202f\u3000"
MAP = "map the task with .expand(to=[...])."
AS_TEXT = 'in pandas with astype("Int64").astype(str)'
INTERNATIONAL = "'+<country code><number>'"


@pytest.mark.parametrize(
    "written",
    [
        "+1 (650) 555-1234",
        "16505551234",
        16505551234,
        "+1.650.555.1234",
        " +1\u00a0650\u2011555\u20131234\n",
        "+1\u202f650\u2009555\u20101234",
        "(+1) 650 555 1234",
        "+(1) 650 555 1234",
        "+ 1 650 555 1234",
        "+1 650 - 555 - 1234",
        "+1(650)555-1234",
        "+1.6505551234",
        "16.505.551.234",
        "\u3000+16505551234\u2003",
    ],
    ids=[
        "usual",
        "digits",
        "int",
        "dots",
        "typographic",
        "narrow",
        "plus in brackets",
        "country code in brackets",
        "blank behind the plus",
        "spaced hyphens",
        "brackets only",
        "one dot",
        "thousands",
        "white space around",
    ],
)
def test_accepted(written):
    """However a number is written, the gateway gets its digits."""
    assert validate(PhoneNumber, written, field="to") == "16505551234"


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("+44 20 7946 0000", "442079460000"),
        ("+33.6.12.34.56.00", "33612345600"),
        ("+49.1601234567", "491601234567"),
        ("+49 160 1234567", "491601234567"),
        ("+86 13800000 0000", "86138000000000"),
        (1234567890, "1234567890"),
    ],
    ids=["zeros", "dots and zeros", "one dot", "long group", "14 digits", "of the guide"],
)
def test_what_looks_like_a_slip_and_is_none(written, digits):
    """Zeros at the end, a single dot and long groups are usual ways to write a number."""
    assert validate(PhoneNumber, written, field="to") == digits


INVALID = {
    "00": ("004915112345678", "not have a leading zero", "Write the country code first"),
    "plus zero": (
        "+0491511234567",
        "not have a leading zero",
        "Write the country code first",
    ),
    "national": (
        "0151 12345678",
        "not have a leading zero",
        "set default_country of the Airflow connection",
    ),
    "letters": ("call me maybe", "not have letters", "Remove words"),
    "other letters": ("+1 650 555 \u0451\u0436", "not have letters", "Remove words"),
    "vanity": ("1-800-FLOWERS", "not have letters", "Remove words"),
    "extension": ("+1 650 555 1234 ext 9", "not have letters", "extensions such as x12"),
    "short extension": (
        "+1 650 555 1234 x12",
        "not have letters",
        "extensions such as x12",
    ),
    "address": ("whatsapp:+16505551234", "not have letters", "whatsapp:"),
    "short": ("165055", "7 to 15 digits", INTERNATIONAL),
    "long": ("1650555123412345", "7 to 15 digits", INTERNATIONAL),
    "long int": (1650555123412345, "7 to 15 digits", INTERNATIONAL),
    "empty": ("", "not be empty", INTERNATIONAL),
    "plus only": (" + ", "not be empty", INTERNATIONAL),
    "brackets only": ("()", "not be empty", INTERNATIONAL),
    "bool": (True, "be text", INTERNATIONAL),
    "none": (None, "be text", INTERNATIONAL),
    "bytes": (b"16505551234", "be text", INTERNATIONAL),
    "negative int": (-16505551234, "be text", INTERNATIONAL),
    # floats
    "float": (16505551234.0, "because a float", AS_TEXT),
    "nan": (float("nan"), "because a float", AS_TEXT),
    "decimal": (Decimal(16505551234), "because a float", AS_TEXT),
    "float as text": ("491601234567.0", "not have a decimal point", AS_TEXT),
    "float with zeros": ("491601234567.000", "not have a decimal point", AS_TEXT),
    "float without fraction": ("491601234567.", "not have a decimal point", AS_TEXT),
    "fraction": ("4916012345.67", "not have a decimal point", AS_TEXT),
    "long fraction": ("49160123.4567", "not have a decimal point", AS_TEXT),
    "grouped float": ("+49 160 1234567.0", "not have a decimal point", AS_TEXT),
    "grouped fraction": ("491 601 234 567.00", "not have a decimal point", AS_TEXT),
    "dots and a fraction": ("491.601.234.567.0", "not have a decimal point", AS_TEXT),
    "exponent": ("4.91601234567e+11", "has an exponent", AS_TEXT),
    "exponent in capitals": ("4.9160E11", "has an exponent", AS_TEXT),
    "exponent with a comma": ("4,91601E+11", "has an exponent", AS_TEXT),
    "decimal comma": ("491601234567,0", "not have a comma", AS_TEXT),
    "dots and a comma": ("4.916.012.345,67", "not have a comma", "Remove it"),
    "commas": ("1,650,555,1234", "not have a comma", "Remove it"),
    "missing": ("nan", "a missing value", "Leave out the rows"),
    "missing in other words": ("None", "a missing value", "Leave out the rows"),
    # several
    "list": (["16505551234"], "one recipient", MAP),
    "tuple": (("16505551234", "16505559876"), "one recipient", MAP),
    "set": ({"16505551234"}, "one recipient", MAP),
    "dict": ({"Ada": "16505551234"}, "one recipient", MAP),
    "generator": ((number for number in ("16505551234",)), "one recipient", MAP),
    "list as text": ("['+491601234567', '+16505551234']", "a list written as text", MAP),
    "list of one as text": ("['+491601234567']", "a list written as text", MAP),
    "JSON": ('["491601234567", "16505551234"]', "a list written as text", MAP),
    "JSON of ints": ("[491601234567]", "a list written as text", MAP),
    "tuple as text": ("('+491601234567', '+16505551234')", "a list written as text", MAP),
    "set as text": ("{'+491601234567'}", "a list written as text", MAP),
    "two": ("5551234 5555678", "looks like two", MAP),
    "two with a hard blank": ("5551234\u00a05555678", "looks like two", MAP),
    "two with a hyphen": ("5551234-5555678", "looks like two", MAP),
    "two in groups": ("555-1234 555-5678", "looks like two", MAP),
    "two in groups with a hyphen": ("555.1234 - 555.5678", "looks like two", MAP),
    "two with plus": ("+1 650 555 1234 +49 160 123", "looks like two", MAP),
    "inner plus": ("1650+5551234", "looks like two", MAP),
    "line break": ("+491601234567\n+16505551234", "looks like two", MAP),
    "line break in one": ("+49160\r\n1234567", "looks like two", MAP),
    "tab": ("+49\t1601234567", "looks like two", MAP),
    "semicolon": ("+49160;1234567", "looks like two", MAP),
    "slash": ("+49 160/1234567", "looks like two", MAP),
    "bar": ("555123|5555678", "looks like two", MAP),
    "two with a comma": ("5551234,5555678", "looks like two", MAP),
    "two with a word": ("5551234 or 5555678", "looks like two", MAP),
    # signs
    "arabic digits": (
        "\u0661\u0666\u0665\u0660\u0665\u0665\u0665\u0661\u0662\u0663\u0664",
        "digits 0 to 9",
        "Rewrite",
    ),
    "full-width digits": (
        "+\uff11\uff16\uff15\uff10\uff15\uff15\uff15\uff11",
        "digits 0 to 9",
        "Rewrite",
    ),
    "one other digit": ("+1650555123\u0664", "digits 0 to 9", "Rewrite"),
    "superscript": ("+1650555123\u2074", "digits 0 to 9", "Rewrite"),
    "left-to-right mark": (
        "\u200e+16505551234",
        "invisible characters, but has U+200E",
        "Type the number anew",
    ),
    "embedding": (
        "\u202a+1 650 555 1234\u202c",
        "invisible characters, but has U+202A",
        "Type the number anew",
    ),
    "byte order mark": (
        "\ufeff16505551234",
        "invisible characters, but has U+FEFF",
        "Type the number anew",
    ),
    "zero width": (
        "+1650\u200b5551234",
        "invisible characters, but has U+200B",
        "Type the number anew",
    ),
    "soft hyphen": (
        "+1650\u00ad5551234",
        "invisible characters, but has U+00AD",
        "Type the number anew",
    ),
    "control": (
        "+1650\x005551234",
        "invisible characters, but has U+0000",
        "Type the number anew",
    ),
    "apostrophe": ("'16505551234", "not have quotes", "Remove them"),
    "quotes": ('"+16505551234"', "not have quotes", "Remove them"),
    "typographic quotes": ("\u201c+16505551234\u201d", "not have quotes", "Remove them"),
    "underscores": ("16_505_551_234", "groups of digits", INTERNATIONAL),
    "two blanks": ("+1  650 555 1234", "groups of digits", INTERNATIONAL),
    "ideographic space": ("+1\u3000650 555 1234", "groups of digits", INTERNATIONAL),
    "two marks": ("+1 650--555 1234", "groups of digits", INTERNATIONAL),
    "hyphen at the end": ("+1 650 555 1234 -", "groups of digits", INTERNATIONAL),
    "minus": ("-16505551234", "groups of digits", INTERNATIONAL),
    "open bracket": ("+1 (650 555 1234", "groups of digits", INTERNATIONAL),
    "closed bracket": ("+1 650) 555 1234", "groups of digits", INTERNATIONAL),
    "brackets in brackets": ("+1 ((650)) 555 1234", "groups of digits", INTERNATIONAL),
    "empty brackets": ("+1 () 650 555 1234", "groups of digits", INTERNATIONAL),
    "plus behind brackets": ("()+16505551234", "groups of digits", INTERNATIONAL),
    "star": ("*31#+16505551234", "looks like two", MAP),
    "hash": ("16505551234#", "groups of digits", INTERNATIONAL),
}


@pytest.mark.parametrize(("value", "rule", "remedy"), INVALID.values(), ids=INVALID)
def test_invalid(invalid, value, rule, remedy):
    """A value that could become another number is invalid. The error names cause and remedy, never the number."""
    message = invalid(validate, PhoneNumber, value, field="to")
    assert message.startswith("to: must ")
    assert rule in message
    assert f"(got {describe(value)}). " in message
    assert remedy in message
    assert not re.search(r"[0-9]{4}|maybe|ext 9|FLOWERS|Ada", message.replace("U+0000", ""))


def spelled(number, marks):
    """Write a number in groups of up to three digits, with marks between them; country code first."""
    groups = [number[:2], *re.findall("..?.?", number[2:])]
    written = "".join(mark + group for mark, group in zip(marks, groups, strict=False))
    return "+" + written[len(marks[0]) :]


MARKS = st.lists(
    st.sampled_from([" ", "-", "\u00a0", "\u202f", "\u2009", " - ", "\u2013", ""]),
    min_size=7,
    max_size=7,
)


@given(NUMBERS, MARKS, st.booleans())
def test_punctuation_does_not_matter(number, marks, has_brackets):
    """Marks between groups of digits, and brackets around one of them, change nothing."""
    assume("0" not in number[2:5])  # a 0 in brackets is invalid on purpose
    written = spelled(number, marks)
    # Two parts of seven digits or more between spaces look like two numbers, and are invalid on purpose.
    assume(sum(len(re.sub(r"\D", "", part)) >= 7 for part in written.split()) < 2)
    if has_brackets and marks[1]:
        written = re.sub(rf"^(\+..{marks[1]})(\d+)", r"\1(\2)", written)
    assert normalize_phone_number(written) == normalize_phone_number(int(number)) == number


@given(NUMBERS)
def test_dots_between_groups_do_not_matter(number):
    """Where all groups are separated by dots, none of them is a decimal point."""
    written = spelled(number, ["."] * 7)
    assume(not re.search(r"\.0$", written) and written.count(".") > 1)
    assert normalize_phone_number(written) == number


@given(
    st.text(alphabet="0123456789+-() .x\u0663")
    | st.from_regex(r"\+?[0-9 .()-]{7,20}", fullmatch=True)
    | st.text()
)
def test_what_is_accepted(value):
    """What is accepted is 7 to 15 ASCII digits without a leading zero: those of the text, in their order."""
    try:
        number = normalize_phone_number(value)
    except PydanticCustomError:
        return
    assert re.fullmatch(r"[1-9][0-9]{6,14}", number)
    assert number == "".join(char for char in value if char.isdigit())
    assert normalize_phone_number(number) == normalize_phone_number(int(number)) == number


@given(NUMBERS, MARKS, st.sampled_from([".0", ".", ".00", ",0", "e1", "E+11", ".5"]))
def test_a_float_is_never_accepted(number, marks, fraction):
    """A number with a fraction or an exponent is invalid in every spelling."""
    for written in (number, f"+{number}", spelled(number, marks)):
        with pytest.raises(
            PydanticCustomError, match="decimal point|comma|exponent|letters|two"
        ):
            normalize_phone_number(written + fraction)


@given(
    NUMBERS, NUMBERS, st.text(WHITE_SPACE + ",;/|-", min_size=1, max_size=3), st.booleans()
)
def test_two_numbers_are_never_accepted(first, second, between, has_plus):
    """Two numbers with white space or a separator between them are invalid, with and without a plus."""
    plus = "+" if has_plus else ""
    with pytest.raises(PydanticCustomError, match="two or more"):
        normalize_phone_number(plus + first + between + plus + second)


@pytest.mark.parametrize(
    "piece", ["1", "1 ", "1-", "(1", "1.1", "+1", "1;", " ", "(1)", "1 - "]
)
def test_a_long_text_is_invalid_at_once(piece):
    """A file that was read into the recipient costs no time that grows with the square of its size."""
    begun = time.process_time()
    with pytest.raises(PydanticCustomError):
        normalize_phone_number(piece * 100_000)
    assert time.process_time() - begun < 2


@given(NUMBERS, st.sampled_from(["+", ""]))
def test_punctuation_is_removed_and_a_plus_is_kept(number, plus):
    """A number that may be national keeps its leading zero, and the plus that tells an international one."""
    assert remove_punctuation(f"{plus}{number[:3]} {number[3:]}") == f"{plus}{number}"
    assert remove_punctuation(f"(0{number[:3]}) {number[3:]}") == f"0{number}"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("16505551234", "1650•••1234"),
        ("1650555123", "1650•••5123"),
        ("165055512", "•••"),
        ("", "•••"),
    ],
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


@pytest.mark.parametrize(
    "text", ["+44 (0) 20 7946 0958", "+44 (07911) 123456", "+49 (0160) 1234567"]
)
def test_a_zero_in_brackets_is_invalid(text):
    """People dial the 0 of '+44 (0) 20' at home only; with it the number would be another person's."""
    with pytest.raises(
        InvalidRequestError, match="to: must not have a leading zero or a 0 in brackets"
    ):
        validate(PhoneNumber, text, field="to")
