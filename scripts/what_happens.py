"""The tables of 'What happens when…', from the scenarios that the chaos tests play."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scripts.tables import table
from tests.chaos.scenarios import TABLES


def fragments() -> dict[str, str]:
    """Return each table of the page by the name of its file."""
    return {
        f"what-happens-{name}.md": _table(counted, scenarios)
        for name, (counted, scenarios) in TABLES.items()
    }


def _table(counted: str, scenarios: Any) -> str:
    return table(("when", "requests", "task", counted, "what to do"), map(_row, scenarios))


def _row(scenario: Any) -> Iterator[str]:
    yield scenario.when
    waits = ", ".join(map(str, scenario.waits))
    yield f"{_either(scenario.requests)}{f', after {waits} s' if waits else ''}"
    yield f"{scenario.task}{f': `{scenario.error}`' if scenario.error else ''}"
    yield _either(scenario.done)
    yield scenario.todo


def _either(numbers: tuple[int, ...]) -> str:
    return " or ".join(map(str, numbers))
