"""Carries out the faults that were ordered: false answers, hanging, dropped connections."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from airflow_provider_whatsapp.sandbox.fault_store import Fault
from airflow_provider_whatsapp.sandbox.request_log import is_instruction
from airflow_provider_whatsapp.sandbox.state import Sandbox


class FaultInjection:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, *, sandbox: Sandbox, hangs: Hangs) -> None:
        self._app = app
        self._sandbox = sandbox
        self._hangs = hangs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, unless a fault was ordered for it."""
        if scope["type"] != "http" or is_instruction(scope):
            await self._app(scope, receive, send)
            return
        with self._sandbox.lock:
            fault = self._sandbox.faults.take(scope["method"], scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
        else:
            await self._misbehave(fault, scope, receive, send)

    async def _misbehave(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        # The request has wholly arrived before anything goes wrong: that is what makes a lost
        # answer ambiguous, and it keeps a reset from hitting a caller that is still sending.
        body = await _arrived(receive)
        if fault.behaviour == "drop_after":
            await self._app(scope, _replayed(body, receive), _discard)
        waits = fault.behaviour == "hang" or fault.seconds
        if waits and not await self._hangs.outlasted(receive, fault.seconds):
            await _drop(scope, receive)
        elif fault.status is not None:
            await _answer(fault)(scope, receive, send)
        elif fault.behaviour == "hang":
            await self._app(scope, _replayed(body, receive), send)
        else:
            await _drop(scope, receive)


class Hangs:
    """Callers that are kept waiting, until a server that stops lets them go."""

    def __init__(self) -> None:
        self._releases: set[asyncio.Event] = set()

    async def outlasted(self, receive: Receive, seconds: float | None) -> bool:
        """Wait, and return whether the caller is still there and the server still runs."""
        release = asyncio.Event()
        self._releases.add(release)
        ends = [asyncio.ensure_future(_gone(receive)), asyncio.ensure_future(release.wait())]
        try:
            ended, _ = await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._releases.discard(release)
            for end in ends:
                end.cancel()
        return not ended

    def release(self) -> None:
        """Let all of them go; to be called on the event loop."""
        for release in self._releases:
            release.set()


def _answer(fault: Fault) -> Response:
    raw = isinstance(fault.body, str)
    content = fault.body if raw else "" if fault.body is None else json.dumps(fault.body)
    headers = {name.lower(): value for name, value in fault.headers.items()}
    headers.setdefault("content-type", "text/plain; charset=utf-8" if raw else "application/json")
    return Response(content, fault.status or 500, headers)


async def _drop(scope: Scope, receive: Receive) -> None:
    """
    Close the socket without an HTTP answer.

    An exception would not do: the server answers it with status 500. The server of this package
    puts the transport into the state; without it (an in-process test client) an error must do.
    """
    transport: Any = scope.get("state", {}).get("transport")
    if transport is None:
        raise ConnectionAbortedError("the sandbox was told to drop this connection")
    transport.abort()
    # Until the server knows that the connection is gone it would take silence for a bug.
    await _gone(receive)


async def _arrived(receive: Receive) -> list[Message]:
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    return messages


def _replayed(messages: list[Message], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def replay() -> Message:
        message = next(waiting, None)
        return message if message is not None else await receive()

    return replay


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _discard(message: Message) -> None:
    """Swallow the answer."""
