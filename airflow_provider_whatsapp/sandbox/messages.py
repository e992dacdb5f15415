"""Messages that were accepted, and what became of them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from airflow_provider_whatsapp.sandbox.message_statuses import Course, Prospect, Status, StatusEvent


@dataclass(kw_only=True)
class StoredMessage:
    """One accepted message, with the request body as it came."""

    id: str
    history_id: str
    to: str
    body: dict[str, Any]
    timestamp: float
    connection_id: str
    phone_number_id: str
    prospects: list[Prospect]
    events: list[StatusEvent] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """Return the message for tests, with its newest status."""
        return {
            "id": self.id,
            "to": self.to,
            "body": self.body,
            "timestamp": self.timestamp,
            "connection_id": self.connection_id,
            "phone_number_id": self.phone_number_id,
            "status": self.events[-1].status,
        }


class Messages:
    """All accepted messages, oldest first; what they have reached by now is found out when somebody looks."""

    def __init__(self, *, clock: Callable[[], float], numbers: Iterator[int], course: Course) -> None:
        self._clock = clock
        self._numbers = numbers
        self._course = course
        self._messages: list[StoredMessage] = []

    def reset(self) -> None:
        """Forget them all."""
        self._messages = []

    def add(
        self, *, to: str, body: dict[str, Any], connection_id: str, phone_number_id: str, failure: int | None = None
    ) -> StoredMessage:
        """Remember a message and give it an id; with ``failure`` it fails with that code later on."""
        number, now = next(self._numbers), self._clock()
        message = StoredMessage(
            id=_message_id(to, number),
            history_id=f"6{number:014d}",
            to=to,
            body=body,
            timestamp=now,
            connection_id=connection_id,
            phone_number_id=phone_number_id,
            prospects=self._course.prospects(now, failure=failure),
        )
        self._reach(message, Prospect(status="SENT", timestamp=now))
        self._messages.append(message)
        return message

    def decide(self, message: StoredMessage, status: Status, code: int | None = None) -> None:
        """Put one into a status, in which it then stays."""
        message.prospects = []
        self._reach(message, Prospect(status=status, timestamp=self._clock(), code=code))

    def listed(self) -> list[StoredMessage]:
        """Return all of them, with the statuses that they have reached by now."""
        for message in self._messages:
            self._catch_up(message)
        return list(self._messages)

    def find(self, message_id: str) -> StoredMessage | None:
        """Return one by its id."""
        return next((message for message in self.listed() if message.id == message_id), None)

    def find_history(self, history_id: str) -> StoredMessage | None:
        """Return one by the id of its history."""
        return next((message for message in self.listed() if message.history_id == history_id), None)

    def _catch_up(self, message: StoredMessage) -> None:
        now = self._clock()
        while message.prospects and message.prospects[0].timestamp <= now:
            self._reach(message, message.prospects.pop(0))

    def _reach(self, message: StoredMessage, prospect: Prospect) -> None:
        event = StatusEvent(
            id=f"7{next(self._numbers):014d}",
            status=prospect.status,
            timestamp=prospect.timestamp,
            code=prospect.code,
        )
        message.events.append(event)


def _message_id(to: str, number: int) -> str:
    """Return an id in the form of Meta's, which spells the recipient."""
    recipient = to.encode()
    seed = (
        b"\x1c\x18"
        + bytes([len(recipient)])
        + recipient
        + b"\x15\x02\x00\x11\x18\x12"
        + f"{number:018X}".encode()
        + b"\x00"
    )
    return f"wamid.{base64.b64encode(seed).decode()}"
