"""Arbitrary values, and how many of them are tried."""

from __future__ import annotations

import copy
from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

fuzzed = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
fuzzed_a_lot = settings(fuzzed, max_examples=250)  # where nothing is slow
fuzzed_a_little = settings(fuzzed, max_examples=20)
# What JSON can hold, halves of characters and numbers beyond all bounds included.
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["\ud800", "", "0", "9" * 5000, "{{1}}", "{{x", "whatsapp", 10**300, 1e308, -1]
    )
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def _inside_itself():
    made = {"type": "text"}
    made["again"] = [made, made]
    return made


def _deep():
    made = "x"
    for _ in range(120):
        made = [made]
    return made


# What a DAG file or an XCom can hand over besides JSON.
ODD_VALUES = st.sampled_from(
    [float("nan"), float("inf"), 10**5000, b"\xff", Decimal("NaN"), date(2026, 1, 1), {1: 2}, {None: 1}, {10**5000: 1},
     {"\ud800": 1}, {1, 2}, (1,), object(), _inside_itself(), _deep(), {"x" * 100_000: 1}, ["x"] * 1000, {"type": "x"},
     {"type": []}, True, 1.5, "x" * 5000, {"id": "\ud800"}, iter("ab"), print]
)  # fmt: skip
ANYTHING = ODD_VALUES | JSON


@st.composite
def mutated(draw, bodies, values=JSON):
    """Draw one of the bodies with another value in one of its places."""
    body = copy.deepcopy(draw(st.sampled_from(bodies)))
    node = body
    while True:
        key = draw(
            st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node)))
        )
        inner = node[key]
        if not (isinstance(inner, dict | list) and inner and draw(st.booleans())):
            break
        node = inner
    node[key] = draw(values)
    return body
