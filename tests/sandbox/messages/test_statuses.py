from __future__ import annotations

import pytest

from airflow_provider_whatsapp.exceptions import ConfigurationError
from airflow_provider_whatsapp.sandbox import SandboxSettings
from airflow_provider_whatsapp.sandbox.__main__ import main


def send(client, to="16505551234"):
    response = client.message("text", {"body": "hi"}, to=to)
    assert response.status_code == 200, response.text
    return response.json()["messages"][0]["id"]


def set_status(client, message_id, status, **more):
    return client.post(
        f"/sandbox/messages/{message_id}/status", json={"status": status, **more}
    )


def status(client):
    return client.get("/sandbox/messages").json()[-1]["status"]


def test_course(client, clock):
    """A message is SENT at once, DELIVERED a second after its acceptance, and READ another second later."""
    send(client)
    for seconds, expected in (
        (0, "SENT"),
        (0.9, "SENT"),
        (0.1, "DELIVERED"),
        (0.9, "DELIVERED"),
        (0.1, "READ"),
    ):
        clock.tick(seconds)
        assert status(client) == expected
    clock.tick(1000)
    assert status(client) == "READ"


def test_settings(make_client, clock):
    """The settings say how long delivery takes, down to zero seconds."""
    client = make_client(delivered_after=10, read_after=60)
    send(client)
    for seconds, expected in (
        (9.9, "SENT"),
        (0.1, "DELIVERED"),
        (49.9, "DELIVERED"),
        (0.1, "READ"),
    ):
        clock.tick(seconds)
        assert status(client) == expected
    at_once = make_client(delivered_after=0, read_after=0)
    send(at_once)
    assert status(at_once) == "READ"


def test_not_read_before_delivered(make_client, clock):
    """A message is never READ before it is DELIVERED."""
    client = make_client(delivered_after=10, read_after=1)
    send(client)
    accepted = int(clock.now)
    clock.tick(9)
    assert status(client) == "SENT"
    clock.tick(1)
    assert status(client) == "READ"
    path = client.messages_path.replace("/messages", "/message_history")
    (entry,) = client.get(path, params={"fields": "events{timestamp}"}).json()["data"]
    assert [event["timestamp"] - accepted for event in entry["events"]["data"]] == [
        0,
        10,
        10,
    ]


@pytest.mark.parametrize("name", ["delivered_after", "read_after"])
@pytest.mark.parametrize("seconds", [-0.1, float("nan"), float("inf")])
def test_bad_settings(name, seconds):
    """The error names a setting that is not a number of seconds."""
    with pytest.raises(
        ConfigurationError, match=f"{name}: must be a number of seconds, 0 or more"
    ):
        SandboxSettings(**{name: seconds})


@pytest.mark.parametrize("option", ["--delivered-after", "--read-after"])
def test_options(capsys, option):
    """The command has an option for each setting."""
    with pytest.raises(SystemExit, match="2"):
        main([option, "-1"])
    assert (
        f"{option.strip('-').replace('-', '_')}: must be a number of seconds"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    "expected", ["ACCEPTED", "SENT", "DELIVERED", "READ", "FAILED", "ERROR", "DELETED"]
)
def test_set_status_lasts(client, clock, expected):
    """A status that a test sets never changes by itself."""
    message_id = send(client)
    assert set_status(client, message_id, expected).json()["status"] == expected
    clock.tick(1000)
    assert status(client) == expected


def test_set_status_of_one_message(client, clock):
    """Setting the status of one message affects no other one, and can be repeated."""
    first, _ = send(client), send(client)
    set_status(client, first, "FAILED")
    set_status(client, first, "DELETED")
    clock.tick(1)
    assert [message["status"] for message in client.get("/sandbox/messages").json()] == [
        "DELETED",
        "DELIVERED",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"status": "LOST"},
        {"state": "READ"},
        {},
        {"status": "READ", "code": 131026},
        {"status": "FAILED", "code": "x"},
    ],
    ids=str,
)
def test_invalid_status_change(client, change):
    """An invalid status, or a code without a failure, is a 422 and changes nothing."""
    message_id = send(client)
    assert (
        client.post(f"/sandbox/messages/{message_id}/status", json=change).status_code
        == 422
    )
    assert status(client) == "SENT"


def test_status_of_unknown_message(client):
    """Setting the status of an unknown message is a 404."""
    assert set_status(client, "wamid.abc", "READ").status_code == 404
