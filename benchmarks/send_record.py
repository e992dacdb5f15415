"""
What it costs to remember a send across the tries of a task: calls of Airflow's API, and milliseconds.

It starts a real Airflow (SQLite, one API server, all on this machine) and a sandbox, and sends from within a
task, with Airflow's task state store and without it, in turns. It fails unless a send costs two calls.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from scripts.airflow_stack import Airflow, Sandbox
from scripts.processes import Processes

DAG_ID = "send_record"
CALLS = 2


def measured(folder: Path) -> dict[str, Any]:
    """Return the medians, in milliseconds, and the calls of one send."""
    processes = Processes(folder)
    sandbox = Sandbox(processes, "--requests-per-second", "100000")
    connection = {"AIRFLOW_CONN_MATON_DEFAULT": sandbox.connection()}
    dags = folder / "dags"
    dags.mkdir()
    shutil.copy(Path(__file__).parent / "dags" / f"{DAG_ID}.py", dags)
    airflow = Airflow(processes, folder / "airflow", dags, connection)
    try:
        sandbox.start()
        airflow.start()
        airflow.trigger(DAG_ID, "one", {})
        processes.wait_until(
            lambda: airflow.run_state(DAG_ID, "one") in ("success", "failed"),
            "the run",
            timeout=120,
        )
        found: dict[str, Any] = airflow.xcom(DAG_ID, "one", "measure")
        return found
    finally:
        processes.stop_all()


def main() -> int:
    """Measure, print, and fail if it is more than was promised."""
    with tempfile.TemporaryDirectory(prefix="send-record-") as folder:
        found = measured(Path(folder))
    price = found["with"] - found["without"]
    print("One send from within a task, median")
    print(f"  without the record {found['without']:6.1f} ms")
    print(f"  with the record    {found['with']:6.1f} ms")
    print(
        f"  price              {price:6.1f} ms, {found['calls']:g} calls of Airflow's API"
    )
    return 0 if found["calls"] == CALLS else 1


if __name__ == "__main__":
    sys.exit(main())
