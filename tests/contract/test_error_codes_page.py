"""The page of error codes says what the code does."""

import pytest

from airflow_provider_whatsapp.client.http import error_codes
from scripts.error_codes import fragments


@pytest.fixture(scope="module")
def rows():
    lines = [
        line.strip("| ").split(" | ")
        for text in fragments().values()
        for line in text.splitlines()
    ]
    return {line[0]: line[1:] for line in lines if len(line) > 1}


def test_every_code_has_a_row(rows):
    """No code that the client knows is left out."""
    assert {str(code) for code in error_codes.CODES} < set(rows)


@pytest.mark.parametrize(
    ("code", "kind", "permanent", "tries"),
    [
        ("2", "TransientError", "no", "5: after 1, 2, 4, 8 s"),
        ("4", "RateLimitedError", "no", "3: after 30, 60 s"),
        ("131000", "TransientError", "no", "3: after 1, 2 s"),
        ("131026", "RecipientError", "yes", "1"),
        ("131056", "RateLimitedError", "no", "4: after 4, 16, 64 s"),
        ("131057", "TransientError", "no", "2: after 60 s"),
        ("133015", "TransientError", "no", "1"),
        ("201 to 299", "PermissionDeniedError", "yes", "1"),
        ("2388299", "TemplateError", "yes", "1"),
    ],
)
def test_a_code(rows, code, kind, permanent, tries):
    """The page's rows for some codes, written down a second time."""
    assert rows[code][1:4] == [f"`{kind}`", permanent, tries]


RETRIED = "5: after 1, 2, 4, 8 s"


@pytest.mark.parametrize(
    ("words", "cells"),
    [
        ("401", ["`AuthenticationError`, permanent; 1"] * 4),
        ("429", [f"`RateLimitedError`; {RETRIED}"] * 4),
        (
            "any other 5xx",
            [
                f"`TransientError`; {RETRIED}",
                "`OutcomeUnknownError`; 1",
                "`OutcomeUnknownError`, permanent; 1",
                f"`OutcomeUnknownError`; {RETRIED}",
            ],
        ),
        (
            "`success: false`",
            [f"`BadRequestError`; {RETRIED}", *["`BadRequestError`; 1"] * 3],
        ),
    ],
    ids=lambda words: words if isinstance(words, str) else "",
)
def test_a_response_without_a_code(rows, words, cells):
    """An unknown outcome is permanent for a send only, and the client retries only where that is safe."""
    assert rows[words][:4] == cells
