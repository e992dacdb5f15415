"""Which store a process uses, and what happens while that one fails."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Protocol

from airflow_provider_whatsapp.client.rate_limit.gcra import Operation, Rate
from airflow_provider_whatsapp.client.rate_limit.memory import MemoryStore
from airflow_provider_whatsapp.client.rate_limit.redis import RedisStore
from airflow_provider_whatsapp.client.rate_limit.sqlite import SqliteStore
from airflow_provider_whatsapp.exceptions import without_locals

OUTAGE_SECONDS = 60.0  # before a store that failed is tried again

log = logging.getLogger(__name__)


class Store(Protocol):
    """Keeps buckets by their keys."""

    def update(self, operation: Operation, key: str, rate: Rate, amount_ms: int = 0) -> int:
        """Carry out ``operation`` without interruption by other callers, and return the wait in milliseconds."""


class SharedStore(Store, Protocol):
    """Keeps buckets outside this process, and can fail."""

    remedy: str


class StoreWithFallback:
    """
    Uses a shared store, and one of this process while the shared one fails.

    The limit is a courtesy, and a message that alerts a person is not: it does not wait for a Redis that is down.
    """

    def __init__(
        self,
        shared: SharedStore,
        own: MemoryStore,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Use ``shared`` until it fails; ``clock`` returns seconds."""
        self._shared = shared
        self._own = own
        self._clock = clock
        self._lock = threading.Lock()
        self._failed_until = 0.0

    def update(self, operation: Operation, key: str, rate: Rate, amount_ms: int = 0) -> int:
        """Carry out ``operation`` in the store that works, and return the wait in milliseconds."""
        if self._clock() >= self._failed_until:
            try:
                return self._shared.update(operation, key, rate, amount_ms)
            except Exception as error:  # noqa: BLE001 - no message may fail because of the rate limit's store
                with self._lock:
                    now = self._clock()
                    # Several threads can fail at once, and the first of them warns.
                    is_first = now >= self._failed_until
                    if is_first:
                        self._failed_until = now + OUTAGE_SECONDS
                if is_first:
                    # The error's text can contain the store's address, so that the log shows its kind only.
                    log.warning(
                        "The shared rate limit cannot be used (%s): for %d s this process keeps one of its own. %s",
                        type(error).__name__,
                        OUTAGE_SECONDS,
                        self._shared.remedy,
                    )
        return self._own.update(operation, key, rate, amount_ms)


_opened: dict[tuple[str, int], Store] = {}


@without_locals
def open_store(setting: str | None) -> Store | None:
    """
    Return the store that ``rate_limit_storage`` names, one for all of this process; ``None`` if it is off.

    :raises ConfigurationError: if it cannot be used for a reason that does not pass.
    """
    if setting == "off":
        return None
    # A child process opens its own: it must not use the parent's connections, nor its locks, which a thread that the
    # child does not have may hold.
    place = (setting or "", os.getpid())
    if place in _opened:
        return _opened[place]
    own = MemoryStore()
    store: Store = own
    if setting == "machine":
        store = StoreWithFallback(SqliteStore(), own)
    elif setting:
        store = StoreWithFallback(RedisStore.at(setting), own)
    # If two threads come at once, one store is opened in vain; it has made no connection yet.
    return _opened.setdefault(place, store)
