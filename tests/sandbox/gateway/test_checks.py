from __future__ import annotations

import pytest

from airflow_provider_whatsapp.sandbox.settings import (
    API_KEY,
    CONNECTION_ID,
    PHONE_NUMBER_ID,
)
from tests.builders import body_component

PHONE = f"/whatsapp-business/v25.0/{PHONE_NUMBER_ID}"


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {API_KEY}"},
        {"Authorization": API_KEY},
    ],
    ids=["none", "empty", "wrong key", "wrong scheme", "no scheme"],
)
@pytest.mark.parametrize("path", [PHONE, "/connections", "/anything"])
def test_key_is_required(client, header, path):
    """Without a valid key, the gateway rejects every call with an error of its own."""
    client.headers.pop("Authorization")
    response = client.get(path, headers=header)
    assert response.status_code == 401
    assert response.json()["error"]["code"] == 401
    assert set(response.json()["error"]) == {"message", "code"}


def test_key_can_be_chosen(make_client):
    """The setting api_key is the key that the gateway accepts."""
    client = make_client(api_key="another")
    assert client.get(PHONE).status_code == 401
    assert client.get(PHONE, headers={"Authorization": "bearer another"}).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/", "/v25.0/1/messages", "/graph/v25.0/1"],
    ids=["root", "no app", "other app"],
)
def test_path_begins_with_app_name(client, path):
    """The gateway itself rejects a path without the app name."""
    response = client.get(path)
    assert response.status_code == 400
    assert "app name" in response.json()["error"]["message"]
    assert "fbtrace_id" not in response.json()["error"]


def test_unknown_connection(client):
    """The gateway rejects an unknown connection with a flat error."""
    response = client.get(PHONE, headers={"Maton-Connection": "unknown"})
    assert response.status_code == 404
    assert response.json() == {
        "message": "Connection unknown not found",
        "type": "Not Found",
        "code": 404,
    }


def test_connection_must_be_active(client):
    """A PENDING connection cannot be used for calls. The first connection still can."""
    pending = client.post("/connections", json={"app": "whatsapp-business"}).json()[
        "connection"
    ]["connection_id"]
    response = client.get(PHONE, headers={"Maton-Connection": pending})
    assert response.status_code == 400
    assert response.json()["error"]["code"] == 400
    assert client.get(PHONE).status_code == 200


def test_no_active_connection(client):
    """Without an ACTIVE connection, calls are rejected. The control plane still works."""
    client.delete(f"/connections/{CONNECTION_ID}")
    assert client.get(PHONE).status_code == 400
    assert client.get("/connections").json() == {"connections": []}


def test_oldest_active_connection_is_taken(client):
    """A call without a connection header uses the oldest ACTIVE connection."""
    client.approve(client.create())
    newer = client.post("/connections", json={"app": "whatsapp-business"}).json()[
        "connection"
    ]["connection_id"]
    client.post(f"/sandbox/connections/{newer}/status", json={"status": "ACTIVE"})
    client.send_template(body_component("load", "etl"))
    client.post(f"/sandbox/connections/{CONNECTION_ID}/status", json={"status": "FAILED"})
    client.send_template(body_component("load", "etl"))
    used = [message["connection_id"] for message in client.get("/sandbox/messages").json()]
    assert used == [CONNECTION_ID, newer]


def test_rate_limit(make_client, clock):
    """Gateway and control plane share one rate limit, and the error says how long to wait."""
    client = make_client(requests_per_second=2)
    assert [client.get(path).status_code for path in (PHONE, "/connections", PHONE)] == [
        200,
        200,
        429,
    ]
    clock.tick(0.5)
    rejected = client.get("/connections")
    assert rejected.json()["error"]["code"] == 429
    assert rejected.headers["Retry-After"] == "1"
    clock.tick(0.5)
    assert client.get(PHONE).status_code == 200


def test_rate_limit_slides(make_client, clock):
    """The limit is for any period of one second, not only for whole seconds."""
    client = make_client(requests_per_second=2)
    client.get(PHONE)
    clock.tick(0.9)
    client.get(PHONE)
    clock.tick(0.2)
    assert [client.get(PHONE).status_code for _ in range(2)] == [200, 429]


def test_rate_limit_survives_clock_that_is_set_back(make_client, clock):
    """A clock that jumps back does not lock the account out."""
    client = make_client(requests_per_second=1)
    client.get(PHONE)
    clock.tick(-3600)
    assert client.get(PHONE).status_code == 200


def test_control_api_needs_no_key(make_client):
    """The control API needs no key, and its calls do not count in the rate limit."""
    client = make_client(requests_per_second=1)
    client.headers.pop("Authorization")
    assert {client.get("/sandbox/messages").status_code for _ in range(5)} == {200}
