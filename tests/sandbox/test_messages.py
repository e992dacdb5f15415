from __future__ import annotations

import pytest

from airflow_provider_whatsapp.models.messages import SentMessage
from airflow_provider_whatsapp.sandbox.settings import CONNECTION_ID, PHONE_NUMBER_ID

BODY = {"type": "body", "parameters": [{"type": "text", "text": "load"}, {"type": "text", "text": "etl"}]}


@pytest.fixture
def approved(client):
    return client.approve(client.create())


@pytest.mark.usefixtures("approved")
def test_accepted(client, clock):
    """An accepted message is answered as the API does, and the sandbox shows it with all that was sent."""
    answer = SentMessage.model_validate(client.send_template(BODY, to="+1 (650) 555-1234").json())
    assert answer.message_id.startswith("wamid.")
    assert (answer.wa_id, answer.message_status) == ("16505551234", "accepted")
    assert answer.contacts[0].input == "+1 (650) 555-1234"
    (shown,) = client.get("/sandbox/messages").json()
    assert shown["body"]["template"]["components"] == [BODY]
    assert shown == {
        "id": answer.message_id,
        "to": "16505551234",
        "body": shown["body"],
        "timestamp": clock.now,
        "connection_id": CONNECTION_ID,
        "phone_number_id": PHONE_NUMBER_ID,
    }


@pytest.mark.usefixtures("approved")
def test_ids_differ(client):
    """Each message has an id of its own, across a reset too."""
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
        ({"recipient_type": "group"}, 100),
        ({"to": 16505551234}, 100),
        ({"to": ""}, 131009),
        ({"to": "0016505551234"}, 131009),
        ({"to": "12345"}, 131009),
        ({"to": "1234567890123456"}, 131009),
        ({"to": "call me"}, 131009),
        ({"to": "++16505551234"}, 131009),
        ({"to": "15550100001"}, 131021),
        ({"type": "text", "text": {"body": "hi"}}, 131051),
        ({"type": "nonsense"}, 131051),
        ({"type": None}, 131051),
        ({"template": "task_failed"}, 100),
    ],
    ids=str,
)
def test_envelope(client, refusal, changes, code):
    """What all messages share is checked, and nothing that is refused counts as sent."""
    assert refusal(client.send_template(BODY, **changes)) == (400, code, None)
    assert client.get("/sandbox/messages").json() == []


@pytest.mark.usefixtures("approved")
@pytest.mark.parametrize("missing", ["messaging_product", "to", "template"])
def test_required(client, refusal, missing):
    """A parameter that is missing is named."""
    body = {"messaging_product": "whatsapp", "to": "16505551234", "type": "template", "template": {}}
    del body[missing]
    response = client.post(client.messages_path, json=body)
    assert refusal(response) == (400, 100, None)
    assert missing in response.json()["error"]["message"]


def test_text_is_the_default_type(client, refusal):
    """A message without a type is a text, which is not supported yet."""
    body = {"messaging_product": "whatsapp", "to": "16505551234", "text": {"body": "hi"}}
    assert refusal(client.post(client.messages_path, json=body)) == (400, 131051, None)


def test_details(client):
    """A refusal to send says what was wrong in error_data."""
    error = client.send_template(BODY).json()["error"]
    assert error["error_data"]["messaging_product"] == "whatsapp"
    assert "task_failed" in error["error_data"]["details"]
    assert error["message"].startswith("(#132001)")
