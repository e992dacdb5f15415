from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.template_definitions import (
    TemplateDefinition,
    variables,
)
from airflow_provider_whatsapp.models.validation import validate
from tests.errors import spelled

BODY = {"type": "BODY", "text": "All is well."}
PLAIN = st.text(
    alphabet=st.characters(codec="utf-8", exclude_characters="{}"), min_size=1, max_size=60
)


def defined(*components, **changes):
    """Return a definition with these components, a body if none are given."""
    components = list(components) or [BODY]
    return {
        "name": "order",
        "language": "en",
        "category": "UTILITY",
        "components": components,
        **changes,
    }


def body(text, *samples, **fields):
    """Return a body, with samples if there are any."""
    return {
        "type": "BODY",
        "text": text,
        **({"example": {"body_text": [list(samples)]}} if samples else {}),
        **fields,
    }


def header(**fields):
    """Return a header."""
    return {"type": "HEADER", "format": "TEXT", **fields}


def buttons(*several):
    """Return a component with these buttons."""
    return {"type": "BUTTONS", "buttons": list(several)}


REPLY = {"type": "QUICK_REPLY", "text": "Yes"}
NAMED_SAMPLES = {"body_text_named_params": [{"param_name": "task", "example": "load"}]}
HEADER_SAMPLE = {"header_text_named_params": [{"param_name": "task", "example": "load"}]}
ACCEPTED = {
    "least": defined(),
    "all limits": defined(
        header(text="h" * 60),
        {"type": "BODY", "text": "b" * 1024},
        {"type": "FOOTER", "text": "f" * 60},
        buttons(*[{**REPLY, "text": "x" * 25}] * 10),
        message_send_ttl_seconds=30,
    ),
    "longest ttl": defined(message_send_ttl_seconds=2_592_000),
    "positional": defined(
        header(text="{{1}}!", example={"header_text": ["a"]}),
        body("{{1}}, {{ 2 }}, {{1}}.", "a", "b"),
    ),
    "named": defined(
        header(text="{{task}}!", example=HEADER_SAMPLE),
        body("It was {{task}}.", example=NAMED_SAMPLES),
        parameter_format="NAMED",
    ),
    "media": defined(header(format="IMAGE", example={"header_handle": ["4::aW"]}), BODY),
    "location": defined(header(format="LOCATION"), BODY),
    "buttons": defined(
        BODY,
        buttons(
            {
                "type": "URL",
                "text": "Open",
                "url": "https://a.b/{{1}}",
                "example": ["https://a.b/c"],
            },
            {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+16505551234"},
            {"type": "COPY_CODE", "example": "SAVE"},
        ),
    ),
    "authentication": defined(
        {"type": "BODY", "add_security_recommendation": True},
        {"type": "FOOTER", "code_expiration_minutes": 90},
        buttons({"type": "OTP", "otp_type": "COPY_CODE"}),
        category="AUTHENTICATION",
    ),
    "as written": defined(
        BODY,
        {"type": "CAROUSEL", "cards": [{"components": [{"type": "header", "x": None}]}]},
    ),
}


@pytest.mark.parametrize("written", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_definitions_travel(written):
    """A definition within the limits is sent as it was written, and read again is the same."""
    definition = validate(TemplateDefinition, written)
    assert definition.wire() == written
    assert validate(TemplateDefinition, definition.wire()) == definition
    assert definition.key == ("order", "en")


def test_case_does_not_matter():
    """Types, formats and category may be written in lower case."""
    lower = defined(
        {"type": "header", "format": "text", "text": "Hi"},
        {**BODY, "type": "body"},
        {"type": "buttons", "buttons": [{**REPLY, "type": "quick_reply"}]},
        category="utility",
        parameter_format="positional",
    )
    upper = defined(header(text="Hi"), BODY, buttons(REPLY), parameter_format="POSITIONAL")
    assert validate(TemplateDefinition, lower) == validate(TemplateDefinition, upper)


INVALID = [
    ("capitals", {"name": "QX"}, "name: must be 1 to 512 lower-case letters"),
    (
        "language",
        {"language": "qx-QX"},
        "language: must be a language code such as en or en_US",
    ),
    (
        "category",
        {"category": "QX"},
        "category: must be 'MARKETING', 'UTILITY' or 'AUTHENTICATION'",
    ),
    ("no category", {"category": None}, "category: must be 'MARKETING'"),
    (
        "misspelt",
        {"catgory": "QX"},
        "catgory: must be a known field (got str, 2 characters). Remove it",
    ),
    (
        "short ttl",
        {"message_send_ttl_seconds": 29},
        "message_send_ttl_seconds: must be at least 30",
    ),
    (
        "long ttl",
        {"message_send_ttl_seconds": 2_592_001},
        "message_send_ttl_seconds: must be at most 2592000 (got int). Make it smaller",
    ),
    ("no components", {"components": []}, "components: must have at least 1 item"),
    (
        "format",
        {"parameter_format": "QX"},
        "parameter_format: must be 'POSITIONAL' or 'NAMED'",
    ),
]
INVALID_COMPONENTS = [
    ("no body", [header(text="QX")], "value: must have exactly one BODY component"),
    ("two bodies", [BODY, BODY], "value: must have exactly one BODY component"),
    (
        "body without text",
        [{"type": "BODY"}],
        "value: must have text in its BODY (got dict, 4 items). Add text to it",
    ),
    (
        "long body",
        [body("Q" * 1025)],
        "components[0].text: must be at most 1024 characters (got str, ",
    ),
    ("empty body", [body("")], "components[0].text: must be at least 1 character"),
    (
        "long header",
        [BODY, header(text="Q" * 61)],
        "components[1].text: must be at most 60 characters",
    ),
    (
        "header format",
        [BODY, header(format="QX")],
        "components[1].format: must be 'TEXT', 'IMAGE'",
    ),
    (
        "header without text",
        [BODY, header()],
        "components[1]: must have text if its format is TEXT",
    ),
    (
        "image with text",
        [BODY, header(format="IMAGE", text="QX")],
        "components[1]: must have text if its format",
    ),
    ("no handle", [BODY, header(format="VIDEO")], "components[1]: must have a sample file"),
    (
        "empty handle",
        [BODY, header(format="IMAGE", example={"header_handle": []})],
        "components[1]: must have a sample file",
    ),
    (
        "header variables",
        [BODY, header(text="{{1}}{{2}}")],
        "components[1]: must have at most 1 variables in its text",
    ),
    (
        "header sample",
        [BODY, header(text="QX {{1}}")],
        "components[1]: must have a sample value for each variable (got 1 variables and 0 sample values)",
    ),
    (
        "footer",
        [BODY, {"type": "FOOTER", "text": "Q" * 61}],
        "components[1].text: must be at most 60",
    ),
    (
        "footer variable",
        [BODY, {"type": "FOOTER", "text": "QX {{1}}"}],
        "components[1]: must have at most 0 variables in its text",
    ),
    (
        "expiration",
        [BODY, {"type": "FOOTER", "code_expiration_minutes": 91}],
        "components[1].code_expiration_minutes:",
    ),
    (
        "gap",
        [body("QX {{1}} {{3}}", "a", "b")],
        "components[0]: must have variables that count up from {{1}} without a gap",
    ),
    (
        "from zero",
        [body("QX {{0}}", "a")],
        "components[0]: must have variables that count up from {{1}} without a gap",
    ),
    (
        "mixed",
        [body("QX {{1}} {{task}}", "a", "b")],
        "components[0]: must have variables that count up from {{1}} without a gap",
    ),
    (
        "no samples",
        [body("QX {{1}}")],
        "components[0]: must have a sample value for each variable (got 1 variables and 0 sample values)",
    ),
    (
        "one sample",
        [body("QX {{1}} {{2}}", "a")],
        "components[0]: must have a sample value for each variable (got 2 variables and 1 sample values)",
    ),
    (
        "one too many",
        [body("QX {{1}}", "a", "b")],
        "components[0]: must have a sample value for each variable (got 1 variables and 2 sample values)",
    ),
    (
        "variable name",
        [body("QX {{Task}}", "a")],
        "components[0]: must have variables that are numbers or lower-case names",
    ),
    (
        "no name",
        [body("QX {{ }}", "a")],
        "components[0]: must have variables that are numbers or lower-case names",
    ),
    (
        "named unsaid",
        [body("QX {{task}}", example=NAMED_SAMPLES)],
        "value: must have variables like {{1}} and {{2}} if it is POSITIONAL",
    ),
    (
        "11 buttons",
        [BODY, buttons(*[REPLY] * 11)],
        "components[1].buttons: must have at most 10 items",
    ),
    ("no buttons", [BODY, buttons()], "components[1].buttons: must have at least 1 item"),
    (
        "button text",
        [BODY, buttons({**REPLY, "text": "Q" * 26})],
        "components[1].buttons[0].text: must be at most 25 characters",
    ),
    (
        "url",
        [BODY, buttons(REPLY, {"type": "url", "text": "QX"})],
        "components[1].buttons[1]: must have url",
    ),
    (
        "phone",
        [BODY, buttons({"type": "PHONE_NUMBER"})],
        "components[1].buttons[0]: must have phone",
    ),
    (
        "code",
        [BODY, buttons({"type": "COPY_CODE"})],
        "components[1].buttons[0]: must have example",
    ),
    (
        "url sample",
        [BODY, buttons({"type": "URL", "url": "QX{{1}}"})],
        "components[1].buttons[0]: must have an example if its url has a variable",
    ),
    (
        "no button type",
        [BODY, buttons({"text": "QX"})],
        "components[1].buttons[0].type: must be present (got nothing",
    ),
    (
        "no type",
        [BODY, {"text": "QX"}],
        "components[1]: must have a type that is text (got dict, 1 item). Add",
    ),
    ("null type", [BODY, {"type": None}], "components[1]: must have a type that is text"),
    (
        "no dict",
        [BODY, "QX"],
        "components[1]: must be a dict (got str, 2 characters). Pass",
    ),
]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        *(pytest.param(changes, said, id=name) for name, changes, said in INVALID),
        *(
            pytest.param({"components": components}, said, id=name)
            for name, components, said in INVALID_COMPONENTS
        ),
        pytest.param(
            {"components": [body("QX {{1}}", "a")], "parameter_format": "NAMED"},
            "value: must have variables like",
            id="named unlike",
        ),
    ],
)
def test_invalid_definitions(invalid, changes, said):
    """The error about an invalid definition has field, rule, type, length and remedy, and never the text."""
    message = invalid(validate, TemplateDefinition, {**defined(), **changes})
    assert message.startswith(spelled(said))
    assert " (got " in message
    assert "). " in message
    assert "QX" not in message
    assert "QQ" not in message


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("{1} {{a{b}}", []),
        ("{{2}} {{ 1 }} {{2}}", ["2", "1"]),
        ("{{a_b}}{{c}}", ["a_b", "c"]),
    ],
    ids=["none", "no variables", "numbers", "names"],
)
def test_variables(text, found):
    """Variables are found once each, in order, with spaces around them or not."""
    assert variables(text) == found


@given(
    st.lists(PLAIN, min_size=1, max_size=9),
    st.sampled_from(["UTILITY", "marketing", "Authentication"]),
)
def test_wire_is_stable(texts, category):
    """A definition with any number of variables is the same when it is read back from what is sent."""
    text = "".join(f"{plain}{{{{{position}}}}}" for position, plain in enumerate(texts, 1))
    definition = validate(
        TemplateDefinition, defined(body(text, *texts), category=category)
    )
    assert variables(text) == [str(position) for position in range(1, len(texts) + 1)]
    assert validate(TemplateDefinition, definition.wire()) == definition
    assert validate(TemplateDefinition, definition.wire()).wire() == definition.wire()


def test_variables_may_stand_in_any_order():
    """A translation may name the second variable first."""
    body = {
        "type": "BODY",
        "text": "For {{2}}, {{1}} has sent this.",
        "example": {"body_text": [["Ada", "you"]]},
    }
    found = validate(
        TemplateDefinition,
        {"name": "order", "language": "en", "category": "UTILITY", "components": [body]},
    )
    assert found.components[0].text == body["text"]


@pytest.mark.parametrize("kind", ["FOOTER", "CAROUSEL"])
def test_duplicate_parts_are_invalid(kind):
    """Two footers are invalid, because Meta would keep one of them."""
    part = {"type": kind, "text": "Bye"}
    written = {"name": "order", "language": "en", "category": "UTILITY"}
    with pytest.raises(
        InvalidRequestError, match="must have at most one component of each type"
    ):
        validate(
            TemplateDefinition,
            {**written, "components": [{"type": "BODY", "text": "Hello"}, part, part]},
        )
