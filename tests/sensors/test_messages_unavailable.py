from __future__ import annotations

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException, AirflowSkipException

from airflow_provider_whatsapp.models.ids import shorten_message_id
from airflow_provider_whatsapp.sensors.messages import MessageStatusSensor
from tests.threads import LIMIT

META = {"type": "OAuthException", "fbtrace_id": "AbC"}
REFUSALS = {
    "no permission": {
        "status": 403,
        "body": {"error": {"message": "(#200) Denied", "code": 200, **META}},
    },
    "unknown field": {
        "status": 400,
        "body": {"error": {"message": "(#100) Nothing there", "code": 100, **META}},
    },
    "no such path": {
        "status": 404,
        "body": {"error": {"message": "Unknown path components", "code": 2500, **META}},
    },
}
OUTCOMES = {"fail": AirflowFailException, "skip": AirflowSkipException}
NOT_AVAILABLE = "The message history is not available to this account. "


@pytest.fixture(params=REFUSALS)
def reject(request, undecided_sandbox):
    """Let the history be rejected from now on, in one way after the other."""
    return lambda: undecided_sandbox.fault(
        path="/message_history$", times=1000, **REFUSALS[request.param]
    )


@pytest.fixture
def make(message_id):
    """Return a function that makes a sensor."""

    def sensor(**arguments):
        return MessageStatusSensor(
            task_id="wait",
            message_id=message_id,
            poke_interval=0.01,
            timeout=LIMIT,
            **arguments,
        )

    return sensor


@pytest.mark.parametrize("end", ["fail", "skip"])
def test_a_history_that_is_rejected_ends_as_chosen(reject, make, wait, polls, end):
    """A history that this account has no access to ends the wait at once, as the author of the DAG has chosen."""
    reject()
    with pytest.raises(OUTCOMES[end], match=NOT_AVAILABLE):
        wait(make, on_unavailable=end)
    assert polls() == 1


def test_success_comes_with_a_warning(reject, make, wait, message_id, logged, polls):
    """A success without knowledge is logged as such, with the API's error."""
    reject()
    assert wait(make, on_unavailable="succeed") is None
    said = logged()
    assert (
        f"Whether message {shorten_message_id(message_id)} has arrived is not known. {NOT_AVAILABLE}"
        in said
    )
    assert "HTTP 40" in said
    assert polls() == 1


@pytest.mark.parametrize("reject", ["no permission"], indirect=True)
@pytest.mark.parametrize("end", ["fail", "skip"])
def test_a_rejection_during_the_wait_ends_it_as_chosen(reject, make, wait, end):
    """It is the same when access ends during the wait."""
    with pytest.raises(OUTCOMES[end], match=NOT_AVAILABLE):
        wait(make, then=reject, on_unavailable=end)


@pytest.mark.parametrize("reject", ["no permission"], indirect=True)
def test_success_during_the_wait_comes_with_a_warning(
    reject, make, wait, message_id, logged
):
    """It is the same when access ends during the wait of a sensor that is to succeed then."""
    assert wait(make, then=reject, on_unavailable="succeed") is None
    assert (
        f"Whether message {shorten_message_id(message_id)} has arrived is not known. {NOT_AVAILABLE}"
        in logged()
    )


@pytest.mark.parametrize("reject", ["no permission"], indirect=True)
def test_failing_softly_covers_it(reject, make, wait):
    """soft_fail makes a skip of this failure, as of others."""
    reject()
    with pytest.raises(AirflowSkipException):
        wait(make, soft_fail=True)


def test_a_rejected_key_is_something_else(make, wait, connect):
    """A key that is rejected fails the task, for each choice of what an unavailable history does."""
    connect(password="wrong-key-0123456789")
    with pytest.raises(AirflowFailException, match="^AuthenticationError: "):
        wait(make, on_unavailable="succeed")


def test_an_account_without_a_connection_is_something_else(make, wait, undecided_sandbox):
    """Where the gateway has no connection to Meta the task fails, for each choice: nothing can be polled."""
    with pytest.raises(
        AirflowFailException, match="^BadRequestError: No active connection "
    ):
        wait(
            make,
            then=lambda: undecided_sandbox.set_connection_status(status="FAILED"),
            on_unavailable="succeed",
        )


def test_an_unknown_connection_is_something_else(make, wait, undecided_sandbox):
    """A Maton connection that the gateway does not know fails the task, for each choice."""
    rejection = {"message": "Connection 1 not found", "code": 404, "type": "Not Found"}
    undecided_sandbox.fault(
        path="/message_history$", status=404, body=rejection, times=1000
    )
    with pytest.raises(AirflowFailException, match="^NotFoundError: .*maton_connection_id"):
        wait(make, on_unavailable="succeed")


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 200, "body": {"success": False}},
        {
            "status": 400,
            "body": {
                "error": {"message": "(#80007) Too many calls", "code": 80007, **META}
            },
        },
        {"status": 503, "body": "busy"},
    ],
    ids=["success: false", "throttled", "unavailable"],
)
def test_what_may_pass_is_waited_out(make, undecided_sandbox, monkeypatch, fault):
    """A rejection that may pass does not make the history unavailable: the sensor polls again."""
    monkeypatch.setattr("airflow_provider_whatsapp.client.http.retry.MAX_ATTEMPTS", 1)
    undecided_sandbox.fault(path="/message_history$", **fault)
    assert make(on_unavailable="fail").poke({}) is False


def test_another_number_has_another_history(make, undecided_sandbox):
    """The history is asked for at the number that is named, which here is unknown."""
    with pytest.raises(AirflowFailException, match=NOT_AVAILABLE):
        make(phone_number_id=12345).poke({})
    assert undecided_sandbox.requests()[-1]["path"].endswith("/12345/message_history")
