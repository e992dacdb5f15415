"""
What became of a message: the events that Meta has noted.

The shapes are those of Meta's reference and were not verified against the live service, so nothing of
them is relied on: what is missing or unknown is left out, and never an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator, model_validator

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


def _to_text(value: object) -> str | None:
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    return None


_Text = Annotated[str | None, BeforeValidator(_to_text)]


class MessageEvent(ResponseModel):
    """
    One thing that happened to a message.

    :ivar occurred_at: seconds since the epoch.
    :ivar error_description: why it failed, in Meta's words.
    """

    id: _Text = None
    delivery_status: DeliveryStatus | None = None
    occurred_at: int | None = None
    error_description: Annotated[_Text, Field(repr=False)] = None

    @model_validator(mode="before")
    @classmethod
    def _read_either_form(cls, data: Any) -> dict[str, Any]:
        # Meta's Graph API writes an event by itself, or as the node of an edge.
        node = _to_mapping(_to_mapping(data).get("node")) or _to_mapping(data)
        kept = {
            name: node.get(name) for name in ("id", "delivery_status", "error_description")
        }
        # Of the names that Meta's pages have for the time, the first one that is there counts.
        for name in (
            "occurred_at",
            "occurrence_timestamp",
            "timestamp",
            "status_timestamp",
        ):
            if node.get(name) is not None:
                return {**kept, "occurred_at": node[name]}
        return kept

    @field_validator("delivery_status", mode="before")
    @classmethod
    def _to_status(cls, value: object) -> str | None:
        # Meta has been seen to write it in small letters.
        text = _to_text(value)
        return text and text.upper()

    @field_validator("occurred_at", mode="before")
    @classmethod
    def _to_seconds(cls, value: object) -> int | None:
        digits = _to_text(value)
        # 12 digits reach far beyond the year 9999; more of them are no time.
        if digits and len(digits) <= 12 and digits.isascii() and digits.isdecimal():
            return int(digits)
        return None


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
    def _unwrap_pages(cls, data: Any) -> dict[str, Any]:
        entry = _to_mapping(data)
        events = entry.get("events")
        # The Graph API puts a list into a page: {"data": [...], "paging": ...}.
        if not isinstance(events, list):
            events = _to_mapping(events).get("data")
        if not isinstance(events, list):
            events = []
        return {**entry, "events": events}


def furthest(entries: Iterable[MessageHistoryEntry]) -> DeliveryStatus | None:
    """
    Return how far a message has come: the highest of ACCEPTED, SENT, DELIVERED, READ and PLAYED.

    A failure goes before ACCEPTED and SENT. It does not go before DELIVERED and what follows: a person has several
    devices, and the message can fail on one of them after it has arrived on another. DELETED, and a status that is not
    known yet, tell nothing of the way, and come back only if there is nothing else. ``None``: there is no event yet.
    """
    return max(_list_statuses(entries), key=_rank, default=None)


def is_deleted(entries: Iterable[MessageHistoryEntry]) -> bool:
    """Tell whether a message was deleted, after which it comes no further."""
    return DeliveryStatus.DELETED in _list_statuses(entries)


def _list_statuses(entries: Iterable[MessageHistoryEntry]) -> list[DeliveryStatus]:
    return [
        event.delivery_status
        for entry in entries
        for event in entry.events
        if event.delivery_status
    ]


def _rank(status: DeliveryStatus) -> tuple[int, int]:
    if status.has_reached(DeliveryStatus.DELIVERED):
        return 2, _RANKS[status]
    if status.is_failure:
        return 1, 0
    return 0, _RANKS.get(status, -1)


def failure_reason(entries: Iterable[MessageHistoryEntry]) -> str | None:
    """Return why a message failed, in Meta's words; ``None`` if it did not fail, or Meta gives no reason."""
    reasons = (
        event.error_description
        for entry in entries
        for event in entry.events
        if event.delivery_status and event.delivery_status.is_failure
    )
    return next((reason for reason in reasons if reason), None)


def _to_mapping(value: object) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    return {}
