from __future__ import annotations

import functools

import pytest

from airflow_provider_whatsapp.models.ids import shorten_message_id
from airflow_provider_whatsapp.operators.messages import SendTextOperator
from airflow_provider_whatsapp.triggers.messages import MessageStatusTrigger

PHONE = "16505551234"


@pytest.fixture
def message_id(undecided_sandbox):
    """The id of a message that is SENT."""
    return SendTextOperator(task_id="send", to=PHONE, body="Hello Ada").execute({})[
        "message_id"
    ]


@pytest.fixture
def set_status(undecided_sandbox, message_id):
    """Put the message into a status."""
    return functools.partial(undecided_sandbox.set_message_status, message_id=message_id)


@pytest.fixture
def trigger(message_id):
    """Return a function that makes a trigger for the message."""

    def make(status="DELIVERED", phone_number_id=None):
        return MessageStatusTrigger(
            maton_conn_id="maton_default",
            message_id=message_id,
            status=status,
            phone_number_id=phone_number_id,
            poll_interval=0.01,
        )

    return make


@pytest.mark.parametrize(
    ("wanted", "reached"), [("SENT", "SENT"), ("DELIVERED", "READ"), ("READ", "READ")]
)
def test_a_status_that_is_far_enough_is_done(
    trigger, set_status, message_id, events, wanted, reached
):
    """The trigger fires when the message is as far as wanted, or further."""
    set_status(status=reached)
    assert events(trigger(wanted)) == [
        {
            "status": "success",
            "message": f"Message {shorten_message_id(message_id)} is {reached}",
            "permanent": True,
        }
    ]


def test_it_waits_until_the_message_is_far_enough(trigger, set_status, events):
    """A status on the way does not end the wait."""
    (event,) = events(
        trigger("READ"),
        (lambda polls: len(polls) >= 2, lambda: set_status(status="DELIVERED")),
        (lambda polls: len(polls) >= 5, lambda: set_status(status="READ")),
    )
    assert (event["status"], event["message"].endswith(" is READ")) == ("success", True)


def test_a_failure_is_rejected(trigger, set_status, events):
    """A message that will not arrive ends the wait with Meta's reason, and without the phone number."""
    set_status(status="FAILED", code=131050)
    (event,) = events(trigger())
    assert event["status"] == "failed"
    assert (
        "Meta's reason: (#131050) Recipient stopped marketing; it did not arrive"
        in event["message"]
    )
    assert PHONE not in str(event)


def test_a_history_that_is_rejected_is_not_available(trigger, events, polls):
    """A number whose history the account cannot see ends the wait at the first poll, with what the API says."""
    (event,) = events(trigger(phone_number_id="12345"))
    assert event["status"] == "unavailable"
    assert event["message"].startswith(
        "The message history is not available to this account. "
    )
    assert "code 100" in event["message"]
    assert polls() == [400]


def test_nothing_stored_is_personal(trigger, message_id, undecided_sandbox):
    """Airflow stores only ids in plain text: no phone number, no text, no key."""
    stored = str(trigger().serialize())
    assert message_id in stored
    for secret in (PHONE, "Ada", undecided_sandbox.api_key):
        assert secret not in stored
