"""Whether a value can be written as JSON, and if not, where and why not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from pydantic_core import to_jsonable_python

from airflow_provider_whatsapp.exceptions import InvalidRequestError

MAX_DEPTH = 50  # of lists and dicts in each other; the models themselves need about ten
MAX_INTEGER_BITS = 1024  # about 300 digits, which Python can still write

_DEPTH_RULE = f"must be nested at most {MAX_DEPTH} deep, and must not contain itself"

# UTF-8 cannot write half of a pair, which is what is left where an emoji was cut in two.
_SURROGATE = re.compile("[\ud800-\udfff]")


class JsonProblem(NamedTuple):
    """What JSON cannot hold: its place, the value, the rule that it breaks, and the remedy."""

    place: tuple[int | str, ...]
    value: object
    rule: str
    remedy: str


def json_problem(value: object) -> JsonProblem | None:
    """Return the first problem in ``value``, or ``None`` if it can be written as JSON."""
    return next(_problems(value, (), ()), None)


def encode_json(data: Mapping[str, Any]) -> bytes:
    """
    Return a body as JSON, the same bytes for the same data: keys are sorted.

    :raises InvalidRequestError: if a value changed after validation to one that JSON cannot hold.
    """
    try:
        return json.dumps(
            data, separators=(",", ":"), allow_nan=False, sort_keys=True
        ).encode()
    except (TypeError, ValueError, RecursionError):
        pass
    raise InvalidRequestError(
        "body: must be data that JSON can hold (got other values in it). Check its parts."
    )


def _problems(
    value: object, place: tuple[int | str, ...], above: tuple[object, ...]
) -> Iterator[JsonProblem]:
    if not isinstance(value, Mapping | list | tuple | set | frozenset):
        yield from _problems_of_a_leaf(value, place)
        return
    # A container that holds itself twice has 2**50 paths down to the limit: its first return ends the search.
    if len(above) >= MAX_DEPTH or any(value is container for container in above):
        yield JsonProblem(place, value, _DEPTH_RULE, "Flatten it.")
        return
    inside = (*above, value)
    # Sets and tuples are written as lists.
    if not isinstance(value, Mapping):
        for position, item in enumerate(value):
            yield from _problems(item, (*place, position), inside)
        return
    for key, item in value.items():
        # json.dumps would make text of an int, and two keys could become one.
        if not isinstance(key, str):
            yield JsonProblem(
                place, key, "must have keys that are text", "Put the key in quotes."
            )
            continue
        yield from _problems_of_a_leaf(key, place)
        yield from _problems(item, (*place, key), inside)


def _problems_of_a_leaf(
    value: object, place: tuple[int | str, ...]
) -> Iterator[JsonProblem]:
    if isinstance(value, str):
        if _SURROGATE.search(value):
            yield JsonProblem(
                place,
                value,
                "must be text in Unicode",
                "Remove the half of a surrogate pair.",
            )
    elif isinstance(value, int):
        if value.bit_length() > MAX_INTEGER_BITS:
            yield JsonProblem(
                place,
                value,
                "must be a whole number of at most 300 digits",
                "Pass it as text.",
            )
    elif isinstance(value, float | Decimal):
        # Of either kind as a Decimal: math.isfinite raises an error for a signalling NaN.
        if not Decimal(value).is_finite():
            yield JsonProblem(
                place, value, "must be a finite number", "Leave it out, or give it a value."
            )
    elif not _is_jsonable(value):
        yield JsonProblem(
            place, value, "must be text, number, bool, None, list or dict", "Convert it."
        )


def _is_jsonable(value: Any) -> bool:
    """Tell whether pydantic can write a value of any other type: a date, a Decimal, a model."""
    if isinstance(value, Iterator):
        return False  # this look at it would empty it
    try:
        to_jsonable_python(value)
    except (ValueError, RecursionError):
        return False
    return True
