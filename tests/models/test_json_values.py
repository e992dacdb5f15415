from __future__ import annotations

import json
from collections import deque
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from pydantic_core import to_jsonable_python

from airflow_provider_whatsapp.models.json_values import MAX_DEPTH, json_problem
from tests.arbitrary import ANYTHING, JSON, fuzzed_a_lot

DEPTH = "must be nested at most 50 deep, and must not contain itself"


def nested(depth):
    made = "x"
    for _ in range(depth):
        made = [made]
    return made


def inside_itself(kind):
    made = kind()
    made.append(made) if isinstance(made, list) else made.update(a=made, b=made)
    return made


@fuzzed_a_lot
@given(ANYTHING)
def test_what_has_no_problem_can_be_written(value):
    """What passes can be written as JSON, in UTF-8 and without what only Python reads."""
    if json_problem(value) is None:
        text = json.dumps(to_jsonable_python(value), allow_nan=False, ensure_ascii=False)
        assert text.encode()


@fuzzed_a_lot
@given(JSON)
def test_what_can_be_written_has_no_problem(value):
    """A value that a JSON encoder takes is valid."""
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except ValueError:
        assert json_problem(value)
    else:
        assert json_problem(value) is None


@pytest.mark.parametrize(
    ("value", "place", "rule"),
    [
        ({"a": [1, {"b": float("nan")}]}, ("a", 1, "b"), "must be a finite number"),
        ({"a": float("-inf")}, ("a",), "must be a finite number"),
        ((1, Decimal("sNaN")), (1,), "must be a finite number"),
        ({"a": "x\ud800"}, ("a",), "must be text in Unicode"),
        ({"a": {"\ud800": 1}}, ("a",), "must be text in Unicode"),
        ({"a": {1: 2}}, ("a",), "must have keys that are text"),
        ([2**1024], (0,), "must be a whole number of at most 300 digits"),
        ([b"\xff"], (0,), "must be text, number, bool, None, list or dict"),
        ([iter("a")], (0,), "must be text, number, bool, None, list or dict"),
        ([{object()}], (0, 0), "must be text, number, bool, None, list or dict"),
        (inside_itself(list), (0,), DEPTH),
        ({"x": inside_itself(dict)}, ("x", "a"), DEPTH),
        (nested(MAX_DEPTH + 1), (0,) * 50, DEPTH),
    ],
    ids=["nan", "infinite", "decimal", "text", "key", "int key", "huge", "bytes", "iterator", "object",
         "list in itself", "dict in itself", "deep"],
)  # fmt: skip
def test_problems(value, place, rule):
    """A problem has the place of the value and the rule that it breaks."""
    problem = json_problem(value)
    assert (problem.place, problem.rule) == (place, rule)
    assert problem.remedy


@pytest.mark.parametrize(
    "value",
    [None, True, 0, -(2**1000), 1.5, "", "\x00", "😀", [], {}, (1,), {1}, Decimal("1.5"), date(2026, 1, 1),
     datetime(2026, 1, 1, tzinfo=UTC), b"text", deque([1]), nested(MAX_DEPTH)],
    ids=str,
)  # fmt: skip
def test_no_problems(value):
    """What pydantic writes as JSON, dates and the like included, is none."""
    assert json_problem(value) is None


def test_the_same_list_twice():
    """A list that stands in two places, but not in itself, is fine."""
    shared = [1]
    assert json_problem([shared, {"a": shared}]) is None
