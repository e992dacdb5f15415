"""What the gateway checks before a call reaches Meta: key, rate limit, app name and connection."""

from __future__ import annotations

import math
import secrets
from collections import deque
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from airflow_provider_whatsapp.sandbox.aliases import Clock
from airflow_provider_whatsapp.sandbox.gateway.connections import APP
from airflow_provider_whatsapp.sandbox.gateway.errors import MatonError
from airflow_provider_whatsapp.sandbox.gateway.request_log import is_control_call
from airflow_provider_whatsapp.sandbox.media.files import FILES_PATH

if TYPE_CHECKING:
    from airflow_provider_whatsapp.sandbox.state import Sandbox

CONTROL_PLANE = "connections"


class RateLimit:
    """Allows at most ``limit`` calls within any one second (a sliding window)."""

    def __init__(self, limit: int, *, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._allowed: deque[float] = deque()

    def acquire(self) -> float:
        """Count a call and return 0, or return the seconds until the next call is allowed."""
        now = self._clock()
        # If the clock was set back, calls lie in the future. They would block the account until then.
        while self._allowed and not 0 <= now - self._allowed[0] < 1:
            self._allowed.popleft()
        # The oldest call is the one that leaves the window first.
        if len(self._allowed) >= self._limit:
            # A rejected call is not counted, as with the real gateway.
            return self._allowed[0] + 1 - now
        self._allowed.append(now)
        return 0.0

    def reset(self) -> None:
        """Forget all calls."""
        self._allowed.clear()


class Gateway:
    """ASGI middleware that rejects a call, or passes it on with its connection in the scope."""

    def __init__(self, app: ASGIApp, *, sandbox: Sandbox) -> None:
        self._app = app
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call on, or reject it."""
        if scope["type"] != "http" or is_control_call(scope):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        retry_headers = {}
        try:
            with self._sandbox.lock:
                self._validate_key(headers)
                # After the key: only the account's own calls count in its limit.
                wait = self._sandbox.rate_limit.acquire()
                if wait:
                    retry_headers = {"Retry-After": str(math.ceil(wait))}
                    raise MatonError(429, "Too many requests for this account")
                self._choose_connection(scope, headers)
        except MatonError as error:
            response = error.to_response(retry_headers)
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _validate_key(self, headers: Headers) -> None:
        scheme, _, key = headers.get("Authorization", "").partition(" ")
        expected = self._sandbox.settings.api_key
        # As bytes, because compare_digest does not accept texts beyond ASCII.
        is_same = secrets.compare_digest(key.strip().encode(), expected.encode())
        if scheme.lower() != "bearer" or not is_same:
            raise MatonError(401, "The API key is missing or not valid")

    def _choose_connection(self, scope: Scope, headers: Headers) -> None:
        first_segment = scope["path"].split("/")[1]
        # Meta serves files from a host of its own. In the sandbox they share this address.
        if first_segment == CONTROL_PLANE or scope["path"] == FILES_PATH:
            return
        if first_segment != APP:
            raise MatonError(400, f"Invalid app name: {first_segment}")
        # The routes store the connection with a message, so that a test can see which one was used.
        connection = self._sandbox.connections.choose(headers.get("Maton-Connection"))
        scope.setdefault("state", {})["connection_id"] = connection.connection_id
