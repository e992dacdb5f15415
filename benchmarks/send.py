"""
What one send of a text costs, beside bare ``requests`` and beside the client pywa.

All three send the same text to the same server on loopback over a connection that is kept open. Rounds
of each take turns, so that a slow moment of the machine hits all of them; ``make bench`` runs this, which
fails if this package's client takes more CPU than another one.
"""

from __future__ import annotations

import itertools
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx
import requests
from pydantic import SecretStr
from pywa.client import WhatsApp

from airflow_provider_whatsapp.client.client import WhatsAppClient
from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.models.messages import MESSAGE
from airflow_provider_whatsapp.models.validation import validate
from benchmarks.loopback import running_server

ROUNDS = 21
SENDS = 100
TO = "16505551234"
TEXT = "The task load of etl has failed. https://airflow.example.com/dags/etl"
BODY: dict[str, Any] = {
    "messaging_product": "whatsapp",
    "recipient_type": "individual",
    "to": TO,
    "type": "text",
    "text": {"body": TEXT, "preview_url": False},
}


class Cost(NamedTuple):
    """Microseconds of one send."""

    cpu: float
    wall: float


def ours(url: str) -> Callable[[], object]:
    """Return what checks a message and sends it with this package's client."""
    # The rate limit is kept, and never makes a send wait: no two are from the same number to the same recipient.
    config = ClientConfig(
        api_key=SecretStr("key"), base_url=url, requests_per_second=1_000_000
    )
    client, numbers = WhatsAppClient(config), map(str, itertools.count(int(TO)))

    def send() -> str:
        number = next(numbers)
        return client.messages.send(
            validate(MESSAGE, {**BODY, "to": number}), phone_number_id=number
        ).message_id

    return send


def bare_requests(url: str) -> Callable[[], object]:
    """Return what posts the body with a session of ``requests``, unchecked."""
    session = requests.Session()
    session.headers["Authorization"] = "Bearer key"
    address = f"{url}/whatsapp-business/v25.0/1/messages"
    return lambda: session.post(address, json=BODY, timeout=(5, 30)).json()["messages"][0][
        "id"
    ]


def pywa(url: str) -> Callable[[], object]:
    """Return what sends the text with pywa, whose address is led to the server before anything is measured."""
    client = WhatsApp(phone_id="1", token="key", session=httpx.Client(timeout=30))  # noqa: S106 - opens nothing
    client.api._session.base_url = httpx.URL(f"{url}/v25.0")  # noqa: SLF001 - it has no setting for it
    return lambda: client.send_message(TO, TEXT).id


SENDERS = {"this client": ours, "requests": bare_requests, "pywa": pywa}


def cost(send: Callable[[], object]) -> Cost:
    """Return what a send costs, as the mean of many."""
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(SENDS):
        send()
    return Cost(
        (time.process_time() - cpu) / SENDS * 1e6,
        (time.perf_counter() - wall) / SENDS * 1e6,
    )


def main() -> None:
    """Measure all senders in turn, after a round that is not counted."""
    with running_server() as url:
        senders = {name: make(url) for name, make in SENDERS.items()}
        rounds = [
            {name: cost(send) for name, send in senders.items()} for _ in range(ROUNDS + 1)
        ][1:]
    print(
        f"One send; median (least to most) of {ROUNDS} rounds of {SENDS}, in microseconds"
    )
    for name in SENDERS:
        print(
            f"{_figures([costs[name].cpu for costs in rounds])} CPU  "
            f"{_figures([costs[name].wall for costs in rounds])} wall  {name}"
        )
    cpu = {name: statistics.median(costs[name].cpu for costs in rounds) for name in SENDERS}
    # pywa checks neither the number nor the limits, so that it is shown and not the bar.
    if cpu["this client"] > cpu["requests"]:
        sys.exit("A send takes more CPU than requests.Session.post")


def _figures(figures: list[float]) -> str:
    return f"{statistics.median(figures):7.0f}  ({min(figures):.0f} to {max(figures):.0f})"


if __name__ == "__main__":
    main()
