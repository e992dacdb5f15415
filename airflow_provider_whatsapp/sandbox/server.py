"""Runs a sandbox on a loopback port."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from airflow_provider_whatsapp.sandbox.app import create_app
from airflow_provider_whatsapp.sandbox.settings import (
    BUSINESS_ACCOUNT_ID,
    CONNECTION_ID,
    PHONE_NUMBER_ID,
    SandboxSettings,
    airflow_connection,
)
from airflow_provider_whatsapp.sandbox.state import Sandbox


@dataclass(frozen=True, kw_only=True)
class RunningSandbox:
    """Where a sandbox listens, and what to put into an Airflow connection."""

    url: str
    settings: SandboxSettings
    state: Sandbox
    connection_id: str = CONNECTION_ID
    business_account_id: str = BUSINESS_ACCOUNT_ID
    phone_number_id: str = PHONE_NUMBER_ID

    @property
    def api_key(self) -> str:
        """The key that it accepts."""
        return self.settings.api_key

    def sent_messages(self) -> list[dict[str, Any]]:
        """Return the messages that were accepted, oldest first, as ``GET /sandbox/messages`` does."""
        with self.state.lock:
            return [message.shown() for message in self.state.messages.listed()]

    def read_messages(self) -> list[dict[str, Any]]:
        """Return the messages that were marked as read, oldest first, as ``GET /sandbox/read_messages`` does."""
        with self.state.lock:
            return self.state.read_messages.listed()

    def airflow_connection(self) -> str:
        """Return the JSON for the environment variable ``AIRFLOW_CONN_MATON_DEFAULT``."""
        return airflow_connection(self.url, self.api_key)


class SandboxServer(uvicorn.Server):
    """A uvicorn server that says when it serves, and lets hanging callers go when it stops."""

    def __init__(self, app: FastAPI) -> None:
        config = uvicorn.Config(
            app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=5,
        )
        super().__init__(config)
        self._hangs = app.state.hangs
        self.serving = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        await super().startup(sockets=sockets)
        self.serving.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving."""
        self._hangs.release()
        await super().shutdown(sockets=sockets)


class _Protocol(H11Protocol):
    """HTTP with the transport within the application's reach, which is how connections get dropped."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


def listening_socket(settings: SandboxSettings) -> socket.socket:
    """Return a socket on the chosen loopback address; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    return socket.create_server((settings.host, settings.port), family=family, backlog=2048)


def url_of(listening: socket.socket) -> str:
    """Return the address of a socket as a base URL."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def running_sandbox(**settings: Any) -> Iterator[RunningSandbox]:
    """
    Run a sandbox in a thread, on a free loopback port, for as long as the block lasts.

    It serves from the first line of the block on::

        import pytest
        from airflow_provider_whatsapp.sandbox import running_sandbox

        @pytest.fixture
        def sandbox(monkeypatch):
            with running_sandbox(approve_after=0) as sandbox:
                monkeypatch.setenv("AIRFLOW_CONN_MATON_DEFAULT", sandbox.airflow_connection())
                yield sandbox

        def test_alert(sandbox):
            run_my_dag()
            assert [message["to"] for message in sandbox.sent_messages()] == ["16505551234"]

    :param settings: fields of :class:`~airflow_provider_whatsapp.sandbox.SandboxSettings`.
    """
    chosen = SandboxSettings(**{"port": 0, **settings})
    app = create_app(chosen)
    with listening_socket(chosen) as listening:
        server = SandboxServer(app)
        thread = threading.Thread(target=_run, args=(server, listening), name="whatsapp-sandbox", daemon=True)
        thread.start()
        server.serving.wait()
        if not server.started:
            raise RuntimeError("the sandbox could not start; see the log")
        try:
            yield RunningSandbox(url=url_of(listening), settings=chosen, state=app.state.sandbox)
        finally:
            server.should_exit = True
            thread.join()


def _run(server: SandboxServer, listening: socket.socket) -> None:
    try:
        server.run(sockets=[listening])
    finally:
        # Whoever waits for a server that could not start must not wait for ever.
        server.serving.set()
