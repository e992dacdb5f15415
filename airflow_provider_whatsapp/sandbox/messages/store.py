"""
Accepted messages and their statuses: SENT, DELIVERED and READ, or FAILED.

https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components#statuses-object
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from airflow_provider_whatsapp.sandbox.aliases import Clock, Json
from airflow_provider_whatsapp.sandbox.messages.recipients import get_error_title

# Meta's message history has older and newer names for some of them.
Status = Literal["ACCEPTED", "SENT", "DELIVERED", "READ", "FAILED", "ERROR", "DELETED"]
FAILURE_STATUSES = ("FAILED", "ERROR")


@dataclass(frozen=True, kw_only=True)
class ScheduledStatus:
    """A status that a message will have from ``timestamp`` on. ``code`` is the error of a failure."""

    status: Status
    timestamp: float
    code: int | None = None


@dataclass(frozen=True, kw_only=True)
class StatusEvent(ScheduledStatus):
    """A status that a message has reached."""

    id: str

    @property
    def error_description(self) -> str | None:
        """What the message history shows of a failure."""
        if self.code is None:
            return None
        return f"(#{self.code}) {get_error_title(self.code)}"


@dataclass(frozen=True, kw_only=True)
class DeliverySchedule:
    """How long messages take, in seconds from their acceptance."""

    delivered_after: float
    read_after: float

    def plan(self, accepted: float, *, failure: int | None) -> list[ScheduledStatus]:
        """Return the statuses that follow SENT, in order."""
        delivered = accepted + self.delivered_after
        if failure is not None:
            return [ScheduledStatus(status="FAILED", timestamp=delivered, code=failure)]
        # A person cannot read a message before it is delivered.
        read = max(delivered, accepted + self.read_after)
        return [
            ScheduledStatus(status="DELIVERED", timestamp=delivered),
            ScheduledStatus(status="READ", timestamp=read),
        ]


@dataclass(kw_only=True)
class StoredMessage:
    """One accepted message, with the request body as it came."""

    id: str
    history_id: str
    to: str
    body: Json
    timestamp: float
    connection_id: str
    phone_number_id: str
    scheduled: list[ScheduledStatus]
    events: list[StatusEvent] = field(default_factory=list)

    def to_json(self) -> Json:
        """Return the message with its newest status, for tests."""
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
    """All accepted messages, oldest first."""

    def __init__(
        self, *, clock: Clock, numbers: Iterator[int], schedule: DeliverySchedule
    ) -> None:
        self._clock = clock
        self._numbers = numbers
        self._schedule = schedule
        self._messages: list[StoredMessage] = []

    def reset(self) -> None:
        """Forget all messages."""
        self._messages = []

    def add(
        self,
        *,
        to: str,
        body: Json,
        connection_id: str,
        phone_number_id: str,
        failure: int | None = None,
    ) -> StoredMessage:
        """
        Store a message as SENT.

        :param failure: the error code with which it becomes FAILED; None delivers it.
        """
        # One number for both ids, so that they are easy to match when debugging.
        number = next(self._numbers)
        now = self._clock()
        message = StoredMessage(
            id=build_message_id(to, number),
            history_id=f"6{number:014d}",
            to=to,
            body=body,
            timestamp=now,
            connection_id=connection_id,
            phone_number_id=phone_number_id,
            scheduled=self._schedule.plan(now, failure=failure),
        )
        self._add_event(message, ScheduledStatus(status="SENT", timestamp=now))
        self._messages.append(message)
        return message

    def set_status(
        self, message: StoredMessage, status: Status, code: int | None = None
    ) -> None:
        """Change the status of a message."""
        # What was scheduled is dropped. Otherwise time would undo what a test has set.
        message.scheduled = []
        event = ScheduledStatus(status=status, timestamp=self._clock(), code=code)
        self._add_event(message, event)

    def find_all(self) -> list[StoredMessage]:
        """Return all messages, with the statuses that they have reached by now."""
        # Statuses change when someone reads them: a timer would need a thread of its own.
        now = self._clock()
        for message in self._messages:
            while message.scheduled and message.scheduled[0].timestamp <= now:
                self._add_event(message, message.scheduled.pop(0))
        return list(self._messages)

    def find(self, message_id: str) -> StoredMessage | None:
        """Return the message with this id."""
        for message in self.find_all():
            if message.id == message_id:
                return message
        return None

    def find_by_history_id(self, history_id: str) -> StoredMessage | None:
        """Return the message whose history has this id."""
        for message in self.find_all():
            if message.history_id == history_id:
                return message
        return None

    def _add_event(self, message: StoredMessage, scheduled: ScheduledStatus) -> None:
        # The time at which it was due, not at which someone looked.
        event = StatusEvent(
            id=f"7{next(self._numbers):014d}",
            status=scheduled.status,
            timestamp=scheduled.timestamp,
            code=scheduled.code,
        )
        message.events.append(event)


class ReadMessages:
    """The read receipts that were sent to people, oldest first."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._receipts: list[Json] = []

    def reset(self) -> None:
        """Forget all receipts."""
        self._receipts = []

    def add(self, message_id: str, typing_indicator: Json | None) -> None:
        """Store a receipt, with the typing indicator as it came."""
        receipt = {
            "message_id": message_id,
            "typing_indicator": typing_indicator,
            "timestamp": self._clock(),
        }
        self._receipts.append(receipt)

    def to_json(self) -> list[Json]:
        """Return the receipts as JSON."""
        return list(self._receipts)


def build_message_id(to: str, number: int) -> str:
    """
    Return a message id in Meta's format, which contains the recipient.

    The ids of the sandbox contain it as well, so that a test can find out whether one is logged.
    """
    recipient = to.encode()
    content = b"".join(
        [
            b"\x1c\x18",
            bytes([len(recipient)]),
            recipient,
            b"\x15\x02\x00\x11\x18\x12",
            f"{number:018X}".encode(),
            b"\x00",
        ]
    )
    return f"wamid.{base64.b64encode(content).decode()}"
