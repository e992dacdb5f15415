"""A real Airflow and a sandbox, on free loopback ports."""

from __future__ import annotations

import base64
import os
import secrets
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from airflow_provider_whatsapp.sandbox.settings import API_KEY, airflow_connection
from scripts.processes import Processes
from scripts.sandbox_client import SandboxClient

COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")


def surroundings() -> dict[str, str]:
    """Return the environment without settings of another Airflow, and without a proxy on the way to this machine."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")
    }
    return {**kept, "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}


def free_port() -> int:
    """Return a free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Sandbox(SandboxClient):
    """The stand-in for the gateway, as a program of its own; a second one needs another name."""

    def __init__(self, processes: Processes, *options: str, name: str = "sandbox") -> None:
        self._processes = processes
        self._options = options
        self._name = name
        port = free_port()
        self._port = str(port)
        super().__init__(f"http://127.0.0.1:{port}")

    def start(self) -> None:
        """Start it and wait until it responds."""
        command = [
            sys.executable,
            "-m",
            "airflow_provider_whatsapp.sandbox",
            "--port",
            self._port,
            *self._options,
        ]
        self._processes.start(self._name, command, surroundings())
        self._processes.wait_until(
            lambda: _answers(f"{self.url}/sandbox/messages"),
            f"the {self._name}",
            timeout=30,
        )

    def connection(self, *, api_key: str = API_KEY) -> str:
        """Return an Airflow connection to it, as the value of an environment variable."""
        return airflow_connection(self.url, api_key)


class Airflow:
    """
    The four components of Airflow 3 on SQLite.

    :param processes: where they are started.
    :param home: its folder, made anew.
    :param dags: folder of DAGs.
    :param environment: more settings, such as connections.
    """

    def __init__(
        self, processes: Processes, home: Path, dags: Path, environment: Mapping[str, str]
    ) -> None:
        self._processes = processes
        self.home = home
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {**surroundings(), **_settings(home, dags, port), **environment}
        self._session = _session()

    def start(self) -> None:
        """Make the database, start everything, and wait until all of it says that it is healthy."""
        self.home.mkdir(parents=True, exist_ok=True)
        self._processes.run("db-migrate", self._command("db", "migrate"), self.environment)
        for component in COMPONENTS:
            self.start_component(component)
        self._processes.wait_until(self._healthy, "Airflow to be healthy", timeout=180)
        token = self._session.get(f"{self.url}/auth/token", timeout=10).json()[
            "access_token"
        ]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def start_component(self, name: str) -> int:
        """Start one of the components and return its process id."""
        return self._processes.start(name, self._command(name), self.environment)

    def get(self, path: str) -> dict[str, Any]:
        """Return the response of the REST API."""
        response = self._session.get(f"{self.url}/api/v2/{path}", timeout=30)
        response.raise_for_status()
        found: dict[str, Any] = response.json()
        return found

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the response of the REST API."""
        response = self._session.post(f"{self.url}/api/v2/{path}", json=body, timeout=30)
        response.raise_for_status()
        found: dict[str, Any] = response.json()
        return found

    def trigger(self, dag_id: str, run_id: str, conf: Mapping[str, Any]) -> None:
        """Start a run as soon as the DAG is known."""
        self._processes.wait_until(
            lambda: self._knows(dag_id), f"the DAG {dag_id}", timeout=60
        )
        body = {"dag_run_id": run_id, "logical_date": None, "conf": dict(conf)}
        url = f"{self.url}/api/v2/dags/{dag_id}/dagRuns"
        self._processes.wait_until(
            lambda: self._triggered(url, body), f"a run of {dag_id}", timeout=60
        )

    def run_state(self, dag_id: str, run_id: str) -> str:
        """Return the state of a run."""
        return str(self.get(f"dags/{dag_id}/dagRuns/{run_id}")["state"])

    def task_states(self, dag_id: str, run_id: str) -> dict[str, str]:
        """Return the state of each task."""
        found = self.get(f"dags/{dag_id}/dagRuns/{run_id}/taskInstances")["task_instances"]
        return {task["task_id"]: task["state"] or "waiting" for task in found}

    def xcom(self, dag_id: str, run_id: str, task_id: str) -> Any:
        """Return what a task returned."""
        path = f"dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/return_value"
        return self.get(f"{path}?deserialize=true")["value"]

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "airflow", *arguments]

    def _healthy(self) -> bool:
        try:
            health = self._session.get(
                f"{self.url}/api/v2/monitor/health", timeout=5
            ).json()
        except requests.RequestException:
            return False
        return all(
            health[name]["status"] == "healthy" for name in ("metadatabase", *_REPORTED)
        )

    def _triggered(self, url: str, body: Mapping[str, Any]) -> bool:
        response = self._session.post(url, json=body, timeout=30)
        # A task that starts at the same moment can lock the API server out of SQLite. If the run was made
        # even so, the next try finds it there.
        if response.status_code not in (409, 500):
            response.raise_for_status()
        return response.status_code != 500

    def _knows(self, dag_id: str) -> bool:
        return self._session.get(f"{self.url}/api/v2/dags/{dag_id}", timeout=10).ok


_REPORTED = ("scheduler", "dag_processor", "triggerer")


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy between here and here
    return session


def _answers(url: str) -> bool:
    try:
        return _session().get(url, timeout=5).ok
    except requests.RequestException:
        return False


def _settings(home: Path, dags: Path, port: int) -> dict[str, str]:
    settings = {
        "CORE__DAGS_FOLDER": str(dags),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "CORE__PARALLELISM": "4",
        "CORE__TEST_CONNECTION": "Enabled",
        "CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "API__HOST": "127.0.0.1",
        "API__PORT": str(port),
        "API__BASE_URL": f"http://127.0.0.1:{port}",
        "API__WORKERS": "1",
        "API__SECRET_KEY": secrets.token_hex(32),
        "API_AUTH__JWT_SECRET": secrets.token_hex(64),
        "DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "DAG_PROCESSOR__REFRESH_INTERVAL": "5",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "5",
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "3",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "15",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "3",
        "TRIGGERER__JOB_HEARTBEAT_SEC": "2",
    }
    return {
        "AIRFLOW_HOME": str(home),
        **{f"AIRFLOW__{name}": value for name, value in settings.items()},
    }
