from __future__ import annotations

import pytest

from airflow_provider_whatsapp.models.connections import (
    MatonConnectionResponse,
    MatonConnections,
)
from airflow_provider_whatsapp.sandbox.settings import API_KEY, CONNECTION_ID


def test_list(client):
    """There is one ACTIVE connection from the start, and the models can read it."""
    (connection,) = MatonConnections.model_validate(
        client.get("/connections").json()
    ).connections
    assert (connection.connection_id, connection.status) == (CONNECTION_ID, "ACTIVE")
    assert "session_token=" in connection.url.get_secret_value()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("app=whatsapp-business", 2),
        ("app=slack", 0),
        ("status=PENDING", 1),
        ("status=FAILED", 0),
    ],
)
def test_filters(client, query, found):
    """The list can be filtered by app and status."""
    client.post("/connections", json={"app": "whatsapp-business"})
    assert len(client.get(f"/connections?{query}").json()["connections"]) == found


def test_life(client, clock):
    """A new connection is PENDING, becomes ACTIVE, and can be deleted."""
    made = client.post("/connections", json={"app": "whatsapp-business"}).json()[
        "connection"
    ]
    assert made["status"] == "PENDING"
    path = f"/connections/{made['connection_id']}"
    clock.tick(60)
    client.post(f"/sandbox{path}/status", json={"status": "ACTIVE"})
    read = MatonConnectionResponse.model_validate(client.get(path).json()).connection
    assert read.status == "ACTIVE"
    assert read.last_updated_time > read.creation_time
    assert client.delete(path).status_code == 200
    assert client.get(path).json()["code"] == 404


@pytest.mark.parametrize("content", [b'{"app": "slack"}', b"{}", b"[]", b"no json"])
def test_create_needs_app(client, content):
    """Only the app of this sandbox can be connected."""
    response = client.post("/connections", content=content)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == 400


@pytest.mark.parametrize(
    "call",
    [
        ("delete", "/connections/unknown"),
        ("put", "/connections"),
        ("get", "/connections/a/b"),
    ],
)
def test_not_found(client, call):
    """The gateway rejects unknown connections and calls with a flat error."""
    method, path = call
    response = client.request(method, path)
    assert response.status_code == 404
    assert response.json()["type"] == "Not Found"


def test_status_of_unknown_connection(client):
    """Changing the status of an unknown connection is a 404."""
    assert (
        client.post(
            "/sandbox/connections/unknown/status", json={"status": "ACTIVE"}
        ).status_code
        == 404
    )


def test_page_that_finishes_a_connection(client):
    """The URL of a PENDING connection is a page of the sandbox. Opening it needs no key, and makes it ACTIVE."""
    made = client.post("/connections", json={"app": "whatsapp-business"}).json()[
        "connection"
    ]
    assert made["url"].startswith("http://testserver/sandbox/connect?session_token=")
    del client.headers["Authorization"]
    for _ in range(2):
        opened = client.get(made["url"])
        assert (opened.status_code, opened.headers["Content-Type"]) == (
            200,
            "text/plain; charset=utf-8",
        )
        assert opened.text.count("\n") == 1
    client.headers["Authorization"] = f"Bearer {API_KEY}"
    assert (
        client.get(f"/connections/{made['connection_id']}").json()["connection"]["status"]
        == "ACTIVE"
    )


@pytest.mark.parametrize(
    "query", ["", "?session_token=", "?session_token=wrong"], ids=["none", "empty", "wrong"]
)
def test_page_without_the_right_token(client, query):
    """Without a valid token, the page changes nothing."""
    client.post("/connections", json={"app": "whatsapp-business"})
    assert client.get(f"/sandbox/connect{query}").status_code == 404
    assert len(client.get("/connections?status=PENDING").json()["connections"]) == 1


def test_page_of_a_deleted_connection(client):
    """The page of a deleted connection is a 404."""
    made = client.post("/connections", json={"app": "whatsapp-business"}).json()[
        "connection"
    ]
    client.delete(f"/connections/{made['connection_id']}")
    assert client.get(made["url"]).status_code == 404
