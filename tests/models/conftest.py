"""What the tests of the models share."""

from __future__ import annotations

import copy
import json
import re
from itertools import chain
from pathlib import Path

import pytest

PAYLOADS = Path(__file__).parent / "payloads"


@pytest.fixture(scope="session")
def bodies():
    """Return the good bodies of messages, by their names."""
    messages, interactive, templates = (
        json.loads((PAYLOADS / f"{kind}.json").read_text())
        for kind in ("messages", "interactive", "templates")
    )
    return dict(
        chain(
            *(
                named.items()
                for named in (*messages.values(), *interactive.values(), templates)
            )
        )
    )


@pytest.fixture(scope="session")
def put():
    """Return a function that puts values at some paths of a copy of a body; ``...`` leaves a field out."""

    def put_into(body, changes):
        body = copy.deepcopy(body)
        for path, value in changes.items():
            *outer, last = [
                int(step) if step.isdecimal() else step for step in re.findall(r"\w+", path)
            ]
            part = body
            for step in outer:
                part = part.setdefault(step, {}) if isinstance(part, dict) else part[step]
            if value is ...:
                del part[last]
            else:
                part[last] = value
        return body

    return put_into


@pytest.fixture(scope="session")
def changed(bodies, put):
    """Return a function that returns a good body, by its name, with other values at some paths."""
    return lambda name, changes: put(bodies[name], changes)
