"""Start programs, and end every one of them, also after an error or Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

import psutil

GRACE = 20.0  # seconds that a program has to end by itself before it is killed


class InterruptedByUserError(Exception):
    """Ctrl-C, or a request to end."""


class Processes:
    """
    The programs of one run, each in a session of its own with its output in a file.

    A signal only sets a flag, which every wait reads: no moment exists in which a program has
    been started and is not known here.

    :param folder: for the output and for the list of what runs, from which :func:`stop_recorded` works.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._interrupted = False

    def watch_signals(self) -> None:
        """Take note of Ctrl-C and of requests to end."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._interrupt)

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str]
    ) -> int:
        """Start a program and return its process id; its output goes to ``<name>.log``."""
        self.check()
        with (self._folder / f"{name}.log").open("ab") as output:
            process = subprocess.Popen(
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running[name] = process
        self._record()
        return process.pid

    def run(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        timeout: float = 180,
    ) -> None:
        """Start a program and wait until it has ended well."""
        self.start(name, command, environment)
        self.wait_until(
            lambda: self._running[name].poll() is not None,
            f"{name} to end",
            timeout=timeout,
        )
        status = self._running.pop(name).returncode
        self._record()
        if status != 0:
            raise RuntimeError(
                f"{name} ended with status {status}; see {self._folder / name}.log"
            )

    def wait_until(
        self, condition: Callable[[], bool], what: str, *, timeout: float
    ) -> None:
        """Wait for ``condition``; fail when it takes too long, a program ends, or the user interrupts."""
        deadline = time.monotonic() + timeout
        while not condition():
            self.check()
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"waited {timeout:.0f} s in vain for {what}; see the logs in {self._folder}"
                )
            time.sleep(0.2)

    def check(self) -> None:
        """Fail if the user has interrupted, or a program that should run has ended."""
        if self._interrupted:
            raise InterruptedByUserError
        for name, process in self._running.items():
            if process.poll() not in (None, 0):
                raise RuntimeError(
                    f"{name} ended with status {process.returncode}; see {self._folder / name}.log"
                )

    def stop(self, name: str, *, how: signal.Signals = signal.SIGTERM) -> None:
        """End one program and all that it started."""
        process = self._running.pop(name)
        _end([process.pid], how)
        self._record()

    def stop_all(self) -> None:
        """End everything that was started here."""
        pids = [process.pid for process in self._running.values()]
        self._running.clear()
        _end(pids, signal.SIGTERM)
        (self._folder / "processes.json").unlink(missing_ok=True)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._interrupted = True

    def _record(self) -> None:
        # With the time of its start, so that a process id that was given away again is not ended.
        alive = {
            name: process.pid
            for name, process in self._running.items()
            if process.poll() is None
        }
        entries = [
            [name, pid, psutil.Process(pid).create_time()] for name, pid in alive.items()
        ]
        (self._folder / "processes.json").write_text(json.dumps(entries))


def recorded(folder: Path) -> list[int]:
    """Return the process ids of a run that was left running in ``folder``."""
    try:
        entries = json.loads((folder / "processes.json").read_text())
    except FileNotFoundError:
        return []
    # The clock that the start is told by may have been set since.
    return [pid for _, pid, started in entries if abs(_started(pid) - started) < 10]


def stop_recorded(folder: Path) -> int:
    """End a run that was left running and return the number of programs that it had."""
    pids = recorded(folder)
    _end(pids, signal.SIGTERM)
    (folder / "processes.json").unlink(missing_ok=True)
    return len(pids)


def _started(pid: int) -> float:
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return float("inf")


def _end(pids: Sequence[int], how: signal.Signals) -> None:
    """End programs with all their descendants: by their group first, and then those that still run."""
    family = [member for pid in pids for member in _family(pid)]
    for pid in pids:
        try:
            os.killpg(pid, how)
        except ProcessLookupError:
            continue
    _, left = psutil.wait_procs(family, timeout=GRACE)
    for process in {*left, *(child for member in left for child in _family(member.pid))}:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(left, timeout=GRACE)


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
