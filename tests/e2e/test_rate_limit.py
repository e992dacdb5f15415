"""The rate limit through a real Redis, and between real processes."""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import sys
import time
import uuid
from contextlib import ExitStack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis

from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.http.calls import Call
from airflow_provider_whatsapp.client.rate_limit.gcra import EMPTY, Operation, Rate, update
from airflow_provider_whatsapp.client.rate_limit.limiter import RateLimiter
from airflow_provider_whatsapp.client.rate_limit.redis import PREFIX, RedisStore
from airflow_provider_whatsapp.client.rate_limit.stores import open_store
from airflow_provider_whatsapp.exceptions import ConfigurationError
from airflow_provider_whatsapp.models.json_values import encode_json
from airflow_provider_whatsapp.sandbox import running_sandbox
from benchmarks.redis_server import running_redis
from tests.threads import LIMIT, running_program

NOW = 1_700_000_000_000
KEY = "rate-limit-key-Zq7xW3vK9pTm2RjL5nYc"
SENDER, RECIPIENT, TEXT = "106540352242922", "16505551234", "Hello Ada"
MESSAGE = Call(
    method="POST",
    path="1/messages",
    json=encode_json({"text": TEXT}),
    sender=SENDER,
    recipient=RECIPIENT,
)
# Two threads that send as fast as they may, slower by so much than the gateway that a busy machine does no harm.
WORKER = """
import sys, threading
from airflow_provider_whatsapp.client.client import WhatsAppClient
from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.models.messages import TextMessage
url, store, first = sys.argv[1:]
config = ClientConfig(
    api_key="{key}", base_url=url, phone_number_id="{sender}", requests_per_second=8, rate_limit_storage=store
)
client = WhatsAppClient(config)
def work(first):
    for number in range(first, first + 8):
        client.messages.send(TextMessage.model_validate({{"to": str(number), "text": {{"body": "Hello"}}}}))
threads = [threading.Thread(target=work, args=(int(first) + 100 * n,)) for n in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


@pytest.fixture(scope="module")
def url():
    with running_redis() as url:
        yield url


@pytest.fixture(scope="module")
def redis(url):
    return Redis.from_url(url)


@pytest.mark.parametrize("store", ["redis", "machine"])
def test_processes_share_the_limit(url, tmp_path, store):
    """Two processes that send together, each as fast as the account may, are never told to slow down."""
    with running_sandbox(requests_per_second=10) as sandbox:
        code = WORKER.format(key=sandbox.api_key, sender=sandbox.phone_number_id)
        chosen = url if store == "redis" else store
        environment = {**os.environ, "TMPDIR": str(tmp_path)}
        with ExitStack() as programs:
            workers = [
                programs.enter_context(
                    running_program(
                        [sys.executable, "-c", code, sandbox.url, chosen, first],
                        env=environment,
                    )
                )
                for first in ("16505550000", "16505551000")
            ]
            assert [worker.wait(LIMIT) for worker in workers] == [0, 0]
        assert [call["status"] for call in sandbox.requests()] == [200] * 32


OPERATIONS = st.tuples(
    st.sampled_from(
        [Operation.ACQUIRE, Operation.ACQUIRE, Operation.PAUSE, Operation.PEEK]
    ),
    st.integers(-400_000, 400_000) | st.integers(0, 2000),
    st.integers(0, 10**6),
)


@settings(deadline=None, max_examples=200)
@given(st.lists(OPERATIONS, max_size=30), st.integers(1, 60_000_000), st.integers(1, 45))
def test_python_and_lua_agree(redis, operations, spacing, burst):
    """Any operations at any times lead to the same waits and the same bucket by the script and by the Python code."""
    rate, state, now, key, store = (
        Rate(spacing, burst),
        EMPTY,
        NOW,
        str(uuid.uuid4()),
        RedisStore(redis),
    )
    for operation, gap, amount in operations:
        now += gap
        state, wait = update(operation, rate, state, now, amount)
        assert store.update(operation, key, rate, amount, now_ms=now) == wait
        stored = redis.hmget(f"{PREFIX}{key}", "tat", "paused_until")
        assert tuple(int(value or 0) for value in stored) == state


def test_what_redis_holds(redis, url):
    """Redis holds neither the key, nor a number, nor a text, in any form that could be looked for; and soon nothing."""
    redis.flushall()
    limiter = RateLimiter(
        ClientConfig(api_key=KEY, requests_per_second=100, rate_limit_storage=url)
    )
    limiter.acquire(MESSAGE, time.sleep)
    keys = redis.keys("*")
    held = b" ".join(
        [
            *keys,
            *(
                value
                for key in keys
                for pair in redis.hgetall(key).items()
                for value in pair
            ),
        ]
    )
    for secret in (
        KEY,
        RECIPIENT,
        f"+{RECIPIENT}",
        SENDER,
        f"{SENDER} {RECIPIENT}",
        f"{SENDER}{RECIPIENT}",
        TEXT,
    ):
        digest = hashlib.sha256(secret.encode())
        forms = [
            secret.encode(),
            base64.b64encode(secret.encode()),
            digest.hexdigest()[:16].encode(),
        ]
        assert not [
            form
            for form in [*forms, base64.b64encode(digest.digest())[:16]]
            if form in held
        ]
    assert len(keys) == 3
    assert all(
        key.startswith(PREFIX.encode()) and 0 < redis.pttl(key) <= 400_000 for key in keys
    )


def test_a_pause_is_shared(url):
    """A pause of one client delays all clients of the same Redis, by Redis's clock."""
    rate, one, other = Rate.per_second(10), RedisStore.at(url), RedisStore.at(url)
    one.update(Operation.PAUSE, "account", rate, 60_000)
    assert 50_000 < other.update(Operation.PEEK, "account", rate) <= 60_000
    assert 50_000 < other.update(Operation.ACQUIRE, "account", rate) <= 60_000


def test_redis_that_goes_away(caplog):
    """Without Redis calls go on at a limiter of the process's own; the warning says so once, without the address."""
    with running_redis() as url:
        limiter = RateLimiter(ClientConfig(api_key=KEY, rate_limit_storage=url))
        limiter.acquire(MESSAGE, time.sleep)
        assert not caplog.records
    slept = []
    for _ in range(3):
        limiter.acquire(
            MESSAGE, lambda seconds: slept.append(seconds) or time.sleep(seconds)
        )
    assert len(slept) == 2
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "The shared rate limit cannot be used (ConnectionError)" in caplog.text
    assert url.removeprefix("redis://") not in caplog.text


def test_a_wrong_password(redis, url, caplog):
    """A password that Redis rejects stands in no log, and keeps no message back."""
    caplog.set_level(logging.DEBUG)
    wrong = url.replace("//", "//user:hunter2@")
    RateLimiter(ClientConfig(api_key=KEY, rate_limit_storage=wrong)).acquire(
        MESSAGE, time.sleep
    )
    assert "cannot be used (AuthenticationError)" in caplog.text
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize(
    "wrong",
    [
        "redis://:hunter2/x@cache:6379",
        "redis://cache:hunter2",
        "redis://cache?hunter2=1",
        "redis://cache?db=hunter2",
    ],
    ids=["slash", "port", "unknown", "no-number"],
)
def test_an_unreadable_url(wrong):
    """A URL that cannot be read is named as the field, and no part of it is shown, not even behind the error."""
    with pytest.raises(
        ConfigurationError, match="^rate_limit_storage: must be a URL that redis can read"
    ) as caught:
        open_store(wrong)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None
