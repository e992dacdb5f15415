"""Buckets for all processes of one machine and user, in a small SQLite file that no caller waits for long."""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from airflow_provider_whatsapp.client.forks import fork_safe_lock
from airflow_provider_whatsapp.client.rate_limit.gcra import (
    EMPTY,
    Operation,
    Rate,
    State,
    update,
)

_TIMEOUT = 1.0  # seconds to wait for other processes
_KEEP_MS = 60_000  # after both moments of a bucket have passed
_TIDY_EVERY = 1000  # operations
_TABLE = "CREATE TABLE IF NOT EXISTS bucket (key TEXT PRIMARY KEY, tat INTEGER, paused_until INTEGER) WITHOUT ROWID"
_READ = "SELECT tat, paused_until FROM bucket WHERE key = ?"
_WRITE = (
    "INSERT INTO bucket VALUES (?, ?, ?) "
    "ON CONFLICT DO UPDATE SET tat = excluded.tat, paused_until = excluded.paused_until"
)
_TIDY = "DELETE FROM bucket WHERE max(tat, paused_until) < ?"

_in_sqlite = fork_safe_lock()


class SqliteStore:
    """Keeps buckets in a file that belongs to this user alone; one connection serves all threads of the process."""

    def __init__(
        self, folder: Path | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        """Open nothing yet. ``folder`` is one in the temp folder unless given; ``clock`` returns seconds."""
        folder = folder or _temp_folder() / f"airflow-provider-whatsapp-{os.geteuid()}"
        self.remedy = f"Check that {folder} is a folder of this user's with mode 0700, on a disk that has room"
        self._path = folder / "rate-limit.sqlite3"
        # Processes must agree on the time, so this is the machine's clock and not a monotonic one.
        self._clock = clock
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._operations = 0

    def update(self, operation: Operation, key: str, rate: Rate, amount_ms: int = 0) -> int:
        """Carry out ``operation`` on the bucket at ``key``, and return the wait in milliseconds."""
        now_ms = int(self._clock() * 1000)
        with _in_sqlite:
            try:
                connection = self._connect()
                connection.execute("BEGIN IMMEDIATE")
                with connection:  # commits, or rolls back
                    before = State(*(connection.execute(_READ, (key,)).fetchone() or EMPTY))
                    after, wait_ms = update(operation, rate, before, now_ms, amount_ms)
                    if after != before:
                        connection.execute(_WRITE, (key, *after))
                    if self._operations % _TIDY_EVERY == 0:
                        connection.execute(_TIDY, ((now_ms - _KEEP_MS) * 1000,))
                    self._operations += 1
            except sqlite3.DatabaseError as error:
                self._close()
                if not isinstance(error, sqlite3.OperationalError):
                    # The file is broken, perhaps by a power cut, and nothing in it is worth a repair.
                    for file in self._path.parent.glob(f"{self._path.name}*"):
                        file.unlink(missing_ok=True)
                raise
        return wait_ms

    def _connect(self) -> sqlite3.Connection:
        # A program that tidies the temp folder may remove the file, and then other processes make a new one.
        if self._connection is not None and self._inode != _inode(self._path):
            self._close()
        if self._connection is None:
            self._connection = _open(self._path)
            self._inode = _inode(self._path)
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _open(path: Path) -> sqlite3.Connection:
    folder = path.parent
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    # Every user may create files in the temp folder, and a link there could lead to another user's file.
    found = folder.lstat()
    is_open_to_others = found.st_mode & 0o077
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or is_open_to_others:
        raise PermissionError(f"{folder} is not a folder of this user's alone")
    # Threads take turns by ``_in_sqlite``, so SQLite need not check which one it is. Transactions are begun by hand.
    connection = sqlite3.connect(
        path, timeout=_TIMEOUT, isolation_level=None, check_same_thread=False
    )
    try:
        # The buckets need not outlive a power cut.
        connection.execute("PRAGMA synchronous = OFF")
        # A write-ahead log is faster, but SQLite can reject a process that comes while another one opens or closes it.
        connection.execute("PRAGMA journal_mode = TRUNCATE")
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            connection.execute(_TABLE)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _temp_folder() -> Path:
    with suppress(FileNotFoundError):  # no temp folder can be written to
        return Path(tempfile.gettempdir())
    return Path("/tmp")  # noqa: S108 - opening the file there then fails, and the process uses a limit of its own


def _inode(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.stat().st_ino
    return 0
