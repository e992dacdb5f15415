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

from airflow_provider_whatsapp.sandbox.aliases import Json
from airflow_provider_whatsapp.sandbox.app import create_app
from airflow_provider_whatsapp.sandbox.control import SandboxControl
from airflow_provider_whatsapp.sandbox.settings import (
    BUSINESS_ACCOUNT_ID,
    CONNECTION_ID,
    PHONE_NUMBER_ID,
    SandboxSettings,
    airflow_connection,
)


@dataclass(frozen=True, kw_only=True)
class RunningSandbox(SandboxControl):
    """
    A sandbox that listens on a port of this process.

    It has the control API: methods to read what arrived, to change statuses, and to add faults.
    """

    url: str
    settings: SandboxSettings
    connection_id: str = CONNECTION_ID
    business_account_id: str = BUSINESS_ACCOUNT_ID
    phone_number_id: str = PHONE_NUMBER_ID

    @property
    def api_key(self) -> str:
        """The Maton key that it accepts."""
        return self.settings.api_key

    def airflow_connection(self) -> str:
        """Return the JSON for the environment variable ``AIRFLOW_CONN_MATON_DEFAULT``."""
        return airflow_connection(self.url, self.api_key)

    def set_connection_status(
        self,
        *,
        status: str,
        connection_id: str = CONNECTION_ID,
        base_url: str = "",
    ) -> Json:
        """
        Change the status of a Maton connection, and return the connection.

        As in :class:`SandboxControl`, with the URL of this sandbox as the default ``base_url``.
        """
        return super().set_connection_status(
            status=status,
            connection_id=connection_id,
            base_url=base_url or self.url,
        )


class SandboxServer(uvicorn.Server):
    """A uvicorn server that says when it serves, and that ends calls which hang when it stops."""

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
        self._hanging = app.state.hanging
        self.serving = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to serve."""
        await super().startup(sockets=sockets)
        self.serving.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving."""
        # uvicorn waits for open calls. One that hangs would make it wait until its own timeout.
        self._hanging.release()
        await super().shutdown(sockets=sockets)


class _Protocol(H11Protocol):
    """HTTP that gives the application its transport, which is how faults drop a connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # A new dict, because all connections share the one that uvicorn made.
        self.app_state = {**self.app_state, "transport": transport}


def open_socket(settings: SandboxSettings) -> socket.socket:
    """Return a socket that listens on the address of the settings; port 0 takes a free one."""
    family = socket.AF_INET
    if ":" in settings.host:
        family = socket.AF_INET6
    return socket.create_server(
        (settings.host, settings.port),
        family=family,
        backlog=2048,
    )


def url_of(listening: socket.socket) -> str:
    """Return the address of a socket as a base URL."""
    host, port = listening.getsockname()[:2]
    # IPv6 addresses need brackets in a URL.
    if ":" in host:
        return f"http://[{host}]:{port}"
    return f"http://{host}:{port}"


@contextmanager
def running_sandbox(**settings: Any) -> Iterator[RunningSandbox]:
    """
    Run a sandbox in a thread, on a free loopback port, until the block ends.

    It serves as soon as the block starts::

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
    with open_socket(chosen) as listening:
        server = SandboxServer(app)
        thread = threading.Thread(
            target=_run,
            args=(server, listening),
            name="whatsapp-sandbox",
            # A test run that is interrupted must not wait for the server.
            daemon=True,
        )
        thread.start()
        server.serving.wait()
        if not server.started:
            raise RuntimeError("the sandbox could not start; see the log")
        try:
            yield RunningSandbox(
                url=url_of(listening),
                settings=chosen,
                state=app.state.sandbox,
            )
        finally:
            server.should_exit = True
            thread.join()


def _run(server: SandboxServer, listening: socket.socket) -> None:
    try:
        server.run(sockets=[listening])
    finally:
        # A server that cannot start never says that it serves, and running_sandbox waits for that.
        server.serving.set()
