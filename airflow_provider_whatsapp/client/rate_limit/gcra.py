"""
What can be done to a line of callers: take the next turn, hold everyone up, look whether it is held up.

The algorithm is GCRA with a reservation: a caller is not turned away to ask again, but given a moment of its
own. That is one step for each call, in the order of asking, and no herd of callers that wake up together.
The line is two moments in microseconds: when it would be empty (``tat``), and until when it is held up.
Each step stands here in Python, for stores in this machine, and in Lua, for Redis.
"""

from __future__ import annotations

from math import ceil
from typing import NamedTuple, cast

from pyrate_limiter import Decision, Rate, StateAlgorithm, StateStore

MAX_WAIT_MS = 300_000  # for a turn, and of a pause
SERVER_TIME = 0  # as the time of a step in Redis: Redis reads its own clock
_AT_ONCE = Decision()

State = tuple[float, ...]


class Bucket(NamedTuple):
    """A line of callers as one of them finds it, in microseconds."""

    now: int
    tat: int
    paused: int
    spacing: int
    burst: int

    @property
    def wait(self) -> int:
        """How long from now the next turn is."""
        return max(self.tat - (self.burst - 1) * self.spacing - self.now, 0)


class Operation(StateAlgorithm):
    """One step; the decision's ``retry_after_ms`` is the wait it leads to, whether or not it was granted."""

    lua = ""

    def initial(self, rates: list[Rate]) -> State:
        """Return a line that nobody has stood in."""
        return (0, 0)

    def step(self, rates: list[Rate], state: State, now: int, weight: int) -> tuple[State, Decision]:
        """Return the line after the step, and the wait."""
        rate = rates[0]
        bucket = _bucket(rate, state, now * 1000)
        after, wait = self.taken(bucket, weight)
        return after, Decision(rate, wait // 1000) if wait >= 1000 else _AT_ONCE

    def taken(self, bucket: Bucket, amount: int) -> tuple[State, int]:
        """Return ``tat`` and ``paused`` after the step, and the wait in microseconds."""
        raise NotImplementedError

    def redis_script(self) -> str:
        """Return the same in Lua."""
        return f"{_LUA_BEFORE}{self.lua}{_LUA_AFTER}"

    def redis_args(self, rates: list[Rate]) -> list[int | float]:
        """Return what the script needs to know of the rate."""
        return [_spacing(rates[0]), rates[0].burst, MAX_WAIT_MS]


class Acquire(Operation):
    """Take the next turn, unless it is too far off."""

    lua = """
wait = math.max(tat - (burst - 1) * spacing - now, 0)
if math.floor(wait / 1000) <= longest then
  tat = math.max(tat, now) + spacing
end
"""

    def taken(self, bucket: Bucket, amount: int) -> tuple[State, int]:
        """Move ``tat`` on by one turn."""
        wait = bucket.wait
        if wait // 1000 > MAX_WAIT_MS:
            return (bucket.tat, bucket.paused), wait
        return (max(bucket.tat, bucket.now) + bucket.spacing, bucket.paused), wait


class Pause(Operation):
    """Hold everyone up for ``weight`` milliseconds from now; what was saved up for a burst is gone."""

    lua = """
local till = now + math.min(amount, longest) * 1000
tat = math.max(tat, till + (burst - 1) * spacing)
paused = math.max(paused, till)
"""

    def taken(self, bucket: Bucket, amount: int) -> tuple[State, int]:
        """Move ``tat`` to the end of the pause, and note that end."""
        till = bucket.now + min(amount, MAX_WAIT_MS) * 1000
        return (max(bucket.tat, till + (bucket.burst - 1) * bucket.spacing), max(bucket.paused, till)), 0


class Peek(Operation):
    """See for how long the line is still held up, and change nothing."""

    lua = """
wait = math.max(paused - now, 0)
"""

    def taken(self, bucket: Bucket, amount: int) -> tuple[State, int]:
        """Leave both as they are."""
        return (bucket.tat, bucket.paused), max(bucket.paused - bucket.now, 0)


def wait_in(store: StateStore, operation: Operation, rate: Rate, now: int, amount: int) -> int:
    """Take ``step`` in a store of the library's, and return the wait in milliseconds."""
    # The library's stores can be asynchronous too; none of those used here is.
    return cast("Decision", store.check(operation, [rate], now, amount)).retry_after_ms or 0


def _spacing(rate: Rate) -> int:
    return max(ceil(rate.interval * 1000 / rate.limit), 1)


def _bucket(rate: Rate, state: State, now: int) -> Bucket:
    spacing, (tat, paused) = _spacing(rate), map(int, state)
    # No step leads further than this: the clock was set back, and whoever waited for it would wait for long. The
    # minute is for others on the line who space their calls more widely.
    if tat > now + (MAX_WAIT_MS + 60_000) * 1000 + rate.burst * spacing:
        tat = 0
    if paused > now + MAX_WAIT_MS * 1000:
        paused = 0
    return Bucket(now, tat, paused, spacing, rate.burst)


# ARGV: time in ms, amount, a lifetime and a count that the library sends and that are not needed here, and
# what ``redis_args`` says. Redis forgets a line a minute after nobody can be waiting in it any longer.
_LUA_BEFORE = """
local now = tonumber(ARGV[1])
if now == 0 then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
now = now * 1000
local amount = tonumber(ARGV[2])
local spacing, burst, longest = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local stored = redis.call('HMGET', KEYS[1], 'tat', 'paused')
local tat, paused = tonumber(stored[1] or 0), tonumber(stored[2] or 0)
local tat_before, paused_before = tat, paused
if tat > now + (longest + 60000) * 1000 + burst * spacing then tat = 0 end
if paused > now + longest * 1000 then paused = 0 end
local wait = 0
"""
_LUA_AFTER = """
if tat ~= tat_before or paused ~= paused_before then
  redis.call('HSET', KEYS[1], 'tat', string.format('%.0f', tat), 'paused', string.format('%.0f', paused))
  local left = math.max(tat, paused) - now
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.max(left / 1000, 0) + 60000))
end
wait = math.floor(wait / 1000)
if wait > 0 then return {0, wait} end
return {-1, 0}
"""
