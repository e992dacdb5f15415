"""Lines of callers for all processes of one machine and user: a small SQLite file, never waited on for long."""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pyrate_limiter import Decision, Rate

from airflow_provider_whatsapp.client.forks import fork_safe_lock
from airflow_provider_whatsapp.client.rate_limit.gcra import Operation, State

_TIMEOUT = 1.0  # seconds to wait for other processes
_KEPT = 60_000_000  # microseconds beyond the moment until which somebody can be waiting
_TIDY_EVERY = 1000  # steps
_TABLE = "CREATE TABLE IF NOT EXISTS line (key TEXT PRIMARY KEY, tat INTEGER, paused INTEGER) WITHOUT ROWID"
_READ = "SELECT tat, paused FROM line WHERE key = ?"
_WRITE = "INSERT INTO line VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET tat = excluded.tat, paused = excluded.paused"
_TIDY = "DELETE FROM line WHERE max(tat, paused) < ?"

_in_sqlite = fork_safe_lock()

Change = Callable[[State | None], tuple[State, Decision]]


class SqliteStore:
    """Keeps lines in a file that belongs to this user alone."""

    def __init__(self, folder: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        """Open nothing yet; the folder is one of the temp folder unless given."""
        folder = folder or _temp_folder() / f"airflow-provider-whatsapp-{os.geteuid()}"
        self.remedy = f"Check that {folder} is a folder of this user's with mode 0700, on a disk that has room"
        self._file = _LineFile(folder / "rate-limit.sqlite3")
        self._clock = clock

    def check(self, operation: Operation, key: str, rate: Rate, amount: int = 1) -> int:
        """Take ``step``."""
        now = int(self._clock() * 1000)

        def change(before: State | None) -> tuple[State, Decision]:
            return operation.step([rate], before or operation.initial([rate]), now, amount)

        return self._file.change(key, now * 1000 - _KEPT, change).retry_after_ms or 0


class _LineFile:
    """The file, for all threads of one process; opened when it is needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._changes = 0

    def change(self, key: str, too_old: int, change: Change) -> Decision:
        """Replace the line at ``key`` by what ``change`` makes of it, alone among all processes."""
        with _in_sqlite:
            try:
                return self._changed(self._opened(), key, too_old, change)
            except sqlite3.DatabaseError as error:
                self._close()
                if not isinstance(error, sqlite3.OperationalError):
                    # Broken, perhaps by a power cut; nothing in it is worth mending.
                    self._remove()
                raise

    def _changed(self, connection: sqlite3.Connection, key: str, too_old: int, change: Change) -> Decision:
        connection.execute("BEGIN IMMEDIATE")
        with connection:  # commits, or rolls back
            before: State | None = connection.execute(_READ, (key,)).fetchone()
            after, decision = change(before)
            if after != before:
                connection.execute(_WRITE, (key, *after))
            if self._changes % _TIDY_EVERY == 0:
                connection.execute(_TIDY, (too_old,))
            self._changes += 1
        return decision

    def _opened(self) -> sqlite3.Connection:
        # Whoever tidies the temp folder up may take the file away, and other processes make a new one.
        if self._connection is not None and self._inode != _inode(self._path):
            self._close()
        if self._connection is None:
            _check_folder(self._path.parent)
            self._connection = _connected(self._path)
            self._inode = _inode(self._path)
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _remove(self) -> None:
        for file in self._path.parent.glob(f"{self._path.name}*"):
            file.unlink(missing_ok=True)


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_TIMEOUT, isolation_level=None, check_same_thread=False)
    try:
        # Nothing in it has to outlive a power cut.
        connection.execute("PRAGMA synchronous = OFF")
        # A write-ahead log is faster, but who comes while another process opens or closes it can be turned away.
        connection.execute("PRAGMA journal_mode = TRUNCATE")
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            connection.execute(_TABLE)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _temp_folder() -> Path:
    with suppress(FileNotFoundError):  # there is none that can be written to
        return Path(tempfile.gettempdir())
    return Path("/tmp")  # noqa: S108 - where opening it then fails, and the process goes on by itself


def _inode(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.stat().st_ino
    return 0


def _check_folder(folder: Path) -> None:
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    # Anybody may make things in the temp folder; what we followed there could be somebody else's.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} is not a folder of this user's alone")
