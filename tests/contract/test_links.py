"""The pages at the root of the repository refer to what is there; the site's build checks those of docs/."""

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
LINKS = [
    (page, target)
    for page in ("README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md")
    for target in re.findall(
        r"\]\(([^)#]+)[^)]*\)", (REPOSITORY / page).read_text(encoding="utf-8")
    )
    if "://" not in target
]


@pytest.mark.parametrize(("page", "target"), LINKS)
def test_a_link_leads_to_a_file(page, target):
    """Each link of a page leads to a file or a folder of the repository."""
    assert (REPOSITORY / target).exists()


def test_the_readme_is_short():
    """The README says what the package is and where to read on; details belong into docs/."""
    assert len((REPOSITORY / "README.md").read_text(encoding="utf-8").split()) <= 700
