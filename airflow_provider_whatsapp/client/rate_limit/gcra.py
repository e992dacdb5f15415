"""
The generic cell rate algorithm (GCRA), with reservations.

A bucket is two moments, in microseconds. ``tat``, the theoretical arrival time, is when the bucket would be full again;
a caller that comes before it waits. ``paused_until`` is the end of a pause that the server asked for. Usual
implementations reject a caller that comes too early and let it ask again. This one gives each caller a slot of its own:
one operation for each call, in the order of asking, and no herd of callers that wake up together.

https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

from __future__ import annotations

from enum import StrEnum
from math import ceil
from typing import NamedTuple

MAX_WAIT_MS = 300_000  # for a slot, and of a pause
# Calls that leave in time can arrive a little closer to each other than they left.
_SLACK = 1.02
_DAY = 86_400_000_000  # microseconds
# Callers of one bucket may use different rates, and a slower one has moved ``tat`` further than a faster one would.
_OTHER_RATES_MS = 60_000


class Operation(StrEnum):
    """What a store can do with a bucket, in one step that no other caller interrupts."""

    ACQUIRE = "acquire"
    """Take the next slot, unless it is more than ``MAX_WAIT_MS`` away."""
    PAUSE = "pause"
    """Give out no slot for some milliseconds, and drop what was saved up for a burst."""
    PEEK = "peek"
    """Return how long the pause still lasts, and change nothing."""


class Rate(NamedTuple):
    """One call each ``spacing`` microseconds; after a quiet time ``burst`` calls at once."""

    spacing: int
    burst: int = 1

    @classmethod
    def per_second(cls, calls: float) -> Rate:
        """Return the rate of ``calls`` a second, evenly spaced."""
        spacing = 1_000_000 * _SLACK / calls
        # At least the microsecond that a bucket counts in, and finite for the lowest of rates.
        return cls(ceil(min(max(spacing, 1), _DAY)))


class State(NamedTuple):
    """A bucket as it is stored: two moments, in microseconds."""

    tat: int = 0
    paused_until: int = 0


EMPTY = State()


def update(
    operation: Operation, rate: Rate, state: State, now_ms: int, amount_ms: int = 0
) -> tuple[State, int]:
    """
    Return the bucket after ``operation``, and the milliseconds to wait.

    :param now_ms: milliseconds since any moment that all callers of the bucket share.
    :param amount_ms: length of a pause.
    """
    now = now_ms * 1000
    tat, paused_until = state
    # Moments that no operation can have written: the clock was set back, and callers would wait for long.
    latest_tat = now + (MAX_WAIT_MS + _OTHER_RATES_MS) * 1000 + rate.burst * rate.spacing
    if tat > latest_tat:
        tat = 0
    if paused_until > now + MAX_WAIT_MS * 1000:
        paused_until = 0
    earliest = tat - (rate.burst - 1) * rate.spacing
    if operation is Operation.ACQUIRE:
        wait_ms = max(earliest - now, 0) // 1000
        # A slot that is too far away stays free for those who come later.
        if wait_ms <= MAX_WAIT_MS:
            tat = max(tat, now) + rate.spacing
        return State(tat, paused_until), wait_ms
    if operation is Operation.PAUSE:
        end = now + min(amount_ms, MAX_WAIT_MS) * 1000
        # The server says that the burst is used up, so the first slot after the pause is the last of a burst.
        tat = max(tat, end + (rate.burst - 1) * rate.spacing)
        return State(tat, max(paused_until, end)), 0
    return State(tat, paused_until), max(paused_until - now, 0) // 1000
