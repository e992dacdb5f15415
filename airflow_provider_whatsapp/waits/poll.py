"""What a poll returns, and how many failed polls in a row a wait survives. Cheap to import: sensors and triggers do."""

from __future__ import annotations

import logging
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from airflow_provider_whatsapp.exceptions import WhatsAppError

if TYPE_CHECKING:
    from airflow_provider_whatsapp.client.client import WhatsAppClient

MAX_FAILURES_IN_A_ROW = 5

log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """Whether a wait is over, and how."""

    WAITING = "waiting"
    SUCCESS = "success"
    FAILED = "failed"
    UNAVAILABLE = "unavailable"
    """This account cannot see what the wait is for."""


class PollResult(NamedTuple):
    """The outcome, and a sentence for the log: ids, names, statuses and Meta's reasons only."""

    outcome: Outcome
    message: str


class Wait(Protocol):
    """What a sensor and its trigger wait for."""

    def poll(self, client: WhatsAppClient) -> PollResult:
        """
        Ask once.

        :raises WhatsAppError: if there is no answer.
        """


class FailureCount:
    """Counts failed polls in a row: an API that is unavailable for a minute must not end a wait of days."""

    def __init__(self) -> None:
        self._count = 0

    def reset(self) -> None:
        """Begin again after a poll that worked."""
        self._count = 0

    def is_last(self, error: Exception) -> bool:
        """Count and log a failed poll, and tell whether it ends the wait: a permanent error does, and the fifth."""
        self._count += 1
        log.warning(
            "Poll %d of %d in a row failed: %s", self._count, MAX_FAILURES_IN_A_ROW, error
        )
        return is_permanent(error) or self._count == MAX_FAILURES_IN_A_ROW


def is_permanent(error: Exception) -> bool:
    """Tell whether another poll cannot succeed until a person has changed something."""
    return isinstance(error, WhatsAppError) and error.permanent


def error_event(error: Exception) -> dict[str, Any]:
    """Return the event with which a trigger gives up."""
    return {
        "status": "error",
        "message": f"{type(error).__name__}: {error}",
        "permanent": is_permanent(error),
    }


def event(result: PollResult) -> dict[str, Any]:
    """Return the event with which a trigger ends its wait."""
    return {"status": result.outcome.value, "message": result.message, "permanent": True}
