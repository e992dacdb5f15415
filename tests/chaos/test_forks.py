"""One client, used by many threads of many processes: each of them gets the responses to its own messages."""

from __future__ import annotations

import json
import multiprocessing
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr

from airflow_provider_whatsapp.client.client import WhatsAppClient
from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.rate_limit.sqlite import _in_sqlite
from airflow_provider_whatsapp.client.rate_limit.stores import open_store
from airflow_provider_whatsapp.client.recipients import _in_phonenumbers
from airflow_provider_whatsapp.models.messages import TextMessage
from tests.threads import CheckedThread

PROCESSES, THREADS, EACH = 6, 4, 30
FORK = multiprocessing.get_context("fork")
PATIENCE = 60  # seconds, after which a process counts as hung


class Gateway(ThreadingHTTPServer):
    """Accepts every message, and names it after the text that the sender gave it."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, context):
        super().__init__(("127.0.0.1", 0), Handler)
        # The handshake is left to the thread of each connection.
        self.socket = context.wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )
        self.url = f"https://127.0.0.1:{self.server_port}"
        self.accepted = Counter()

    def handle_error(self, request, client_address):
        """Say nothing of connections that a process closes by ending."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    wbufsize = 65_536  # headers and body leave in one piece

    def do_POST(self):
        """Accept a message."""
        key = json.loads(self.rfile.read(int(self.headers["Content-Length"])))[
            "biz_opaque_callback_data"
        ]
        self.server.accepted[key] += 1
        body = json.dumps({"messages": [{"id": f"wamid.{key}"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Keep quiet."""


@pytest.fixture
def gateway(self_signed, monkeypatch):
    context, certificate = self_signed
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    server = Gateway(context)
    thread = CheckedThread(server.serve_forever)
    yield server
    server.shutdown()
    thread.result()
    server.server_close()


@pytest.fixture(params=["", "machine"], ids=["threads", "machine"])
def client(request, gateway, monkeypatch, tmp_path):
    """A client that has a connection already, and a rate limit that is never reached."""
    monkeypatch.setattr(
        "airflow_provider_whatsapp.client.rate_limit.sqlite._temp_folder", lambda: tmp_path
    )
    monkeypatch.setattr("airflow_provider_whatsapp.client.rate_limit.stores._opened", {})
    config = ClientConfig(
        api_key=SecretStr("key"),
        base_url=gateway.url,
        phone_number_id="1",
        requests_per_second=1_000_000,
        rate_limit_storage=request.param,
    )
    made = WhatsAppClient(config)
    assert send(made, "first") == "wamid.first"
    return made


def send(client, key):
    """Send one message, and return the id that came back."""
    # Valid, so that nothing is logged: Airflow 3's log prints under a lock of structlog's, which a fork can copy while
    # another thread holds it.
    number = f"49160{hash(key) % 10_000_000:07d}"
    return client.messages.send(
        TextMessage(to=number, text={"body": "Hello"}, biz_opaque_callback_data=key)
    ).message_id


def send_many(client, name, results):
    """Send messages, and report how many got another one's id, or an error."""
    wrong = []
    for number in range(EACH):
        key = f"{name}-{number}"
        try:
            found = send(client, key)
        except Exception as error:  # noqa: BLE001 - it is reported
            found = repr(error)
        if found != f"wamid.{key}":
            wrong.append((key, found))
    results.put((name, wrong))


def test_a_client_is_used_after_forks(client, gateway):
    """Processes that are forked while threads send get their own ids, none hangs, and nothing is accepted twice."""
    results = FORK.Queue()
    processes = [
        FORK.Process(target=send_many, args=(client, f"process{n}", results))
        for n in range(PROCESSES)
    ]
    threads = [
        CheckedThread(send_many, client, f"thread{n}", results) for n in range(THREADS)
    ]
    for process in processes:
        process.start()
    try:
        found = dict(results.get(timeout=PATIENCE) for _ in [*threads, *processes])
    finally:
        for process in processes:
            process.kill()
            process.join(PATIENCE)
    for thread in threads:
        thread.result()
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert len(gateway.accepted) == (PROCESSES + THREADS) * EACH + 1
    assert set(gateway.accepted.values()) == {1}


def test_a_lock_that_is_held_during_a_fork(client):
    """A thread of the parent that holds a lock of the rate limit does not hang the child, which has no such thread."""
    results = FORK.Queue()
    process = FORK.Process(target=lambda: results.put(send(client, "child")))
    with open_store(client.config.rate_limit_storage)._lock:
        process.start()
    try:
        assert results.get(timeout=PATIENCE) == "wamid.child"
    finally:
        process.kill()
        process.join(PATIENCE)


@pytest.mark.parametrize(
    "lock", [_in_sqlite, _in_phonenumbers], ids=["SQLite", "phonenumbers"]
)
def test_a_fork_waits_until_no_thread_is_within_a_library(lock):
    """A library has locks of its own, which a child could never get: a fork comes before or after, not in between."""
    entered, left = threading.Event(), threading.Event()

    def hold():
        with lock:
            entered.set()
            assert left.wait(PATIENCE)

    holder = CheckedThread(hold)
    assert entered.wait(PATIENCE)
    process = FORK.Process(target=lambda: None)
    forker = CheckedThread(process.start)
    forker.join(0.2)
    was_forked = process.pid is not None
    left.set()
    holder.result()
    forker.result()
    process.join(PATIENCE)
    assert (was_forked, process.exitcode) == (False, 0)
