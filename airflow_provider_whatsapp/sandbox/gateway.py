"""What the gateway checks before a call reaches Meta: key, rate limit, app name and connection."""

from __future__ import annotations

import math
import secrets

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from airflow_provider_whatsapp.sandbox.connections import APP
from airflow_provider_whatsapp.sandbox.errors import MatonError
from airflow_provider_whatsapp.sandbox.media_files import FILES_PATH
from airflow_provider_whatsapp.sandbox.request_log import is_instruction
from airflow_provider_whatsapp.sandbox.state import Sandbox

CONTROL_PLANE = "connections"


class Gateway:
    """ASGI middleware; it answers itself what never reaches Meta."""

    def __init__(self, app: ASGIApp, *, sandbox: Sandbox) -> None:
        self._app = app
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the call pass, with its connection noted, or refuse it."""
        if scope["type"] != "http" or is_instruction(scope):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        headers = Headers(scope=scope)
        try:
            with self._sandbox.lock:
                self._check_key(headers)
                wait = self._sandbox.rate_limit.admit()
                if wait:
                    return _too_many(wait)
                self._choose_connection(scope, headers)
        except MatonError as error:
            return JSONResponse(error.body(), error.status)
        return None

    def _check_key(self, headers: Headers) -> None:
        scheme, _, key = headers.get("Authorization", "").partition(" ")
        expected = self._sandbox.settings.api_key
        if scheme.lower() != "bearer" or not secrets.compare_digest(key.strip().encode(), expected.encode()):
            raise MatonError(401, "The API key is missing or not valid")

    def _choose_connection(self, scope: Scope, headers: Headers) -> None:
        first = scope["path"].split("/")[1]
        # Files lie behind the same address, but with Meta they have a host of their own.
        if first == CONTROL_PLANE or scope["path"] == FILES_PATH:
            return
        if first != APP:
            raise MatonError(400, f"Invalid app name: {first}")
        connection = self._sandbox.connections.for_call(headers.get("Maton-Connection"))
        scope.setdefault("state", {})["connection_id"] = connection.connection_id


def _too_many(wait: float) -> JSONResponse:
    error = MatonError(429, "Too many requests for this account")
    return JSONResponse(error.body(), error.status, {"Retry-After": str(math.ceil(wait))})
