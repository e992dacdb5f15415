from __future__ import annotations

import threading
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.client.rate_limit import Pace


class Clock:
    """Seconds that pass only when told."""

    now = 1000.0

    def __call__(self):
        """Return the time."""
        return self.now


class SlowClock(Clock):
    """Lets other threads run while it is read, and counts how many read it at once."""

    readers = most_readers = 0

    def __call__(self):
        """Return the time."""
        self.readers += 1
        self.most_readers = max(self.most_readers, self.readers)
        time.sleep(0.0001)
        self.readers -= 1
        return self.now


def fullest_second(moments):
    """Return the most moments within one second; a nanosecond is left to rounding."""
    return max(sum(start <= moment < start + 1 - 1e-9 for moment in moments) for start in moments)


def test_a_second_s_worth_at_once():
    """After a pause as many calls go at once as fit into a second, then the next second begins."""
    pace = Pace(3, clock=Clock())
    assert [pace.reserve() for _ in range(7)] == [0, 0, 0, 1, 1, 1, 2]


def test_evenly_asked():
    """Who calls no faster than allowed never waits."""
    clock = Clock()
    pace = Pace(4, clock=clock)
    for _ in range(20):
        assert pace.reserve() == 0
        clock.now += 0.25


@pytest.mark.parametrize(("per_second", "gap"), [(0.5, 2), (1, 1), (0.1, 10)])
def test_slow_paces(per_second, gap):
    """Less than one call a second means a longer gap, not a fraction of a call."""
    pace = Pace(per_second, clock=Clock())
    assert [pace.reserve() for _ in range(3)] == pytest.approx([0, gap, 2 * gap])


@pytest.mark.parametrize("per_second", [5000, 1e308], ids=["fast", "absurd"])
def test_fast_paces(per_second):
    """A pace too high to be remembered call by call still counts."""
    pace = Pace(per_second, clock=Clock())
    waits = [pace.reserve() for _ in range(2001)]
    assert waits[999] == 0
    assert waits[2000] == pytest.approx(2000 / per_second)


@given(st.sampled_from([1, 2, 3, 10]), st.lists(st.floats(0, 3), max_size=60))
def test_never_more_in_any_second(per_second, pauses):
    """However calls are asked for, no second holds more of them than allowed."""
    clock = Clock()
    pace = Pace(per_second, clock=clock)
    moments = []
    for pause in [0, *pauses]:
        clock.now += pause
        moments.append(clock.now + pace.reserve())
    assert moments == sorted(moments)
    assert fullest_second(moments) <= per_second


def test_threads_share_it():
    """Threads that ask at the same time take turns, and share the seconds."""
    clock = SlowClock()
    pace = Pace(10, clock=clock)
    moments, barrier = [], threading.Barrier(8)

    def work():
        barrier.wait(5)
        moments.extend([pace.reserve() for _ in range(25)])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert clock.most_readers == 1
    assert len(moments) == 200
    assert set(Counter(moments).values()) == {10}
    assert max(moments) == 19


def test_one_for_an_account():
    """Two clients of one account share a pace; another key, gateway or limit has its own."""
    pace = Pace.of_account("key-a", "https://a", 10)
    assert Pace.of_account("key-a", "https://a", 10) is pace
    others = [("key-b", "https://a", 10), ("key-a", "https://b", 10), ("key-a", "https://a", 5)]
    assert all(Pace.of_account(*other) is not pace for other in others)


def test_its_clock_is_monotonic():
    """Setting the system's clock does not stop or flood the calls."""
    pace = Pace(1)
    assert pace.reserve() == 0
    assert pace._taken[0] <= time.monotonic()
