"""
How much of Maton's 10 requests a second many processes use together, and whether one of them is rejected.

Four processes of four threads each send messages, for half a minute, to a gateway that enforces the limit:
once through Redis, once through the file of one machine. The gateway's request log is what counts. Fails below
97 % of what is allowed, and if anything is rejected.
"""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from pydantic import SecretStr

from airflow_provider_whatsapp.client.client import WhatsAppClient
from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.models.messages import TextMessage
from airflow_provider_whatsapp.sandbox.settings import API_KEY, PHONE_NUMBER_ID
from benchmarks.redis_server import running_redis
from scripts.sandbox_client import SandboxClient

SECONDS = 30
START = 4  # seconds until all processes are there
ALLOWED = 10  # a second
PROCESSES, THREADS = 4, 4
MIN_SHARE = 0.97


class Outcome(NamedTuple):
    """What the gateway's request log says."""

    admitted: int
    rejected: int

    @property
    def share(self) -> float:
        """The part of the allowed rate that was used."""
        return self.admitted / (SECONDS * ALLOWED)

    @property
    def is_good(self) -> bool:
        """Whether the limit was used well, and kept."""
        return self.share >= MIN_SHARE and not self.rejected


@contextmanager
def running_gateway() -> Iterator[str]:
    """Run a gateway that enforces the limit, in a process of its own, and return its address."""
    command = [sys.executable, "-m", "airflow_provider_whatsapp.sandbox", "--port", "0"]
    limit = ["--requests-per-second", str(ALLOWED)]
    with subprocess.Popen([*command, *limit], stdout=subprocess.PIPE, text=True) as gateway:
        bucket = gateway.stdout.readline() if gateway.stdout else ""
        try:
            yield bucket.partition(" at ")[2].partition(" ")[0]
        finally:
            gateway.terminate()


def send(start: float, url: str, storage: str, process: int) -> None:
    """Send from several threads for a little longer than is measured, each message to another recipient."""
    config = ClientConfig(
        api_key=SecretStr(API_KEY),
        base_url=url,
        phone_number_id=PHONE_NUMBER_ID,
        rate_limit_storage=storage,
        check_numbers="off",  # the numbers are made up, and each would be a warning
    )
    client = WhatsAppClient(config)

    def send_in_turn(thread: int) -> None:
        number = 1_650_000_0000 + (process * THREADS + thread) * 100_000
        while time.time() < start + SECONDS + 1:
            number += 1
            client.messages.send(
                TextMessage.model_validate({"to": str(number), "text": {"body": "Hello"}})
            )

    threads = [
        threading.Thread(target=send_in_turn, args=(number,)) for number in range(THREADS)
    ]
    time.sleep(max(start - time.time(), 0))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def outcome(storage: str) -> Outcome:
    """Send from all processes through ``storage``, and read the request log of the half minute after the first call."""
    spawn = multiprocessing.get_context("spawn")
    with running_gateway() as url:
        start = time.time() + START
        processes = [
            spawn.Process(target=send, args=(start, url, storage, n))
            for n in range(PROCESSES)
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        calls = SandboxClient(url).requests()
    last = calls[0]["timestamp"] + SECONDS
    admitted = [
        call for call in calls if call["status"] == 200 and call["timestamp"] < last
    ]
    return Outcome(len(admitted), sum(call["status"] == 429 for call in calls))


def main() -> None:
    """Measure both ways of sharing the limit."""
    with running_redis() as url:
        outcomes = {"Redis": outcome(url), "machine": outcome("machine")}
    print(
        f"{PROCESSES} processes of {THREADS} threads, {SECONDS} s, {ALLOWED} requests a second allowed"
    )
    for name, found in outcomes.items():
        print(
            f"{found.share:7.1%} used  {found.admitted} admitted  {found.rejected} rejected  {name}"
        )
    if not all(found.is_good for found in outcomes.values()):
        sys.exit(
            f"Less than {MIN_SHARE:.0%} of the allowed rate was used, or a request was rejected"
        )


if __name__ == "__main__":
    main()
