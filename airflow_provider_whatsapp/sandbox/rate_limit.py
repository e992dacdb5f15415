"""The gateway's limit of requests per second and account."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable


class SlidingWindow:
    """Admits at most ``limit`` calls within any one second."""

    def __init__(self, limit: int, *, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._clock = clock
        self._admitted: deque[float] = deque()

    def admit(self) -> float:
        """Return 0 and count the call, or return the seconds until there is room; a refusal is not counted."""
        now = self._clock()
        # A clock that was set back would otherwise shut the door for that long.
        while self._admitted and not 0 <= now - self._admitted[0] < 1:
            self._admitted.popleft()
        if len(self._admitted) >= self._limit:
            return self._admitted[0] + 1 - now
        self._admitted.append(now)
        return 0.0

    def reset(self) -> None:
        """Forget the calls so far."""
        self._admitted.clear()
