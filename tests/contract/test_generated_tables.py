"""The tables of the documentation are those that the code makes."""

import re

import pytest

from scripts.fragments import FOLDER, fragments

MADE = fragments()
PAGES = sorted(FOLDER.parents[1].rglob("*.md"))
INCLUDE = re.compile(r"^```\{include\} _generated/(\S+)$", re.MULTILINE)


def test_no_other_file_is_there():
    """A table that no program makes any more is deleted; `make docs` does that."""
    assert {path.name for path in FOLDER.iterdir()} == set(MADE)


@pytest.mark.parametrize("name", MADE)
def test_a_table_is_current(name):
    """A change of a code, a class, a wait, a remedy or a row changes its table as well, with `make docs`."""
    assert (FOLDER / name).read_text(encoding="utf-8") == MADE[name]


def test_each_table_is_included_once():
    """Each table is included in exactly one page."""
    included = [
        name
        for path in PAGES
        if path.parent != FOLDER
        for name in INCLUDE.findall(path.read_text())
    ]
    assert sorted(included) == sorted(MADE)
