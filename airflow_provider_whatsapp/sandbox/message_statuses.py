"""
What becomes of an accepted message: SENT, DELIVERED and READ, or FAILED.

https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components#statuses-object
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from airflow_provider_whatsapp.sandbox.special_recipients import title_of

# The older and the newer names of Meta's message history.
Status = Literal["ACCEPTED", "SENT", "DELIVERED", "READ", "FAILED", "ERROR", "DELETED"]
FAILURES = ("FAILED", "ERROR")


@dataclass(frozen=True, kw_only=True)
class Prospect:
    """A status that a message reaches when its time has come; ``code`` says why one fails."""

    status: Status
    timestamp: float
    code: int | None = None


@dataclass(frozen=True, kw_only=True)
class StatusEvent(Prospect):
    """A status that a message has reached."""

    id: str

    @property
    def error_description(self) -> str | None:
        """What the history says about a failure."""
        return None if self.code is None else f"(#{self.code}) {title_of(self.code)}"


@dataclass(frozen=True, kw_only=True)
class Course:
    """How long messages take, in seconds from their acceptance."""

    delivered_after: float
    read_after: float

    def prospects(self, accepted: float, *, failure: int | None) -> list[Prospect]:
        """Return what becomes of a message, in order; none is read before it is delivered."""
        delivered = accepted + self.delivered_after
        if failure is not None:
            return [Prospect(status="FAILED", timestamp=delivered, code=failure)]
        read = max(delivered, accepted + self.read_after)
        return [Prospect(status="DELIVERED", timestamp=delivered), Prospect(status="READ", timestamp=read)]
