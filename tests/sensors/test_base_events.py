from __future__ import annotations

import pytest
from airflow.providers.common.compat.sdk import (
    AirflowFailException,
    AirflowSensorTimeout,
    AirflowSkipException,
)

from airflow_provider_whatsapp.sensors.connections import MatonConnectionSensor

PASSING = {"status": "error", "message": "unavailable", "permanent": False}


def resumed(event, **arguments):
    """The end of a sensor for each event, which the base class decides for all sensors."""
    sensor = MatonConnectionSensor(task_id="wait", **arguments)
    return sensor.resume_execution("execute_complete", {"event": event}, {})


@pytest.mark.parametrize(
    ("event", "outcome", "words"),
    [
        (
            {"status": "failed", "message": "it has FAILED"},
            AirflowFailException,
            "it has FAILED",
        ),
        (
            {"status": "unavailable", "message": "not offered"},
            AirflowFailException,
            "not offered",
        ),
        (
            {"status": "error", "message": "key rejected", "permanent": True},
            AirflowFailException,
            "key rejected",
        ),
        (PASSING, RuntimeError, "unavailable"),
        ({"status": "new"}, RuntimeError, "without a usable event"),
        ({"status": "waiting"}, RuntimeError, "without a usable event"),
        ({}, RuntimeError, "without a usable event"),
        (None, RuntimeError, "without a usable event"),
    ],
    ids=[
        "failed",
        "unavailable",
        "permanent error",
        "passing error",
        "unknown",
        "waiting",
        "empty",
        "none",
    ],
)
def test_every_event_but_done_fails(event, outcome, words):
    """The event of the trigger is checked: nothing but 'success' lets the task succeed."""
    with pytest.raises(outcome, match=words):
        resumed(event)


def test_done_succeeds():
    """'success' ends the task well."""
    assert resumed({"status": "success", "message": "it is ACTIVE"}) is None


@pytest.mark.parametrize("status", ["failed", "unavailable"])
def test_an_end_without_success_is_skipped_when_failing_softly(status):
    """soft_fail means the same after a wait in the triggerer as in a worker."""
    with pytest.raises(AirflowSkipException):
        resumed({"status": status, "message": "it has FAILED"}, soft_fail=True)


@pytest.mark.parametrize("event", [PASSING, None], ids=["passing error", "none"])
def test_a_passing_error_is_not_skipped_when_failing_softly(event):
    """As in poke mode, soft_fail hides no error that Airflow may retry."""
    with pytest.raises(RuntimeError):
        resumed(event, soft_fail=True)


@pytest.mark.parametrize(
    "event", [PASSING, {"status": "failed"}, None], ids=["passing error", "failed", "none"]
)
def test_nothing_fails_a_sensor_that_never_fails(event):
    """never_fail makes a skip of each end of a wait in the triggerer but success."""
    with pytest.raises(AirflowSkipException):
        resumed(event, never_fail=True)


def test_a_trigger_that_fails_is_no_timeout():
    """A trigger that has broken down ends the task in a way that Airflow may retry."""
    with pytest.raises(Exception, match="Trigger failure") as caught:
        MatonConnectionSensor(task_id="wait").resume_execution(
            "__fail__", {"error": "Trigger failure"}, {}
        )
    assert not isinstance(caught.value, AirflowSensorTimeout | AirflowFailException)
