"""Buckets for the threads of one process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from airflow_provider_whatsapp.client.rate_limit.gcra import (
    EMPTY,
    Operation,
    Rate,
    State,
    update,
)

MIN_BUCKETS_TO_TIDY = 1000


class MemoryStore:
    """Keeps buckets in a dict."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with no bucket; ``clock`` returns seconds."""
        self._clock = clock
        self._buckets: dict[str, State] = {}
        self._lock = threading.Lock()
        self._tidy_at = MIN_BUCKETS_TO_TIDY

    def update(self, operation: Operation, key: str, rate: Rate, amount_ms: int = 0) -> int:
        """Carry out ``operation`` on the bucket at ``key``, and return the wait in milliseconds."""
        now_ms = int(self._clock() * 1000)
        with self._lock:
            if key not in self._buckets and len(self._buckets) >= self._tidy_at:
                # A bucket whose moments have passed is as good as a new one.
                now = now_ms * 1000
                self._buckets = {
                    name: state for name, state in self._buckets.items() if max(state) > now
                }
                # Twice as many may come before the next time, so that reading all of them stays rare.
                self._tidy_at = max(2 * len(self._buckets), MIN_BUCKETS_TO_TIDY)
            state = self._buckets.get(key, EMPTY)
            self._buckets[key], wait_ms = update(operation, rate, state, now_ms, amount_ms)
        return wait_ms
