"""Workers that die by SIGKILL while they send, in a real Airflow: who gets how many messages, and what is known."""

import base64
import hashlib
import re
import sqlite3
from collections import Counter

import pytest

KEY = "e2e-key-Zq7xW3vK9pTm2RjL5nYc8BdF"
CUT_OFF = "Try 1 of this task has begun to send and learned no outcome"


@pytest.fixture(scope="module")
def killed(stack):
    """Five sends each of which died before the request, after acceptance, and after the outcome was recorded."""
    stack.airflow.trigger("killed", "five", {})
    stack.airflow.trigger("worker_killed", "one", {})
    stack.wait_for_run("killed", "five", timeout=240)
    stack.wait_for_run("worker_killed", "one", timeout=240)
    return stack


def ends(stack, dag, run, task):
    """Return how the mapped tasks ended, and on which try."""
    found = stack.airflow.get(f"dags/{dag}/dagRuns/{run}/taskInstances?limit=100")[
        "task_instances"
    ]
    return [(ti["state"], ti["try_number"]) for ti in found if ti["task_id"] == task]


def arrived(stack, prefix):
    """Return how many messages each recipient got."""
    return Counter(
        message["to"]
        for message in stack.sandbox.sent_messages()
        if message["to"].startswith(prefix)
    )


def logs(stack, dag, task):
    return [
        path.read_text()
        for path in stack.folder.rglob("*.log")
        if f"dag_id={dag}/" in str(path) and f"task_id={task}/" in str(path)
    ]


@pytest.mark.parametrize(
    ("task", "prefix", "end", "each"),
    [
        pytest.param("fail_before", "165055570", ("failed", 2), 0, id="fail-before"),
        pytest.param("fail_accepted", "165055571", ("failed", 2), 1, id="fail-accepted"),
        pytest.param("fail_recorded", "165055572", ("success", 2), 1, id="fail-recorded"),
        pytest.param("resend_before", "165055573", ("success", 2), 1, id="resend-before"),
        pytest.param(
            "resend_accepted", "165055574", ("success", 2), 2, id="resend-accepted"
        ),
        pytest.param(
            "resend_recorded", "165055575", ("success", 2), 1, id="resend-recorded"
        ),
    ],
)
def test_what_a_killed_send_comes_to(killed, task, prefix, end, each):
    """A retry sends nothing twice unless it was asked to, and what was recorded is returned as sent."""
    assert ends(killed, "killed", "five", task) == [end] * 5
    assert list(arrived(killed, prefix).values()) == [each] * (5 if each else 0)


@pytest.mark.parametrize(
    ("task", "said"), [("fail_before", 5), ("fail_accepted", 5), ("fail_recorded", 0)]
)
def test_what_is_unknown_is_reported_as_unknown(killed, task, said):
    """The log of the retry says that the send was cut off and what to do, or that it had been recorded as sent."""
    second = [
        text
        for text in logs(killed, "killed", task)
        if "OutcomeUnknownError" in text and CUT_OFF in text
    ]
    assert len(second) == said
    assert all("clear it to send the message if it did not" in text for text in second)
    returned = [
        text
        for text in logs(killed, "killed", task)
        if "An earlier try has sent it as message" in text
    ]
    assert len(returned) == 5 - said


@pytest.mark.parametrize(
    ("task", "number", "end", "each"),
    [
        ("before", 0, "failed", 0),
        ("accepted", 1, "failed", 1),
        ("recorded", 2, "success", 1),
    ],
)
def test_a_worker_that_dies_with_its_supervisor(killed, task, number, end, each):
    """It is the same when no process is left to report the death, and Airflow misses the heartbeats."""
    assert ends(killed, "worker_killed", "one", task) == [(end, 2)]
    assert arrived(killed, f"1650555790{number}").total() == each


def test_a_cleared_task_sends_again(killed):
    """Clearing tasks whose message is known to have gone out sends it again, on purpose."""
    body = {
        "dry_run": False,
        "dag_run_id": "five",
        "task_ids": ["fail_recorded"],
        "only_failed": False,
    }
    killed.airflow.post("dags/killed/clearTaskInstances", body)
    killed.processes.wait_until(
        lambda: arrived(killed, "165055572").total() == 10,
        "all to be sent again",
        timeout=90,
    )
    killed.wait_for_run("killed", "five")
    assert ends(killed, "killed", "five", "fail_recorded") == [("success", 3)] * 5
    assert set(arrived(killed, "165055572").values()) == {2}


def test_the_record_tells_nothing(killed):
    """Airflow's database has a record for each send, and in none of them key, number, text or message id."""
    with sqlite3.connect(
        f"file:{killed.airflow.home}/airflow.db?mode=ro", uri=True
    ) as database:
        rows = [
            " ".join(map(str, row))
            for row in database.execute("SELECT * FROM task_state_store")
        ]
    assert len(rows) >= 33
    assert all("whatsapp_send" in row for row in rows)
    beneath = [base64.urlsafe_b64decode(re.search(r"gAAAA[\w=-]+", row)[0]) for row in rows]
    messages = killed.sandbox.sent_messages()
    hidden = {
        KEY,
        "what only Robert may read",
        *(m["to"] for m in messages),
        *(m["id"] for m in messages),
    }
    for secret in hidden:
        assert not [
            row
            for row in rows
            if secret in row or hashlib.sha256(secret.encode()).hexdigest() in row
        ]
        assert not [sealed for sealed in beneath if secret.encode() in sealed]
