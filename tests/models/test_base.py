from __future__ import annotations

import copy
import pickle
import re
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Discriminator, Field, Tag, TypeAdapter, ValidationError

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.base import (
    IntIsText,
    IntOrText,
    JsonObject,
    OpenEnum,
    RequestModel,
    ResponseModel,
    WholeNumber,
)
from airflow_provider_whatsapp.models.validation import (
    MAX_PROBLEMS,
    describe,
    pattern_validator,
    printable,
    validate,
)

# Letters that occur in none of our own words, so that a leak can be told from a coincidence.
SECRETS = st.text(alphabet="ЖЩЪЫЭ", min_size=1)
VALUES = st.recursive(
    SECRETS
    | st.integers(min_value=10**9)
    | st.none()
    | st.booleans()
    | st.floats(allow_nan=False)
    | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.just("inner"), inner),
)


class Colour(OpenEnum):
    """One known value."""

    RED = "RED"


class Inner(RequestModel):
    """A part with a limit."""

    text: Annotated[str, Field(max_length=3)]


class Order(RequestModel):
    """A request with one of everything."""

    code: Annotated[
        str,
        pattern_validator(
            r"[a-z]+", "must be lower-case letters", remedy="Write it in lower case."
        ),
    ]
    amount: Annotated[int, Field(ge=1, le=9)] = 1
    parts: list[Inner] | None = None


class Response(ResponseModel):
    """A response."""

    colour: Colour


@pytest.mark.parametrize(
    "change",
    [
        copy.copy,
        copy.deepcopy,
        lambda x: pickle.loads(pickle.dumps(x)),  # noqa: S301 - of this test's own
    ],
)
@pytest.mark.parametrize("value", ["RED", "ULTRAVIOLET"])
def test_enum_keeps_new_values(value, change):
    """A value that is not known yet is kept as it came, equals its text and survives copying."""
    colour = change(Colour(value))
    assert colour == value
    assert isinstance(colour, Colour)
    assert f"{colour}" == colour.value == colour.name == value


@pytest.mark.parametrize("value", [None, 5, ["RED"]], ids=["none", "int", "list"])
def test_enum_takes_texts_only(value):
    """What is not a text is no value of an open enum."""
    with pytest.raises(ValueError, match="not a valid Colour"):
        Colour(value)


def test_enum_knows_only_its_members():
    """Meeting an unknown value does not make it a member."""
    Colour("BLUE")
    assert list(Colour) == [Colour.RED]


def test_answer_keeps_what_it_does_not_know():
    """A response keeps unknown fields and values, and gives them back as plain JSON."""
    body = {"colour": "BLUE", "added_later": [1]}
    assert Response.model_validate(body).model_dump(mode="json") == body


def test_request_is_strict_and_frozen():
    """A request rejects unknown fields and later changes, and leaves out absent ones."""
    order = validate(Order, {"code": "a"})
    assert order.wire() == {"code": "a", "amount": 1}
    with pytest.raises(ValidationError):
        order.amount = 2


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, 'order["code"]: must be present (got nothing). Add it.'),
        (
            {"code": "QX"},
            'order["code"]: must be lower-case letters (got str, 2 characters). Write it in lower case.',
        ),
        (
            {"code": "a", "cody": 1},
            (
                'order["cody"]: must be a known field (got int). '
                "Remove it, or check its spelling; known fields are code, amount, parts."
            ),
        ),
        (
            {"code": "a", "amount": 0},
            'order["amount"]: must be at least 1 (got int). Make it larger.',
        ),
        (
            {"code": "a", "amount": 10},
            'order["amount"]: must be at most 9 (got int). Make it smaller.',
        ),
        (
            {"code": "a", "parts": [{"text": "a"}, {"text": "QXQX"}]},
            'order["parts"][1]["text"]: must be at most 3 characters (got str, 4 characters). Shorten it.',
        ),
        (
            {"code": None},
            'order["code"]: must be text (got None). Pass a str; in YAML put it in quotes.',
        ),
        (
            {"code": "a", "parts": {}},
            'order["parts"]: must be a list (got dict, 0 items). Wrap it in [ ].',
        ),
    ],
    ids=[
        "missing",
        "pattern",
        "unknown",
        "too small",
        "too large",
        "nested",
        "none",
        "not a list",
    ],
)
def test_error_has_field_rule_type_and_remedy(invalid, value, message):
    """An error names the field as its author would write it, the rule, the shape found and the remedy."""
    assert invalid(validate, Order, value, field="order") == message


def test_all_problems_at_once(invalid):
    """An error has a line for each of several mistakes."""
    message = invalid(validate, Order, {"code": "A", "amount": "x"})
    assert message.startswith("code: must be lower-case letters")
    assert "\namount: must be a whole number" in message


def test_field_names(invalid):
    """A value without a name is called so, and a position follows its list without a dot."""
    numbers = TypeAdapter(list[int])
    assert invalid(validate, int, "x").startswith("value: ")
    assert invalid(validate, numbers, ["x"]).startswith("[0]: ")
    assert invalid(validate, numbers, ["x"], field="numbers").startswith("numbers[0]: ")
    assert validate(numbers, [1]) == [1]


def said_about(body):
    """Return the text of the error, if there is one."""
    try:
        validate(Order, body)
    except InvalidRequestError as error:
        return str(error)
    return ""


@given(VALUES)
def test_errors_do_not_give_values_away(value):
    """No error holds a value, however deep it lies."""
    for body in (
        value,
        {"code": value},
        {"code": "a", "amount": value},
        {"code": "a", "parts": [{"text": value}]},
    ):
        assert not re.search("[ЖЩЪЫЭ]|[0-9]{9}", said_about(body))


@given(VALUES.filter(lambda value: isinstance(value, str | bytes | list | dict)))
def test_description_has_type_and_length_only(value):
    """A description is the type and the length of a value, and does not depend on its content."""
    unit = "character" if isinstance(value, str) else "item"
    plural = "" if len(value) == 1 else "s"
    assert describe(value) == f"{type(value).__name__}, {len(value)} {unit}{plural}"


@pytest.mark.parametrize(
    ("value", "said"), [(None, "None"), (7, "int"), (True, "bool"), (1.5, "float"), (object(), "object")],
    ids=["none", "int", "bool", "float", "object"],
)  # fmt: skip
def test_description_without_length(value, said):
    """A value without a length is described by its type."""
    assert describe(value) == said


def test_a_long_list_of_problems_is_cut(invalid):
    """An error lists the first ten problems, and counts the others."""
    body = {"code": "a", **{f"field_{number}": 1 for number in range(1000)}}
    message = invalid(validate, Order, body)
    assert message.count(": must be a known field") == MAX_PROBLEMS == 10
    assert message.startswith("field_0: ")
    assert message.endswith("\nAnd 990 more.")
    ten = {"code": "a", **{f"field_{number}": 1 for number in range(10)}}
    assert "more" not in invalid(validate, Order, ten)


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("k" * 10**6, "k" * 79 + "…"),
        ("k" * 80, "k" * 80),
        ("a\nb\x1b[0m", "a?b?[0m"),
        ("+1 650 555 1234", "+1 •••34"),
        ("step-2.b", "step-2.b"),
    ],
    ids=["long", "long enough", "control characters", "phone number", "usual"],
)
def test_keys_of_users_are_shown_short(invalid, key, shown):
    """A key is shown so that a log can hold it: cut, on one line, and without a phone number."""
    message = invalid(validate, Order, {"code": "a", key: 1})
    assert message.partition(": ")[0] == shown
    assert invalid(validate, Order, {"code": "a", 10**5000: 1})


def test_long_paths_are_cut(invalid):
    """A path through many long keys is cut as a whole."""
    deep = float("nan")
    for _ in range(20):
        deep = {"k" * 100: deep}
    message = invalid(validate, JsonObject, {"a": deep}, field="payload")
    assert message.startswith('payload["a"]["kkk')
    assert len(message) < 500


def test_a_key_that_is_no_text(invalid):
    """The error about a key of another type names its place, without pydantic's mark."""
    assert invalid(validate, JsonObject, {1: 2}, field="payload").startswith(
        "payload[1]: must be text"
    )


@pytest.mark.parametrize("number", [10**5000, -(10**400)], ids=["huge", "low"])
def test_numbers_that_python_cannot_write(invalid, number):
    """A number of hundreds of digits is invalid, also where it would become a text."""
    for kind in (Annotated[str, IntIsText], IntOrText, WholeNumber):
        assert invalid(validate, kind, number).startswith("value: ")
    assert validate(Annotated[str, IntIsText], 10**20) == str(10**20)
    assert validate(WholeNumber, 10**20) == 10**20


@given(st.text(max_size=200), st.integers(1, 50))
def test_printable(text, limit):
    """A printable name is one line of at most so many characters, which every log can write."""
    shown = printable(text, limit)
    assert len(shown) <= limit
    assert shown.encode().decode() == shown
    assert shown.isprintable()


NUMBERED = {
    ("parts", 0, "text"): ("letters", "a"),
    ("parts", 0): ("letters",),
    ("code",): ("letters", 1),
}


@pytest.mark.parametrize(
    ("value", "field", "begins"),
    [
        (
            {"code": "a", "parts": [{"text": "long"}]},
            "",
            'letters["a"]: must be at most 3 characters',
        ),
        ({"code": "a", "parts": [{"text": {"b": 1}}]}, "", 'letters["a"]: must be text'),
        ({"code": "a", "parts": ["b"]}, "", "letters: must be a dict"),
        (
            {"code": "a", "parts": [{"text": "a", "b": 1}]},
            "",
            'letters["b"]: must be a known field',
        ),
        ({"code": "A"}, "", "letters[1]: must be lower-case letters"),
        ({"code": "A"}, "order", 'order["letters"][1]: must be lower-case letters'),
        (
            {"code": "a", "parts": [{"text": "a"}, {"text": "long"}]},
            "",
            'parts[1]["text"]: must be at most 3',
        ),
    ],
    ids=[
        "whole path",
        "below it",
        "beginning",
        "unknown field",
        "position",
        "in a field",
        "no argument",
    ],
)
def test_error_names_the_argument(invalid, value, field, begins):
    """An error names the argument that a part of the value was made of, by the longest path that is known."""
    assert invalid(validate, Order, value, field=field, arguments=NUMBERED).startswith(
        begins
    )


def test_error_names_the_file(invalid):
    """Each line of an error about a file begins with its name, also if the file is wrong as a whole."""
    message = invalid(validate, Order, {"code": "A", "amount": 0}, source="order.yaml")
    assert [line.partition(": must")[0] for line in message.split("\n")] == [
        "order.yaml: code",
        "order.yaml: amount",
    ]
    assert invalid(validate, Order, [], source="order.yaml").startswith(
        "order.yaml: must be a dict (got list, 0 items)"
    )


class Shelf(RequestModel):
    """A model that contains itself, and a union."""

    shelves: list[Shelf] | None = None
    thing: Annotated[
        Annotated[Inner, Tag("<inner>")] | Annotated[Order, Tag("<order>")],
        Discriminator(lambda value: "<order>" if "code" in value else "<inner>"),
    ]


@pytest.mark.parametrize(
    ("value", "known"),
    [
        ({"thing": {"text": "a"}, "x": 1}, "shelves, thing"),
        ({"thing": {"text": "a", "x": 1}}, "text"),
        ({"thing": {"code": "a", "x": 1}}, "code, amount, parts"),
        (
            {
                "thing": {"text": "a"},
                "shelves": [{"thing": {"code": "a", "parts": [{"text": "a", "x": 1}]}}],
            },
            "text",
        ),
    ],
    ids=["outer", "one of a union", "the other", "deep"],
)
def test_error_lists_known_fields(invalid, value, known):
    """The error about an unknown field lists those of the model that it is in."""
    assert invalid(validate, Shelf, value).endswith(f"; known fields are {known}.")
