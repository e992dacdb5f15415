"""Whether a message has come as far as somebody waits for. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.ids import shorten_message_id
from airflow_provider_whatsapp.models.message_history import (
    DeliveryStatus,
    MessageHistoryEntry,
    failure_reason,
    furthest,
    is_deleted,
)
from airflow_provider_whatsapp.models.validation import describe
from airflow_provider_whatsapp.waits.outcome import Outcome, PollResult

_WANTED = (DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ)


def delivery(message_id: str, wanted: DeliveryStatus, entries: Sequence[MessageHistoryEntry]) -> PollResult:
    """Tell whether a message has reached ``wanted``, or failed, by its history."""
    found, message = furthest(entries), f"Message {shorten_message_id(message_id)}"
    if found is None:
        return PollResult(Outcome.WAITING, f"{message} has no status yet")
    if found.is_failure:
        reason = failure_reason(entries) or "none given"
        return PollResult(
            Outcome.REFUSED,
            f"{message} has failed, Meta's reason: {reason}; it did not arrive, so it may be sent again "
            "once the reason is dealt with",
        )
    if found.has_reached(wanted):
        return PollResult(Outcome.DONE, f"{message} is {found}")
    if not is_deleted(entries):
        return PollResult(Outcome.WAITING, f"{message} is {found}")
    if wanted is DeliveryStatus.SENT:
        return PollResult(Outcome.DONE, f"{message} was sent, and is DELETED")
    return PollResult(
        Outcome.REFUSED,
        f"{message} is DELETED, and no event says that it was {wanted} before. Ask the recipient before you send it "
        "again",
    )


def validate_status(status: object) -> DeliveryStatus:
    """
    Return the status that is waited for.

    :raises InvalidRequestError: if it is none that a message reaches.
    """
    if not isinstance(status, str) or status.upper() not in _WANTED:
        raise InvalidRequestError(f"status: must be one of {', '.join(_WANTED)} (found {describe(status)}); choose one")
    return DeliveryStatus(status.upper())
