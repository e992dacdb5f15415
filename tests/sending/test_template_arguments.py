from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.template_parameters import ParameterText
from airflow_provider_whatsapp.models.validation import validate
from airflow_provider_whatsapp.sending.template_arguments import (
    build_template,
    collapse_whitespace,
    percent_encode,
)

# Texts in which characters that Meta rejects are frequent.
TEXTS = st.text(alphabet="ab \n\r\t\v\u2028\u00a0\x1c%") | st.text()


def short(**arguments):
    """Return the components that the arguments stand for."""
    return (
        build_template(name="order", language_code="en_US", **arguments)
        .wire()
        .get("components")
    )


def text(value, **name):
    """Return a text parameter."""
    return {"type": "text", **name, "text": value}


CURRENCY = {
    "type": "currency",
    "currency": {"fallback_value": "1 €", "code": "EUR", "amount_1000": 1000},
}


@pytest.mark.parametrize(
    ("arguments", "components"),
    [
        ({}, None),
        ({"body_parameters": [], "components": None}, None),
        (
            {"body_parameters": ["a", 1, 2.5]},
            [{"type": "body", "parameters": [text("a"), text("1"), text("2.5")]}],
        ),
        (
            {"body_parameters": {"task": "a", "price": CURRENCY}},
            [
                {
                    "type": "body",
                    "parameters": [
                        text("a", parameter_name="task"),
                        {"parameter_name": "price", **CURRENCY},
                    ],
                }
            ],
        ),
        ({"body_parameters": (CURRENCY,)}, [{"type": "body", "parameters": [CURRENCY]}]),
        ({"header": 5}, [{"type": "header", "parameters": [text("5")]}]),
        (
            {"header": {"document": {"id": "1", "filename": "a.pdf"}}},
            [
                {
                    "type": "header",
                    "parameters": [
                        {"type": "document", "document": {"id": "1", "filename": "a.pdf"}}
                    ],
                }
            ],
        ),
        (
            {"header": {"location": {"latitude": 1, "longitude": "2"}}},
            [
                {
                    "type": "header",
                    "parameters": [
                        {"type": "location", "location": {"latitude": 1, "longitude": "2"}}
                    ],
                }
            ],
        ),
        (
            {"buttons": [None, {"url": "a b"}, {"quick_reply": 7}, {"copy_code": "SAVE"}]},
            [
                {
                    "type": "button",
                    "sub_type": "url",
                    "index": "1",
                    "parameters": [text("a%20b")],
                },
                {
                    "type": "button",
                    "sub_type": "quick_reply",
                    "index": "2",
                    "parameters": [{"type": "payload", "payload": "7"}],
                },
                {
                    "type": "button",
                    "sub_type": "copy_code",
                    "index": "3",
                    "parameters": [{"type": "coupon_code", "coupon_code": "SAVE"}],
                },
            ],
        ),
        (
            {"components": [{"type": "BODY", "parameters": [text("a\nb")]}]},
            [{"type": "body", "parameters": [text("a b")]}],
        ),
    ],
    ids=[
        "nothing",
        "empty",
        "list",
        "dict",
        "tuple",
        "number",
        "document",
        "location",
        "buttons",
        "components",
    ],
)
def test_short_forms(arguments, components):
    """The short arguments become the components that Meta documents."""
    assert short(**arguments) == components


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            {"body_parameters": [None]},
            ["body_parameters[0]: must be text or a number (got None). Check the XCom"],
        ),
        (
            {"body_parameters": {"task": None}},
            ['body_parameters["task"]: must be text or a number (got None)'],
        ),
        (
            {"body_parameters": [{"text": "QX"}]},
            ["body_parameters[0]: must be", "got dict, 1 item"],
        ),
        (
            {"body_parameters": "QX"},
            ["body_parameters: must be a list", "got str, 2 characters). Wrap a single"],
        ),
        (
            {"body_parameters": 5},
            ["body_parameters: must be a list", "got int). Wrap a single"],
        ),
        (
            {"header": {"sound": "QX"}},
            [
                "header: must be text, or a dict with one key out of document, image, video, location"
            ],
        ),
        (
            {"header": {"image": {}, "video": {}}},
            ["header: must be", "got dict, 2 items", "Use components"],
        ),
        (
            {"header": {"location": "QX"}},
            ['header["location"]: must be a dict (got str, 2 characters)'],
        ),
        (
            {"header": {"image": {"id": "12/34"}}},
            ['header["image"]["id"]: must be a media id of digits', "Pass the media_id"],
        ),
        (
            {"header": "Q" * 61},
            ["header: must be at most 60 characters in a header"],
        ),
        (
            {"buttons": {"url": "QX"}},
            ["buttons: must be a list with one entry a button (got dict, 1 item)"],
        ),
        (
            {"buttons": [{"link": "QX"}]},
            ["buttons[0]: must be a dict with one key out of url, quick_reply, copy_code"],
        ),
        ({"buttons": ["QX"]}, ["buttons[0]: must be", "got str, 2 characters"]),
        (
            {"buttons": [None, {"url": None}]},
            ['buttons[1]["url"]: must be text (got None)'],
        ),
        (
            {"components": [], "header": "QX"},
            ["components: must not be set together", "Put all of them into components"],
        ),
        (
            {"components": {"type": "QX"}},
            ["components: must be a list of dicts (got dict, 1 item). Wrap it"],
        ),
        ({"components": ["QX"]}, ["components[0]: ", "(got str, 2 characters)"]),
        (
            {"components": [{"type": "body", "parameters": "QX"}]},
            ['components[0]["parameters"]: must be a list (got str, 2 characters)'],
        ),
        (
            {"components": [{"type": "body", "parameters": ["QX"]}]},
            ['components[0]["parameters"][0]: '],
        ),
        (
            {"body_parameters": [" \n "]},
            ["body_parameters[0]: ", "got str, 0 characters). Give it a value"],
        ),
        (
            {"body_parameters": ["QX\n"], "invalid_text": "fail"},
            ["body_parameters[0]: ", "Use invalid_text='fix'"],
        ),
        ({"invalid_text": "QX"}, ["invalid_text: must be one of fix, fail"]),
    ],
    ids=lambda value: repr(value)[:40] if isinstance(value, dict) else "",
)
def test_invalid_arguments(invalid, arguments, said):
    """The error about an invalid argument has its name, type, length and remedy, and never the value."""
    message = invalid(short, **arguments)
    for part in said:
        assert part in message
    assert "QX" not in message
    assert "12/34" not in message


@pytest.mark.parametrize("name", ["QX", "order-late"])
def test_template_name(invalid, name):
    """A template name with capitals is invalid."""
    message = invalid(build_template, name=name, language_code="en_US")
    assert message.startswith("template_name: must be 1 to 512 lower-case letters")
    assert name not in message


def test_arguments_are_left_alone():
    """Texts are fixed in a copy."""
    components = [{"type": "body", "parameters": [{"type": "text", "text": "a\nb"}]}]
    short(components=components)
    assert components[0]["parameters"][0]["text"] == "a\nb"


@pytest.mark.parametrize(
    ("given", "fixed"),
    [
        ("Traceback:\n  File 'a'\r\n\tline 1", "Traceback: File 'a' line 1"),
        ("a    b", "a    b"),
        ("a     b", "a b"),
        (" a ", "a"),
        ("a\u2028b\x85c\vd", "a b c d"),
    ],
    ids=["traceback", "four spaces", "five spaces", "edges", "unicode line breaks"],
)
def test_fixed_text(given, fixed):
    """Line breaks, tabs and long gaps become one space."""
    assert collapse_whitespace(given) == fixed


@given(TEXTS)
def test_fixed_text_is_valid(text):
    """A fixed text is a valid text parameter, and fixing it again changes nothing."""
    fixed = collapse_whitespace(text)
    assert collapse_whitespace(fixed) == fixed
    assert fixed.split() == text.split()
    if fixed:
        assert validate(ParameterText, fixed) == fixed


@pytest.mark.parametrize(
    ("given", "encoded"),
    [
        ("a b", "a%20b"),
        ("a%20b", "a%20b"),
        ("100%", "100%25"),
        ("5%a-", "5%25a-"),
        ("ü", "%C3%BC"),
        ("?a=b&c#d", "?a=b&c#d"),
        ("a\n", "a%0A"),
    ],
    ids=[
        "space",
        "already encoded",
        "stray percent",
        "half a code",
        "umlaut",
        "reserved",
        "line break",
    ],
)
def test_encoded(given, encoded):
    """What a URL can't hold is encoded, once."""
    assert percent_encode(given) == encoded


@given(TEXTS)
def test_encoded_text_is_fit_for_a_url(text):
    """An encoded text is ASCII without spaces, and encoding it again changes nothing."""
    encoded = percent_encode(text)
    assert encoded.isascii()
    assert not set(encoded) & set(' \t\r\n\v"<>\\')
    assert percent_encode(encoded) == encoded


def test_nan_is_no_value():
    """NaN, which pandas leaves in an empty cell, is invalid like None, and not sent as 'nan'."""
    with pytest.raises(
        InvalidRequestError,
        match=r"body_parameters\[0\]: must be text or a number \(got float",
    ):
        build_template(name="order", language_code="en", body_parameters=[float("nan")])


def test_half_a_surrogate_pair_in_a_url_is_replaced():
    """Text that no URL can carry is replaced, and does not break the task."""
    assert percent_encode("a\ud83c") == "a?"


def test_what_native_rendering_made_ints_is_text_again():
    """A media id, file name and button value that arrive as ints are sent as text."""
    content = build_template(
        name="order",
        language_code="en",
        header={"document": {"id": 1234567890123456, "filename": 2026}},
        buttons=[{"quick_reply": 7}],
    )
    header, button = content.wire()["components"]
    assert header["parameters"][0]["document"] == {
        "id": "1234567890123456",
        "filename": "2026",
    }
    assert button["parameters"][0]["payload"] == "7"


def test_cards_of_a_carousel_are_fixed():
    """Texts in the cards of a carousel are fixed, or invalid, like any other."""
    body = {"type": "body", "parameters": [{"type": "text", "text": "a\nb"}]}
    carousel = [{"type": "carousel", "cards": [{"card_index": 0, "components": [body]}]}]
    content = build_template(name="order", language_code="en", components=carousel)
    card = content.wire()["components"][0]["cards"][0]
    assert card["components"][0]["parameters"][0]["text"] == "a b"
    with pytest.raises(
        InvalidRequestError,
        match=r'components\[0\]\["cards"\]\[0\].*\["parameters"\]\[0\]\["text"\]: .*line break',
    ):
        build_template(
            name="order", language_code="en", components=carousel, invalid_text="fail"
        )


def test_url_value_can_fail_instead_of_being_encoded():
    """With invalid_text='fail' a URL value that is not percent-encoded is invalid."""
    with pytest.raises(
        InvalidRequestError, match=r'buttons\[0\]\["url"\]: must be percent-encoded'
    ):
        build_template(
            name="order",
            language_code="en",
            buttons=[{"url": "a b/é"}],
            invalid_text="fail",
        )


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"header": 10**5000}, "header"),
        ({"body_parameters": [10**5000]}, "body_parameters[0]"),
        ({"body_parameters": {"k" * 10**6: None}}, f'body_parameters["{"k" * 79}…"]'),
        ({"buttons": [{"url": 10**5000}]}, 'buttons[0]["url"]'),
    ],
    ids=["header", "body", "long name", "button"],
)
def test_what_cannot_be_written_is_named(arguments, field):
    """The error about a number that Python cannot write names its argument, and a long name is cut."""
    with pytest.raises(InvalidRequestError) as caught:
        build_template(name="order", language_code="en", **arguments)
    assert str(caught.value).startswith(f"{field}: must be ")
    assert len(str(caught.value)) < 400
    assert caught.value.__context__ is None


def test_components_inside_themselves():
    """A component that contains itself is invalid, and does not lead to an endless loop."""
    card = {"type": "body", "sub_type": [], "parameters": []}
    card["cards"] = card["components"] = [card, card]
    with pytest.raises(InvalidRequestError, match=r"components\[0\]"):
        build_template(name="order", language_code="en", components=[card])


def test_a_key_that_is_not_a_name(invalid):
    """A dict with a key that is neither text nor a number is an error that shows the key."""
    message = invalid(short, body_parameters={1.5: None})
    assert message.startswith(
        'body_parameters["1.5"]: must be text or a number (got None). '
    )


def test_more_buttons_than_a_template_has(invalid):
    """A list with more entries than Meta allows is an error, even if they stand for no parameter."""
    message = invalid(short, buttons=[None] * 11)
    assert (
        message == "buttons: must have at most 10 items (got list, 11 items). Remove some."
    )
