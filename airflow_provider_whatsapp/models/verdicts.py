"""What a sensor or a trigger makes of one look at what it waits for."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """Whether a wait is over, and how."""

    DONE = "done"
    WAITING = "waiting"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"


class Look(NamedTuple):
    """The verdict, and a sentence for the log: names, ids, statuses and Meta's reasons only."""

    verdict: Verdict
    message: str
