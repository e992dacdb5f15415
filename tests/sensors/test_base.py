from __future__ import annotations

import pytest
from airflow.providers.common.compat.sdk import (
    AirflowFailException,
    AirflowSensorTimeout,
    AirflowSkipException,
    TaskDeferred,
)

SOFTLY = [{"soft_fail": True}, {"never_fail": True}]
SOFTLY_IDS = ["soft_fail", "never_fail"]


@pytest.fixture
def unavailable(waiting, undecided_sandbox, monkeypatch):
    """Let the next polls fail; the client does not retry."""
    monkeypatch.setattr("airflow_provider_whatsapp.client.http.retry.MAX_ATTEMPTS", 1)
    return lambda times: undecided_sandbox.fault(
        path=waiting.looks_at, status=502, body="<html>", times=times
    )


def test_it_waits_until_it_is_done(waiting, wait):
    """Each sensor waits, and ends well when what it waits for has come."""
    assert wait(waiting.sensor, then=waiting.finish) is None


def test_a_rejection_fails_the_task(waiting, wait):
    """A final failure ends the wait without retries."""
    with pytest.raises(AirflowFailException):
        wait(waiting.sensor, then=waiting.reject)


@pytest.mark.parametrize("softly", SOFTLY, ids=SOFTLY_IDS)
def test_a_rejection_is_skipped_when_failing_softly(waiting, wait, softly):
    """soft_fail and never_fail make a skip of a rejection."""
    with pytest.raises(AirflowSkipException):
        wait(waiting.sensor, then=waiting.reject, **softly)


def test_what_is_done_takes_one_poll(waiting, wait, polls):
    """A wait that is over before it begins takes one poll."""
    waiting.finish()
    assert wait(waiting.sensor) is None
    assert polls() == 1


@pytest.mark.parametrize("softly", [{}, *SOFTLY], ids=["", *SOFTLY_IDS])
def test_what_is_rejected_takes_one_poll(waiting, wait, polls, softly):
    """A rejection that is there before the wait begins ends it like one that comes later."""
    waiting.reject()
    with pytest.raises(AirflowSkipException if softly else AirflowFailException):
        wait(waiting.sensor, **softly)
    assert polls() == 1


def test_bad_input_fails_before_any_poll(waiting, wait, polls):
    """Arguments that cannot work fail the task, are never skipped over, and are named without their value."""
    ((name, value),) = waiting.bad.items()
    with pytest.raises(
        AirflowFailException, match=f"^InvalidRequestError: {name}: "
    ) as caught:
        wait(waiting.sensor, soft_fail=True, **waiting.bad)
    assert value not in str(caught.value)
    assert polls() == 0


def test_a_revoked_key_fails_the_task(waiting, wait, undecided_sandbox):
    """A key that stops working during the wait ends it without retries, and the error does not show the key."""
    revoked = {
        "path": waiting.looks_at,
        "status": 401,
        "body": {"message": "Unauthorized"},
        "times": 100,
    }
    with pytest.raises(AirflowFailException, match="AuthenticationError: ") as caught:
        wait(waiting.sensor, then=lambda: undecided_sandbox.fault(**revoked))
    assert undecided_sandbox.api_key not in str(caught.value)


def test_a_rejected_key_fails_at_once(waiting, wait, connect, polls):
    """An error that lasts takes one poll if it is there from the start."""
    connect(password="wrong-key-0123456789")
    with pytest.raises(AirflowFailException, match="AuthenticationError: "):
        wait(waiting.sensor)
    assert polls() == 1


def test_passing_errors_are_borne(waiting, wait, unavailable, polls):
    """Four polls in a row may fail."""
    waiting.finish()
    unavailable(times=4)
    assert wait(waiting.sensor) is None
    assert polls() == 5


@pytest.mark.parametrize("mode", ["poke", "deferrable"], indirect=True)
def test_five_failures_in_a_row_end_the_wait(waiting, wait, unavailable, polls, mode):
    """Errors that do not pass end the wait, in a way that Airflow may retry and soft_fail does not hide."""
    unavailable(times=100)
    with pytest.raises(Exception, match=r"HTTP 502") as caught:
        wait(waiting.sensor, soft_fail=True)
    assert not isinstance(caught.value, AirflowFailException | AirflowSkipException)
    # The trigger begins to count anew after the sensor's own poll.
    assert polls() == {"poke": 5, "deferrable": 6}[mode]


@pytest.mark.parametrize("mode", ["reschedule"], indirect=True)
def test_nothing_counts_between_reschedules(waiting, wait, unavailable, polls):
    """A sensor that is rescheduled bears passing errors for as long as it may wait."""
    waiting.finish()
    unavailable(times=9)
    assert wait(waiting.sensor) is None
    assert polls() == 10


def test_a_poll_that_works_makes_the_failures_forgotten(waiting, unavailable):
    """Only failures in a row count."""
    sensor = waiting.sensor()
    for _ in range(2):
        unavailable(times=4)
        assert [sensor.poke({}) for _ in range(5)] == [False] * 5


@pytest.mark.parametrize(
    ("softly", "outcome"),
    [({}, AirflowSensorTimeout), ({"soft_fail": True}, AirflowSkipException)],
    ids=["", "softly"],
)
def test_a_timeout_ends_the_wait(waiting, wait, softly, outcome):
    """A wait that takes too long ends as a sensor's timeout, which Airflow does not retry, or as a skip."""
    with pytest.raises(outcome):
        wait(waiting.sensor, timeout=0.1, **softly)


def test_never_fail_covers_every_error(waiting, wait):
    """never_fail skips after any error, such as an Airflow connection that does not exist."""
    with pytest.raises(AirflowSkipException):
        wait(waiting.sensor, maton_conn_id="no_such_connection", never_fail=True)


def test_what_is_deferred_is_no_secret(waiting, undecided_sandbox):
    """The trigger gets ids and names, and Airflow the timeout; neither key nor address is stored."""
    with pytest.raises(TaskDeferred) as caught:
        waiting.sensor(deferrable=True, timeout=60).execute({})
    assert (caught.value.method_name, caught.value.timeout.total_seconds()) == (
        "execute_complete",
        60,
    )
    stored = str(caught.value.trigger.serialize())
    assert "maton_default" in stored
    for secret in (undecided_sandbox.api_key, undecided_sandbox.url, "16505551234"):
        assert secret not in stored


def test_what_is_over_is_not_deferred(waiting):
    """A deferrable sensor polls once itself, which spares the triggerer a wait that is over."""
    waiting.reject()
    with pytest.raises(AirflowFailException):
        waiting.sensor(deferrable=True).execute({})
    waiting.finish()
    assert waiting.sensor(deferrable=True).execute({}) is None


def test_a_passing_error_at_the_first_poll_is_left_to_the_trigger(waiting, unavailable):
    """A deferrable sensor goes on waiting when the API is unavailable at first."""
    unavailable(times=1)
    with pytest.raises(TaskDeferred):
        waiting.sensor(deferrable=True).execute({})
