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
    The process of one try, which may be ended at one of the steps that it takes.

    Nothing that runs after a kill, such as a handler of ours, can leave a trace: there is no process any more. An error
    of another program, such as the one that a signal raises, leaves the process alive.

    :param steps: that it lives to take; all of them if absent.
    :param stranger: what is raised instead of a kill.
    """

    def __init__(
        self, steps: int | None = None, stranger: type[BaseException] | None = None
    ) -> None:
        self.steps = steps
        self.stranger = stranger
        self.taken: list[str] = []
        self.struck = ""  # the step at which it was ended
        self.kept = ""  # the state of the send that the store has of it

    @property
    def is_dead(self) -> bool:
        """Whether it was killed."""
        return bool(self.struck) and self.stranger is None

    @property
    def kind(self) -> str:
        """What ends it: a kill, a signal, which no ``except Exception`` catches, or an error."""
        if self.stranger is None:
            return "kill"
        return "error" if issubclass(self.stranger, Exception) else "signal"

    def step(self, name: str) -> None:
        """Take a step, or be ended before it."""
        if self.is_dead:
            raise KilledError(name)
        if self.steps is not None and len(self.taken) >= self.steps and not self.struck:
            self.struck = name
            raise (self.stranger or KilledError)(name)
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
        self._worker.kept = value["state"]
        self._worker.step("has set")

    def delete(self, key: str) -> None:
        """Forget a value."""
        self._worker.step("delete")
        self._kept.pop(key, None)


@dataclass
class Ended:
    """
    How a task ended: with a result, or with an error, after which Airflow may have left tries unused.

    :ivar before: workers of the tries that Airflow tried again after.
    :ivar last: worker of the last try.
    """

    tries: int
    result: dict[str, Any] | None = None
    error: str = ""
    at_once: bool = False
    before: list[Worker] = field(default_factory=list)
    last: Worker = field(default_factory=Worker)


def run(
    operators: list[SendOperator],
    *,
    ends: dict[int, tuple[int, type[BaseException] | None]],
) -> Ended:
    """
    Run a task until it has succeeded, failed without retries, or used up its tries.

    :param operators: the task in each of its tries.
    :param ends: after how many steps the worker of which try ends, and by what, see :class:`Worker`.
    """
    kept: dict[str, str] = {}
    ended = Ended(tries=0)
    for number, operator in enumerate(operators, start=1):
        here.worker = ended.last = worker = Worker(*ends.get(number, ()))
        ended.tries = number
        ti = SimpleNamespace(
            try_number=number,
            max_tries=len(operators) - 1,
            map_index=-1,
            xcom_push=lambda **_: None,
        )
        try:
            ended.result = operator.execute(
                {"ti": ti, "task_state_store": Store(kept, worker)}
            )
            worker.step("tell Airflow")
            ended.error = ""
            return ended
        except BaseException as error:  # noqa: BLE001 - Airflow tries again after any error
            ended.error = type(error.__cause__ or error).__name__
            # Airflow does not see what a killed process raises.
            ended.at_once = isinstance(error, AirflowFailException) and not worker.is_dead
        if ended.at_once:
            return ended
        ended.result = None
        ended.before.append(worker)
    return ended
