from __future__ import annotations

import logging
import os
import sys
import threading

import pytest

from airflow_provider_whatsapp.client.rate_limit.gcra import Operation, Rate
from airflow_provider_whatsapp.client.rate_limit.memory import MemoryStore
from airflow_provider_whatsapp.client.rate_limit.sqlite import SqliteStore
from airflow_provider_whatsapp.client.rate_limit.stores import (
    OUTAGE_SECONDS,
    StoreWithFallback,
    open_store,
)
from airflow_provider_whatsapp.exceptions import ConfigurationError
from tests.threads import LIMIT, run_together

RATE = Rate.per_second(10)


class Clock:
    """Seconds that pass only when told."""

    now = 1000.0

    def __call__(self):
        """Return the time."""
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def folder(tmp_path):
    """A folder that any user may write to, so that nothing is kept there."""
    folder = tmp_path / "buckets"
    folder.mkdir()
    folder.chmod(0o777)
    return folder


@pytest.fixture
def store(folder, clock):
    return StoreWithFallback(SqliteStore(folder), MemoryStore(clock), clock)


def test_memory_forgets(clock):
    """Buckets whose slots have all passed are deleted; the others are kept."""
    memory = MemoryStore(clock)
    memory.update(Operation.PAUSE, "paused", RATE, 60_000)
    for number in range(5000):
        memory.update(Operation.ACQUIRE, str(number), RATE)
        clock.now += 0.01
    assert len(memory._buckets) <= 1000
    assert memory.update(Operation.PEEK, "paused", RATE) == pytest.approx(10_000, abs=1)


def test_memory_keeps_what_is_needed(clock):
    """Many buckets in use are all kept, and not searched for each new one."""
    memory = MemoryStore(clock)
    for number in range(1500):
        memory.update(Operation.ACQUIRE, str(number), RATE)
    assert all(
        memory.update(Operation.ACQUIRE, str(number), RATE) for number in range(1500)
    )
    assert memory._tidy_at == 2000


def test_fallback_limits(store):
    """While the shared store cannot be used, the threads of this process still share a limiter."""
    assert [store.update(Operation.ACQUIRE, "a", RATE) for _ in range(3)] == [0, 102, 204]


def test_fallback_says_so(store, folder, clock, caplog):
    """One warning says that the store cannot be used, and what to do, until it is tried again."""
    for _ in range(3):
        store.update(Operation.ACQUIRE, "a", RATE)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert (
        "cannot be used (PermissionError): for 60 s this process keeps one of its own"
        in caplog.text
    )
    assert f"Check that {folder} is a folder of this user's with mode 0700" in caplog.text
    clock.now += OUTAGE_SECONDS
    store.update(Operation.ACQUIRE, "a", RATE)
    assert len(caplog.records) == 2


def test_fallback_returns(store, folder, clock):
    """A store that works again is used again, but not before a minute has passed."""
    store.update(Operation.ACQUIRE, "a", RATE)
    folder.chmod(0o700)
    clock.now += OUTAGE_SECONDS - 1
    store.update(Operation.ACQUIRE, "a", RATE)
    assert not list(folder.iterdir())
    clock.now += 1
    store.update(Operation.ACQUIRE, "a", RATE)
    assert list(folder.iterdir())


class Unreachable:
    """Fails for all threads at once."""

    remedy = "Start it"

    def __init__(self, threads):
        self.barrier = threading.Barrier(threads)

    def update(self, *operation):
        self.barrier.wait(LIMIT)
        raise OSError


def test_threads_warn_once(clock, caplog):
    """Threads that meet the outage together warn once."""
    store = StoreWithFallback(Unreachable(8), MemoryStore(clock), clock)
    run_together(lambda: store.update(Operation.ACQUIRE, "a", RATE), 8)
    assert len(caplog.records) == 1


def test_one_for_a_setting():
    """A process opens each store once; nothing and empty mean its own memory, off means none."""
    assert open_store("off") is None
    assert open_store(None) is open_store("")
    assert open_store("machine") is open_store("machine")
    assert open_store("machine") is not open_store(None)


def test_not_beyond_a_fork(monkeypatch):
    """A process that was forked opens its own."""
    before = open_store("machine")
    monkeypatch.setattr(os, "getpid", lambda: 1)
    assert open_store("machine") is not before


def test_missing_package(monkeypatch):
    """Without the Redis client, the error says what to install, and shows no password."""
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ConfigurationError) as caught:
        open_store("redis://:hunter2@cache:6379/0")
    assert "Install 'airflow-provider-whatsapp[redis]' on this worker" in str(caught.value)
    assert "hunter2" not in str(caught.value)
