"""Run the quickstart DAG on a real Airflow, show what was sent, and end everything that was started."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from airflow_provider_whatsapp.models.ids import shorten_message_id, shorten_phone_number
from scripts.airflow_stack import Airflow, Sandbox
from scripts.processes import InterruptedByUserError, Processes, recorded, stop_recorded

REPOSITORY = Path(__file__).resolve().parent.parent
DAG = "example_whatsapp_quickstart"
RUN = "demo"
REAL = (
    "MATON_API_KEY",
    "WHATSAPP_PHONE_NUMBER_ID",
    "WHATSAPP_BUSINESS_ACCOUNT_ID",
    "WHATSAPP_RECIPIENT",
)
# The real review takes minutes to a day; the sandbox decides after three seconds.
PATIENCE = {"sandbox": 150.0, "real": 3600.0}


def main() -> int:
    """Return 0 if the message arrived; with the real gateway, if it was accepted."""
    arguments = _arguments()
    folder: Path = arguments.folder
    if arguments.stop:
        print(f"Ended {stop_recorded(folder)} programs.")
        return 0
    if recorded(folder):
        print("A demo is still running: `make stop` ends it.", file=sys.stderr)
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return _demonstrate(Processes(folder), folder, keep=arguments.keep)


def _demonstrate(processes: Processes, folder: Path, *, keep: bool) -> int:
    processes.watch_signals()
    kept = False
    try:
        airflow, sandbox = _start(processes, folder)
        arrived = _run(processes, airflow, sandbox)
        kept = keep and arrived
        if kept:
            _say_what_runs(airflow, sandbox, folder)
        return 0 if arrived else 1
    except InterruptedByUserError:
        print("\nInterrupted.", file=sys.stderr)
        return 130
    except (RuntimeError, TimeoutError) as error:
        print(f"The demo failed: {error}", file=sys.stderr)
        return 1
    finally:
        if not kept:
            processes.stop_all()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument(
        "--keep", action="store_true", help="leave Airflow and the sandbox running"
    )
    parser.add_argument(
        "--stop", action="store_true", help="end what --keep has left running"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=REPOSITORY / ".demo",
        help="for logs and the database",
    )
    return parser.parse_args()


def _start(processes: Processes, folder: Path) -> tuple[Airflow, Sandbox | None]:
    missing = [name for name in REAL if not os.environ.get(name)]
    if not missing:
        print(
            "Talking to the real gateway: a real message will be sent. Unless its template exists already, put the"
        )
        print(
            "handle of a sample document of yours into example_dags/whatsapp_templates/invoice_ready.yaml first."
        )
        sandbox, connection = None, _real_connection()
    else:
        if len(missing) < len(REAL):
            print(f"Using the sandbox; for the real gateway set also {', '.join(missing)}.")
        sandbox = Sandbox(processes)
        sandbox.start()
        connection = sandbox.connection()
    print(
        "Starting Airflow (API server, scheduler, DAG processor, triggerer) ...", flush=True
    )
    environment = {"AIRFLOW_CONN_MATON_DEFAULT": connection}
    airflow = Airflow(
        processes, folder / "airflow", REPOSITORY / "example_dags", environment
    )
    airflow.start()
    return airflow, sandbox


def _real_connection() -> str:
    extra = {
        "phone_number_id": os.environ["WHATSAPP_PHONE_NUMBER_ID"],
        "business_account_id": os.environ["WHATSAPP_BUSINESS_ACCOUNT_ID"],
    }
    return json.dumps(
        {"conn_type": "maton", "password": os.environ["MATON_API_KEY"], "extra": extra}
    )


def _run(processes: Processes, airflow: Airflow, sandbox: Sandbox | None) -> bool:
    """Run the DAG, print the tasks as they change, and return whether the message arrived."""
    print(f"Running {DAG} ...", flush=True)
    conf = {} if sandbox else {"recipient": os.environ["WHATSAPP_RECIPIENT"]}
    airflow.trigger(DAG, RUN, conf)
    shown: dict[str, str] = {}
    started = time.monotonic()

    def ended() -> bool:
        for task, state in airflow.task_states(DAG, RUN).items():
            if shown.get(task) != state and state != "waiting":
                print(
                    f"  {time.monotonic() - started:5.1f} s  {task:<18} {state}", flush=True
                )
            shown[task] = state
        return airflow.run_state(DAG, RUN) in ("success", "failed")

    processes.wait_until(
        ended, f"{DAG} to end", timeout=PATIENCE["sandbox" if sandbox else "real"]
    )
    if airflow.run_state(DAG, RUN) != "success":
        _say_why(airflow, [task for task, state in shown.items() if state == "failed"])
        return False
    return _arrived(airflow, sandbox)


def _say_why(airflow: Airflow, failed: list[str]) -> None:
    for log in sorted(
        path
        for task in failed
        for path in airflow.home.glob(f"logs/**/task_id={task}/*.log")
    ):
        entries = [json.loads(line) for line in log.read_text().splitlines()]
        for error in (
            entry["error_detail"][0] for entry in entries if entry.get("error_detail")
        ):
            print(f"{log}:\n  {error['exc_type']}: {error['exc_value']}", file=sys.stderr)
    print(f"The run failed; all logs are in {airflow.home / 'logs'}", file=sys.stderr)


def _arrived(airflow: Airflow, sandbox: Sandbox | None) -> bool:
    sent: dict[str, Any] = airflow.xcom(DAG, RUN, "send_invoice")
    # The whole id spells the recipient's number in Base64.
    name = shorten_message_id(sent["message_id"])
    print(f"\nAccepted as message {name} ({sent['message_status']})")
    if sandbox is None:
        print("Accepted is all that the API tells; the recipient's phone shows the rest.")
        return True
    arrived = [
        message
        for message in sandbox.sent_messages()
        if message["id"] == sent["message_id"]
    ]
    for message in arrived:
        body = {**message["body"], "to": shorten_phone_number(message["to"])}
        print(f"What WhatsApp got:\n{json.dumps(body, indent=2, ensure_ascii=False)}")
    return len(arrived) == 1


def _say_what_runs(airflow: Airflow, sandbox: Sandbox | None, folder: Path) -> None:
    print(f"\nLeft running:\n  Airflow   {airflow.url}")
    if sandbox:
        print(f"  sandbox   {sandbox.url}/sandbox/messages")
    print(f"  logs      {folder}\nEnd it with: make stop")


if __name__ == "__main__":
    sys.exit(main())
