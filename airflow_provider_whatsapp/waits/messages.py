"""Waits for the status of a message, by Meta's message history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from airflow_provider_whatsapp.client.client import WhatsAppClient
from airflow_provider_whatsapp.exceptions import (
    BadRequestError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
)
from airflow_provider_whatsapp.models.ids import MessageId, SenderId, shorten_message_id
from airflow_provider_whatsapp.models.message_history import (
    DeliveryStatus,
    MessageHistoryEntry,
    failure_reason,
    furthest,
    is_deleted,
)
from airflow_provider_whatsapp.models.validation import describe, validate
from airflow_provider_whatsapp.waits.poll import Outcome, PollResult

_STATUSES = (DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ)


@dataclass(frozen=True, kw_only=True)
class MessageWait:
    """
    Waits until a message has reached a status.

    :param message_id: ``wamid…``.
    :param status: SENT, DELIVERED or READ, in any case.
    :param phone_number_id: the number that sent it, the client's if absent.
    :raises InvalidRequestError: if an id is not a valid one, or no message reaches the status.
    """

    message_id: str
    status: str
    phone_number_id: str | None = None

    def __post_init__(self) -> None:
        """Validate ids and status, before the first poll."""
        validate(MessageId, self.message_id, field="message_id")
        if self.phone_number_id is not None:
            validate(SenderId, self.phone_number_id, field="phone_number_id")
        validate_status(self.status)

    def poll(self, client: WhatsAppClient) -> PollResult:
        """Ask for the message's history. An account without access to it is an outcome, and not an error."""
        try:
            entries = list(
                client.message_history.list(
                    message_id=self.message_id, phone_number_id=self.phone_number_id
                )
            )
        except (BadRequestError, NotFoundError, PermissionDeniedError) as error:
            # What the gateway itself rejects is about the Maton connection, and not about the history.
            if error.is_gateway or not error.permanent:
                raise
            return PollResult(
                Outcome.UNAVAILABLE,
                f"The message history is not available to this account. {error}",
            )
        return delivery(self.message_id, validate_status(self.status), entries)


def delivery(
    message_id: str, wanted: DeliveryStatus, entries: Sequence[MessageHistoryEntry]
) -> PollResult:
    """Tell by its history whether a message has reached ``wanted``, or failed."""
    found, message = furthest(entries), f"Message {shorten_message_id(message_id)}"
    if found is None:
        return PollResult(Outcome.WAITING, f"{message} has no status yet")
    if found.is_failure:
        reason = failure_reason(entries) or "none given"
        return PollResult(
            Outcome.FAILED,
            f"{message} has failed, Meta's reason: {reason}; it did not arrive, so it may be sent again "
            "once the reason is dealt with",
        )
    if found.has_reached(wanted):
        return PollResult(Outcome.SUCCESS, f"{message} is {found}")
    # A deleted message comes no further, so that waiting would not end.
    if not is_deleted(entries):
        return PollResult(Outcome.WAITING, f"{message} is {found}")
    if wanted is DeliveryStatus.SENT:
        return PollResult(Outcome.SUCCESS, f"{message} was sent, and is DELETED")
    return PollResult(
        Outcome.FAILED,
        f"{message} is DELETED, and no event says that it was {wanted} before. Ask the recipient before you send it "
        "again",
    )


def validate_status(status: object) -> DeliveryStatus:
    """
    Return the status that is waited for.

    :raises InvalidRequestError: if no message reaches it.
    """
    if not isinstance(status, str) or status.upper() not in _STATUSES:
        raise InvalidRequestError(
            f"status: must be one of {', '.join(_STATUSES)} (got {describe(status)}). Choose one."
        )
    return DeliveryStatus(status.upper())
