"""Where the lines of callers are kept: in this process, on this machine, or in Redis."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Protocol, cast

from pyrate_limiter import InMemoryStateStore, Rate, StateStore

from airflow_provider_whatsapp.client.rate_limit.gcra import Operation, Peek, State, wait_in
from airflow_provider_whatsapp.client.rate_limit.redis import RedisStore
from airflow_provider_whatsapp.client.rate_limit.sqlite import SqliteStore
from airflow_provider_whatsapp.exceptions import without_locals

OUTAGE = 60.0  # seconds before a storage that failed is tried again
_FEW = 1000  # lines that are kept without asking whether anybody still needs them

log = logging.getLogger(__name__)


class Store(Protocol):
    """Keeps lines by their keys."""

    def check(self, operation: Operation, key: str, rate: Rate, amount: int = 1) -> int:
        """Take ``step`` in one piece, whoever else does, and return the wait in milliseconds."""


class SharedStore(Store, Protocol):
    """Keeps lines outside this process, and can fail."""

    remedy: str


class MemoryStore:
    """Keeps lines for the threads of this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with none."""
        self._clock = clock
        self._buckets: dict[str, StateStore] = {}
        self._lock = threading.Lock()
        self._most = _FEW

    def check(self, operation: Operation, key: str, rate: Rate, amount: int = 1) -> int:
        """Take ``step``."""
        now = int(self._clock() * 1000)
        bucket = self._buckets.get(key) or self._new_bucket(key, now)
        return wait_in(bucket, operation, rate, now, amount)

    def _new_bucket(self, key: str, now: int) -> StateStore:
        with self._lock:
            if len(self._buckets) >= self._most:
                # A line whose moments have passed is as good as a new one. Twice as many as are left may come
                # before the next look, so that a look at all of them stays rare.
                used = {key: bucket for key, bucket in self._buckets.items() if _end(bucket) > now * 1000}
                self._buckets, self._most = used, max(2 * len(used), _FEW)
            return self._buckets.setdefault(key, InMemoryStateStore())


class StoreWithFallback:
    """
    Keeps lines where they are shared, and in this process while that fails.

    The limit is a courtesy, a message that alerts somebody is not: it does not wait for a Redis that is down.
    """

    def __init__(self, shared: SharedStore, own: MemoryStore, clock: Callable[[], float] = time.monotonic) -> None:
        """Trust ``shared`` until it fails."""
        self._shared = shared
        self._own = own
        self._clock = clock
        self._lock = threading.Lock()
        self._failed_till = 0.0

    def check(self, operation: Operation, key: str, rate: Rate, amount: int = 1) -> int:
        """Take ``step``, wherever that can be done."""
        if self._clock() >= self._failed_till:
            try:
                return self._shared.check(operation, key, rate, amount)
            except Exception as error:  # noqa: BLE001 - no message may fail because of it
                self._note(type(error).__name__)
        return self._own.check(operation, key, rate, amount)

    def _note(self, kind: str) -> None:
        with self._lock:
            now = self._clock()
            if now < self._failed_till:
                return  # another thread has said so
            self._failed_till = now + OUTAGE
        # The error's text can hold the address of the storage.
        log.warning(
            "The shared rate limit cannot be used (%s): for %d s this process keeps one of its own. %s",
            kind,
            OUTAGE,
            self._shared.remedy,
        )


@without_locals
def open_store(setting: str | None) -> Store | None:
    """
    Return the storage that ``rate_limit_storage`` names, one for all of this process; ``None`` if it is off.

    :raises ConfigurationError: if it cannot be used for a reason that does not pass.
    """
    if setting == "off":
        return None
    # What was opened before a fork is the parent's: its connections, and its locks, which a thread that the child does
    # not have may hold.
    place = (setting or "", os.getpid())
    # Of two threads that come at once, one opens it in vain; no connection is made yet.
    return _opened.get(place) or _opened.setdefault(place, _open(place[0]))


_opened: dict[tuple[str, int], Store] = {}


def _open(setting: str) -> Store:
    if not setting:
        return MemoryStore()
    shared: SharedStore = SqliteStore() if setting == "machine" else RedisStore.at(setting)
    return StoreWithFallback(shared, MemoryStore())


def _end(bucket: StateStore) -> float:
    return max(cast("State", bucket.read(Peek(), [])))
