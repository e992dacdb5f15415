"""
How many times as much 16 threads of one client send as one does, with 50 ms until each response.

Without the rate limit, to a server on loopback. ``make rate`` runs this, which fails below 12 times.
"""

from __future__ import annotations

import sys
import threading
import time

from pydantic import SecretStr

from airflow_provider_whatsapp.client.client import WhatsAppClient
from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.models.messages import TextMessage
from benchmarks.loopback import running_server

LATENCY = 0.05
THREADS = 16
SECONDS = 5.0
MIN_RATIO = 12.0
MESSAGE = TextMessage.model_validate({"to": "16505551234", "text": {"body": "Hello"}})


def sends_per_second(client: WhatsAppClient, threads: int) -> float:
    """Return what so many threads send together."""
    sent, begun = [0] * threads, time.perf_counter()

    def send(number: int) -> None:
        while time.perf_counter() < begun + SECONDS:
            client.messages.send(MESSAGE)
            sent[number] += 1

    running = [threading.Thread(target=send, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return sum(sent) / (time.perf_counter() - begun)


def main() -> None:
    """Measure one thread, then many, after a round that is not counted."""
    with running_server(LATENCY) as url:
        config = ClientConfig(
            api_key=SecretStr("key"),
            base_url=url,
            phone_number_id="1",
            rate_limit_storage="off",
        )
        client = WhatsAppClient(config)
        client.messages.send(MESSAGE)
        one, many = sends_per_second(client, 1), sends_per_second(client, THREADS)
    print(
        f"Sends a second with {LATENCY * 1000:.0f} ms latency: {one:.1f} by one thread, {many:.1f} by {THREADS}"
    )
    print(f"{many / one:.1f} times")
    if many < MIN_RATIO * one:
        sys.exit(f"That is less than {MIN_RATIO:.0f} times")


if __name__ == "__main__":
    main()
