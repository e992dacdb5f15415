"""One real Airflow and one sandbox for all end-to-end tests."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

import pytest

from scripts.airflow_stack import Airflow, Sandbox
from scripts.processes import Processes

REPOSITORY = Path(__file__).parents[2]
# Long and unlike other texts, so that each hit is a leak.
KEY = "e2e-key-Zq7xW3vK9pTm2RjL5nYc8BdF"
RECIPIENT = "+1 (650) 555-1234"
# Another account: its key and its recipient come from the environment, which no database keeps.
KEY_OF_ENVIRONMENT = "e2e-environment-Hd4sQ8wLx2NfVb6JkTy9"
PERSON = "+1 650 555 4321"
WORDS = "what only Ada may read"
INCOMING = (
    f"wamid.{base64.b64encode(b'..16505554321.an id of a message that came in').decode()}"
)
# Loggers of Airflow that show at DEBUG what tasks are given and return, and the conf of runs.
AIRFLOW_TELLS = ("[supervisor]", "airflow.sdk.definitions.param")


class Stack:
    """The programs that the tests use."""

    def __init__(self, folder):
        self.folder = folder
        self.processes = Processes(folder)
        # Templates stay in review until a test decides.
        self.sandbox = Sandbox(
            self.processes, "--approve-after", "1000000", "--api-key", KEY
        )
        never = ("--delivered-after", "1000000", "--read-after", "1000000")
        self.other = Sandbox(
            self.processes,
            *("--approve-after", "0", "--api-key", KEY_OF_ENVIRONMENT),
            *never,
            name="other-sandbox",
        )
        dags = folder / "dags"
        shutil.copytree(REPOSITORY / "example_dags", dags)
        shutil.copytree(REPOSITORY / "tests" / "e2e" / "dags", dags, dirs_exist_ok=True)
        connections = {
            "AIRFLOW_CONN_MATON_DEFAULT": self.sandbox.connection(api_key=KEY),
            "AIRFLOW_CONN_MATON_WRONG_KEY": self.sandbox.connection(api_key=f"wrong-{KEY}"),
            "AIRFLOW_CONN_MATON_WITHOUT_KEY": self.other.connection(api_key=""),
        }
        given = {
            "MATON_API_KEY": KEY_OF_ENVIRONMENT,
            "AIRFLOW_VAR_PERSON": PERSON,
            "AIRFLOW_VAR_WORDS": WORDS,
            "AIRFLOW_VAR_INCOMING": INCOMING,
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "DEBUG",
        }
        self.airflow = Airflow(
            self.processes, folder / "airflow", dags, {**connections, **given}
        )

    def start(self):
        self.sandbox.start()
        self.other.start()
        self.airflow.start()

    def wait_for_task(self, dag, run, task, state, *, timeout=90):
        def reached():
            found = self.airflow.task_states(dag, run)[task]
            assert found == state or found not in (
                "failed",
                "skipped",
                "upstream_failed",
            ), f"{task} is {found}"
            return found == state

        self.processes.wait_until(reached, f"{task} to be {state}", timeout=timeout)

    def wait_for_run(self, dag, run, *, timeout=120):
        self.processes.wait_until(
            lambda: self.airflow.run_state(dag, run) in ("success", "failed"),
            f"{dag} to end",
            timeout=timeout,
        )
        return self.airflow.run_state(dag, run)

    def set_template_statuses(self, status):
        for template in self.sandbox.templates():
            self.sandbox.set_template_status(template_id=template["id"], status=status)

    def logs(self):
        """Every log, at DEBUG, without the lines of Airflow's that tell the values of any task."""
        texts = {path: path.read_text() for path in self.folder.rglob("*.log")}
        return {
            path: "".join(filter(_is_kept, text.splitlines(keepends=True)))
            for path, text in texts.items()
        }

    def left_behind(self):
        """Everything that Airflow has written: database, logs, and the output of its components."""
        return {
            path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()
        }


def _is_kept(line):
    return not any(logger in line for logger in AIRFLOW_TELLS)


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
