"""Threads and programs of tests: an error in them reaches the test, and no wait is endless."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

# Seconds for something that takes a moment, even when other programs keep the machine busy.
LIMIT = 30


class CheckedThread(threading.Thread):
    """
    A thread that has started; ``result`` returns what it returned, or raises its error.

    It is a daemon: a thread that hangs fails its test, and does not keep the process alive.
    """

    def __init__(self, work: Callable[..., Any], *args: Any) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._work_args = args
        self._returned: Any = None
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        """Do the work, and keep its result or its error."""
        try:
            self._returned = self._work(*self._work_args)
        except BaseException as error:  # noqa: BLE001 - `result` raises it
            self._error = error

    def result(self) -> Any:
        """Wait for the end of the thread."""
        self.join(LIMIT)
        assert not self.is_alive(), f"a thread still runs after {LIMIT} s"
        if self._error:
            raise self._error
        return self._returned


def run_together(work: Callable[[], Any], threads: int) -> list[Any]:
    """Run the same work in threads that begin at the same moment, and return their results."""
    barrier = threading.Barrier(threads)

    def begin() -> Any:
        barrier.wait(LIMIT)
        return work()

    started = [CheckedThread(begin) for _ in range(threads)]
    return [thread.result() for thread in started]


@contextmanager
def running_program(
    command: Sequence[str], **options: Any
) -> Iterator[subprocess.Popen[str]]:
    """Start a program that must end by itself; it is killed if it has not ended after a while, or if the test fails."""
    with subprocess.Popen(command, text=True, **options) as program:
        # A killed program also ends a read of its output.
        guard = threading.Timer(2 * LIMIT, program.kill)
        guard.start()
        try:
            yield program
            program.wait(LIMIT)
        finally:
            program.kill()
            guard.cancel()
