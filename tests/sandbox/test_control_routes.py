from __future__ import annotations

from airflow_provider_whatsapp.sandbox.settings import CONNECTION_ID, PHONE_NUMBER_ID

PHONE = f"/whatsapp-business/v25.0/{PHONE_NUMBER_ID}"


def test_requests(client, clock):
    """The request log has every call with its status, without its query, and without the control API."""
    client.get(f"{PHONE}?fields=status&access_token=secret")
    clock.tick(1)
    client.delete("/connections/unknown")
    client.get("/sandbox/messages")
    assert client.get("/sandbox/requests").json() == [
        {"method": "GET", "path": PHONE, "timestamp": clock.now - 1, "status": 200},
        {
            "method": "DELETE",
            "path": "/connections/unknown",
            "timestamp": clock.now,
            "status": 404,
        },
    ]


def test_rejected_calls_are_logged(make_client):
    """Calls that the gateway rejects are in the request log."""
    client = make_client(requests_per_second=1)
    for _ in range(2):
        client.get(PHONE)
    client.get(PHONE, headers={"Authorization": "Bearer wrong"})
    assert [entry["status"] for entry in client.get("/sandbox/requests").json()] == [
        200,
        429,
        401,
    ]


def test_reset(client):
    """A reset forgets everything except the credentials."""
    client.approve(client.create())
    client.delete(f"{client.templates_path}?name=task_failed")
    client.upload()
    client.post("/connections", json={"app": "whatsapp-business"})
    client.post("/sandbox/faults", json={"path": "/", "status": 500})
    assert client.post("/sandbox/reset").status_code == 200
    for noun in ("messages", "templates", "media", "requests", "faults"):
        assert client.get(f"/sandbox/{noun}").json() == []
    assert [
        entry["connection_id"] for entry in client.get("/connections").json()["connections"]
    ] == [CONNECTION_ID]
    assert client.create().status_code == 200


def test_reset_frees_the_rate_limit(make_client):
    """A reset clears the rate limit."""
    client = make_client(requests_per_second=1)
    client.get(PHONE)
    client.post("/sandbox/reset")
    assert client.get(PHONE).status_code == 200


def test_unknown_control_path(client):
    """An unknown path of the control API is a plain 404."""
    assert client.get("/sandbox/nothing").json() == {"detail": "Not Found"}
