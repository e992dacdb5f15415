"""Messages of people that were marked as read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class ReadMessages:
    """All read receipts, oldest first."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._receipts: list[dict[str, Any]] = []

    def reset(self) -> None:
        """Forget them all."""
        self._receipts = []

    def add(self, message_id: str, typing_indicator: dict[str, Any] | None) -> None:
        """Remember a receipt; the typing indicator is kept as it came."""
        receipt = {"message_id": message_id, "typing_indicator": typing_indicator, "timestamp": self._clock()}
        self._receipts.append(receipt)

    def listed(self) -> list[dict[str, Any]]:
        """Return them as plain data."""
        return list(self._receipts)
