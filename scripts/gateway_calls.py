"""The tables of 'Gateway calls', from the calls that the contract tests make against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scripts.tables import table
from tests.contract.gateway_calls import CALLS, ERRORS


def fragments() -> dict[str, str]:
    """Return each table of the page by the name of its file."""
    return {
        "gateway-calls.md": table(
            ("call", "request", "client", "operator or sensor", "example DAG"),
            map(_call_row, CALLS),
        ),
        "gateway-errors.md": table(
            ("status", "a read", "a send", "the task fails at once"),
            map(_error_row, ERRORS),
        ),
    }


def _call_row(call: Any) -> Iterator[str]:
    yield call.name
    yield f"`{call.request}`"
    yield f"`{call.method}`"
    yield f"`{call.operator}`" if call.operator else ""
    yield f"`example_whatsapp_{call.example}`" if call.example else ""


def _error_row(error: Any) -> Iterator[str]:
    yield str(error.status)
    yield f"`{error.read}`"
    yield f"`{error.send}`"
    yield error.fails_at_once
