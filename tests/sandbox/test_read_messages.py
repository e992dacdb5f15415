from __future__ import annotations

import httpx
import pytest

from airflow_provider_whatsapp.sandbox import running_sandbox
from airflow_provider_whatsapp.sandbox.settings import PHONE_NUMBER_ID

RECEIPT = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.abc"}


def test_read(client, clock):
    """A receipt is answered with success and remembered, and is not among the messages that were sent."""
    assert client.post(client.messages_path, json=RECEIPT).json() == {"success": True}
    clock.tick(5)
    typing = {"type": "text"}
    assert client.post(client.messages_path, json={**RECEIPT, "typing_indicator": typing}).json() == {"success": True}
    assert client.get("/sandbox/read_messages").json() == [
        {"message_id": "wamid.abc", "typing_indicator": None, "timestamp": clock.now - 5},
        {"message_id": "wamid.abc", "typing_indicator": typing, "timestamp": clock.now},
    ]
    assert client.get("/sandbox/messages").json() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"messaging_product": "telegram"}, 100),
        ({"status": "unread"}, 100),
        ({"status": 1}, 100),
        ({"message_id": None}, 131008),
        ({"message_id": ""}, 131008),
        ({"message_id": 5}, 100),
        ({"message_id": "abc"}, 131009),
        ({"typing_indicator": "text"}, 100),
        ({"typing_indicator": {}}, 131008),
        ({"typing_indicator": {"type": "audio"}}, 100),
    ],
    ids=str,
)
def test_refused(client, refusal, changes, code):
    """A receipt for nothing, or with another indicator than that of text, is refused and not remembered."""
    assert refusal(client.post(client.messages_path, json={**RECEIPT, **changes})) == (400, code, None)
    assert client.get("/sandbox/read_messages").json() == []


def test_running_sandbox():
    """A sandbox that runs in a test shows its receipts without a request."""
    with running_sandbox() as running:
        url = f"{running.url}/whatsapp-business/v25.0/{PHONE_NUMBER_ID}/messages"
        httpx.post(url, json=RECEIPT, headers={"Authorization": f"Bearer {running.api_key}"}).raise_for_status()
        assert [receipt["message_id"] for receipt in running.read_messages()] == ["wamid.abc"]
        assert running.sent_messages() == []


def test_reset(client):
    """A reset forgets the receipts."""
    client.post(client.messages_path, json=RECEIPT)
    client.post("/sandbox/reset")
    assert client.get("/sandbox/read_messages").json() == []


def test_junk_is_refused_not_a_crash(client, junk):
    """Whatever is sent, the answer is an acceptance or a refusal."""
    receipt = {**RECEIPT, "typing_indicator": {"type": "text"}}
    statuses = {client.post(client.messages_path, json=junk(receipt) or {}).status_code for _ in range(200)}
    assert statuses == {200, 400}
