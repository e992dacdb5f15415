from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.client.http.calls import Call, Idempotency
from airflow_provider_whatsapp.client.http.retry import (
    MAX_ATTEMPTS,
    RETRY_BUDGET,
    delay,
    may_retry,
)
from airflow_provider_whatsapp.exceptions import (
    BadRequestError,
    ConfigurationError,
    InvalidRequestError,
    OutcomeUnknownError,
    RateLimitedError,
    TransientError,
    TransportError,
    WhatsAppError,
)

THROTTLED = RateLimitedError("slow down", status=429, permanent=False)
EVERY, SAFE, NONE = set(Idempotency), {Idempotency.SAFE}, set()
EVEN_TWICE = {Idempotency.SAFE, Idempotency.AT_LEAST_ONCE}


@pytest.mark.parametrize(
    ("error", "repeated"),
    [
        pytest.param(TransportError("no connection"), EVERY, id="nothing-sent"),
        pytest.param(THROTTLED, EVERY, id="throttled"),
        pytest.param(
            TransientError("for now", status=500, permanent=False), EVERY, id="transient"
        ),
        pytest.param(OutcomeUnknownError("lost"), EVEN_TWICE, id="response-lost"),
        pytest.param(
            OutcomeUnknownError("lost", permanent=False),
            EVEN_TWICE,
            id="response-lost-not-permanent",
        ),
        pytest.param(
            RateLimitedError("for days", status=400), NONE, id="throttled-for-days"
        ),
        pytest.param(
            TransientError("unreadable", status=200, permanent=False),
            SAFE,
            id="unreadable-200",
        ),
        pytest.param(BadRequestError("no", status=400), NONE, id="rejected"),
        pytest.param(
            BadRequestError("success: false", status=200, permanent=False),
            SAFE,
            id="success-false",
        ),
        pytest.param(ConfigurationError("wrong"), NONE, id="configuration"),
        pytest.param(InvalidRequestError("wrong"), NONE, id="request"),
        pytest.param(WhatsAppError("other", permanent=False), NONE, id="other"),
    ],
)
def test_may_repeat(error, repeated):
    """Only calls that may run twice, or that the caller wants at least once, are retried after a lost response."""
    assert {
        idempotency
        for idempotency in Idempotency
        if may_retry(error, Call(method="X", path="1", idempotency=idempotency))
    } == repeated


@pytest.mark.parametrize(
    ("error", "waits"),
    [
        pytest.param(TransportError("no connection"), [1, 2, 4, 8], id="default"),
        pytest.param(OutcomeUnknownError("lost"), [1, 2, 4, 8], id="lost"),
        pytest.param(
            RateLimitedError("pair", code=131056), [4, 16, 64, 256], id="pair-limit"
        ),
        pytest.param(
            RateLimitedError("calls", code=4), [30, 60, 120, 240], id="hourly-limit"
        ),
        pytest.param(
            RateLimitedError("asked", code=4, retry_after=7), [7, 7, 7, 7], id="as-asked"
        ),
        pytest.param(
            RateLimitedError("asked", retry_after=0), [0, 0, 0, 0], id="asked-for-none"
        ),
    ],
)
def test_delay(error, waits):
    """The wait is that of the response, or else that of the code's row, and grows with each try."""
    found = [
        delay(error, attempts=attempts, elapsed=0, random=0)
        for attempts in range(1, MAX_ATTEMPTS)
    ]
    assert found == [wait if wait <= RETRY_BUDGET else None for wait in waits]


def test_jitter():
    """Chance lengthens a wait by up to a quarter, and never shortens it."""
    assert delay(THROTTLED, attempts=3, elapsed=0, random=0) == 4
    assert delay(THROTTLED, attempts=3, elapsed=0, random=1) == 5


def test_tries_are_counted():
    """After the fifth try it is over, even if no wait was asked for."""
    assert (
        delay(
            RateLimitedError("x", retry_after=0),
            attempts=MAX_ATTEMPTS - 1,
            elapsed=0,
            random=0,
        )
        == 0
    )
    assert (
        delay(
            RateLimitedError("x", retry_after=0), attempts=MAX_ATTEMPTS, elapsed=0, random=0
        )
        is None
    )


def test_budget_is_inclusive():
    """A wait that just fits is waited, a longer one is not begun."""
    error = RateLimitedError("x", retry_after=20)
    assert delay(error, attempts=1, elapsed=RETRY_BUDGET - 20, random=0) == 20
    assert delay(error, attempts=1, elapsed=RETRY_BUDGET - 19, random=0) is None


@given(
    st.none() | st.floats(0, 60),
    st.none() | st.sampled_from([4, 131056, 131057, 133015, 2494100]) | st.integers(),
    st.lists(st.floats(0, 1), min_size=MAX_ATTEMPTS, max_size=MAX_ATTEMPTS),
)
def test_budget_holds(asked, code, chances):
    """For any Retry-After and any jitter, one call waits at most 120 seconds, in at most four waits."""
    error = RateLimitedError("x", code=code, retry_after=asked, permanent=False)
    waits = []
    for attempts, chance in enumerate(chances, start=1):
        pause = delay(error, attempts=attempts, elapsed=sum(waits), random=chance)
        if pause is None:
            break
        assert pause >= 0
        waits.append(pause)
    assert sum(waits) <= RETRY_BUDGET
    assert len(waits) < MAX_ATTEMPTS


def test_an_error_that_seldom_passes_is_tried_three_times():
    """Meta's 'something went wrong' is repeated twice and not four times."""
    error = TransientError("x", status=500, code=131000, permanent=False)
    assert delay(error, attempts=2, elapsed=0, random=0) is not None
    assert delay(error, attempts=3, elapsed=0, random=0) is None


def test_no_wait_is_longer_than_a_minute_for_a_server_that_asks_for_it():
    """The jitter on top of Retry-After does not lift the cap of 60 seconds."""
    assert (
        delay(RateLimitedError("x", retry_after=60), attempts=1, elapsed=0, random=1) == 60
    )
