from __future__ import annotations

import httpx
import pytest

from airflow_provider_whatsapp.sandbox import running_sandbox
from airflow_provider_whatsapp.sandbox.settings import PHONE_NUMBER_ID
from tests.builders import read_receipt
from tests.threads import LIMIT

RECEIPT = read_receipt()


def test_read(client, clock):
    """A read receipt is stored, and is not one of the sent messages."""
    assert client.post(client.messages_path, json=RECEIPT).json() == {"success": True}
    clock.tick(5)
    typing = {"type": "text"}
    assert client.post(
        client.messages_path, json={**RECEIPT, "typing_indicator": typing}
    ).json() == {"success": True}
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
def test_rejected(client, read_meta_error, changes, code):
    """An invalid read receipt is rejected and not stored."""
    assert read_meta_error(
        client.post(client.messages_path, json={**RECEIPT, **changes})
    ) == (
        400,
        code,
        None,
    )
    assert client.get("/sandbox/read_messages").json() == []


def test_running_sandbox():
    """RunningSandbox.read_messages() returns the receipts."""
    with running_sandbox() as running:
        url = f"{running.url}/whatsapp-business/v25.0/{PHONE_NUMBER_ID}/messages"
        httpx.post(
            url,
            json=RECEIPT,
            headers={"Authorization": f"Bearer {running.api_key}"},
            timeout=LIMIT,
        ).raise_for_status()
        assert [receipt["message_id"] for receipt in running.read_messages()] == [
            "wamid.abc"
        ]
        assert running.sent_messages() == []


def test_reset(client):
    """A reset deletes the receipts."""
    client.post(client.messages_path, json=RECEIPT)
    client.post("/sandbox/reset")
    assert client.get("/sandbox/read_messages").json() == []


def test_junk_is_no_server_error(client, junk):
    """Any request is accepted or rejected."""
    receipt = {**RECEIPT, "typing_indicator": {"type": "text"}}
    statuses = {
        client.post(client.messages_path, json=junk(receipt) or {}).status_code
        for _ in range(200)
    }
    assert statuses == {200, 400}
