from __future__ import annotations

import inspect

import pytest

from airflow_provider_whatsapp import exceptions
from airflow_provider_whatsapp.exceptions import (
    ApiError,
    OutcomeUnknownError,
    RateLimitedError,
    TransportError,
    WhatsAppError,
)

CLASSES = [
    found
    for _, found in inspect.getmembers(exceptions, inspect.isclass)
    if found.__module__ == exceptions.__name__
]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_tree_is_drawn_and_rooted(kind):
    """Every error has the one root and stands in the tree of the module's docstring."""
    assert issubclass(kind, WhatsAppError)
    assert kind.__name__ in exceptions.__doc__


def test_permanence():
    """An error is permanent unless nothing was sent for want of a connection, or it says otherwise."""
    assert WhatsAppError("x").permanent
    assert OutcomeUnknownError("x").permanent
    assert not OutcomeUnknownError("x", permanent=False).permanent
    assert not TransportError("x").permanent
    assert ApiError("x").permanent


def test_error_reads_as_sentences():
    """The text of an error says what happened, who answered, with codes and trace id, and what to do next."""
    error = ApiError(
        "Invalid parameter.",
        status=400,
        code=100,
        subcode=2388299,
        details="Variables can't be at the start.",
        fbtrace_id="AbC",
        remedy="Change the text.",
    )
    assert str(error) == (
        "Invalid parameter. Variables can't be at the start. "
        "[Meta, HTTP 400, code 100, subcode 2388299, fbtrace_id AbC] Change the text."
    )


def test_error_without_details():
    """The text leaves out what the response lacks, and tells the gateway from Meta."""
    error = RateLimitedError(
        "Too many requests", status=429, is_gateway=True, retry_after=3.0
    )
    assert str(error) == "Too many requests. [Maton gateway, HTTP 429]"
    assert error.retry_after == 3.0
    assert str(ApiError("Broken")) == "Broken."


def test_code_zero_is_shown():
    """Code 0, which Meta uses for a token that could not be checked, is not taken for an absent one."""
    assert str(ApiError("x", code=0)) == "x. [Meta, code 0]"
