"""A task that measures what it costs to remember a send: with Airflow's task state store, and without."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import pendulum
from airflow.sdk import DAG, get_current_context, task

from airflow_provider_whatsapp.operators.messages import SendTextOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

ROUNDS = 60


class CountedStore:
    """Airflow's store, and how often it was called."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.calls = 0

    def get(self, key: str, default: Any = None) -> Any:
        """Pass it on."""
        self.calls += 1
        return self._store.get(key, default)

    def set(self, key: str, value: Any) -> None:
        """Pass it on."""
        self.calls += 1
        self._store.set(key, value)


def seconds_of(context: Mapping[str, Any], number: int) -> float:
    """Return the seconds that one send takes."""
    operator = SendTextOperator(
        task_id="send", to=f"+1 650 555 {number:04}", body="The load of etl has failed."
    )
    begun = time.perf_counter()
    operator.execute(cast("Context", {**context, "task": operator}))
    return time.perf_counter() - begun


with DAG("send_record", start_date=pendulum.datetime(2026, 1, 1, tz="UTC"), schedule=None):

    @task
    def measure() -> dict[str, float]:
        """Send with the record and without it, in turns."""
        context = get_current_context()
        store = CountedStore(context["task_state_store"])
        kept = {**context, "task_state_store": store}
        forgotten = {
            name: value for name, value in context.items() if name != "task_state_store"
        }
        seconds: dict[str, list[float]] = {"with": [], "without": []}
        for number in range(ROUNDS):
            seconds["with"].append(seconds_of(kept, 2 * number))
            seconds["without"].append(seconds_of(forgotten, 2 * number + 1))
        medians = {name: statistics.median(found) * 1000 for name, found in seconds.items()}
        return {**medians, "calls": store.calls / ROUNDS}

    measure()
