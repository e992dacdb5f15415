from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from airflow_provider_whatsapp import models
from airflow_provider_whatsapp.models import interactive, messages, template_parameters
from airflow_provider_whatsapp.models.messages import (
    MESSAGE,
    RawMessage,
    TemplateMessage,
    TextMessage,
)
from airflow_provider_whatsapp.models.validation import validate
from tests.errors import spelled

PAYLOADS = Path(__file__).parent / "payloads"
MESSAGES = json.loads((PAYLOADS / "messages.json").read_text())
INTERACTIVE = json.loads((PAYLOADS / "interactive.json").read_text())
TEMPLATES = json.loads((PAYLOADS / "templates.json").read_text())

BODIES = [
    *[
        pytest.param(kind, body, id=name)
        for kind, bodies in MESSAGES.items()
        for name, body in bodies.items()
    ],
    *[
        pytest.param("InteractiveMessage", body, id=name)
        for bodies in INTERACTIVE.values()
        for name, body in bodies.items()
    ],
    *[pytest.param("TemplateMessage", body, id=name) for name, body in TEMPLATES.items()],
]
PARTS = [
    pytest.param(kind, body["interactive"], id=name)
    for kind, bodies in INTERACTIVE.items()
    for name, body in bodies.items()
]
TEXT = {
    "messaging_product": "whatsapp",
    "to": "+1 650-555-1234",
    "type": "text",
    "text": {"body": "QX"},
}


def dumped(message) -> Any:
    """Return the message as plain JSON, absent fields left out."""
    return message.model_dump(mode="json", by_alias=True, exclude_none=True)


def spelt(body) -> str:
    """Return the body as JSON text, in which 1, 1.0 and true differ."""
    return json.dumps(body, sort_keys=True)


@pytest.mark.parametrize(("kind", "body"), BODIES)
def test_round_trip(kind, body):
    """A body of every kind becomes the message of its type, and comes back as it was written."""
    message = TypeAdapter(models.Message).validate_python(body)
    assert type(message) is getattr(messages, kind)
    assert spelt(dumped(message)) == spelt(body)
    assert MESSAGE.validate_python(message) is message


@pytest.mark.parametrize(("kind", "body"), BODIES)
def test_round_trip_of_json(kind, body):
    """A body that comes as JSON text is the same message."""
    assert MESSAGE.validate_json(json.dumps(body)) == MESSAGE.validate_python(body)


@pytest.mark.parametrize(("kind", "part"), PARTS)
def test_interactive_parts_are_typed(kind, part):
    """An interactive part has the model of its type, and is a plain dict if the type is not known."""
    found = TypeAdapter(interactive.Interactive).validate_python(part)
    assert type(found) is (dict if kind == "dict" else getattr(interactive, kind))


@pytest.mark.parametrize(
    "kind",
    [
        "Text",
        "Currency",
        "DateTime",
        "Image",
        "Video",
        "Document",
        "Location",
        "Product",
        "Payload",
        "CouponCode",
        "Action",
        "LimitedTimeOffer",
    ],
)
def test_template_parameters_are_typed(kind):
    """The parameters of the templates above are typed, each kind at least once."""
    found = [MESSAGE.validate_python(body).template for body in TEMPLATES.values()]
    components = [
        component for template in found for component in template.components or []
    ]
    components += [
        inner
        for component in components
        for card in component.cards or []
        for inner in card.components
    ]
    parameters = {
        type(parameter)
        for component in components
        for parameter in component.parameters or []
    }
    assert getattr(template_parameters, f"{kind}Parameter") in parameters


@pytest.mark.parametrize(("kind", "body"), BODIES)
def test_on_the_wire(kind, body):
    """On the wire a phone number has digits only and the kind of recipient is named; all else is as it was written."""
    wire = MESSAGE.validate_python(body).wire()
    expected = {"recipient_type": "individual", **body} if kind != "ReadReceipt" else body
    if "to" in body and body.get("recipient_type") != "group":
        expected = {**expected, "to": "16505551234"}
    assert spelt(wire) == spelt(expected)
    assert spelt(MESSAGE.validate_python(wire).wire()) == spelt(wire)


def test_what_a_caller_may_leave_out():
    """A message that is made in Python has its product, recipient type and type by itself."""
    template = {"name": "hello_world", "language": {"code": "en_US"}}
    assert validate(
        TemplateMessage, {"to": "+1 650 555 1234", "template": template}
    ).wire() == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "16505551234",
        "type": "template",
        "template": template,
    }


@pytest.mark.parametrize(("kind", "body"), BODIES)
def test_messages_do_not_give_people_away(kind, body):
    """A message written into a log tells the names of its fields, and neither number nor text."""
    message = MESSAGE.validate_python(body)
    fields = ", ".join(sorted({"type", *body} if "text" in body else body))
    assert repr(message) == str(message) == f"{message}" == f"{kind}({fields})"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (
            "txet",
            {"body": "QX"},
            "txet: must be a known field (got dict, 1 item). Remove it",
        ),
        (
            "text.boby",
            "QX",
            "text.boby: must be a known field (got str, 2 characters). Remove it",
        ),
        ("text.body", ["QX"], "text.body: must be text (got list, 1 item)"),
        ("text.body", None, "text.body: must be text (got None)"),
        ("text", "QX", "text: must be a dict"),
        ("text.preview_url", "QX", "text.preview_url: must be true or false"),
        ("type", "TEXT", "type: must be 'text' (got str, 4 characters)"),
        ("type", 5, "type: must be text (got int)"),
        ("type", ["text"], "type: must be text (got list, 1 item)"),
        ("type", "", "type: must be at least 1 character"),
        (
            "messaging_product",
            "QX",
            "messaging_product: must be 'whatsapp' (got str, 2 characters)",
        ),
        ("recipient_type", "QX", "recipient_type: must be 'individual' or 'group'"),
        (
            "context",
            {"message_id": "Q X"},
            "context.message_id: must be a message id, which begins with wamid.",
        ),
        ("status", "read", "status: must be a known field"),
    ],
)
def test_errors_do_not_give_people_away(invalid, path, value, said):
    """An error names the path of an invalid value, and shows neither the value nor the rest of the body."""
    *outer, last = path.split(".")
    body = {**TEXT, "text": dict(TEXT["text"])}
    (body[outer[0]] if outer else body)[last] = value
    message = invalid(validate, MESSAGE, body)
    assert message.startswith(spelled(said))
    assert "QX" not in message
    assert "555" not in message
    with pytest.raises(ValidationError) as caught:
        MESSAGE.validate_python(body)
    assert "QX" not in str(caught.value)
    assert "555" not in str(caught.value)


def test_a_raw_message_is_the_way_around(invalid):
    """An error names a field that Meta has added to a known type; a raw message can have it."""
    body = {
        **TEXT,
        "text": {"body": "QX", "added_later": None},
        "biz_opaque_callback_data": "run-1",
        "later": None,
    }
    message = invalid(validate, MESSAGE, body)
    assert 'text["added_later"]: must be a known field' in message
    assert "later: must be a known field" in message
    raw = validate(MESSAGE, validate(RawMessage, body))
    assert type(raw) is RawMessage
    assert spelt(dumped(raw)) == spelt(body)
    assert raw.wire() == {**body, "recipient_type": "individual", "to": "16505551234"}


def test_the_envelope_of_a_raw_message_is_checked(invalid):
    """What travels as it was written still has a recipient and a type."""
    message = invalid(validate, RawMessage, {"to": "0049 151 1234567", "poll": "QX"})
    assert message.startswith("to: must not have a leading zero")
    assert "type: must be present (got nothing). Add it" in message
    assert "151" not in message


def test_digits():
    """The number to send to has digits only; there is none for a group or a user id."""
    numbers = [
        {"to": "+1 650-555-1234"},
        {"to": 16505551234},
        {"to": "any", "recipient_type": "group"},
    ]
    found = [
        validate(TextMessage, {**to, "text": {"body": "hi"}}).digits
        for to in (*numbers, {"recipient": "US.1"})
    ]
    assert found == ["16505551234", "16505551234", None, None]


def test_texts_of_digits_that_became_numbers():
    """A number to send to, a text and a media id that native rendering made ints are texts again."""
    text = validate(MESSAGE, {"to": 16505551234, "type": "text", "text": {"body": 5}})
    image = validate(
        MESSAGE,
        {
            "to": 16505551234,
            "type": "image",
            "image": {"id": 1013859600285441, "caption": 7},
        },
    )
    assert (text.to, text.text.body, image.image.id, image.image.caption) == (
        "16505551234",
        "5",
        "1013859600285441",
        "7",
    )


def native(part):
    """Return the body as native rendering makes it: what is spelt as a whole number becomes one."""
    if isinstance(part, dict):
        return {name: native(value) for name, value in part.items()}
    if isinstance(part, list):
        return [native(value) for value in part]
    return (
        int(part) if isinstance(part, str) and re.fullmatch("0|[1-9][0-9]*", part) else part
    )


@pytest.mark.parametrize(("kind", "body"), BODIES)
def test_native_rendering(kind, body):
    """Any body whose texts of digits became numbers goes out as the one that was written, but for 1 and "1"."""
    wire = MESSAGE.validate_python(native(body)).wire()
    assert native(wire) == native(MESSAGE.validate_python(body).wire())


def test_the_union_by_its_name():
    """The package names the union of all messages and the raw one, and nothing that it does not have."""
    assert (models.Message, models.RawMessage) == (messages.Message, RawMessage)
    with pytest.raises(AttributeError, match="has no attribute 'Massage'"):
        _ = models.Massage
