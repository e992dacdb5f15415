from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.http.calls import Call
from airflow_provider_whatsapp.client.rate_limit.gcra import MAX_WAIT_MS, Operation
from airflow_provider_whatsapp.client.rate_limit.limiter import RateLimiter
from airflow_provider_whatsapp.client.rate_limit.memory import MemoryStore
from airflow_provider_whatsapp.exceptions import (
    BadRequestError,
    OutcomeUnknownError,
    RateLimitedError,
    TransientError,
)
from tests.threads import run_together

READ = Call(method="GET", path="1")
GATEWAY = RateLimitedError("slow down", status=429, is_gateway=True, permanent=False)


def rejection(code):
    return RateLimitedError("slow down", status=400, code=code, permanent=False)


def message(recipient="16505551234", sender="106"):
    return Call(
        method="POST", path=f"{sender}/messages", sender=sender, recipient=recipient
    )


class World:
    """A clock that only sleeps move, and buckets in memory."""

    def __init__(self):
        self.now = 1000.0
        self.slept = []
        self.store = MemoryStore(lambda: self.now)

    def limiter(self, **changes):
        return RateLimiter(ClientConfig(**{"api_key": "key", **changes}), self.store)

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def acquire(self, limiter, call=READ):
        """Acquire a slot and return how long that took."""
        before = self.now
        limiter.acquire(call, self.sleep)
        return self.now - before


@pytest.fixture
def world():
    return World()


def test_first_call(world):
    """The first call of a task does not wait."""
    world.limiter().acquire(message(), world.sleep)
    assert world.slept == []


def test_ten_a_second(world):
    """Ten calls a second leave, evenly spaced."""
    limiter = world.limiter()
    assert [world.acquire(limiter) for _ in range(4)] == pytest.approx(
        [0, 0.102, 0.102, 0.102], abs=0.0011
    )


@given(st.sampled_from([1, 2, 3, 10]), st.lists(st.floats(0, 3), max_size=60))
def test_never_more_in_any_second(per_second, pauses):
    """For calls at any times, no second has more of them than allowed."""
    world = World()
    limiter, moments = world.limiter(requests_per_second=per_second), []
    for pause in pauses:
        world.now += pause
        world.acquire(limiter)
        moments.append(world.now)
    assert all(
        sum(start <= moment < start + 1 for moment in moments) <= per_second
        for start in moments
    )


def test_threads_share_it(world):
    """Threads that acquire at the same time get one slot each, and no slot twice."""
    limiter, waits = world.limiter(), []

    def work():
        for _ in range(25):
            limiter.acquire(READ, waits.append)

    run_together(work, 8)
    assert sorted(waits) == [n * 102 / 1000 for n in range(1, 200)]


@pytest.mark.parametrize(
    ("changes", "waits"),
    [
        pytest.param({}, True, id="same"),
        pytest.param({"requests_per_second": 5}, True, id="other-limiter"),
        pytest.param({"phone_number_id": "7"}, True, id="other-number"),
        pytest.param({"api_key": "key-b"}, False, id="other-key"),
        pytest.param({"base_url": "https://b"}, False, id="other-gateway"),
    ],
)
def test_one_for_an_account(world, changes, waits):
    """All clients of one account share its slots; another key or gateway has its own."""
    world.acquire(world.limiter())
    assert (world.acquire(world.limiter(**changes)) > 0) is waits


def test_one_for_a_process():
    """Clients of one process share the slots of an account by default."""
    config, slept = ClientConfig(api_key="key-of-this-test", requests_per_second=0.01), []
    RateLimiter(config).acquire(READ, slept.append)
    RateLimiter(config).acquire(READ, slept.append)
    assert slept == [pytest.approx(102, abs=1)]


def test_pair(world):
    """To one recipient 45 messages go at once and then one each 6 seconds; others do not wait for that."""
    limiter = world.limiter(requests_per_second=79)
    assert sum(world.acquire(limiter, message()) for _ in range(45)) < 1
    assert world.acquire(limiter, message()) == pytest.approx(6.1, abs=1)
    assert world.acquire(limiter, message()) == pytest.approx(6.1, abs=0.1)
    assert world.acquire(limiter, message("16505550000")) < 0.1
    assert world.acquire(limiter, message(sender="107")) < 0.1


def test_only_messages_have_a_recipient(world):
    """Reads of a number are not counted as messages of it."""
    limiter = world.limiter(requests_per_second=79)
    assert sum(world.acquire(limiter) for _ in range(79)) < 1.1


def test_no_slot_is_wasted(world):
    """While a message waits for its recipient, the account's slots go to other calls."""
    limiter, others = world.limiter(requests_per_second=79), []
    for _ in range(45):
        world.acquire(limiter, message())
    world.now += 1

    def sleep(seconds):
        world.sleep(seconds)
        if seconds > 1:
            limiter.acquire(READ, others.append)

    limiter.acquire(message(), sleep)
    assert others == []
    assert world.slept[-2:] == pytest.approx([4.5, 0.013], abs=0.5)


@pytest.mark.parametrize(
    ("per_second", "seconds"), [(1000, 100 / 80), (81, 100 / 80), (50, 100 / 50)]
)
def test_number(world, per_second, seconds):
    """An account that is allowed more still sends no more than 80 messages a second from one number."""
    limiter = world.limiter(requests_per_second=per_second)
    took = sum(world.acquire(limiter, message(str(16505550000 + n))) for n in range(101))
    assert took == pytest.approx(seconds * 1.02, rel=0.02)


@pytest.mark.parametrize(
    ("error", "account", "pair"),
    [
        pytest.param(GATEWAY, True, True, id="gateway"),
        pytest.param(rejection(4), True, True, id="app"),
        pytest.param(rejection(130429), True, True, id="throughput"),
        pytest.param(rejection(131056), False, True, id="pair"),
        pytest.param(rejection(80007), False, False, id="business-account"),
        pytest.param(rejection(131048), False, False, id="spam"),
        pytest.param(rejection(613), False, False, id="custom"),
        pytest.param(
            TransientError("unavailable", is_gateway=True), False, False, id="unavailable"
        ),
        pytest.param(BadRequestError("no", code=4), False, False, id="no-throttle"),
        pytest.param(OutcomeUnknownError("lost"), False, False, id="lost"),
    ],
)
def test_who_pauses(world, error, account, pair):
    """A rejection delays the calls that it is about: all of the account, or those to the same recipient."""
    limiter = world.limiter()
    limiter.pause(error, message(), 20)
    assert world.acquire(limiter, message("16505550000")) == pytest.approx(
        20 if account else 0, abs=0.2
    )
    assert world.acquire(World.limiter(world), message()) == pytest.approx(
        0 if account or not pair else 20, abs=0.2
    )


def test_pair_without_recipient(world):
    """A rejection for a pair delays no other call if its own call has no recipient."""
    limiter = world.limiter()
    limiter.pause(rejection(131056), READ, 20)
    assert world.acquire(limiter, message()) == 0


def test_pause_reaches_sleepers(world):
    """A call that sleeps until its slot when a pause begins gets a new slot after the pause."""
    limiter = world.limiter(requests_per_second=1)
    world.acquire(limiter)

    def sleep(seconds):
        if not world.slept:
            limiter.pause(GATEWAY, READ, 10)
        world.sleep(seconds)

    begun = world.now
    limiter.acquire(READ, sleep)
    assert world.now - begun == pytest.approx(10, abs=0.1)
    assert world.slept == pytest.approx([1.02, 10 - 1.02], abs=0.1)


def test_pause_that_is_over(world):
    """A call that sleeps beyond a pause keeps its slot."""
    limiter = world.limiter(requests_per_second=0.1)
    world.acquire(limiter)

    def sleep(seconds):
        limiter.pause(GATEWAY, READ, 5)
        world.sleep(seconds)

    limiter.acquire(READ, sleep)
    assert len(world.slept) == 1


def test_pauses_without_end(world):
    """A call that pauses delay again and again gives up in the end, and sends nothing."""
    limiter = world.limiter(requests_per_second=1)
    world.acquire(limiter)

    def sleep(seconds):
        assert len(world.slept) < 10
        world.sleep(seconds)
        limiter.pause(GATEWAY, READ, 60)

    with pytest.raises(RateLimitedError, match="nothing was sent"):
        limiter.acquire(READ, sleep)
    assert 200 < sum(world.slept) <= 300


def test_too_long(world):
    """A call whose slot is too far off fails before it leaves, and the error says when to try again."""
    limiter = world.limiter(requests_per_second=0.001)
    world.acquire(limiter)
    with pytest.raises(RateLimitedError) as caught:
        world.acquire(limiter, message())
    error = caught.value
    assert world.slept == []
    assert (error.permanent, error.status, error.retry_after) == (
        False,
        0,
        pytest.approx(1020, abs=1),
    )
    assert str(error) == (
        "POST 106/messages: the next slot of this account is 1020 s away, and a call waits at most 300 s, so "
        "nothing was sent. Send fewer messages at once, with an Airflow pool for example, or try again later."
    )


def test_off(world):
    """Without the limit no call waits, and a pause delays none."""
    limiter = RateLimiter(
        ClientConfig(api_key="key", requests_per_second=0.001, rate_limit_storage="off")
    )
    for _ in range(100):
        limiter.acquire(message(), world.sleep)
    limiter.pause(GATEWAY, READ, 10)
    limiter.acquire(message(), world.sleep)
    assert world.slept == []


def test_what_is_stored(world, key, phone):
    """The names of buckets show neither key nor number, not even to a program that tries all numbers."""
    limiter = world.limiter(api_key=key, requests_per_second=100)
    limiter.acquire(message(phone, sender="106540352242922"), world.sleep)
    stored = " ".join(world.store._buckets)
    assert len(world.store._buckets) == 3
    for secret in (
        key,
        phone,
        f"106540352242922 {phone}",
        f"106540352242922{phone}",
        "106540352242922",
    ):
        shown = (
            secret,
            base64.b64encode(secret.encode()).decode(),
            hashlib.sha256(secret.encode()).hexdigest()[:32],
        )
        assert not [form for form in shown if form in stored]


def test_another_rate_does_not_empty_the_bucket(world):
    """A bucket that slow calls have filled does not look to a faster limiter like a clock that was set back."""
    slow, fast = world.limiter(requests_per_second=2), world.limiter(requests_per_second=10)
    while (
        world.store.update(Operation.ACQUIRE, slow._account.key, slow._account.rate)
        <= MAX_WAIT_MS
    ):
        pass
    with pytest.raises(RateLimitedError, match="nothing was sent"):
        world.acquire(fast)


def test_five_minutes_in_all(world):
    """Waits that a pause has added to each other end after five minutes, not each of them."""
    limiter = world.limiter(requests_per_second=1)
    world.acquire(limiter)

    def sleep(seconds):
        world.sleep(seconds)
        limiter.pause(GATEWAY, READ, 200)

    with pytest.raises(RateLimitedError, match="nothing was sent"):
        limiter.acquire(READ, sleep)
    assert sum(world.slept) <= MAX_WAIT_MS / 1000
