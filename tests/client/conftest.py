"""A transport with queued responses, and a server on loopback that misbehaves as told."""

from __future__ import annotations

import json
import socket
import struct
import threading
import traceback
from collections import deque
from contextlib import suppress
from pathlib import Path

import pytest

from airflow_provider_whatsapp.client.api import Api
from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.http.calls import Call, Idempotency, Response
from airflow_provider_whatsapp.client.http.transport import Transport
from airflow_provider_whatsapp.client.rate_limit.limiter import RateLimiter
from airflow_provider_whatsapp.client.rate_limit.memory import MemoryStore
from airflow_provider_whatsapp.models.messages import TemplateMessage
from tests.builders import template_message
from tests.threads import LIMIT, CheckedThread

KEY = "mtn_9f8e7d6c5b4a"
PHONE = "16505551234"
PAYLOADS = Path(__file__).parent / "payloads"


class QueuedTransport(Transport):
    """Gives back what was queued, and keeps what was asked; the last response repeats."""

    def __init__(self, config, responses):
        super().__init__(config)
        self.responses = deque(responses)
        self.requests = []
        self.bodies = []
        self.with_key = []

    def send(self, request, call):
        """Read the body as the network would, and return a response."""
        self.requests.append(request)
        self.bodies.append(
            b"".join(iter(lambda: request.body.read(100), b""))
            if call.stream
            else request.body
        )
        response = (
            self.responses.popleft() if len(self.responses) > 1 else self.responses[0]
        )
        if isinstance(response, Exception):
            raise response
        return response

    def fetch(self, request, call, sink, *, with_key):
        """Return a response, and hand the body of a success out in two pieces."""
        self.with_key.append(with_key)
        response = self.send(request, call)
        if response.status == 200:
            sink(response.body[:3])
            sink(response.body[3:])
        return response


class FakedApi(Api):
    """An Api that never waits, and records how long it would have waited."""

    def __init__(self, config, transport):
        self.waits = []
        self.now = 1000.0
        self.meanwhile = None
        self.transport = transport
        self.store = MemoryStore(lambda: self.now)
        super().__init__(
            config,
            transport,
            sleep=self._wait,
            jitter=lambda: 0.0,
            rate_limiter=RateLimiter(config, self.store),
        )

    def waits_of_another(self, call):
        """Return how long another client of this account would wait for a slot now."""
        waits, now = [], self.now

        def wait(seconds):
            waits.append(seconds)
            self.now += seconds

        RateLimiter(self.config, self.store).acquire(call, wait)
        self.now = now
        return waits

    def _wait(self, seconds):
        if seconds:
            self.waits.append(seconds)
            meanwhile, self.meanwhile = self.meanwhile, None
            if meanwhile:
                meanwhile()
            self.now += seconds


class Loopback:
    """Reads each request to its end, writes it into ``requests``, and lets ``reply`` do what it wants."""

    def __init__(self, reply, context=None):
        self.reply = reply
        self.context = context
        self.requests = []
        self.drained = []
        self.stopping = threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.threads = []
        self.connections = []
        self._start(self._serve)

    def _start(self, work, *args):
        self.threads.append(CheckedThread(work, *args))

    def _serve(self):
        while not self.stopping.is_set():
            connection, _ = self.socket.accept()
            connection.settimeout(LIMIT)
            self._start(self._talk, connection)

    def _talk(self, connection):
        # That the client hangs up first is what many tests are about.
        with suppress(OSError, StopIteration):
            connection = (
                self.context.wrap_socket(connection, server_side=True)
                if self.context
                else connection
            )
            self.connections.append(connection)
            self._respond(connection)
        connection.close()

    def _respond(self, connection):
        with connection, connection.makefile("rb") as stream:
            head = b"".join(iter(lambda: next(stream), b"\r\n"))
            length = next(
                (
                    int(line[15:])
                    for line in head.splitlines()
                    if line.lower().startswith(b"content-length")
                ),
                0,
            )
            drained = 0
            while drained < length and (piece := stream.read(min(65536, length - drained))):
                drained += len(piece)
            self.drained.append(drained)
            self.requests.append(head.decode("latin-1"))
            self.reply(connection, self)

    def stop(self):
        """Let hanging replies go, and end the threads."""
        self.stopping.set()
        with suppress(OSError), socket.create_connection(self.socket.getsockname(), LIMIT):
            pass
        # Clients may have kept their connections.
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.result()
        self.socket.close()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="session")
def key():
    return KEY


@pytest.fixture(scope="session")
def phone():
    return PHONE


@pytest.fixture(scope="session")
def config():
    """Return a function that makes settings; by default neither rate limit nor timeout is reached."""

    def make(**changes):
        ids = {
            "phone_number_id": "106540352242922",
            "business_account_id": "102290129340398",
        }
        unlimited = {
            "connect_timeout": LIMIT,
            "read_timeout": LIMIT,
            "requests_per_second": 1_000_000,
        }
        return ClientConfig(**{"api_key": KEY, **ids, **unlimited, **changes})

    return make


@pytest.fixture(scope="session")
def payload():
    """Return the bytes of a payload file."""
    return lambda name: (PAYLOADS / f"{name}.json").read_bytes()


@pytest.fixture(scope="session")
def response(payload):
    """Make a response from a payload's name, from data, or from bytes."""

    def make(status, body, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, bytes):
            return Response(status, named, body)
        content = payload(body) if isinstance(body, str) else json.dumps(body).encode()
        return Response(status, {"content-type": "application/json", **named}, content)

    return make


@pytest.fixture
def api(config):
    """Make an Api over queued responses."""
    return lambda *responses, **changes: FakedApi(
        config(**changes), QueuedTransport(config(**changes), responses)
    )


@pytest.fixture
def live_api(config):
    """Make an Api over the real transport."""

    def make(base_url, **changes):
        settings = config(base_url=base_url, control_url=base_url, **changes)
        return FakedApi(settings, Transport(settings))

    return make


@pytest.fixture
def loopback():
    """Start servers; a reply is bytes, or a function of the connection."""
    servers = []

    def start(reply, context=None):
        write = (
            (lambda connection, _: connection.sendall(reply))
            if isinstance(reply, bytes)
            else reply
        )
        servers.append(Loopback(write, context))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def refused_url():
    """An address without a server."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}"


@pytest.fixture
def reset():
    """A reply that breaks the connection instead of closing it."""

    def reply(connection, _):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return reply


@pytest.fixture
def hang():
    """A reply that never comes."""
    return lambda _, server: server.stopping.wait(LIMIT)


@pytest.fixture
def message(phone):
    return TemplateMessage.model_validate(template_message(name="task_failed", to=phone))


@pytest.fixture(scope="session")
def read():
    return Call(method="GET", path="1")


@pytest.fixture(scope="session")
def upload():
    return Call(method="POST", path="1/media", idempotency=Idempotency.TASK_MAY_RETRY)


@pytest.fixture(scope="session")
def send():
    return Call(method="POST", path="1/messages", idempotency=Idempotency.NEVER_RETRY)


@pytest.fixture(scope="session")
def all_said():
    """Return every text that an error and those chained to it could put into a log."""

    def texts(error):
        chain = [error, error.__cause__, error.__context__]
        said = [f"{link} {link!r} {link.args}" for link in chain if link]
        return "\n".join([*said, *traceback.format_exception(error)])

    return texts
