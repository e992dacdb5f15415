"""
CPU that importing an operator or sensor module costs beyond ``airflow.sdk``, beside Slack's operators.

An Airflow DAG processor pays it again and again. ``make bench`` runs this: each module is imported in
new processes in turn, and the median is printed.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

ROUNDS = 7
MODULES = (
    "airflow_provider_whatsapp.operators.messages",
    "airflow_provider_whatsapp.operators.media",
    "airflow_provider_whatsapp.operators.templates",
    "airflow_provider_whatsapp.sensors.templates",
    "airflow.providers.slack.operators.slack",
)
PROBE = """
import importlib, sys, time
from airflow.sdk import DAG, BaseOperator, BaseSensorOperator
begun = time.process_time()
importlib.import_module(sys.argv[1])
print(time.process_time() - begun)
"""


def milliseconds(module: str) -> float:
    """Return the CPU time of one import in a new process."""
    command = [sys.executable, "-c", PROBE, module]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.splitlines()[-1]) * 1000


def main() -> None:
    """Measure all modules in turn, so that a slow moment of the machine hits all of them."""
    rounds = [{module: milliseconds(module) for module in MODULES} for _ in range(ROUNDS)]
    print(f"CPU to import, beyond airflow.sdk; median (least to most) of {ROUNDS}, in ms")
    for module in MODULES:
        figures = [figure[module] for figure in rounds]
        print(
            f"{statistics.median(figures):7.1f}  ({min(figures):.1f} to {max(figures):.1f})  {module}"
        )


if __name__ == "__main__":
    main()
