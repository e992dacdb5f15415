"""
What sharing a limit through Redis takes: a reserved slot, pyrate-limiter's own waiting, and the library limits.

Four processes of four threads each want 10 slots a second, for ten seconds each way. How many a gateway would
reject is counted over any second that has passed; commands are those that Redis itself counted.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections import deque
from collections.abc import Callable
from multiprocessing.queues import Queue
from typing import NamedTuple

from limits import RateLimitItemPerSecond, storage, strategies
from pydantic import SecretStr
from pyrate_limiter import GCRA, Limiter, Rate, RedisStateStore, StateBucket
from redis import Redis

from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.http.calls import Call
from airflow_provider_whatsapp.client.rate_limit.limiter import RateLimiter
from benchmarks.redis_server import running_redis

SECONDS = 10
ALLOWED = 10  # a second
PROCESSES, THREADS = 4, 4
START = 4  # seconds until all processes are there

Wait = Callable[[], object]


class Result(NamedTuple):
    """What a process or all of them did."""

    moments: list[float]
    cpu: float


def reserved(url: str) -> Wait:
    """Return a function that waits for a slot of this package's."""
    limiter, call = (
        RateLimiter(ClientConfig(api_key=SecretStr("key"), rate_limit_storage=url)),
        Call(method="GET", path="1"),
    )
    return lambda: limiter.acquire(call, time.sleep)


def pyrate(url: str) -> Wait:
    """Return what waits with pyrate-limiter's own limiter, at the same distances."""
    store = RedisStateStore(Redis.from_url(url), "pyrate")
    limiter = Limiter(StateBucket([Rate(ALLOWED, 1020, burst=1)], GCRA(), store))
    return lambda: limiter.try_acquire("account")


def moving_window(url: str) -> Wait:
    """Return what asks limits again, as soon as it says that there will be room."""
    limiter = strategies.MovingWindowRateLimiter(storage.RedisStorage(url))
    limit = RateLimitItemPerSecond(ALLOWED)

    def wait() -> None:
        while not limiter.hit(limit, "account"):
            time.sleep(
                max(limiter.get_window_stats(limit, "account").reset_time - time.time(), 0)
                + 0.001
            )

    return wait


WAYS = {"reserved slots": reserved, "pyrate-limiter": pyrate, "limits": moving_window}


def work(way: str, url: str, start: float, results: Queue[Result]) -> None:
    """Acquire slots in several threads, and note when."""
    wait, moments = WAYS[way](url), list[float]()

    def take() -> None:
        while time.time() < start + SECONDS:
            wait()
            moments.append(time.time())

    threads = [threading.Thread(target=take) for _ in range(THREADS)]
    time.sleep(max(start - time.time(), 0))
    cpu = time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put(Result(moments, time.process_time() - cpu))


def together(way: str, url: str) -> Result:
    """Run all processes, and return what was done within the time."""
    spawn, start = multiprocessing.get_context("spawn"), time.time() + START
    results: Queue[Result] = spawn.Queue()
    processes = [
        spawn.Process(target=work, args=(way, url, start, results))
        for _ in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    found = [results.get() for _ in processes]
    for process in processes:
        process.join()
    moments = sorted(
        moment for result in found for moment in result.moments if moment < start + SECONDS
    )
    return Result(moments, sum(result.cpu for result in found))


def rejected(moments: list[float]) -> int:
    """Return how many of these calls a gateway would reject."""
    admitted: deque[float] = deque()
    count = 0
    for moment in moments:
        while admitted and moment - admitted[0] >= 1:
            admitted.popleft()
        if len(admitted) < ALLOWED:
            admitted.append(moment)
        else:
            count += 1
    return count


def main() -> None:
    """Measure all ways, one after the other."""
    print(
        f"{PROCESSES} processes of {THREADS} threads, {SECONDS} s, {ALLOWED} slots a second allowed"
    )
    for way in WAYS:
        with running_redis() as url:
            result = together(way, url)
            calls = Redis.from_url(url).info("commandstats").values()
        count, taken = rejected(result.moments), len(result.moments)
        commands = sum(call["calls"] for call in calls)
        print(
            f"{(taken - count) / SECONDS / ALLOWED:7.1%} used  {count:2} rejected  {commands / taken:5.1f} commands  "
            f"{result.cpu / taken * 1000:5.2f} ms CPU a slot  {way}"
        )


if __name__ == "__main__":
    main()
