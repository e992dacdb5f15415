"""The books: which calls came in, and how they were answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(kw_only=True)
class LoggedRequest:
    """One call; ``status`` is None while it runs, and if its connection was dropped without an answer."""

    method: str
    path: str
    timestamp: float
    status: int | None = None


class RequestLog:
    """All calls to gateway and control plane in the order of their arrival."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._entries: list[LoggedRequest] = []

    def begin(self, method: str, path: str) -> LoggedRequest:
        """Note the arrival of a call; the query string is left out, because it can hold secrets."""
        entry = LoggedRequest(method=method, path=path, timestamp=self._clock())
        self._entries.append(entry)
        return entry

    def listed(self) -> list[dict[str, Any]]:
        """Return the entries as plain data."""
        return [asdict(entry) for entry in list(self._entries)]

    def reset(self) -> None:
        """Start a new page."""
        self._entries = []


class RequestLogging:
    """ASGI middleware that keeps the books; instructions to the sandbox are not in them."""

    def __init__(self, app: ASGIApp, *, log: RequestLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on and note its status."""
        if scope["type"] != "http" or is_instruction(scope):
            await self._app(scope, receive, send)
            return
        entry = self._log.begin(scope["method"], scope["path"])

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
            await send(message)

        await self._app(scope, receive, noting)


def is_instruction(scope: Scope) -> bool:
    """Whether a call speaks to the sandbox itself."""
    return str(scope["path"]).split("/")[1:2] == ["sandbox"]
