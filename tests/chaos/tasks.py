"""Tasks as Airflow runs them: tries, a store that outlives them, and workers that are killed."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_whatsapp.operators.base import SendOperator

here = threading.local()  # what the thread lives through: ``here.worker``


class KilledError(BaseException):
    """The end of a process."""


class Worker:
    """
    The process of one try, which may be killed at one of the steps that it takes.

    Nothing that runs after that, such as a handler of ours, can leave a trace: there is no process any more.

    :param steps: that it lives to take; all of them if absent.
    """

    def __init__(self, steps: int | None = None) -> None:
        self.steps = steps
        self.taken: list[str] = []

    def step(self, name: str) -> None:
        """Take a step, or die before it."""
        if self.steps is not None and len(self.taken) >= self.steps:
            raise KilledError(name)
        self.taken.append(name)


class Store:
    """Airflow's ``task_state_store`` of one task, as the worker of one of its tries sees it."""

    def __init__(self, kept: dict[str, str], worker: Worker) -> None:
        self._kept = kept
        self._worker = worker

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value."""
        self._worker.step("get")
        return json.loads(self._kept[key]) if key in self._kept else default

    def set(self, key: str, value: Any, *, retention: Any = None) -> None:
        """Keep a value."""
        self._worker.step("set")
        self._kept[key] = json.dumps(value)
        self._worker.step("has set")

    def delete(self, key: str) -> None:
        """Forget a value."""
        self._worker.step("delete")
        self._kept.pop(key, None)


@dataclass
class Ended:
    """How a task ended: with a result, or with an error, after which Airflow may have left tries unused."""

    tries: int
    result: dict[str, Any] | None = None
    error: str = ""
    at_once: bool = False
    killed: list[Worker] = field(default_factory=list)


def run(operators: list[SendOperator], *, kills: dict[int, int] | None = None) -> Ended:
    """
    Run a task until it has succeeded, failed for good, or used up its tries.

    :param operators: the task in each of its tries.
    :param kills: after how many steps the worker of which try is killed.
    """
    kept: dict[str, str] = {}
    ended = Ended(tries=0)
    for number, operator in enumerate(operators, start=1):
        here.worker = worker = Worker((kills or {}).get(number))
        ended.tries = number
        ti = SimpleNamespace(try_number=number, max_tries=len(operators) - 1, map_index=-1, xcom_push=lambda **_: None)
        try:
            ended.result = operator.execute({"ti": ti, "task_state_store": Store(kept, worker)})
            worker.step("tell Airflow")
            ended.error = ""
            return ended
        except KilledError:
            ended.result = None
            ended.killed.append(worker)
        except AirflowFailException as error:
            ended.error, ended.at_once = type(error.__cause__).__name__, True
            return ended
        except Exception as error:  # noqa: BLE001 - whatever it is, Airflow tries again
            ended.error = type(error).__name__
    return ended
