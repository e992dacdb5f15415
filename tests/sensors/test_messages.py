from __future__ import annotations

import functools

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException, TaskDeferred

from airflow_provider_whatsapp.models.ids import shorten_message_id
from airflow_provider_whatsapp.operators.messages import SendTextOperator
from airflow_provider_whatsapp.sandbox import running_sandbox
from airflow_provider_whatsapp.sensors.messages import MessageStatusSensor
from tests.threads import LIMIT

UNKNOWN = "wamid.unknown"


def sensor(message_id=UNKNOWN, **arguments):
    return MessageStatusSensor(
        **{
            "task_id": "wait",
            "message_id": message_id,
            "poke_interval": 0.01,
            "timeout": LIMIT,
            **arguments,
        }
    )


@pytest.fixture
def set_status(undecided_sandbox, message_id):
    """Put the message into a status."""
    return functools.partial(undecided_sandbox.set_message_status, message_id=message_id)


@pytest.fixture
def quick_sandbox(monkeypatch, connect, undecided_sandbox):
    """A gateway in which messages are delivered, read or failed soon after they were sent."""
    with running_sandbox(
        delivered_after=0.1, read_after=0.2, requests_per_second=1000
    ) as running:
        monkeypatch.setenv("AIRFLOW_CONN_MATON_DEFAULT", running.airflow_connection())
        connect(extra={"rate_limit_storage": "off"})
        yield running


@pytest.mark.parametrize(
    ("reached", "wanted"),
    [
        ("SENT", "SENT"),
        ("DELIVERED", "SENT"),
        ("READ", "SENT"),
        ("DELIVERED", "DELIVERED"),
        ("READ", "DELIVERED"),
        ("READ", "READ"),
        ("READ", "read"),
    ],
)
def test_a_status_that_is_further_will_do(set_status, message_id, logged, reached, wanted):
    """The sensor is done when the message is as far as wanted, or further, and says how far."""
    set_status(status=reached)
    assert sensor(message_id, status=wanted).poke({}) is True
    assert f"Message {shorten_message_id(message_id)} is {reached}" in logged()


@pytest.mark.parametrize(
    ("reached", "wanted"), [("SENT", "DELIVERED"), ("SENT", "READ"), ("DELIVERED", "READ")]
)
def test_a_status_that_is_not_far_enough_is_waited_for(
    set_status, message_id, logged, reached, wanted
):
    """The sensor waits on while the message is not as far, and says how far it is."""
    set_status(status=reached)
    assert sensor(message_id, status=wanted).poke({}) is False
    assert f"Message {shorten_message_id(message_id)} is " in logged()


def noted(message_id, *statuses):
    """A history with these events."""
    events = [{"delivery_status": status} for status in statuses]
    return {"data": [{"id": "1", "message_id": message_id, "events": {"data": events}}]}


@pytest.mark.parametrize("status", ["NEW", "ACCEPTED"])
def test_a_status_that_tells_nothing_is_waited_for(
    undecided_sandbox, message_id, status, logged
):
    """A history with nothing but a status that is not known, or says nothing of the way, keeps the sensor waiting."""
    undecided_sandbox.fault(
        path="/message_history$", status=200, body=noted(message_id, status)
    )
    assert sensor(message_id, status="SENT").poke({}) is False
    assert f"Message {shorten_message_id(message_id)} is {status}" in logged()


def test_a_message_without_history_is_waited_for(undecided_sandbox, logged):
    """A message that the history does not know is like one that is not in it yet."""
    assert sensor().poke({}) is False
    assert f"Message {shorten_message_id(UNKNOWN)} has no status yet" in logged()


@pytest.mark.parametrize(
    "statuses",
    [["PLAYED"], ["delivered"], ["READ", "FAILED"], ["DELIVERED", "DELETED"]],
    ids=str,
)
def test_a_status_that_ends_the_wait(undecided_sandbox, message_id, statuses):
    """A message that was played, or arrived and then failed on another device, has arrived; case does not matter."""
    undecided_sandbox.fault(
        path="/message_history$", status=200, body=noted(message_id, *statuses)
    )
    assert sensor(message_id).poke({}) is True


def test_a_deleted_message_is_not_waited_for(undecided_sandbox, message_id):
    """A message that was deleted, and is not known to have arrived, fails the task: it will come no further."""
    undecided_sandbox.fault(
        path="/message_history$", status=200, body=noted(message_id, "SENT", "DELETED")
    )
    with pytest.raises(
        AirflowFailException,
        match="is DELETED, and no event says that it was DELIVERED before",
    ):
        sensor(message_id).poke({})


@pytest.mark.parametrize("status", ["FAILED", "ERROR"])
def test_a_failure_fails_at_once(set_status, message_id, status):
    """A message that will not arrive fails the task without retries, with Meta's reason."""
    set_status(status="SENT")
    set_status(status=status, code=131026)
    with pytest.raises(
        AirflowFailException,
        match=r"has failed, Meta's reason: \(#131026\) Message undeliverable;",
    ):
        sensor(message_id, status="SENT").poke({})


def test_a_message_that_goes_its_way(quick_sandbox, wait):
    """A message is waited for until it is read."""
    sent = SendTextOperator(task_id="send", to="16505551234", body="Hello").execute({})[
        "message_id"
    ]
    assert wait(sensor, message_id=sent, status="READ") is None
    assert [message["status"] for message in quick_sandbox.sent_messages()] == ["READ"]


def test_a_recipient_that_cannot_be_reached(quick_sandbox, wait):
    """A message that was accepted and fails later ends the wait with Meta's reason."""
    sent = SendTextOperator(task_id="send", to="15559131050", body="Hello").execute({})[
        "message_id"
    ]
    with pytest.raises(
        AirflowFailException, match=r"\(#131050\) Recipient stopped marketing"
    ):
        wait(sensor, message_id=sent)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"message_id": None}, "message_id: .*got None"),
        ({"message_id": 16505551234}, "message_id: .*got int"),
        (
            {"message_id": "16505551234"},
            "message_id: must be a message id, which begins with wamid.*got str, 11 characters",
        ),
        (
            {"message_id": "wamid.16505551234 "},
            "message_id: must be a message id, which begins with wamid",
        ),
        (
            {"phone_number_id": "+16505551234"},
            "phone_number_id: must be an id of digits .*got str, 12 characters",
        ),
        ({"phone_number_id": ""}, "phone_number_id: must be an id of digits"),
        (
            {"status": "ARRIVED"},
            "status: must be one of SENT, DELIVERED, READ .*got str, 7 characters",
        ),
        ({"status": "FAILED"}, "status: must be one of SENT, DELIVERED, READ"),
        ({"status": None}, "status: must be one of SENT, DELIVERED, READ .*got None"),
        (
            {"on_unavailable": "ignore"},
            "on_unavailable: must be one of fail, skip, succeed .*got str, 6 characters",
        ),
        (
            {"on_unavailable": True},
            "on_unavailable: must be one of fail, skip, succeed .*got bool",
        ),
    ],
    ids=str,
)
def test_bad_input_fails_before_any_poll(undecided_sandbox, polls, arguments, said):
    """Arguments that cannot work fail the task, are never skipped over, and are named without their value."""
    with pytest.raises(
        AirflowFailException, match=f"^InvalidRequestError: {said}"
    ) as caught:
        sensor(soft_fail=True, **arguments).execute({})
    assert "1650" not in str(caught.value)
    assert polls() == 0


def test_what_is_deferred(message_id):
    """The trigger gets the ids of message and sender, as native rendering has left them, and the wanted status."""
    with pytest.raises(TaskDeferred) as caught:
        sensor(
            message_id, status="READ", phone_number_id=200000000000001, deferrable=True
        ).execute({})
    assert caught.value.trigger.serialize()[1] == {
        "maton_conn_id": "maton_default",
        "message_id": message_id,
        "status": "READ",
        "phone_number_id": 200000000000001,
        "poll_interval": 0.01,
    }


def test_no_phone_number_is_logged(message_id, set_status, wait, logged):
    """Neither the log nor the failure tells to whom the message went."""
    with pytest.raises(AirflowFailException) as caught:
        wait(sensor, message_id=message_id, then=lambda: set_status(status="FAILED"))
    said = logged()
    assert shorten_message_id(message_id) in said
    assert message_id not in said + str(caught.value)
    assert "5551234" not in said + str(caught.value)
