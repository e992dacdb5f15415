"""Maton connections: which there are, and which one a call uses."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from airflow_provider_whatsapp.models.connections import ConnectionStatus
from airflow_provider_whatsapp.sandbox.errors import MatonError, connection_not_found
from airflow_provider_whatsapp.sandbox.settings import CONNECTION_ID

APP = "whatsapp-business"
CONNECT_PATH = "/sandbox/connect"


@dataclass(kw_only=True)
class Connection:
    """One OAuth grant."""

    connection_id: str
    status: str
    created: float
    updated: float
    session_token: str

    def shown(self, base_url: str) -> dict[str, Any]:
        """Return the connection as the control plane shows it; its url is a page of this sandbox."""
        return {
            "connection_id": self.connection_id,
            "status": self.status,
            "creation_time": _iso(self.created),
            "last_updated_time": _iso(self.updated),
            "url": f"{base_url}{CONNECT_PATH}?session_token={self.session_token}",
            "app": APP,
            "metadata": {},
        }


class Connections:
    """All connections of the account, oldest first."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._by_id: dict[str, Connection] = {}
        self.reset()

    def reset(self) -> None:
        """Keep nothing but the first, ACTIVE connection."""
        self._by_id = {}
        self._add(CONNECTION_ID, ConnectionStatus.ACTIVE)

    def create(self) -> Connection:
        """Add one that waits for its OAuth."""
        return self._add(str(uuid.uuid4()), ConnectionStatus.PENDING)

    def listed(self, *, app: str | None = None, status: str | None = None) -> list[Connection]:
        """Return the connections of an app and in a status."""
        found = list(self._by_id.values()) if app in (None, APP) else []
        return [connection for connection in found if status in (None, connection.status)]

    def get(self, connection_id: str) -> Connection:
        """Return one, or refuse as the gateway does."""
        if connection_id not in self._by_id:
            raise connection_not_found(connection_id)
        return self._by_id[connection_id]

    def delete(self, connection_id: str) -> None:
        """Remove one."""
        del self._by_id[self.get(connection_id).connection_id]

    def decide(self, connection_id: str, status: str) -> Connection:
        """Put one into a status, as a finished or failed OAuth would."""
        connection = self.get(connection_id)
        connection.status = status
        connection.updated = self._clock()
        return connection

    def of_session(self, session_token: str) -> Connection | None:
        """Return the one whose url has this token."""
        tokens = {connection.session_token: connection for connection in self._by_id.values()}
        return tokens.get(session_token)

    def for_call(self, connection_id: str | None) -> Connection:
        """Return the connection that a call goes through: the one it names, or the oldest ACTIVE one."""
        candidates = self.listed() if connection_id is None else [self.get(connection_id)]
        for connection in candidates:
            if connection.status == ConnectionStatus.ACTIVE:
                return connection
        raise MatonError(400, f"No active connection for app {APP}; connect it first")

    def _add(self, connection_id: str, status: str) -> Connection:
        now = self._clock()
        connection = Connection(
            connection_id=connection_id,
            status=status,
            created=now,
            updated=now,
            session_token=secrets.token_urlsafe(24),
        )
        self._by_id[connection_id] = connection
        return connection


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
