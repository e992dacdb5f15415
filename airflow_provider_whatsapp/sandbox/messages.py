"""Messages that were accepted."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(kw_only=True)
class StoredMessage:
    """One accepted message, with the request body as it came."""

    id: str
    to: str
    body: dict[str, Any]
    timestamp: float
    connection_id: str
    phone_number_id: str


class Messages:
    """All accepted messages, oldest first."""

    def __init__(self, *, clock: Callable[[], float], numbers: Iterator[int]) -> None:
        self._clock = clock
        self._numbers = numbers
        self._messages: list[StoredMessage] = []

    def reset(self) -> None:
        """Forget them all."""
        self._messages = []

    def add(self, *, to: str, body: dict[str, Any], connection_id: str, phone_number_id: str) -> StoredMessage:
        """Remember a message and give it an id."""
        seed = f"sandbox message {next(self._numbers)}"
        message = StoredMessage(
            id=f"wamid.{base64.b64encode(seed.encode()).decode()}",
            to=to,
            body=body,
            timestamp=self._clock(),
            connection_id=connection_id,
            phone_number_id=phone_number_id,
        )
        self._messages.append(message)
        return message

    def listed(self) -> list[dict[str, Any]]:
        """Return them as plain data."""
        return [asdict(message) for message in self._messages]
