"""
Prints file and line of each word that the project does not use, and fails if there is one.

These are words that hide the actor or are hard to read in a second language, and names that have been replaced.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]

# Files, and folders with all files below them.
PATHS = (
    "README.md",
    "SECURITY.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "airflow_provider_whatsapp",
    "docs",
    "example_dags",
    "tests",
    "scripts",
    "benchmarks",
    "demo",
)
SUFFIXES = {".md", ".py", ".yaml", ".yml", ".txt", ".toml"}
# These list the words.
LISTS = ("scripts/words.py", "tests/contract/test_words.py")

WORDS = (
    "mend",
    "till",
    "whoever",
    "whatever",
    "wherever",
    "somebody",
    "nobody",
    "anybody",
    "in silence",
    "for good",
    "all the same",
    "hold up",
)
# Names of the code that have been replaced; the glossary's other words are fine in another sense.
NAMES = (
    "unfit_text",
    "in_flight",
    "on_unknown",
    "resend_unknown",
    "permanent_errors_fail_the_task",
    "LONGEST_[A-Z]+",
    "SHORTEST_[A-Z]+",
    "MOST_[A-Z]+",
    "LEAST_[A-Z]+",
    "HARMLESS",
    "WASTEFUL",
    "HARMFUL",
)
# The changelog tells which names were replaced.
EXCEPTIONS = {"CHANGELOG.md": {"mend", "unfit_text", "on_unknown"}}


def pattern(words: tuple[str, ...], names: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds whole words in any case, also within an identifier, and whole names."""
    spaced = "|".join(word.replace(" ", r"\s+") for word in words)
    return re.compile(
        rf"(?<![A-Za-z])(?i:{spaced})(?![A-Za-z])|(?<!\w)(?:{'|'.join(names)})(?!\w)"
    )


def files(paths: tuple[str, ...] = PATHS) -> Iterator[Path]:
    """Yield the files to check, in order."""
    for path in (REPOSITORY / name for name in paths):
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in found:
            shown = file.relative_to(REPOSITORY).as_posix()
            if file.suffix in SUFFIXES and not shown.startswith(LISTS):
                yield file


def found_words(text: str, allowed: Collection[str] = ()) -> Iterator[tuple[int, str]]:
    """Yield line and word of each hit."""
    for hit in pattern(WORDS, NAMES).finditer(text):
        if hit[0].lower() not in allowed:
            yield text.count("\n", 0, hit.start()) + 1, " ".join(hit[0].split())


def main() -> int:
    """Return 1 if there is a word that is not used."""
    hits = 0
    for file in files():
        shown = file.relative_to(REPOSITORY).as_posix()
        for line, word in found_words(
            file.read_text(encoding="utf-8"), EXCEPTIONS.get(shown, set())
        ):
            hits += 1
            print(f"{shown}:{line}: {word}")
    return 1 if hits else 0


if __name__ == "__main__":
    sys.exit(main())
