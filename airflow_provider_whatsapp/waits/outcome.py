"""What a sensor or a trigger makes of one look at what it waits for."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Outcome(StrEnum):
    """Whether a wait is over, and how."""

    DONE = "done"
    WAITING = "waiting"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"


class PollResult(NamedTuple):
    """The verdict, and a sentence for the log: names, ids, statuses and Meta's reasons only."""

    verdict: Outcome
    message: str
