from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrate_limiter import Rate

from airflow_provider_whatsapp.client.rate_limit import every_second
from airflow_provider_whatsapp.client.rate_limit_steps import LONGEST_WAIT_MS, Look, Pause, Turn

NOW = 1_700_000_000_000
GAPS = st.lists(st.integers(0, 3000), max_size=60)


class Line:
    """A line of callers that is kept in a variable."""

    def __init__(self, rate):
        self.rate = rate
        self.state = Turn().initial([rate])

    def __call__(self, step, now, amount=1):
        """Take the step, and return the wait."""
        self.state, decision = step.step([self.rate], self.state, now, amount)
        return decision.retry_after_ms or 0


def test_evenly_spaced():
    """Callers that come at once go one by one, the first of them without a wait."""
    line = Line(Rate(10, 1000, burst=1))
    assert [line(Turn(), NOW) for _ in range(4)] == [0, 100, 200, 300]


def test_evenly_asked():
    """Who calls no faster than allowed never waits."""
    line = Line(Rate(4, 1000, burst=1))
    assert [line(Turn(), NOW + 250 * n) for n in range(20)] == [0] * 20


@pytest.mark.parametrize(("per_second", "second", "third"), [(0.5, 2040, 4080), (5000, 0, 0), (1e308, 0, 0)])
def test_slow_and_fast(per_second, second, third):
    """Less than one call a second means a longer gap, and a pace of thousands means no wait of a millisecond."""
    line = Line(every_second(per_second))
    assert [line(Turn(), NOW) for _ in range(3)] == [0, second, third]


@given(GAPS, st.sampled_from([(1, 100), (1, 333), (45, 6100)]))
def test_never_more_than_allowed(gaps, rate):
    """However calls are asked for, no stretch of time holds more of them than its length and the burst allow."""
    burst, spacing = rate
    line, now, moments = Line(Rate(1, spacing, burst=burst)), NOW, []
    for gap in gaps:
        now += gap
        wait = line(Turn(), now)
        if wait <= LONGEST_WAIT_MS:
            moments.append(now + wait)
    assert moments == sorted(moments)
    for more in range(3):
        later = moments[burst + more :]
        assert all(after - first >= (more + 1) * spacing for first, after in zip(moments, later, strict=False))


def test_burst():
    """What was saved up goes at once, and then one by one."""
    line = Line(Rate(1, 6000, burst=3))
    assert [line(Turn(), NOW) for _ in range(5)] == [0, 0, 0, 6000, 12000]
    assert [line(Turn(), NOW + 60_000) for _ in range(4)] == [0, 0, 0, 6000]


def test_too_long():
    """A turn that is too far off is told, but not taken: it is there for those who come later."""
    line = Line(Rate(1, 100_000, burst=1))
    assert [line(Turn(), NOW) for _ in range(6)] == [0, 100_000, 200_000, 300_000, 400_000, 400_000]
    assert line(Turn(), NOW + 100_000) == LONGEST_WAIT_MS


def test_pause():
    """In a pause nobody goes, after it one by one; a second pause lasts as long as the longer of both."""
    line = Line(Rate(10, 1000, burst=1))
    line(Pause(), NOW, 5000)
    line(Pause(), NOW, 2000)
    assert [line(Turn(), NOW) for _ in range(3)] == [5000, 5100, 5200]
    assert line(Look(), NOW + 1000) == 4000
    assert line(Look(), NOW + 5000) == 0


def test_pause_ends_a_burst():
    """After a pause a burst begins from nothing, since the other side says that it was used up."""
    line = Line(Rate(1, 6000, burst=45))
    line(Pause(), NOW, 4000)
    assert [line(Turn(), NOW) for _ in range(3)] == [4000, 10_000, 16_000]


def test_pause_behind_a_line():
    """A pause takes nobody's turn away: who comes next goes after those who stand in line already."""
    line = Line(Rate(1, 1000, burst=1))
    assert [line(Turn(), NOW) for _ in range(5)][-1] == 4000
    line(Pause(), NOW, 2000)
    assert line(Turn(), NOW) == 5000


def test_pauses_end():
    """No pause lasts longer than the longest wait, whatever is asked."""
    line = Line(Rate(10, 1000, burst=1))
    line(Pause(), NOW, 10**9)
    assert line(Turn(), NOW) == LONGEST_WAIT_MS


@given(
    st.lists(st.sampled_from([Turn(), Pause(), Look()]), max_size=20), st.integers(-(10**10), -LONGEST_WAIT_MS - 65_000)
)
def test_clock_set_back_by_far(steps, jump):
    """When the clock is set back by more than anybody waits, the line begins anew."""
    line = Line(Rate(1, 1000, burst=3))
    for step in steps:
        line(step, NOW, 10**6)
    assert line(Look(), NOW + jump) == 0
    assert line(Turn(), NOW + jump) == 0


@given(st.lists(st.integers(-(10**7), 10**7), min_size=1, max_size=30), st.integers(1, 45))
def test_any_clock(jumps, burst):
    """Wherever the clock jumps, the next turn is never further off than the longest wait, a turn and a minute."""
    line, now = Line(Rate(1, 6000, burst=burst)), NOW
    for jump in jumps:
        now += jump
        assert 0 <= line(Turn(), now) <= LONGEST_WAIT_MS + 66_000


@given(GAPS)
def test_looking_changes_nothing(gaps):
    """A look leaves the line as it is."""
    line, now = Line(Rate(10, 1000, burst=1)), NOW
    for gap in gaps:
        now += gap
        line(Turn(), now)
        before = line.state
        line(Look(), now)
        assert line.state == before


def test_turns_follow_each_other():
    """Of many at once each gets a turn of its own, in the order of asking."""
    line = Line(every_second(10))
    waits = [line(Turn(), NOW) for _ in range(1000)]
    assert {after - before for before, after in pairwise(waits)} == {102}
