"""Maton connections: which exist, and which one a call uses."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from airflow_provider_whatsapp.models.connections import ConnectionStatus
from airflow_provider_whatsapp.sandbox.aliases import Clock, Json
from airflow_provider_whatsapp.sandbox.gateway.errors import (
    MatonError,
    connection_not_found,
)
from airflow_provider_whatsapp.sandbox.settings import CONNECTION_ID

APP = "whatsapp-business"
# Under /sandbox, because a person who opens it has no key.
CONNECT_PATH = "/sandbox/connect"


@dataclass(kw_only=True)
class Connection:
    """One OAuth grant. Times are seconds since the epoch."""

    connection_id: str
    status: str
    created: float
    updated: float
    session_token: str

    def to_json(self, base_url: str) -> Json:
        """Return the connection as the control plane shows it; its URL is a page of this sandbox."""
        return {
            "connection_id": self.connection_id,
            "status": self.status,
            "creation_time": _format_time(self.created),
            "last_updated_time": _format_time(self.updated),
            "url": f"{base_url}{CONNECT_PATH}?session_token={self.session_token}",
            "app": APP,
            "metadata": {},
        }


class Connections:
    """All connections of the account, oldest first."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._by_id: dict[str, Connection] = {}
        self.reset()

    def reset(self) -> None:
        """Keep only the first connection, ACTIVE again."""
        self._by_id = {}
        self.add(CONNECTION_ID, ConnectionStatus.ACTIVE)

    def create(self) -> Connection:
        """Add a connection whose OAuth is still to be finished."""
        return self.add(str(uuid.uuid4()), ConnectionStatus.PENDING)

    def add(self, connection_id: str, status: str) -> Connection:
        """Add a connection with an id that is known beforehand."""
        now = self._clock()
        connection = Connection(
            connection_id=connection_id,
            status=status,
            created=now,
            updated=now,
            # Random, because anyone who knows it can finish the OAuth.
            session_token=secrets.token_urlsafe(24),
        )
        self._by_id[connection_id] = connection
        return connection

    def find_all(
        self, *, app: str | None = None, status: str | None = None
    ) -> list[Connection]:
        """Return the connections of an app and in a status."""
        # The account has one app, so any other one has no connections.
        if app not in (None, APP):
            return []
        connections = list(self._by_id.values())
        return [one for one in connections if status in (None, one.status)]

    def get(self, connection_id: str) -> Connection:
        """Return a connection, or raise the gateway's 404."""
        if connection_id not in self._by_id:
            raise connection_not_found(connection_id)
        return self._by_id[connection_id]

    def delete(self, connection_id: str) -> None:
        """Remove a connection, or raise the gateway's 404."""
        connection = self.get(connection_id)
        del self._by_id[connection.connection_id]

    def set_status(self, connection_id: str, status: str) -> Connection:
        """Change the status of a connection, as finished or failed OAuth does."""
        connection = self.get(connection_id)
        connection.status = status
        connection.updated = self._clock()
        return connection

    def find_by_token(self, session_token: str) -> Connection | None:
        """Return the connection whose URL has this session token."""
        for connection in self._by_id.values():
            if connection.session_token == session_token:
                return connection
        return None

    def choose(self, connection_id: str | None) -> Connection:
        """Return the connection that a call uses: the one it names, or the oldest ACTIVE one."""
        candidates = self.find_all()
        if connection_id is not None:
            candidates = [self.get(connection_id)]
        for connection in candidates:
            if connection.status == ConnectionStatus.ACTIVE:
                return connection
        raise MatonError(400, f"No active connection for app {APP}; connect it first")


def _format_time(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    # With microseconds and Z, as the control plane writes it.
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
