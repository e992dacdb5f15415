"""One real Airflow and one sandbox for all end-to-end tests."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import requests

from demo.processes import Processes
from demo.stack import Airflow, Sandbox

REPOSITORY = Path(__file__).parents[2]
# Long and unlike anything else, so that finding it anywhere means that it leaked.
KEY = "e2e-key-Zq7xW3vK9pTm2RjL5nYc8BdF"
RECIPIENT = "+1 (650) 555-1234"


class Stack:
    """What the tests work with."""

    def __init__(self, folder):
        self.folder = folder
        self.processes = Processes(folder)
        # Templates stay in review until a test decides.
        self.sandbox = Sandbox(self.processes, "--approve-after", "1000000", "--api-key", KEY)
        dags = folder / "dags"
        shutil.copytree(REPOSITORY / "example_dags", dags)
        shutil.copytree(REPOSITORY / "tests" / "e2e" / "dags", dags, dirs_exist_ok=True)
        connections = {
            "AIRFLOW_CONN_MATON_DEFAULT": self.sandbox.connection(api_key=KEY),
            "AIRFLOW_CONN_MATON_WRONG_KEY": self.sandbox.connection(api_key=f"wrong-{KEY}"),
        }
        self.airflow = Airflow(self.processes, folder / "airflow", dags, connections)

    def start(self):
        self.sandbox.start()
        self.airflow.start()

    def wait_for_task(self, dag, run, task, state, *, timeout=90):
        def reached():
            found = self.airflow.task_states(dag, run)[task]
            assert found == state or found not in ("failed", "skipped", "upstream_failed"), f"{task} is {found}"
            return found == state

        self.processes.wait_until(reached, f"{task} to be {state}", timeout=timeout)

    def wait_for_run(self, dag, run, *, timeout=120):
        self.processes.wait_until(
            lambda: self.airflow.run_state(dag, run) in ("success", "failed"), f"{dag} to end", timeout=timeout
        )
        return self.airflow.run_state(dag, run)

    def decide_all(self, status):
        for template in requests.get(f"{self.sandbox.url}/sandbox/templates", timeout=5).json():
            url = f"{self.sandbox.url}/sandbox/templates/{template['id']}/decision"
            requests.post(url, json={"status": status}, timeout=5).raise_for_status()

    def left_behind(self):
        """Everything that Airflow has written: database, logs, and the output of its components."""
        return {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def stack():
    folder = REPOSITORY / ".e2e"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    stack = Stack(folder)
    try:
        stack.start()
        yield stack
    finally:
        stack.processes.stop_all()


@pytest.fixture(scope="session")
def connection(stack):
    """The fields of the sandbox's Airflow connection."""
    return json.loads(stack.sandbox.connection(api_key=KEY))
