"""
What became of a message: the events that Meta has noted.

The shapes are those of Meta's reference and were not verified against the live service, so nothing of
them is relied on: what is missing or unknown is left out, and never an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from airflow_provider_whatsapp.models.base import OpenEnum, ResponseModel


class DeliveryStatus(OpenEnum):
    """
    How far a message has come.

    READ can come without DELIVERED; PLAYED is a voice message that was listened to; ERROR is the newer word for FAILED.
    """

    ACCEPTED = "ACCEPTED"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    READ = "READ"
    PLAYED = "PLAYED"
    FAILED = "FAILED"
    ERROR = "ERROR"
    DELETED = "DELETED"

    @property
    def is_failure(self) -> bool:
        """The message has not arrived on a device, and will not."""
        return self in (DeliveryStatus.FAILED, DeliveryStatus.ERROR)

    def has_reached(self, wanted: DeliveryStatus) -> bool:
        """Whether a message of this status has come as far as ``wanted``, or further."""
        return self in _RANKS and _RANKS[self] >= _RANKS[wanted]


_RANKS = {
    status: rank
    for rank, status in enumerate(
        (
            DeliveryStatus.ACCEPTED,
            DeliveryStatus.SENT,
            DeliveryStatus.DELIVERED,
            DeliveryStatus.READ,
            DeliveryStatus.PLAYED,
        )
    )
}


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def _status(value: object) -> str | None:
    # Meta has been seen to write it in small letters.
    text = _text(value)
    return text and text.upper()


def _seconds(value: object) -> int | None:
    digits = _text(value)
    return int(digits) if digits and len(digits) <= 12 and digits.isascii() and digits.isdecimal() else None


_Text = Annotated[str | None, BeforeValidator(_text)]


class MessageEvent(ResponseModel):
    """
    One thing that happened to a message.

    :ivar occurred_at: seconds since the epoch.
    :ivar error_description: why it failed, in Meta's words.
    """

    id: _Text = None
    delivery_status: Annotated[DeliveryStatus | None, BeforeValidator(_status)] = None
    occurred_at: Annotated[int | None, BeforeValidator(_seconds)] = None
    error_description: Annotated[_Text, Field(repr=False)] = None

    @model_validator(mode="before")
    @classmethod
    def _from_either_shape(cls, data: Any) -> dict[str, Any]:
        node = _mapping(_mapping(data).get("node")) or _mapping(data)
        times = (node.get(name) for name in ("occurred_at", "occurrence_timestamp", "timestamp", "status_timestamp"))
        kept = {name: node.get(name) for name in ("id", "delivery_status", "error_description")}
        return {**kept, "occurred_at": next((time for time in times if time is not None), None)}


class MessageHistoryEntry(ResponseModel):
    """
    One message with its events, in the order of the answer.

    :ivar id: what :meth:`MessageHistory.events` takes.
    """

    id: _Text = None
    message_id: Annotated[_Text, Field(repr=False)] = None
    events: list[MessageEvent] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _without_pages(cls, data: Any) -> dict[str, Any]:
        entry = _mapping(data)
        events = entry.get("events")
        inner = events if isinstance(events, list) else _mapping(events).get("data")
        return {**entry, "events": inner if isinstance(inner, list) else []}


def furthest(entries: Iterable[MessageHistoryEntry]) -> DeliveryStatus | None:
    """
    Return how far a message has come: the highest of ACCEPTED, SENT, DELIVERED, READ and PLAYED.

    A failure goes before ACCEPTED and SENT. It does not go before DELIVERED and what follows: a person has several
    devices, and the message can fail on one of them after it has arrived on another. DELETED, and a status that is not
    known yet, tell nothing of the way, and come back only if there is nothing else. ``None``: there is no event yet.
    """
    return max(_statuses(entries), key=_precedence, default=None)


def is_deleted(entries: Iterable[MessageHistoryEntry]) -> bool:
    """Tell whether a message was deleted, after which it comes no further."""
    return DeliveryStatus.DELETED in _statuses(entries)


def _statuses(entries: Iterable[MessageHistoryEntry]) -> list[DeliveryStatus]:
    return [event.delivery_status for entry in entries for event in entry.events if event.delivery_status]


def _precedence(status: DeliveryStatus) -> tuple[int, int]:
    if status.has_reached(DeliveryStatus.DELIVERED):
        return 2, _RANKS[status]
    return (1, 0) if status.is_failure else (0, _RANKS.get(status, -1))


def failure_reason(entries: Iterable[MessageHistoryEntry]) -> str | None:
    """Return why a message failed, in Meta's words; ``None`` if it did not fail, or nobody says why."""
    reasons = (
        event.error_description
        for entry in entries
        for event in entry.events
        if event.delivery_status and event.delivery_status.is_failure
    )
    return next((reason for reason in reasons if reason), None)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
