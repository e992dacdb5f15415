"""The request log: which calls arrived, and with which status they were answered."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from airflow_provider_whatsapp.sandbox.aliases import Clock, Json


@dataclass(kw_only=True)
class LoggedRequest:
    """One call. ``status`` is None while it runs, and if its connection was dropped."""

    method: str
    path: str
    timestamp: float
    status: int | None = None


class RequestLog:
    """All calls to the gateway and its control plane, in the order in which they arrived."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._entries: list[LoggedRequest] = []

    def add(self, method: str, path: str) -> LoggedRequest:
        """Log the arrival of a call."""
        # Without the query string, because that may contain secrets.
        entry = LoggedRequest(
            method=method,
            path=path,
            timestamp=self._clock(),
        )
        self._entries.append(entry)
        return entry

    def to_json(self) -> list[Json]:
        """Return the entries as JSON, oldest first."""
        # A copy, because calls of other threads are added in the meantime.
        entries = list(self._entries)
        return [asdict(entry) for entry in entries]

    def reset(self) -> None:
        """Forget all calls."""
        # A new list: calls that still run keep writing to their old entries.
        self._entries = []


class RequestLogging:
    """ASGI middleware that logs every call except those to the control API."""

    def __init__(self, app: ASGIApp, *, log: RequestLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call on, and log its status."""
        if scope["type"] != "http" or is_control_call(scope):
            await self._app(scope, receive, send)
            return
        # Before the call runs, so that a test can see a call that hangs.
        entry = self._log.add(scope["method"], scope["path"])

        async def log_status(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
            await send(message)

        await self._app(scope, receive, log_status)


def is_control_call(scope: Scope) -> bool:
    """Whether a call is for the control API, which has neither key, rate limit nor faults."""
    first_segment = str(scope["path"]).split("/")[1:2]
    return first_segment == ["sandbox"]
