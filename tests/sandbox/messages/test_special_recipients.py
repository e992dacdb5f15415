from __future__ import annotations

import pytest

from airflow_provider_whatsapp.sandbox.messages.recipients import SPECIAL_RECIPIENTS
from tests.builders import body, read_receipt

REENGAGEMENT = 131047
TEXT = {"body": "hi"}


def history(client):
    fields = "events{delivery_status,error_description}"
    path = client.messages_path.replace("/messages", "/message_history")
    return client.get(path, params={"fields": fields}).json()["data"][-1]["events"]["data"]


@pytest.mark.parametrize("code", SPECIAL_RECIPIENTS)
def test_rejected_at_once(client, read_meta_error, code):
    """A number with 0 and a code is rejected with this code, its HTTP status and its details; nothing is sent."""
    special = SPECIAL_RECIPIENTS[code]
    response = client.message("text", TEXT, to=f"+1 (555) 0{code}")
    assert read_meta_error(response) == (special.status, code, None)
    error = response.json()["error"]
    assert error["message"] == f"(#{code}) {special.title}"
    assert error["error_data"] == {
        "messaging_product": "whatsapp",
        "details": special.details,
    }
    assert client.get("/sandbox/messages").json() == []


@pytest.mark.parametrize("code", SPECIAL_RECIPIENTS)
def test_fails_later(client, clock, code):
    """A number with 9 and a code is accepted, and the message becomes FAILED with this code."""
    assert client.message("text", TEXT, to=f"15559{code}").status_code == 200
    clock.tick(0.9)
    assert [event["delivery_status"] for event in history(client)] == ["SENT"]
    clock.tick(1000)
    assert client.get("/sandbox/messages").json()[0]["status"] == "FAILED"
    sent, failed = history(client)
    assert sent == {"delivery_status": "SENT"}
    assert failed == {
        "delivery_status": "FAILED",
        "error_description": f"(#{code}) {SPECIAL_RECIPIENTS[code].title}",
    }


@pytest.mark.parametrize("kind", ["0", "9"])
def test_other_codes_are_ordinary(client, clock, kind):
    """A number with an unknown code is an ordinary number, and so is a longer number."""
    for number in (
        f"1555{kind}999999",
        f"1555{kind}1310260",
        f"+491555{kind}131026",
        f"1555{kind}00001",
    ):
        assert client.message("text", TEXT, to=number).status_code == 200
    clock.tick(10)
    assert {message["status"] for message in client.get("/sandbox/messages").json()} == {
        "READ"
    }


@pytest.mark.parametrize("kind", ["0", "9"])
def test_past_the_window_a_template_goes_through(client, clock, kind):
    """Outside the 24-hour window everything but a template is rejected or fails."""
    client.approve(client.create_with(body("Hello there.")))
    assert client.send_template(to=f"1555{kind}{REENGAGEMENT}").status_code == 200
    clock.tick(10)
    assert client.get("/sandbox/messages").json()[0]["status"] == "READ"


def test_other_codes_reject_templates_too(client, read_meta_error):
    """A template to any other special number is rejected like the rest."""
    client.approve(client.create_with(body("Hello there.")))
    assert read_meta_error(client.send_template(to="15550131049")) == (400, 131049, None)


def test_mistakes_in_the_message_come_first(client, read_meta_error):
    """A mistake in the message is reported before the error of a special recipient."""
    assert read_meta_error(client.message("text", {}, to="15550131026")) == (
        400,
        131008,
        None,
    )


def test_read_receipts_have_no_recipient(client):
    """A read receipt ignores the recipient."""
    assert (
        client.post(client.messages_path, json=read_receipt(to="15550131026")).status_code
        == 200
    )
