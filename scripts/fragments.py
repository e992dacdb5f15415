"""
Writes the tables of the documentation; ``make docs`` runs it, and a test compares them with the code.

The pages include these files, so that the words around a table can change without it, and it without them.
"""

from __future__ import annotations

from pathlib import Path

from scripts import error_codes, gateway_calls, what_happens

FOLDER = Path(__file__).parents[1] / "docs" / "reference" / "_generated"


def fragments() -> dict[str, str]:
    """Return the text of each generated file by its name."""
    return {
        **error_codes.fragments(),
        **gateway_calls.fragments(),
        **what_happens.fragments(),
    }


def main() -> None:
    """Write all files, and delete those that no program writes any more."""
    FOLDER.mkdir(exist_ok=True)
    wanted = fragments()
    for path in FOLDER.iterdir():
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
