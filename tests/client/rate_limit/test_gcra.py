from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.client.rate_limit.gcra import (
    EMPTY,
    MAX_WAIT_MS,
    Operation,
    Rate,
    update,
)

NOW = 1_700_000_000_000
GAPS = st.lists(st.integers(0, 3000), max_size=60)


class Bucket:
    """A bucket that is kept in a variable."""

    def __init__(self, rate):
        self.rate = rate
        self.state = EMPTY

    def __call__(self, operation, now, amount=0):
        """Carry out the operation, and return the wait in milliseconds."""
        self.state, wait = update(operation, self.rate, self.state, now, amount)
        return wait


def test_evenly_spaced():
    """Callers that come at once go one by one, the first of them without a wait."""
    bucket = Bucket(Rate(100_000))
    assert [bucket(Operation.ACQUIRE, NOW) for _ in range(4)] == [0, 100, 200, 300]


def test_evenly_asked():
    """A client within its rate limit never waits."""
    bucket = Bucket(Rate(250_000))
    assert [bucket(Operation.ACQUIRE, NOW + 250 * n) for n in range(20)] == [0] * 20


@pytest.mark.parametrize(
    ("per_second", "second", "third"), [(0.5, 2040, 4080), (5000, 0, 0), (1e308, 0, 0)]
)
def test_slow_and_fast(per_second, second, third):
    """Less than one call a second means a longer gap, and a limiter of thousands means no wait of a millisecond."""
    bucket = Bucket(Rate.per_second(per_second))
    assert [bucket(Operation.ACQUIRE, NOW) for _ in range(3)] == [0, second, third]


@given(GAPS, st.sampled_from([(1, 100), (1, 333), (45, 6100)]))
def test_never_more_than_allowed(gaps, rate):
    """For calls at any times, no period has more of them than its length and the burst allow."""
    burst, spacing = rate
    bucket, now, moments = Bucket(Rate(spacing * 1000, burst)), NOW, []
    for gap in gaps:
        now += gap
        wait = bucket(Operation.ACQUIRE, now)
        if wait <= MAX_WAIT_MS:
            moments.append(now + wait)
    assert moments == sorted(moments)
    for more in range(3):
        later = moments[burst + more :]
        assert all(
            after - first >= (more + 1) * spacing
            for first, after in zip(moments, later, strict=False)
        )


def test_burst():
    """The saved slots are used at once, and later slots one by one."""
    bucket = Bucket(Rate(6_000_000, burst=3))
    assert [bucket(Operation.ACQUIRE, NOW) for _ in range(5)] == [0, 0, 0, 6000, 12000]
    assert [bucket(Operation.ACQUIRE, NOW + 60_000) for _ in range(4)] == [0, 0, 0, 6000]


def test_too_long():
    """A slot that is too far off is reported, but not reserved: later calls can have it."""
    bucket = Bucket(Rate(100_000_000))
    assert [bucket(Operation.ACQUIRE, NOW) for _ in range(6)] == [
        0,
        100_000,
        200_000,
        300_000,
        400_000,
        400_000,
    ]
    assert bucket(Operation.ACQUIRE, NOW + 100_000) == MAX_WAIT_MS


def test_pause():
    """No call is made in a pause, and calls follow one by one after it; of two pauses the longer one counts."""
    bucket = Bucket(Rate(100_000))
    bucket(Operation.PAUSE, NOW, 5000)
    bucket(Operation.PAUSE, NOW, 2000)
    assert [bucket(Operation.ACQUIRE, NOW) for _ in range(3)] == [5000, 5100, 5200]
    assert bucket(Operation.PEEK, NOW + 1000) == 4000
    assert bucket(Operation.PEEK, NOW + 5000) == 0


def test_pause_ends_a_burst():
    """After a pause a burst begins from nothing, since the other side says that it was used up."""
    bucket = Bucket(Rate(6_000_000, burst=45))
    bucket(Operation.PAUSE, NOW, 4000)
    assert [bucket(Operation.ACQUIRE, NOW) for _ in range(3)] == [4000, 10_000, 16_000]


def test_pause_behind_waiting_calls():
    """A pause takes no reserved slot away: the next call comes after those that wait already."""
    bucket = Bucket(Rate(1_000_000))
    assert [bucket(Operation.ACQUIRE, NOW) for _ in range(5)][-1] == 4000
    bucket(Operation.PAUSE, NOW, 2000)
    assert bucket(Operation.ACQUIRE, NOW) == 5000


def test_pauses_end():
    """A pause never lasts longer than the longest wait."""
    bucket = Bucket(Rate(100_000))
    bucket(Operation.PAUSE, NOW, 10**9)
    assert bucket(Operation.ACQUIRE, NOW) == MAX_WAIT_MS


@given(
    st.lists(st.sampled_from(Operation), max_size=20),
    st.integers(-(10**10), -MAX_WAIT_MS - 65_000),
)
def test_clock_set_back_by_far(steps, jump):
    """When the clock is set back by more than the longest wait, the bucket begins anew."""
    bucket = Bucket(Rate(1_000_000, burst=3))
    for operation in steps:
        bucket(operation, NOW, 10**6)
    assert bucket(Operation.PEEK, NOW + jump) == 0
    assert bucket(Operation.ACQUIRE, NOW + jump) == 0


@given(st.lists(st.integers(-(10**7), 10**7), min_size=1, max_size=30), st.integers(1, 45))
def test_any_clock(jumps, burst):
    """After any jump of the clock, the next slot is at most the longest wait, one slot and a minute away."""
    bucket, now = Bucket(Rate(6_000_000, burst=burst)), NOW
    for jump in jumps:
        now += jump
        assert 0 <= bucket(Operation.ACQUIRE, now) <= MAX_WAIT_MS + 66_000


@given(GAPS)
def test_peeking_changes_nothing(gaps):
    """A peek leaves the bucket as it is."""
    bucket, now = Bucket(Rate(100_000)), NOW
    for gap in gaps:
        now += gap
        bucket(Operation.ACQUIRE, now)
        before = bucket.state
        bucket(Operation.PEEK, now)
        assert bucket.state == before


def test_slots_follow_each_other():
    """Of many calls at once each gets a slot of its own, in their order."""
    bucket = Bucket(Rate.per_second(10))
    waits = [bucket(Operation.ACQUIRE, NOW) for _ in range(1000)]
    assert {after - before for before, after in pairwise(waits)} == {102}
