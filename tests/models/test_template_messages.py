from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.ids import MediaId
from airflow_provider_whatsapp.models.media import Link, MediaReference
from airflow_provider_whatsapp.models.template_messages import Component, TemplateContent
from airflow_provider_whatsapp.models.validation import describe, validate
from tests.errors import spelled

TEXT = {"type": "text", "text": "load"}


def content(*components, **changes):
    """Return a template with these components."""
    return {
        "name": "task_failed",
        "language": {"code": "en_US"},
        "components": list(components),
        **changes,
    }


def body(*parameters):
    """Return a body with these parameters."""
    return {"type": "body", "parameters": list(parameters)}


@pytest.mark.parametrize(
    "parameter",
    [
        TEXT,
        {"type": "text", "parameter_name": "task", "text": "load"},
        {"type": "image", "image": {"id": "4490709327384033"}},
        {"type": "video", "video": {"link": "https://example.com/a.mp4"}},
        {"type": "document", "document": {"id": "1", "filename": "a.pdf"}},
        {"type": "payload", "payload": "yes"},
        {"type": "coupon_code", "coupon_code": "SAVE10"},
        {
            "type": "currency",
            "currency": {"fallback_value": "$1", "code": "USD", "amount_1000": 1000},
        },
        {"type": "added_later", "added_later": {"inner": [None, 1]}},
    ],
    ids=lambda parameter: "-".join([*list(parameter)[:2], parameter["type"]]),
)
def test_parameters_travel(parameter):
    """Parameters of every type arrive on the wire as they were written, unknown types included."""
    written = content(body(parameter))
    assert validate(TemplateContent, written).wire() == written


def test_component_type_is_kept():
    """A component's type is sent as it was written and known in lower case; the least template has no components."""
    component = validate(Component, {"type": "BODY"})
    assert (component.wire(), component.kind) == ({"type": "BODY"}, "body")
    assert validate(TemplateContent, {"name": "a", "language": {"code": "en"}}).wire() == {
        "name": "a",
        "language": {"code": "en"},
    }


@pytest.mark.parametrize(
    ("component", "field", "said"),
    [
        (
            body({**TEXT, "text": "QX\nQX"}),
            ".parameters[0].text",
            "must not have a line break, a tab or five spaces",
        ),
        (body({**TEXT, "text": "QX\tQX"}), ".parameters[0].text", "Use invalid_text='fix'"),
        (
            body({**TEXT, "text": "QX     QX"}),
            ".parameters[0].text",
            "(got str, 9 characters)",
        ),
        (
            body({**TEXT, "text": ""}),
            ".parameters[0].text",
            "at least 1 character (got str, 0",
        ),
        (
            body({**TEXT, "text": "Q" * 32_769}),
            ".parameters[0].text",
            "at most 32768 characters",
        ),
        (
            body({**TEXT, "text": None}),
            ".parameters[0].text",
            "(got None). Pass a str; in YAML put it in quotes.",
        ),
        (
            body({**TEXT, "parameter_name": "QX"}),
            ".parameters[0].parameter_name",
            "for positional parameters pass a list",
        ),
        (
            body(TEXT, {**TEXT, "parameter_name": "task"}),
            "",
            "must have all parameters named, or all positional",
        ),
        (
            body({"text": "QX"}),
            ".parameters[0]",
            "must have a type that is text (got dict, 1 item). Add type",
        ),
        (
            {"type": "HEADER", "parameters": [TEXT, {**TEXT, "text": "Q" * 61}]},
            ".parameters[1].text",
            "must be at most 60 characters in a header (got str, 61 characters). Shorten it",
        ),
        (
            {"type": "button", "index": []},
            ".index",
            "must be a whole number or text (got list, 0 items)",
        ),
        (
            {"type": "button", "index": True},
            ".index",
            "must be a whole number or text (got bool)",
        ),
        (
            {"type": "button", "index": "10"},
            ".index",
            "must be a button index from 0 to 9 (got str, 2",
        ),
        (
            body({"type": "payload", "payload": "Q" * 257}),
            ".parameters[0].payload",
            "at most 256 characters",
        ),
        (
            body({"type": "coupon_code", "coupon_code": "Q" * 21}),
            ".parameters[0].coupon_code",
            "at most 20 characters",
        ),
        ({"parameters": []}, ".type", "must be present (got nothing). Add it"),
    ],
    ids=[
        "line break",
        "tab",
        "five spaces",
        "empty",
        "too long",
        "none",
        "parameter name",
        "mixed",
        "parameter without type",
        "long header",
        "index of lists",
        "index of truth",
        "index",
        "payload",
        "coupon",
        "no type",
    ],
)
def test_invalid_components(invalid, component, field, said):
    """An error names the place of what Meta would reject, and never the value."""
    message = invalid(validate, TemplateContent, content(component), field="template")
    assert message.startswith(spelled(f"template.components[0]{field}: "))
    assert said in message
    assert "QX" not in message
    assert "QQ" not in message


def test_limits_just_inside():
    """A body of 32768 characters, with four spaces in a row, is accepted where it is the only component."""
    written = content(body({**TEXT, "text": "x    " + "x" * 32_763}))
    assert validate(TemplateContent, written).wire() == written


def test_a_body_beside_other_components(invalid):
    """Beside other components, the texts of a body have 1024 characters in all."""
    header = {"type": "header", "parameters": [{**TEXT, "text": "x" * 60}]}
    written = content(header, body(*[{**TEXT, "text": "x" * 512}] * 2))
    assert validate(TemplateContent, written).wire() == written
    message = invalid(
        validate, TemplateContent, content(header, body(TEXT, {**TEXT, "text": "Q" * 1021}))
    )
    assert message == (
        "components[1]: must have at most 1024 characters beside other components "
        "(got 1025 characters in its parameters). Shorten them."
    )


@pytest.mark.parametrize("count", [14, 15])
def test_number_of_components(invalid, count):
    """A template has at most 14 components."""
    written = content(*[{"type": "body"}] * count)
    if count == 14:
        assert len(validate(TemplateContent, written).components) == 14
    else:
        assert "components: must have at most 14 items" in invalid(
            validate, TemplateContent, written
        )


@pytest.mark.parametrize(
    "value", ["12/34", "../me", "12a", "", "1" * 65, "١٢", "12\n"], ids=repr
)
def test_invalid_media_ids(invalid, value):
    """A media id that is not digits, and could reach another endpoint, is invalid."""
    assert invalid(validate, MediaId, value, field="media_id") == (
        f"media_id: must be a media id of digits (got {describe(value)}). Pass the media_id that the upload returned."
    )


@pytest.mark.parametrize(
    "reference", [{}, {"id": "1", "link": "https://a.b/c"}], ids=["none", "both"]
)
def test_id_or_link(invalid, reference):
    """A file is given by exactly one of id and link."""
    message = invalid(validate, MediaReference, reference, field="image")
    assert message.startswith("image: must have exactly one of id and link (got dict, ")


@pytest.mark.parametrize(
    "link",
    [
        "ftp://a.b/QX",
        "//a.b/QX",
        "https://a.b/Q X",
        "https://a.b/QÜ",
        "https://",
        "https://a.b/\n",
    ],
    ids=["scheme", "no scheme", "space", "not ASCII", "no host", "line break"],
)
def test_invalid_links(invalid, link):
    """The error about a link that is not a percent-encoded URL does not show it: it can contain a token."""
    message = invalid(validate, Link, link, field="link")
    assert message == (
        f"link: must be a public http(s) URL (got {describe(link)}). Begin with https://, and percent-encode it."
    )
    assert validate(Link, "https://a.b/c%20d?e=f") == "https://a.b/c%20d?e=f"


@given(
    st.dictionaries(
        st.sampled_from(["type", "text", "image", "index", "parameters", "cards"]),
        st.integers(),
    )
)
def test_any_component_is_answered(component):
    """A component of wrong types raises one of our errors."""
    with pytest.raises(InvalidRequestError, match=r"components\[0\]"):
        validate(TemplateContent, content(component))
