"""The shared pace: all clients of one account in this process take their turns from one clock."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import ClassVar

# Calls that leave a second apart can arrive a little less than that apart.
_SLACK = 1.03
_REMEMBERED = 1000  # moments; a higher pace is kept over a shorter time than a second


class Pace:
    """
    Hands out moments to call, in the order of asking: at most ``per_second`` within any one second.

    After a pause they may come all at once, as the gateway allows.
    """

    _shared: ClassVar[dict[tuple[str, str, float], Pace]] = {}
    _lock_shared: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, per_second: float, *, slack: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with a full second's worth of calls."""
        calls = min(max(int(per_second), 1), _REMEMBERED)
        self._period = calls / per_second * slack
        self._taken: deque[float] = deque(maxlen=calls)
        self._clock = clock
        self._lock = threading.Lock()

    @classmethod
    def of_account(cls, api_key: str, base_url: str, per_second: float) -> Pace:
        """Return the one pace of an account in this process."""
        with cls._lock_shared:
            key = (api_key, base_url, per_second)
            return cls._shared.setdefault(key, cls(per_second, slack=_SLACK))

    def reserve(self) -> float:
        """Take the next moment and return the seconds until then, 0 for now."""
        with self._lock:
            now = self._clock()
            full = len(self._taken) == self._taken.maxlen
            moment = max(self._taken[0] + self._period, now) if full else now
            self._taken.append(moment)
            return moment - now
