"""Tasks that get a SIGTERM while they await the response to a send, in a real Airflow."""

import signal
from collections import Counter

import psutil
import pytest

DAG = "terminated"


class Terminations:
    """Runs of one send each, whose processes are sent signals while the sandbox keeps them waiting."""

    def __init__(self, stack):
        self._stack = stack
        self._before = self._requests()

    def run(self, name, *signals, supervisor=False):
        """Start a run, and send signals as soon as its request has arrived."""
        begun = self.requests()
        # So long that the signals come in time, and shorter than the patience of the client.
        self._stack.other.fault(path="/messages$", behaviour="hang", seconds=4)
        self._stack.airflow.trigger(DAG, name, {})
        self._stack.processes.wait_until(
            lambda: self.requests() > begun, "the request to arrive", timeout=60
        )
        (task,) = self._tasks(name)
        process = self._process(
            f"airflow worker -- {'LocalExecutor: ' * supervisor}{task['id']}"
        )
        for number in signals:
            process.send_signal(number)

    def end(self, name):
        """Wait for the end of a run, and return the state of its task and the number of its tries."""
        self._stack.wait_for_run(DAG, name)
        (task,) = self._tasks(name)
        return task["state"], task["try_number"]

    def requests(self):
        """Return how many sends have arrived since the first run, with or without a response."""
        return self._requests() - self._before

    def accepted(self):
        """Return how many messages of each run were accepted."""
        return Counter(
            message["body"].get("biz_opaque_callback_data")
            for message in self._stack.other.sent_messages()
        )

    def _requests(self):
        calls = self._stack.other.requests()
        return sum(
            call["method"] == "POST" and call["path"].endswith("/messages")
            for call in calls
        )

    def _tasks(self, name):
        return self._stack.airflow.get(f"dags/{DAG}/dagRuns/{name}/taskInstances")[
            "task_instances"
        ]

    def _process(self, title):
        running = [
            child
            for child in psutil.Process().children(recursive=True)
            if child.status() != psutil.STATUS_ZOMBIE
        ]
        (found,) = [
            process for process in running if " ".join(process.cmdline()).strip() == title
        ]
        return found


@pytest.fixture(scope="module")
def terminations(stack):
    terminations = Terminations(stack)
    terminations.run("task", signal.SIGTERM)
    terminations.run("supervisor", signal.SIGTERM, supervisor=True)
    terminations.run("task-and-kill", signal.SIGTERM, signal.SIGKILL)
    return terminations


@pytest.mark.parametrize(
    ("run", "end", "accepted"),
    [
        pytest.param("task", ("success", 1), 1, id="task"),
        pytest.param("supervisor", ("success", 1), 1, id="supervisor"),
        pytest.param("task-and-kill", ("failed", 2), 0, id="task, then SIGKILL"),
    ],
)
def test_what_a_terminated_send_comes_to(terminations, run, end, accepted):
    """A SIGTERM lets the send end well; with a SIGKILL after it, its outcome is unknown, and the task fails."""
    assert terminations.end(run) == end
    assert terminations.accepted()[run] == accepted


def test_no_retry_sends_again(terminations):
    """After all of them, each run has made one request."""
    ends = [terminations.end(run) for run in ("task", "supervisor", "task-and-kill")]
    assert sum(tries for _, tries in ends) == 4
    assert terminations.requests() == 3
