from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.models.messages import SentMessage
from airflow_provider_whatsapp.sandbox.graph.errors import MetaError
from airflow_provider_whatsapp.sandbox.graph.parts import Part
from airflow_provider_whatsapp.sandbox.messages.recipients import read_recipient
from airflow_provider_whatsapp.sandbox.settings import CONNECTION_ID, PHONE_NUMBER_ID
from tests.builders import body_component, message

BODY = body_component("load", "etl")


@pytest.fixture
def approved(client):
    return client.approve(client.create())


@pytest.mark.usefixtures("approved")
def test_accepted(client, clock):
    """The response to a message is that of the Cloud API, and the control API shows the whole body."""
    response = SentMessage.model_validate(
        client.send_template(BODY, to="+1 (650) 555-1234").json()
    )
    assert response.message_id.startswith("wamid.")
    assert (response.wa_id, response.message_status) == ("16505551234", "accepted")
    assert response.contacts[0].input == "+1 (650) 555-1234"
    (shown,) = client.get("/sandbox/messages").json()
    assert shown["body"]["template"]["components"] == [BODY]
    assert shown == {
        "id": response.message_id,
        "to": "16505551234",
        "body": shown["body"],
        "timestamp": clock.now,
        "connection_id": CONNECTION_ID,
        "phone_number_id": PHONE_NUMBER_ID,
        "status": "SENT",
    }


@pytest.mark.usefixtures("approved")
def test_ids_differ(client):
    """Message ids are unique, also after a reset."""
    ids = {client.send_template(BODY).json()["messages"][0]["id"] for _ in range(3)}
    client.post("/sandbox/reset")
    client.approve(client.create())
    ids.add(client.send_template(BODY).json()["messages"][0]["id"])
    assert len(ids) == 4


@pytest.mark.usefixtures("approved")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"messaging_product": "telegram"}, 100),
        ({"messaging_product": None}, 100),
        ({"messaging_product": []}, 100),
        ({"recipient_type": "crowd"}, 100),
        ({"recipient_type": 1}, 100),
        ({"to": 16505551234}, 100),
        ({"to": ""}, 131009),
        ({"to": "0016505551234"}, 131009),
        ({"to": "12345"}, 131009),
        ({"to": "1234567890123456"}, 131009),
        ({"to": "call me"}, 131009),
        ({"to": "++16505551234"}, 131009),
        ({"to": "15550100001"}, 131021),
        ({"biz_opaque_callback_data": "x" * 513}, 131009),
        ({"biz_opaque_callback_data": 5}, 100),
        ({"recipient_identity_key_hash": 5}, 100),
        ({"context": "wamid.abc"}, 100),
        ({"context": {}}, 131008),
        ({"context": {"message_id": "abc"}}, 131009),
        ({"type": "nonsense"}, 131051),
        ({"type": None}, 131051),
        ({"template": "task_failed"}, 100),
    ],
    ids=str,
)
def test_envelope(client, read_meta_error, changes, code):
    """The fields that all types share are validated. A rejected message does not count as sent."""
    assert read_meta_error(client.send_template(BODY, **changes)) == (400, code, None)
    assert client.get("/sandbox/messages").json() == []


@pytest.mark.usefixtures("approved")
@pytest.mark.parametrize("missing", ["messaging_product", "to", "template"])
def test_required(client, read_meta_error, missing):
    """The error names a missing parameter."""
    body = message("template", {})
    del body[missing]
    response = client.post(client.messages_path, json=body)
    assert read_meta_error(response) == (400, 100, None)
    assert missing in response.json()["error"]["message"]


@pytest.mark.usefixtures("approved")
@pytest.mark.parametrize(
    ("to", "digits"),
    [("+16505551234", "16505551234"), ("16505551234", "16505551234"), ("1-650 (555) 1234", "16505551234"),
     ("1234567", "1234567"), ("123456789012345", "123456789012345")],
)  # fmt: skip
def test_phone_numbers(client, to, digits):
    """A phone number is accepted with and without its plus, with 7 to 15 digits."""
    assert client.send_template(BODY, to=to).json()["contacts"] == [
        {"input": to, "wa_id": digits}
    ]
    assert client.get("/sandbox/messages").json()[0]["to"] == digits


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient_type": "individual"},
        {"biz_opaque_callback_data": "x" * 512},
        {"recipient_identity_key_hash": "abc="},
        {"context": {"message_id": "wamid.abc"}},
        {"context": None},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_optional_parts(client, changes):
    """Optional fields beside the content are accepted."""
    assert client.message("text", {"body": "hi"}, **changes).status_code == 200


@given(st.text("0123456789+-() \t\u0661x", max_size=20))
def test_any_phone_number(to):
    """Any text is normalized to 7 to 15 digits, or rejected."""
    try:
        recipient = read_recipient(Part({"to": to}, ""))
    except MetaError as error:
        assert error.code in {131009, 131021}  # noqa: PT017 - one or the other
    else:
        assert re.fullmatch("[1-9][0-9]{6,14}", recipient.to)
        assert recipient.to in re.sub("[^0-9]", "", to)


def test_group(client, read_meta_error):
    """The id of a group is kept as it is."""
    group = "Y2FwaV9ncm91cDox"
    sent = client.message("text", {"body": "hi"}, to=group, recipient_type="group")
    assert sent.json()["contacts"] == [{"input": group, "wa_id": group}]
    assert read_meta_error(
        client.message("text", {"body": "hi"}, to=" ", recipient_type="group")
    ) == (
        400,
        131008,
        None,
    )


USER = "US.13491208655302741918"


@pytest.mark.parametrize("user_id", [USER, "DE.ENT.1", f"US.{'x' * 128}"])
def test_user_id(client, user_id):
    """A user id can replace the phone number. The response then does not contain the number."""
    sent = client.message("text", {"body": "hi"}, to=None, recipient=user_id)
    assert sent.json()["contacts"] == [{"input": user_id}]
    assert client.get("/sandbox/messages").json()[0]["to"] == user_id


@pytest.mark.parametrize(
    "user_id", ["us.1", "US.", "USA.1", f"US.{'x' * 129}", "US.1-2", "16505551234"]
)
def test_bad_user_id(client, read_meta_error, user_id):
    """A text that is not a user id is rejected."""
    assert read_meta_error(
        client.message("text", {"body": "hi"}, to=None, recipient=user_id)
    ) == (
        400,
        131009,
        None,
    )


def test_phone_number_goes_before_user_id(client):
    """Where both are given, the phone number counts."""
    sent = client.message("text", {"body": "hi"}, recipient=USER)
    assert sent.json()["contacts"][0]["wa_id"] == "16505551234"


def test_user_id_takes_no_authentication_template(client, read_meta_error):
    """An authentication template needs a phone number."""
    parts = (
        {"type": "BODY"},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]},
    )
    client.approve(client.create_with(*parts, category="AUTHENTICATION"))
    assert read_meta_error(client.send_template(to=None, recipient=USER)) == (
        400,
        131062,
        None,
    )


def test_text_is_the_default_type(client, read_meta_error):
    """A message without a type is a text."""
    body = {"messaging_product": "whatsapp", "to": "16505551234", "text": {"body": "hi"}}
    assert client.post(client.messages_path, json=body).status_code == 200
    del body["text"]
    assert read_meta_error(client.post(client.messages_path, json=body)) == (400, 100, None)


@pytest.mark.parametrize(
    "value",
    [r'"\ud800"', "NaN", "[" * 49 + "]" * 49],
    ids=["half a character", "not a number", "too deep"],
)
def test_what_cannot_be_shown(client, read_meta_error, value):
    """What could not be shown again is rejected at once."""
    body = f'{{"messaging_product": "whatsapp", "to": "16505551234", "text": {{"body": "hi", "more": {value}}}}}'
    assert read_meta_error(client.post(client.messages_path, content=body)) == (
        400,
        100,
        None,
    )
    assert client.get("/sandbox/messages").json() == []


def test_depth(client):
    """A message may be nested far deeper than any of Meta's."""
    value = {"body": "hi", "more": json.loads("[" * 48 + "]" * 48)}
    assert client.message("text", value).status_code == 200


def test_details(client):
    """The error of a message says what was wrong in error_data."""
    error = client.send_template(BODY).json()["error"]
    assert error["error_data"]["messaging_product"] == "whatsapp"
    assert "task_failed" in error["error_data"]["details"]
    assert error["message"].startswith("(#132001)")
