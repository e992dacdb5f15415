"""The provider in a real Airflow: scheduler, triggerer, DAG processor and API server."""

import base64
import signal

import pytest

KEY = "e2e-key-Zq7xW3vK9pTm2RjL5nYc8BdF"
QUICKSTART = "example_whatsapp_quickstart"


@pytest.fixture(scope="module")
def finished(stack):
    """The quickstart, whose triggerer was killed and started again while the sensor waited."""
    stack.airflow.trigger(QUICKSTART, "kill", {})
    stack.wait_for_task(QUICKSTART, "kill", "wait_for_approval", "deferred")
    stack.waiting = stack.left_behind()
    stack.processes.stop("triggerer", how=signal.SIGKILL)
    stack.set_template_statuses("APPROVED")
    stack.airflow.start_component("triggerer")
    stack.state = stack.wait_for_run(QUICKSTART, "kill")
    return stack


def test_a_killed_triggerer_still_ends_in_one_message(finished):
    """Though the triggerer dies by SIGKILL during the wait, the run ends well, with one message sent."""
    assert finished.state == "success"
    (message,) = finished.sandbox.sent_messages()
    result = finished.airflow.xcom(QUICKSTART, "kill", "send_invoice")
    assert result == {
        "message_id": message["id"],
        "wa_id": "16505551234",
        "message_status": "accepted",
    }
    header, body = message["body"]["template"]["components"]
    uploaded = finished.airflow.xcom(QUICKSTART, "kill", "upload_invoice")
    assert header["parameters"][0]["document"] == {
        "id": uploaded["media_id"],
        "filename": "INV-2026-001.pdf",
    }
    assert [parameter["text"] for parameter in body["parameters"]] == [
        "Ada Lovelace",
        "INV-2026-001",
    ]


def test_a_second_run_waits_for_nothing(finished):
    """With the templates approved, another run leaves them alone, does not defer, and sends one more message."""
    finished.airflow.trigger(QUICKSTART, "again", {"recipient": "+1 (650) 555-9876"})
    assert finished.wait_for_run(QUICKSTART, "again") == "success"
    report = finished.airflow.xcom(QUICKSTART, "again", "sync_templates")
    assert [template["name"] for template in report["unchanged"]] == [
        "invoice_ready",
        "payment_received",
    ]
    assert [message["to"] for message in finished.sandbox.sent_messages()] == [
        "16505551234",
        "16505559876",
    ]


@pytest.fixture(scope="module")
def failed(finished):
    """A run in which each task fails in another way."""
    finished.airflow.trigger("failing", "one", {})
    assert finished.wait_for_run("failing", "one") == "failed"
    return finished


def outcomes(stack, dag, run):
    tasks = stack.airflow.get(f"dags/{dag}/dagRuns/{run}/taskInstances")["task_instances"]
    return {task["task_id"]: (task["state"], task["try_number"]) for task in tasks}


def test_permanent_failures_use_up_no_retries(failed):
    """Tasks that can retry, but whose error is permanent, have failed on their first try, and sent nothing."""
    assert outcomes(failed, "failing", "one") == {
        "wrong_key": ("failed", 1),
        "no_such_template": ("failed", 1),
        "wrong_number": ("failed", 1),
    }
    assert len(failed.sandbox.sent_messages()) == 2


@pytest.mark.parametrize(
    ("decision", "state"), [("REJECTED", "failed"), ("APPROVED", "success")]
)
def test_the_sensor_ends_alike_in_all_its_modes(finished, decision, state):
    """Poke, reschedule and deferrable wait while Meta reviews, and end the same way, on the first try."""
    finished.set_template_statuses("PENDING")
    finished.airflow.trigger("modes", decision, {})
    waiting = {
        "poke": "running",
        "reschedule": "up_for_reschedule",
        "deferrable": "deferred",
    }
    for task, waits in waiting.items():
        finished.wait_for_task("modes", decision, task, waits)
    finished.set_template_statuses(decision)
    assert finished.wait_for_run("modes", decision) == state
    assert outcomes(finished, "modes", decision) == dict.fromkeys(waiting, (state, 1))


def test_the_key_is_in_nothing_that_is_left_behind(failed):
    """Neither database, logs, rendered fields, XCom, nor the trigger's row while it waited, hold the key."""
    after = failed.left_behind()
    assert any(
        b"TemplateApprovalTrigger" in content for content in failed.waiting.values()
    ), "no trigger row searched"
    assert any(
        b"invoice_ready" in content
        for path, content in after.items()
        if path.name == "airflow.db"
    )
    assert any(
        b"OutcomeUnknownError" in content or b"AuthenticationError" in content
        for content in after.values()
    )
    for when in (failed.waiting, after):
        assert [
            str(path) for path, content in when.items() if KEY.encode() in content
        ] == []


def test_no_phone_number_is_in_a_log(failed):
    """Logs shorten the recipient, in runs that worked and in those that failed."""
    logs = failed.logs()
    assert any("1650•••1234" in text or "1650\\u2022" in text for text in logs.values())
    # Ids of messages spell the number in Base64.
    spelled = [
        base64.b64encode(number)[:12].decode()
        for number in (b"16505551234", b"16505559876")
    ]
    for digits in ("6505551234", "555-1234", "6505559876", "555-9876", *spelled):
        assert [str(path) for path, text in logs.items() if digits in text] == []
