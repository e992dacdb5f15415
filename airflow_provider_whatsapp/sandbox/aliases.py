"""Types that the whole sandbox uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# A JSON object, as a caller sent it or as a response shows it.
Json = dict[str, Any]

# Returns seconds since the epoch. Tests pass their own, so that they do not have to wait.
Clock = Callable[[], float]
