from __future__ import annotations

import pytest

from airflow_provider_whatsapp.exceptions import ConfigurationError
from airflow_provider_whatsapp.sandbox import SandboxSettings
from airflow_provider_whatsapp.sandbox.__main__ import main


def send(client, to="16505551234"):
    answer = client.message("text", {"body": "hi"}, to=to)
    assert answer.status_code == 200, answer.text
    return answer.json()["messages"][0]["id"]


def decide(client, message_id, status, **more):
    return client.post(f"/sandbox/messages/{message_id}/decision", json={"status": status, **more})


def status(client):
    return client.get("/sandbox/messages").json()[-1]["status"]


def test_course(client, clock):
    """A message is SENT at once, DELIVERED a second after its acceptance, and READ another second later."""
    send(client)
    for seconds, expected in ((0, "SENT"), (0.9, "SENT"), (0.1, "DELIVERED"), (0.9, "DELIVERED"), (0.1, "READ")):
        clock.tick(seconds)
        assert status(client) == expected
    clock.tick(1000)
    assert status(client) == "READ"


def test_settings(make_client, clock):
    """How long it takes can be set, down to nothing."""
    client = make_client(delivered_after=10, read_after=60)
    send(client)
    for seconds, expected in ((9.9, "SENT"), (0.1, "DELIVERED"), (49.9, "DELIVERED"), (0.1, "READ")):
        clock.tick(seconds)
        assert status(client) == expected
    at_once = make_client(delivered_after=0, read_after=0)
    send(at_once)
    assert status(at_once) == "READ"


def test_not_read_before_delivered(make_client, clock):
    """Whoever reads a message has it: where it would be read earlier it is read on delivery."""
    client = make_client(delivered_after=10, read_after=1)
    send(client)
    accepted = int(clock.now)
    clock.tick(9)
    assert status(client) == "SENT"
    clock.tick(1)
    assert status(client) == "READ"
    path = client.messages_path.replace("/messages", "/message_history")
    (entry,) = client.get(path, params={"fields": "events{timestamp}"}).json()["data"]
    assert [event["timestamp"] - accepted for event in entry["events"]["data"]] == [0, 10, 10]


@pytest.mark.parametrize("name", ["delivered_after", "read_after"])
@pytest.mark.parametrize("seconds", [-0.1, float("nan"), float("inf")])
def test_bad_settings(name, seconds):
    """What is no number of seconds is refused, and named."""
    with pytest.raises(ConfigurationError, match=f"{name} is a number of seconds, 0 or more"):
        SandboxSettings(**{name: seconds})


@pytest.mark.parametrize("option", ["--delivered-after", "--read-after"])
def test_options(capsys, option):
    """The command has an option for each setting."""
    with pytest.raises(SystemExit, match="2"):
        main([option, "-1"])
    assert f"{option.strip('-').replace('-', '_')} is a number of seconds" in capsys.readouterr().err


@pytest.mark.parametrize("decided", ["ACCEPTED", "SENT", "DELIVERED", "READ", "FAILED", "ERROR", "DELETED"])
def test_decision_stands(client, clock, decided):
    """A message that was decided by instruction stays so, however much time goes by."""
    message_id = send(client)
    assert decide(client, message_id, decided).json()["status"] == decided
    clock.tick(1000)
    assert status(client) == decided


def test_decision_is_about_one(client, clock):
    """A decision leaves the other messages alone, and can be followed by another one."""
    first, _ = send(client), send(client)
    decide(client, first, "FAILED")
    decide(client, first, "DELETED")
    clock.tick(1)
    assert [message["status"] for message in client.get("/sandbox/messages").json()] == ["DELETED", "DELIVERED"]


@pytest.mark.parametrize(
    "decision",
    [{"status": "LOST"}, {"state": "READ"}, {}, {"status": "READ", "code": 131026}, {"status": "FAILED", "code": "x"}],
    ids=str,
)
def test_decision_is_checked(client, decision):
    """An instruction that is misspelt, or has a code without a failure, is an error and changes nothing."""
    message_id = send(client)
    assert client.post(f"/sandbox/messages/{message_id}/decision", json=decision).status_code == 422
    assert status(client) == "SENT"


def test_decision_needs_a_message(client):
    """An instruction that names no message is an error."""
    assert decide(client, "wamid.abc", "READ").status_code == 404
