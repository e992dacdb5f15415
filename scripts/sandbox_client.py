"""The control API of a sandbox that runs in another process."""

from __future__ import annotations

from typing import Any

import requests

TIMEOUT = 10  # seconds


class SandboxClient:
    """
    The methods of ``RunningSandbox``, over HTTP; each returns what that one does.

    An invalid value raises ``requests.HTTPError``.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        # A proxy of this machine must not stand between it and itself.
        self._session.trust_env = False

    def sent_messages(self) -> list[dict[str, Any]]:
        """Return the messages that the sandbox has accepted, oldest first."""
        return self._list("messages")

    def read_messages(self) -> list[dict[str, Any]]:
        """Return the messages of people that were marked as read, oldest first."""
        return self._list("read_messages")

    def requests(self) -> list[dict[str, Any]]:
        """Return the request log, oldest first."""
        return self._list("requests")

    def templates(self) -> list[dict[str, Any]]:
        """Return all templates with all fields, oldest first."""
        return self._list("templates")

    def media(self) -> list[dict[str, Any]]:
        """Return all uploads, oldest first."""
        return self._list("media")

    def faults(self) -> list[dict[str, Any]]:
        """Return the faults that are still to come."""
        return self._list("faults")

    def fault(self, *, path: str, **fault: Any) -> None:
        """Make the next matching calls go wrong."""
        self._call("POST", "faults", {"path": path, **fault})

    def clear_faults(self) -> None:
        """Forget all faults that are still to come."""
        self._call("DELETE", "faults")

    def set_template_status(
        self, *, template_id: str, status: str, reason: str | None = None
    ) -> None:
        """Change the status of a template."""
        self._call(
            "POST", f"templates/{template_id}/status", {"status": status, "reason": reason}
        )

    def set_message_status(
        self, *, message_id: str, status: str, code: int | None = None
    ) -> None:
        """Change the status of a message."""
        self._call(
            "POST", f"messages/{message_id}/status", {"status": status, "code": code}
        )

    def set_connection_status(self, *, connection_id: str, status: str) -> None:
        """Change the status of a Maton connection."""
        self._call("POST", f"connections/{connection_id}/status", {"status": status})

    def reset(self) -> None:
        """Forget everything except the settings and the credentials."""
        self._call("POST", "reset")

    def _list(self, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._call("GET", name)
        return found

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        url = f"{self.url}/sandbox/{path}"
        response = self._session.request(method, url, json=body, timeout=TIMEOUT)
        response.raise_for_status()
        return response.json()
