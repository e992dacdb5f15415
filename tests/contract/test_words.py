"""The check of words finds what the project does not write."""

import pytest

from scripts.words import files, found_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mend it.", ["Mend"]),
        ("a\nb whatever", ["whatever"]),
        ("nothing is lost in\n  silence", ["in silence"]),
        ("wake_somebody = 1", ["somebody"]),
        ("unfit_text", ["unfit_text"]),
        ("resend_unknown(LONGEST_DELAY)", ["resend_unknown", "LONGEST_DELAY"]),
        ("recommend, until, still, on_unknown_outcome, harmless", []),
    ],
    ids=[
        "capital",
        "second line",
        "line break",
        "identifier",
        "name",
        "constant",
        "parts of words",
    ],
)
def test_words(text, words):
    """Whole words are found in any case, within identifiers and across lines; parts of words are not."""
    assert [word for _, word in found_words(text)] == words


def test_lines():
    """A hit is reported with the line on which it begins."""
    assert list(found_words("one\ntwo\nin\nsilence")) == [(3, "in silence")]


def test_the_paths_are_checked():
    """The list of paths leads to files: one that has moved would no longer be checked."""
    shown = {path.name for path in files()}
    assert {
        "README.md",
        "index.md",
        "example_whatsapp_quickstart.py",
        "invoice_ready.yaml",
        "builders.py",
    } <= shown
