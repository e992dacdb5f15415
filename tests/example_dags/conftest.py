"""Airflow's database, a sandbox in which nothing happens before it is waited for, and what runs an example there."""

from __future__ import annotations

import functools
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat import sdk
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS

from airflow_provider_whatsapp.sandbox import running_sandbox
from tests.threads import CheckedThread

MAX_RUN = 90  # seconds; the longest takes about 10 on two busy cores
EXAMPLES = Path(__file__).parents[2] / "example_dags"
BUNDLE = {
    "name": "examples",
    "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
    "kwargs": {"path": str(EXAMPLES)},
}


class EndedRun:
    """A run that has ended."""

    def __init__(self, dag_run):
        self._tasks = dag_run.get_task_instances()
        self.state = dag_run.state

    @property
    def tasks(self):
        """States by task; a mapped task has a list of them."""
        found = {}
        for task in sorted(self._tasks, key=lambda task: task.map_index):
            if task.map_index < 0:
                found[task.task_id] = task.state
            else:
                found.setdefault(task.task_id, []).append(task.state)
        return found

    def labels(self, task_id):
        """The labels that Airflow shows for a mapped task."""
        return [task.rendered_map_index for task in self._tasks if task.task_id == task_id]

    def xcom(self, task_id):
        """The value that a task returned."""
        task = next(task for task in self._tasks if task.task_id == task_id)
        return task.xcom_pull(task_ids=task_id)


@pytest.fixture(scope="session")
def database():
    """Airflow's tables, which only these tests need, in the temporary home; a function that reads all of them."""
    # In a process of its own: Airflow 2's migrations give the root logger a handler on the stderr of that moment, which
    # under pytest is closed once the test is over.
    subprocess.run(
        [sys.executable, "-m", "airflow", "db", "migrate"],
        check=True,
        capture_output=True,
        timeout=100,
    )
    # SQLite writes to its log first.
    return lambda: b"".join(
        file.read_bytes() for file in Path(os.environ["AIRFLOW_HOME"]).glob("airflow.db*")
    )


@pytest.fixture(scope="session")
def execution_api(database):
    """One execution API for all tasks; before Airflow 3.2 each task would make its own, which takes seconds."""
    if not AIRFLOW_V_3_0_PLUS:
        yield  # tasks talk to the database themselves
        return
    from airflow.sdk.execution_time import supervisor

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            supervisor,
            "in_process_api_server",
            functools.cache(supervisor.in_process_api_server),
        )
        yield


@pytest.fixture
def sandbox(monkeypatch, connect):
    """A gateway that leaves templates in review, and messages on their way, until the test decides."""
    with running_sandbox(
        approve_after=100_000, delivered_after=100_000, requests_per_second=1000
    ) as running:
        monkeypatch.setenv("AIRFLOW_CONN_MATON_DEFAULT", running.airflow_connection())
        connect(extra={"rate_limit_storage": "off"})
        yield running


@pytest.fixture
def calls(sandbox):
    """Return a function that lists the calls that came in: method, and end of the path."""
    return lambda: [
        (call["method"], call["path"].rpartition("/")[2]) for call in sandbox.requests()
    ]


class Watchers:
    """
    Threads that each do something as soon as a condition holds.

    A run polls until a person acts, and its watchers stand for that person. Their errors end the run, and so does its
    time limit. Airflow catches most errors of a task and its trigger, and goes on; the error is therefore
    raised again and again.
    """

    def __init__(self):
        self._is_over = threading.Event()
        self._is_running = False
        self._threads = []
        self._errors = []

    def start(self, condition, act):
        """Do something once."""
        self._threads.append(CheckedThread(self._watch, condition, act))

    def _watch(self, condition, act):
        try:
            while not self._is_over.wait(0.05):
                if condition():
                    act()
                    return
        except Exception as error:  # noqa: BLE001 - the main thread raises it
            self._errors.append(error)

    def _interrupt(self):
        """Raise an error in the main thread, where the run is."""
        ends_at = time.monotonic() + MAX_RUN
        while not self._is_over.wait(0.5):
            if time.monotonic() > ends_at:
                self._errors.append(
                    TimeoutError(f"the run has not ended after {MAX_RUN} s")
                )
            if self._errors:
                signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)

    def _raise(self, *_):
        if self._is_running:
            raise EndedByWatcher from self._errors[0]

    @contextmanager
    def running(self):
        """End what runs here if a watcher fails."""
        before = signal.signal(signal.SIGUSR1, self._raise)
        self._threads.append(CheckedThread(self._interrupt))
        self._is_running = True
        try:
            yield
        finally:
            self._is_running = False
            self.stop()
            signal.signal(signal.SIGUSR1, before)

    def stop(self):
        """End the threads, and raise their first error."""
        self._is_over.set()
        for thread in self._threads:
            thread.result()
        errors, self._errors = self._errors, []
        if errors:
            raise errors[0]


class EndedByWatcher(BaseException):
    """Ends a run."""


@pytest.fixture
def watchers(sandbox):
    watchers = Watchers()
    yield watchers
    watchers.stop()


@pytest.fixture
def once(watchers):
    """Return a function that does something, in a thread, as soon as a condition holds."""
    return watchers.start


def approve_all(sandbox):
    for template in sandbox.templates():
        sandbox.set_template_status(template_id=template["id"], status="APPROVED")


def deliver_all(sandbox):
    for message in sandbox.sent_messages():
        sandbox.set_message_status(message_id=message["id"], status="DELIVERED")


@pytest.fixture
def run(execution_api, sandbox, watchers, once, calls, monkeypatch):
    """Return a function that runs an example to its end, as if triggered by an API call without a logical date."""
    # The sync makes the first listing, the sensor the second one, and its trigger the next ones.
    once(
        lambda: calls().count(("GET", "message_templates")) > 2,
        lambda: approve_all(sandbox),
    )
    once(
        lambda: calls().count(("GET", "message_history")) > 1, lambda: deliver_all(sandbox)
    )
    monkeypatch.setenv(
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST", json.dumps([BUNDLE])
    )

    if not AIRFLOW_V_3_0_PLUS:
        # The one that takes SQLite there.
        monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "SequentialExecutor")
        # dag.test gives this logger a handler on the stdout of this test, which is closed afterwards.
        task_logger = logging.getLogger("airflow.task")
        monkeypatch.setattr(task_logger, "handlers", [*task_logger.handlers])

    def to_its_end(name, **conf):
        dag = loaded(name)
        for task in dag.tasks:
            if hasattr(task, "poke_interval"):
                task.poke_interval = 0.1
        moment = (
            {"logical_date": None}
            if AIRFLOW_V_3_0_PLUS
            else {"execution_date": datetime.now(UTC)}
        )
        with watchers.running():
            return EndedRun(dag.test(**moment, run_conf=conf))

    return to_its_end


@pytest.fixture
def airflow_sdk(monkeypatch):
    """The names that examples import from Airflow 3, where there is only Airflow 2."""
    if not AIRFLOW_V_3_0_PLUS:
        monkeypatch.setitem(
            sys.modules,
            "airflow.sdk",
            SimpleNamespace(dag=sdk.dag, task=sdk.task, Param=sdk.Param),
        )


def loaded(name):
    """The DAG of an example's file."""
    try:
        from airflow.dag_processing.dagbag import DagBag
    except ImportError:
        from airflow.models.dagbag import DagBag

    bag = DagBag(dag_folder=str(EXAMPLES / f"{name}.py"))
    assert bag.import_errors == {}
    return bag.dags[name]
