import pytest
import requests
from airflow import __version__ as airflow_version
from airflow.providers.common.compat.sdk import (
    AirflowFailException,
    AirflowSensorTimeout,
    AirflowSkipException,
    TaskDeferred,
)

from airflow_provider_whatsapp.exceptions import TransientError
from airflow_provider_whatsapp.operators.templates import SyncTemplatesOperator
from airflow_provider_whatsapp.sensors.templates import TemplateApprovalSensor
from airflow_provider_whatsapp.triggers.templates import TemplateApprovalTrigger


@pytest.fixture
def report(reviewing_sandbox, definition):
    """Two templates in review, as a sync reports them."""
    wanted = [definition("order_shipped"), definition("order_late")]
    return SyncTemplatesOperator(task_id="sync", templates=wanted).execute({})


@pytest.fixture
def decide(reviewing_sandbox, report):
    """Put one of the templates, or both, into a status."""

    def to(status, *, only=None, reason=None):
        for template in report["created"]:
            if only in (None, template["name"]):
                url = f"{reviewing_sandbox.url}/sandbox/templates/{template['id']}/decision"
                requests.post(url, json={"status": status, "reason": reason}, timeout=5).raise_for_status()

    return to


def sensor(**arguments):
    return TemplateApprovalSensor(task_id="wait", poke_interval=0.01, timeout=60, **arguments)


def test_all_approved_is_done(report, decide):
    """The sensor is done when the last of its templates is approved."""
    wait = sensor(templates=report)
    decide("APPROVED", only="order_shipped")
    assert wait.poke({}) is False
    decide("APPROVED")
    assert wait.poke({}) is True


@pytest.mark.parametrize("status", ["PENDING", "IN_APPEAL", "PAUSED", "SOMETHING_NEW"])
def test_what_may_pass_by_itself_is_waited_for(decide, status, caplog, capfd):
    """A review, an appeal, a pause and a status that is not known all leave the sensor waiting, named in the log."""
    decide(status)
    assert sensor(template_name="order_late").poke({}) is False
    assert f"order_late (en_US) is {status}" in caplog.text + "".join(capfd.readouterr())


@pytest.mark.parametrize("status", ["REJECTED", "DISABLED", "PENDING_DELETION", "ARCHIVED", "LIMIT_EXCEEDED"])
def test_what_never_passes_by_itself_fails_at_once(decide, status):
    """A template that only a person can mend fails the task without retries, with Meta's reason."""
    decide(status, reason="INVALID_FORMAT")
    with pytest.raises(AirflowFailException, match=rf"order_late \(en_US\) is {status}, Meta's reason: "):
        sensor(template_name="order_late").poke({})


def test_metas_reason_for_a_rejection_is_told(decide):
    """The reason that Meta gives is part of the failure."""
    decide("REJECTED", reason="TAG_CONTENT_MISMATCH")
    with pytest.raises(AirflowFailException, match="TAG_CONTENT_MISMATCH"):
        sensor(template_name="order_late").poke({})


def test_a_missing_template_fails_at_once(decide):
    """A name that only begins like an existing one is missing, although the API's filter finds it."""
    decide("APPROVED")
    with pytest.raises(AirflowFailException, match=r"order \(en_US\) does not exist"):
        sensor(template_name="order").poke({})


def test_another_language_is_another_template(decide):
    """An approved template does not stand for the same name in another language."""
    decide("APPROVED")
    with pytest.raises(AirflowFailException, match=r"order_late \(de\) does not exist"):
        sensor(template_name="order_late", language_code="de").poke({})


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({}, "template_name, templates: exactly one"),
        ({"template_name": "a", "templates": ["b"]}, "template_name, templates: exactly one"),
        ({"templates": []}, "templates: must be a list"),
        ({"templates": "a"}, "templates: must be a list"),
        ({"templates": ["Order"]}, r"templates\[0\]: a template name"),
        ({"templates": [7]}, r"templates\[0\]"),
        ({"template_name": "a", "language_code": "English"}, "language"),
    ],
    ids=str,
)
@pytest.mark.parametrize("deferrable", [False, True], ids=["poke", "deferrable"])
def test_bad_input_fails_at_once_even_when_failing_softly(sandbox, arguments, named, deferrable):
    """Arguments that cannot work fail the task in each mode, and are never skipped over."""
    with pytest.raises(AirflowFailException, match=named):
        sensor(deferrable=deferrable, soft_fail=True, **arguments).execute({})


def test_an_approved_template_needs_no_triggerer(decide):
    """A deferrable sensor whose templates are approved already ends without deferring."""
    decide("APPROVED")
    assert sensor(template_name="order_late", deferrable=True).execute({}) is None


def test_a_review_is_deferred(reviewing_sandbox, report):
    """A deferrable sensor hands names and ids to the trigger, and the timeout to Airflow."""
    with pytest.raises(TaskDeferred) as caught:
        sensor(template_name="order_late", deferrable=True).execute({})
    trigger = caught.value.trigger
    assert isinstance(trigger, TemplateApprovalTrigger)
    assert trigger.templates == [["order_late", "en_US"]]
    assert caught.value.timeout.total_seconds() == 60
    stored = str(trigger.serialize())
    assert reviewing_sandbox.api_key not in stored
    assert reviewing_sandbox.url not in stored


@pytest.fixture
def unwell(reviewing_sandbox, report, monkeypatch):
    """An API that cannot answer the next listings, and a client that does not try again by itself."""
    monkeypatch.setattr("airflow_provider_whatsapp.client.retry.MAX_TRIES", 1)

    def order(times):
        fault = {"path": "/message_templates$", "status": 502, "body": "<html>", "times": times}
        requests.post(f"{reviewing_sandbox.url}/sandbox/faults", json=fault, timeout=5).raise_for_status()

    return order


def test_a_passing_problem_on_the_first_look_is_left_to_the_trigger(unwell):
    """A deferrable sensor goes on waiting when the API is unwell at the first look."""
    unwell(times=1)
    with pytest.raises(TaskDeferred):
        sensor(template_name="order_late", deferrable=True).execute({})


def test_a_sensor_in_poke_mode_bears_passing_problems(unwell, decide):
    """Four looks in a row may fail, again and again, as in the triggerer."""
    decide("APPROVED")
    wait = sensor(template_name="order_late")
    for _ in range(2):
        unwell(times=4)
        assert [wait.poke({}) for _ in range(5)] == [False, False, False, False, True]


def test_a_sensor_in_poke_mode_gives_up_after_five_failures(unwell):
    """The fifth look in a row that fails ends the wait with its error, which Airflow may retry."""
    unwell(times=5)
    with pytest.raises(TransientError):
        sensor(template_name="order_late").execute({})


@pytest.mark.parametrize("deferrable", [False, True], ids=["poke", "deferrable"])
def test_a_refused_key_fails_at_once(reviewing_sandbox, connect, deferrable):
    """A permanent error ends the wait on the first look, in both modes alike."""
    connect(password="wrong-key-0123456789")
    with pytest.raises(AirflowFailException, match="AuthenticationError"):
        sensor(template_name="order_late", deferrable=deferrable).execute({})


@pytest.mark.parametrize(
    ("event", "outcome", "words"),
    [
        ({"status": "refused", "message": "order_late is REJECTED"}, AirflowFailException, "order_late is REJECTED"),
        ({"status": "error", "message": "key refused", "permanent": True}, AirflowFailException, "key refused"),
        ({"status": "error", "message": "unwell", "permanent": False}, RuntimeError, "unwell"),
        ({"status": "new"}, RuntimeError, "without a usable event"),
        ({}, RuntimeError, "without a usable event"),
        (None, RuntimeError, "without a usable event"),
    ],
    ids=["refused", "permanent error", "passing error", "unknown status", "empty", "none"],
)
def test_every_event_but_approved_fails(event, outcome, words):
    """The event of the trigger is checked: nothing but 'approved' lets the task succeed."""
    with pytest.raises(outcome, match=words):
        sensor(template_name="order_late").execute_complete({}, event)


def test_an_approved_event_succeeds():
    """'approved' ends the task well."""
    assert sensor(template_name="a").execute_complete({}, {"status": "approved", "message": "approved"}) is None


@pytest.mark.parametrize("deferrable", [False, True], ids=["poke", "deferrable"])
def test_a_rejection_fails_at_once(decide, deferrable):
    """A template that is rejected already fails the task without any wait, in both modes alike."""
    decide("REJECTED")
    with pytest.raises(AirflowFailException, match="order_late"):
        sensor(template_name="order_late", deferrable=deferrable).execute({})


@pytest.mark.parametrize("deferrable", [False, True], ids=["poke", "deferrable"])
def test_a_rejection_is_skipped_when_failing_softly(decide, deferrable):
    """soft_fail turns Meta's rejection into a skip, in both modes alike."""
    decide("REJECTED")
    with pytest.raises(AirflowSkipException):
        sensor(template_name="order_late", soft_fail=True, deferrable=deferrable).execute({})


def test_a_rejection_during_the_wait_is_skipped_when_failing_softly():
    """soft_fail means the same after a wait in the triggerer."""
    event = {"status": "refused", "message": "order_late is REJECTED"}
    wait = sensor(template_name="order_late", soft_fail=True)
    with pytest.raises(AirflowSkipException):
        wait.resume_execution("execute_complete", {"event": event}, {})


TIMEOUTS = {"Airflow 2": "Trigger/execution timeout", "Airflow 3": "Trigger timeout"}


@pytest.mark.parametrize("event", [{"status": "error", "message": "unwell", "permanent": False}, None], ids=str)
def test_nothing_fails_a_sensor_that_never_fails(event):
    """never_fail turns each end of a wait in the triggerer but the good one into a skip, as in poke mode."""
    wait = sensor(template_name="a", never_fail=True)
    with pytest.raises(AirflowSkipException):
        wait.resume_execution("execute_complete", {"event": event}, {})


def test_a_timeout_in_the_triggerer_uses_up_no_retries():
    """A wait that takes too long ends as a sensor's timeout, which Airflow does not retry, on each of its versions."""
    reason = TIMEOUTS["Airflow 2" if airflow_version.startswith("2.") else "Airflow 3"]
    with pytest.raises(AirflowSensorTimeout):
        sensor(template_name="a").resume_execution("__fail__", {"error": reason}, {})
