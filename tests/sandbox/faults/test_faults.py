from __future__ import annotations

import socket
import time

import httpx
import pytest

from airflow_provider_whatsapp.sandbox import running_sandbox
from airflow_provider_whatsapp.sandbox.settings import PHONE_NUMBER_ID
from tests.builders import template_definition, upload_fields
from tests.threads import LIMIT, CheckedThread

PHONE = f"/whatsapp-business/v25.0/{PHONE_NUMBER_ID}"
DROPPED = (httpx.RemoteProtocolError, httpx.ReadError)


@pytest.fixture
def add_fault(client):
    """Return a function that adds a fault to the sandbox in this process."""

    def add(**fault):
        response = client.post("/sandbox/faults", json=fault)
        assert response.status_code == 200, response.text

    return add


@pytest.fixture(scope="module")
def server():
    with running_sandbox(approve_after=0, requests_per_second=10_000) as running:
        yield running


@pytest.fixture
def caller(server):
    """An HTTP client of a sandbox with a real socket, which has just been reset."""
    headers = {"Authorization": f"Bearer {server.api_key}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=LIMIT) as client:
        client.post("/sandbox/reset")
        yield client


def create(caller):
    """Create a template. A test then looks whether it exists."""
    template = template_definition(text="Hello there.", samples=())
    caller.post(
        f"/whatsapp-business/v25.0/{running_account(caller)}/message_templates",
        json=template,
    )


def running_account(caller):
    health = caller.get(f"{PHONE}?fields=health_status").json()["health_status"]
    return next(
        entity["id"] for entity in health["entities"] if entity["entity_type"] == "WABA"
    )


def test_wrong_responses(client, add_fault):
    """The next n calls get the fault's response, and the call after that gets the real one."""
    add_fault(
        path="/whatsapp-business/",
        status=503,
        body={"error": "busy"},
        headers={"Retry-After": "7"},
        times=2,
    )
    responses = [client.get(PHONE) for _ in range(3)]
    assert [response.status_code for response in responses] == [503, 503, 200]
    assert responses[0].json() == {"error": "busy"}
    assert responses[0].headers["retry-after"] == "7"


@pytest.mark.parametrize(
    ("fault", "text", "content_type"),
    [
        (
            {"body": "<html>Bad gateway</html>"},
            "<html>Bad gateway</html>",
            "text/plain; charset=utf-8",
        ),
        ({"body": "x", "headers": {"Content-Type": "text/html"}}, "x", "text/html"),
        ({"body": [1]}, "[1]", "application/json"),
        ({}, "", "application/json"),
    ],
    ids=["raw", "raw with type", "json", "none"],
)
def test_bodies(client, add_fault, fault, text, content_type):
    """A str is sent as plain text, everything else as JSON."""
    add_fault(path="/", status=502, **fault)
    response = client.get(PHONE)
    assert (response.text, response.headers["content-type"]) == (text, content_type)


def test_only_matching_calls(client, add_fault):
    """A fault is for calls with its path and method. Of several faults, the oldest comes first."""
    add_fault(path=r"/connections$", method="get", status=500)
    add_fault(path="connections", status=502)
    assert client.get(PHONE).status_code == 200
    assert client.post("/connections", json={"app": "whatsapp-business"}).status_code == 502
    assert [client.get("/connections").status_code for _ in range(2)] == [500, 200]


def test_faults_come_before_the_key(client, add_fault):
    """A fault comes before the key is checked."""
    client.headers.pop("Authorization")
    add_fault(path="/", status=500)
    assert [client.get(PHONE).status_code for _ in range(2)] == [500, 401]


def test_control_api_has_no_faults(client, add_fault):
    """Faults never affect the control API, which must be able to clear them."""
    add_fault(path="", status=500)
    assert len(client.get("/sandbox/faults").json()) == 1
    client.delete("/sandbox/faults")
    assert client.get("/sandbox/faults").json() == []
    assert client.get(PHONE).status_code == 200


@pytest.mark.parametrize(
    "fault",
    [
        {"path": "/"},
        {"path": "/", "status": 500, "behaviour": "drop"},
        {"path": "(", "status": 500},
        {"path": "/", "status": 42},
        {"path": "/", "status": 500, "times": 0},
        {"path": "/", "behaviour": "explode"},
        {"path": "/", "status": 500, "delay": 1},
        {"status": 500},
    ],
    ids=str,
)
def test_invalid_faults(client, fault):
    """The control API rejects an invalid fault."""
    assert client.post("/sandbox/faults", json=fault).status_code == 422
    assert client.get("/sandbox/faults").json() == []


def test_drop_in_process(client, add_fault):
    """A test client in this process has no connection, and gets an exception instead."""
    add_fault(path="/", behaviour="drop")
    with pytest.raises(ConnectionAbortedError):
        client.get(PHONE)


def test_drop(caller):
    """A dropped call gets no response and is not carried out. The next call is answered."""
    caller.post("/sandbox/faults", json={"path": "message_templates", "behaviour": "drop"})
    with pytest.raises(DROPPED):
        create(caller)
    assert caller.get("/sandbox/templates").json() == []
    assert caller.get("/sandbox/requests").json()[-1]["status"] is None
    create(caller)
    assert len(caller.get("/sandbox/templates").json()) == 1


def test_drop_after(caller):
    """A call that is dropped afterwards gets no response, but is carried out."""
    caller.post(
        "/sandbox/faults", json={"path": "message_templates", "behaviour": "drop_after"}
    )
    with pytest.raises(DROPPED):
        create(caller)
    assert len(caller.get("/sandbox/templates").json()) == 1


def test_drop_sends_nothing(server, caller):
    """A dropped connection sends no byte of a response."""
    host, port = server.url.removeprefix("http://").split(":")
    caller.post("/sandbox/faults", json={"path": "/", "behaviour": "drop"})
    with socket.create_connection((host, int(port)), LIMIT) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: sandbox\r\n\r\n")
        assert raw.recv(1024) == b""


def test_drop_of_large_upload(caller):
    """The sandbox receives a whole upload before it drops the connection."""
    caller.post("/sandbox/faults", json={"path": "/media", "behaviour": "drop"})
    files = {"file": ("a.png", bytes(3_000_000), "image/png")}
    with pytest.raises(DROPPED):
        caller.post(f"{PHONE}/media", data=upload_fields(), files=files)
    assert caller.get("/sandbox/media").json() == []
    assert (
        caller.post(f"{PHONE}/media", data=upload_fields(), files=files).status_code == 200
    )


def test_delayed_drop_after(caller):
    """With seconds, a call is carried out, and its caller waits for a response that never comes."""
    fault = {"path": "message_templates", "behaviour": "drop_after", "seconds": 60}
    caller.post("/sandbox/faults", json=fault)
    account = running_account(caller)
    body = template_definition(text="Hello you.", samples=())
    with pytest.raises(httpx.ReadTimeout):
        caller.post(
            f"/whatsapp-business/v25.0/{account}/message_templates", json=body, timeout=0.3
        )
    wait_until(lambda: caller.get("/sandbox/templates").json())
    assert len(caller.get("/sandbox/templates").json()) == 1


def test_slow_response(caller):
    """A call that hangs for a time is then carried out and answered."""
    caller.post(
        "/sandbox/faults",
        json={"path": "message_templates", "behaviour": "hang", "seconds": 0.05},
    )
    begin = time.monotonic()
    create(caller)
    assert time.monotonic() - begin >= 0.05
    assert len(caller.get("/sandbox/templates").json()) == 1


def test_hang(server, caller):
    """A hanging call does not block other calls, and ends when its caller disconnects."""
    caller.post("/sandbox/faults", json={"path": PHONE, "behaviour": "hang"})
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), LIMIT) as raw:
        raw.sendall(
            f"GET {PHONE} HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Bearer {server.api_key}\r\n\r\n".encode()
        )
        wait_until(lambda: caller.get("/sandbox/requests").json())
        assert caller.get(PHONE).status_code == 200
        raw.settimeout(0)
        with pytest.raises(BlockingIOError):
            raw.recv(1)
    assert [call["status"] for call in caller.get("/sandbox/requests").json()] == [
        None,
        200,
    ]


def test_stop_while_hanging():
    """A server that stops ends hanging calls."""
    with running_sandbox() as running:
        httpx.post(f"{running.url}/sandbox/faults", json={"path": "/", "behaviour": "hang"})
        thread = CheckedThread(failure, running.url)
        wait_until(lambda: httpx.get(f"{running.url}/sandbox/requests").json())
        begin = time.monotonic()
    assert time.monotonic() - begin < LIMIT
    assert isinstance(thread.result(), DROPPED)


def failure(url):
    """Return the error that a call raises."""
    try:
        return httpx.get(f"{url}/connections", timeout=2 * LIMIT)
    except httpx.HTTPError as error:
        return error


def wait_until(condition):
    """Wait until a condition is true."""
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline
