"""The workflow of pull requests is pinned, and has only the permissions that it needs."""

import re
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).parents[2]
WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))


def test_actions_are_pinned_by_hash():
    """Each action is named by a commit, with its version beside it: a tag can be moved to other code."""
    used = [
        line
        for path in WORKFLOWS
        for line in path.read_text().splitlines()
        if "uses:" in line
    ]
    assert used
    assert [
        line
        for line in used
        if not re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)
    ] == []


def test_workflows_have_the_least_permissions():
    """A workflow may do nothing, and each of its jobs may read the code."""
    for path in WORKFLOWS:
        workflow = yaml.safe_load(path.read_text())
        assert workflow["permissions"] == {}
        assert {str(job["permissions"]) for job in workflow["jobs"].values()} == {
            "{'contents': 'read'}"
        }


def test_uv_is_pinned():
    """The installer is pinned to one version."""
    assert re.search(
        r"^UV_VERSION := \d+\.\d+\.\d+$",
        (REPOSITORY / "Makefile").read_text(),
        re.MULTILINE,
    )
    assert "uv==$(UV_VERSION)" in (REPOSITORY / "Makefile").read_text()
