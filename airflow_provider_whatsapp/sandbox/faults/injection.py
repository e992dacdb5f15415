"""Carries out faults: wrong responses, calls that hang, dropped connections."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from airflow_provider_whatsapp.sandbox.faults.store import Fault
from airflow_provider_whatsapp.sandbox.gateway.request_log import is_control_call
from airflow_provider_whatsapp.sandbox.state import Sandbox


class FaultInjection:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, *, sandbox: Sandbox, hanging: HangingCalls) -> None:
        self._app = app
        self._sandbox = sandbox
        self._hanging = hanging

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call on, or carry out the fault that is for it."""
        if scope["type"] != "http" or is_control_call(scope):
            await self._app(scope, receive, send)
            return
        with self._sandbox.lock:
            fault = self._sandbox.faults.take(scope["method"], scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
        else:
            await self._carry_out(fault, scope, receive, send)

    async def _carry_out(
        self, fault: Fault, scope: Scope, receive: Receive, send: Send
    ) -> None:
        # The whole request arrives before anything goes wrong. That is what makes a lost response
        # ambiguous, and it keeps a reset from reaching a caller that is still sending.
        body = await receive_body(receive)
        if fault.behaviour == "drop_after":
            await self._app(scope, replay_body(body, receive), discard)
        # A delay of 0 seconds is none, but a hang of 0 seconds still checks the caller.
        is_waiting = fault.behaviour == "hang" or bool(fault.seconds)
        if is_waiting and not await self._hanging.wait(receive, fault.seconds):
            await drop_connection(scope, receive)
        elif fault.status is not None:
            response = build_response(fault, status=fault.status)
            await response(scope, receive, send)
        elif fault.behaviour == "hang":
            await self._app(scope, replay_body(body, receive), send)
        else:
            await drop_connection(scope, receive)


class HangingCalls:
    """Calls that wait, until their caller gives up or the server stops."""

    def __init__(self) -> None:
        self._releases: set[asyncio.Event] = set()

    async def wait(self, receive: Receive, seconds: float | None) -> bool:
        """
        Wait, and return whether the caller is still there and the server still runs.

        :param seconds: None waits without an end.
        """
        release = asyncio.Event()
        self._releases.add(release)
        ends = [
            asyncio.ensure_future(wait_for_disconnect(receive)),
            asyncio.ensure_future(release.wait()),
        ]
        try:
            ended, _ = await asyncio.wait(
                ends,
                timeout=seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            self._releases.discard(release)
            for end in ends:
                end.cancel()
        return not ended

    def release(self) -> None:
        """Let all of them end. Call this on the event loop, where the events belong."""
        for release in self._releases:
            release.set()


def build_response(fault: Fault, *, status: int) -> Response:
    """Return the response of a fault: a str as plain text, everything else as JSON."""
    content = ""
    media_type = "application/json"
    if isinstance(fault.body, str):
        content = fault.body
        media_type = "text/plain; charset=utf-8"
    elif fault.body is not None:
        content = json.dumps(fault.body)
    # In lower case, so that a Content-Type of the fault's own replaces the default one.
    headers = {name.lower(): value for name, value in fault.headers.items()}
    headers.setdefault("content-type", media_type)
    return Response(content, status, headers)


async def drop_connection(scope: Scope, receive: Receive) -> None:
    """
    Close the socket without an HTTP response.

    An exception is not enough, because the server answers it with status 500. The server of this
    package puts the transport into the scope. An in-process test client has none, and gets an error.
    """
    transport: Any = scope.get("state", {}).get("transport")
    if transport is None:
        raise ConnectionAbortedError("a fault of the sandbox drops this connection")
    transport.abort()
    # The server takes an application that returns without a response for a bug, until it knows
    # that the connection is gone.
    await wait_for_disconnect(receive)


async def receive_body(receive: Receive) -> list[Message]:
    """Return the messages of a whole request body."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    return messages


def replay_body(messages: list[Message], receive: Receive) -> Receive:
    """Return a ``receive`` that first returns messages which have already arrived."""
    waiting = iter(messages)

    async def replay() -> Message:
        message = next(waiting, None)
        if message is None:
            return await receive()
        return message

    return replay


async def wait_for_disconnect(receive: Receive) -> None:
    """Return when the caller has closed its connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def discard(message: Message) -> None:
    """Take the place of ``send``, and drop the response."""
