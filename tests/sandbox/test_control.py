"""The control API of RunningSandbox, and that the HTTP routes and the client of other processes do the same."""

from __future__ import annotations

import inspect
import re

import httpx
import pytest
import requests

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.sandbox import running_sandbox
from airflow_provider_whatsapp.sandbox.control import SandboxControl, UnknownIdError
from airflow_provider_whatsapp.sandbox.settings import (
    BUSINESS_ACCOUNT_ID,
    CONNECTION_ID,
    PHONE_NUMBER_ID,
)
from scripts.sandbox_client import SandboxClient
from tests.builders import read_receipt, template_definition, text_message, upload_fields
from tests.threads import LIMIT

GRAPH = "/whatsapp-business/v25.0"
READS = ("sent_messages", "read_messages", "requests", "templates", "media", "faults")
# field: must <rule> (got <type, length>). <Imperative remedy>.
ERROR = re.compile(r"\w+: must .+ \(got .+\)\. [A-Z].+\.")


@pytest.fixture(scope="module")
def server():
    with running_sandbox(
        approve_after=100_000, delivered_after=100_000, requests_per_second=10_000
    ) as running:
        yield running


@pytest.fixture
def sandbox(server):
    """A running sandbox that has just been reset."""
    server.reset()
    return server


@pytest.fixture
def caller(sandbox):
    """An HTTP client of the Cloud API."""
    headers = {"Authorization": f"Bearer {sandbox.api_key}"}
    with httpx.Client(base_url=sandbox.url, headers=headers, timeout=LIMIT) as client:
        yield client


@pytest.fixture
def message_id(caller):
    """The id of a message that is SENT."""
    return caller.post(f"{GRAPH}/{PHONE_NUMBER_ID}/messages", json=text_message()).json()[
        "messages"
    ][0]["id"]


@pytest.fixture
def template_id(caller):
    """The id of a template in review."""
    body = template_definition(text="Hello there.", samples=())
    return caller.post(
        f"{GRAPH}/{BUSINESS_ACCOUNT_ID}/message_templates", json=body
    ).json()["id"]


def test_lists_start_empty(sandbox):
    """After a reset, all lists are empty."""
    assert [getattr(sandbox, name)() for name in READS] == [[]] * len(READS)


def test_routes_return_the_same(sandbox, caller, message_id, template_id):
    """The HTTP routes return exactly what the methods return."""
    files = {"file": ("a.png", b"a", "image/png")}
    caller.post(f"{GRAPH}/{PHONE_NUMBER_ID}/media", data=upload_fields(), files=files)
    caller.post(f"{GRAPH}/{PHONE_NUMBER_ID}/messages", json=read_receipt())
    sandbox.fault(path="/nothing", status=500)
    client = SandboxClient(sandbox.url)
    for name in READS:
        found = getattr(sandbox, name)()
        assert found
        assert (
            httpx.get(
                f"{sandbox.url}/sandbox/{name.removeprefix('sent_')}", timeout=LIMIT
            ).json()
            == found
        )
        assert getattr(client, name)() == found


def test_set_template_status(sandbox, template_id):
    """A template has the status and the reason that a test sets, and a default reason if it is rejected."""
    changed = sandbox.set_template_status(
        template_id=template_id, status="REJECTED", reason="SCAM"
    )
    assert (changed["status"], changed["rejected_reason"]) == ("REJECTED", "SCAM")
    changed = sandbox.set_template_status(template_id=template_id, status="REJECTED")
    assert changed["rejected_reason"] == "INVALID_FORMAT"
    assert sandbox.templates() == [changed]


def test_set_message_status(sandbox, message_id):
    """A message has the status that a test sets."""
    changed = sandbox.set_message_status(message_id=message_id, status="DELIVERED")
    assert changed["status"] == "DELIVERED"
    assert sandbox.sent_messages() == [changed]


def test_set_connection_status(sandbox, caller):
    """Without an id, the status of the sandbox's first connection changes."""
    changed = sandbox.set_connection_status(status="FAILED")
    assert (changed["connection_id"], changed["status"]) == (CONNECTION_ID, "FAILED")
    assert caller.get("/connections").json()["connections"] == [changed]


def test_faults(sandbox, caller):
    """A fault is listed until its calls have come, and can be cleared before."""
    added = sandbox.fault(path="/connections$", status=503, body="busy", times=2)
    assert sandbox.faults() == [added]
    response = caller.get("/connections")
    assert (response.status_code, response.text) == (503, "busy")
    assert sandbox.faults() == [{**added, "times": 1}]
    sandbox.clear_faults()
    assert sandbox.faults() == []
    assert caller.get("/connections").status_code == 200


@pytest.mark.parametrize(
    ("method", "arguments", "field"),
    [
        (
            "set_template_status",
            {"template_id": "4711", "status": "APPROVED"},
            "template_id",
        ),
        ("set_message_status", {"message_id": "wamid.a", "status": "READ"}, "message_id"),
        (
            "set_connection_status",
            {"connection_id": "unknown", "status": "ACTIVE"},
            "connection_id",
        ),
    ],
)
def test_unknown_ids(sandbox, method, arguments, field):
    """An unknown id is an error that names the argument and the remedy, but not the id."""
    with pytest.raises(UnknownIdError) as caught:
        getattr(sandbox, method)(**arguments)
    assert ERROR.fullmatch(str(caught.value))
    assert str(caught.value).startswith(f"{field}: must be the id of a ")
    assert arguments[field] not in str(caught.value).partition("(got ")[2]


@pytest.mark.parametrize(
    ("method", "arguments", "field"),
    [
        ("set_template_status", {"template_id": "1", "status": 5}, "status"),
        ("set_message_status", {"message_id": "1", "status": "LOST"}, "status"),
        (
            "set_message_status",
            {"message_id": "1", "status": "READ", "code": 131026},
            "message",
        ),
        ("set_connection_status", {"status": None}, "status"),
        ("fault", {"path": "(", "status": 500}, "path"),
        ("fault", {"path": "/"}, "fault"),
        ("fault", {"path": "/", "status": 500, "times": 0}, "times"),
        ("fault", {"path": "/", "behaviour": "explode"}, "behaviour"),
    ],
)
def test_invalid_values(sandbox, method, arguments, field):
    """An invalid value is an error that names the field, and nothing changes."""
    with pytest.raises(InvalidRequestError, match=f"^{re.escape(field)}: "):
        getattr(sandbox, method)(**arguments)
    assert sandbox.faults() == []


def test_client_of_other_processes(sandbox, message_id, template_id):
    """The client for other processes changes statuses and faults, and raises errors."""
    client = SandboxClient(sandbox.url)
    client.set_template_status(template_id=template_id, status="APPROVED")
    client.set_message_status(message_id=message_id, status="READ")
    client.set_connection_status(connection_id=CONNECTION_ID, status="ACTIVE")
    assert sandbox.templates()[0]["status"] == "APPROVED"
    assert sandbox.sent_messages()[0]["status"] == "READ"
    client.fault(path="/", status=500)
    assert len(sandbox.faults()) == 1
    client.clear_faults()
    assert sandbox.faults() == []
    with pytest.raises(requests.HTTPError):
        client.set_message_status(message_id="wamid.a", status="READ")
    client.reset()
    assert sandbox.sent_messages() == []


def test_client_has_the_same_methods():
    """The client for other processes has every method of the control API."""
    methods = {
        name
        for name, _ in inspect.getmembers(SandboxControl, inspect.isfunction)
        if not name.startswith("_")
    }
    # This one takes a validated model, which is the routes' business.
    methods.remove("add_fault")
    assert methods == {
        name
        for name, _ in inspect.getmembers(SandboxClient, inspect.isfunction)
        if name[0] != "_"
    }
