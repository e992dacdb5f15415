"""Users read errors in our shape and words, never pydantic's sentences."""

from __future__ import annotations

import copy
from typing import Annotated, Any, get_args

import pytest
from pydantic import PlainValidator, TypeAdapter, ValidationError
from pydantic_core import PydanticKnownError, core_schema

from airflow_provider_whatsapp.models.business_profile import BusinessProfileUpdate
from airflow_provider_whatsapp.models.messages import MESSAGE
from airflow_provider_whatsapp.models.template_definitions import TemplateDefinition
from airflow_provider_whatsapp.models.validation import TRANSLATIONS, validate
from tests.errors import SHAPE, is_in_shape

# What pydantic's errors of one type or another need to be made.
CONTEXT = {
    "actual_length": 5, "actual_type": "x",
    "attribute": "x", "class": "Model", "class_name": "Model", "decimal_places": 2,
    "discriminator": "type", "encoding": "utf-8", "encoding_error": "bad", "error": "bad", "error_type": "x",
    "expected": "'a' or 'b'", "expected_plural": "s", "expected_schemes": "http", "expected_tags": "a",
    "expected_version": 4, "field_name": "text", "field_type": "List", "function_name": "f", "ge": 1, "gt": 1,
    "le": 9, "lt": 9, "max_digits": 3, "max_length": 3, "method_name": "m", "min_length": 1, "multiple_of": 2,
    "name": "text", "pattern": "x", "tag": "a", "tz_actual": 1, "tz_expected": 0, "unexpected_length": 5,
    "whole_digits": 3,
}  # fmt: skip
ODD = [
    None, True, 5, -(10**30), 5.5, 10**5000, "", "QX", "Q" * 5000, "Q" * 40_000, "\ud800", [], {}, [{}] * 300, [[]],
    {"type": "QX"}, b"QX", object(),
]  # fmt: skip
BODY = {"type": "BODY", "text": "Hello {{1}}.", "example": {"body_text": [["Ada"]]}}
LINK = {
    "type": "URL",
    "text": "Open",
    "url": "https://a.b/{{1}}",
    "example": ["https://a.b/c"],
}
DEFINITION = {
    "name": "order",
    "language": "en",
    "category": "UTILITY",
    "message_send_ttl_seconds": 60,
    "components": [
        {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::aW"]}},
        BODY,
        {"type": "FOOTER", "text": "Bye", "code_expiration_minutes": 5},
        {"type": "BUTTONS", "buttons": [LINK]},
    ],
}
PROFILE = {"about": "We ship.", "websites": ["https://a.b"], "vertical": "RETAIL"}
OWN_TYPES = {"invalid", "unknown_type"}


def raises(kind):
    """Return a type that every value breaks with pydantic's error of this type."""

    def fail(value):
        raise PydanticKnownError(kind, CONTEXT)

    return Annotated[Any, PlainValidator(fail)]


@pytest.mark.parametrize("kind", get_args(core_schema.ErrorType))
def test_every_type_of_pydantic(invalid, kind):
    """An error of any type has our shape, and none of pydantic's words."""
    message = invalid(validate, raises(kind), "QX", field="field")
    assert SHAPE.fullmatch(message)
    assert is_in_shape(message)
    assert "QX" not in message
    assert PydanticKnownError(kind, CONTEXT).message() not in message


def places(part, path=()):
    """Return the paths to all parts of a body, itself included."""
    inner = (
        part.items()
        if isinstance(part, dict)
        else enumerate(part)
        if isinstance(part, list)
        else ()
    )
    return [
        path,
        *(place for step, value in inner for place in places(value, (*path, step))),
    ]


def with_odd_parts(body):
    """Return copies of a body with an odd value in one place, without a field, and with an unknown field."""
    for *outer, last in filter(None, places(body)):
        for value in (*ODD, ...):
            changed = copy.deepcopy(body)
            part = changed
            for step in outer:
                part = part[step]
            if value is ...:
                del part[last]
            else:
                part[last] = value
            yield changed
            if value is ... and isinstance(part, dict):
                part[f"{last}_"] = None
                yield changed


def types_of(kind, body):
    """Return the types of the errors that pydantic finds in a body, after their text has been checked."""
    try:
        kind.validate_python(body)
    except ValidationError as error:
        return {
            found["type"] for found in error.errors(include_input=False, include_url=False)
        }
    return set()


def test_every_type_that_the_models_raise(bodies):
    """Every type of error that odd bodies raise is in the table, so that no user reads the fallback."""
    definition, profile = (
        TypeAdapter(TemplateDefinition),
        TypeAdapter(BusinessProfileUpdate),
    )
    good = [
        *((MESSAGE, body) for body in bodies.values()),
        (definition, DEFINITION),
        (profile, PROFILE),
    ]
    found = set()
    for kind, body in good:
        assert types_of(kind, body) == set()
        for odd in with_odd_parts(body):
            found |= types_of(kind, odd)
    assert found <= {*TRANSLATIONS, *OWN_TYPES}
    # So that the bodies are not too good for this test.
    assert {
        "missing",
        "extra_forbidden",
        "string_type",
        "string_too_long",
        "too_long",
        "literal_error",
    } <= found
