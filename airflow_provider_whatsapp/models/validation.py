"""Validates values, and words what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import AfterValidator, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from airflow_provider_whatsapp.exceptions import InvalidRequestError, without_locals
from airflow_provider_whatsapp.models.json_values import json_problem

T = TypeVar("T")

MAX_PROBLEMS = 10  # that one error lists


MAX_NAME_LENGTH = 80  # characters of a name that a user or a server wrote, such as a key


MAX_PATH_LENGTH = 300  # characters of a path such as components[0].buttons[1].text


# Remedies for the errors that pydantic itself finds; validators of ours carry their own.
_REMEDIES = {
    "missing": "add it",
    "extra_forbidden": "remove it here, or check its spelling",
    "string_too_long": "shorten it",
    "string_too_short": "give it a value",
    "too_long": "split it or remove some",
    "too_short": "add some",
    "string_type": "pass a str (in YAML: put it in quotes)",
    "string_unicode": "remove the half of a surrogate pair",
    "int_type": "pass a whole number",
    "int_parsing": "pass a whole number",
    "greater_than_equal": "make it larger",
    "less_than_equal": "make it smaller",
    "literal_error": "choose one of these",
    "unknown_type": "choose one of these",
    "list_type": "wrap it in [ ]",
    "dict_type": "pass a dict",
    "model_type": "pass a dict",
}


# What pydantic says of a list that is too long; what was found is told in our own words.
_COUNT_AGAIN = re.compile(r" after validation, not \d+")


# A phone number can be a key, with and without separators.
_DIGIT_RUN = re.compile(r"\+?\d(?:[ ().-]{0,2}\d){6,}")


@without_locals
def validate(kind: type[T] | TypeAdapter[T], value: Any, *, field: str = "") -> T:
    """
    Return ``value`` as a ``kind``, or say what is wrong with it.

    :param kind: a model class, any type that pydantic understands, or a ready ``TypeAdapter``.
    :param value: plain data, for example a dict out of XCom.
    :param field: the name under which the caller knows the value, put before inner paths.
    :raises InvalidRequestError: naming field, rule, shape of the value found, and remedy.
    """
    adapter = kind if isinstance(kind, TypeAdapter) else TypeAdapter(kind)
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        found = error.errors(include_url=False)
    # Raised outside the handler: pydantic's error keeps the input, and a chained one is logged.
    raise InvalidRequestError("; ".join(first_of([_problem(one, field) for one in found[:MAX_PROBLEMS]], len(found))))


def first_of(problems: Sequence[str], count: int) -> list[str]:
    """Return the first problems of ``count``, and how many more there are."""
    more = [f"and {count - MAX_PROBLEMS} more"] if count > MAX_PROBLEMS else []
    return [*problems[:MAX_PROBLEMS], *more]


def printable(name: object, limit: int = MAX_NAME_LENGTH) -> str:
    """
    Return a name that a user or a server wrote, as an error can show it.

    It is cut to ``limit`` characters, and what a log cannot write becomes ``?``.
    """
    # Python writes no number of more than 4300 digits.
    text = "…" if isinstance(name, int) and json_problem(name) else str(name)
    return "".join(sign if sign.isprintable() else "?" for sign in shorten(text, limit))


def shorten(text: str, limit: int) -> str:
    """Return ``text`` with at most ``limit`` characters."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def printable_key(key: object) -> str:
    """Return a key that a user wrote as :func:`legible`, with a phone number in it shortened."""
    return _DIGIT_RUN.sub(lambda run: f"{run[0][:3]}•••{run[0][-2:]}", printable(key))


def rule_error(message: str, *, remedy: str) -> PydanticCustomError:
    """Return what a validator raises: the rule that was broken, and how to mend it."""
    # Pydantic fills in names of the context only, so the {{1}} of a message stays as it is.
    return PydanticCustomError("refused", message, {"remedy": remedy})


def rule_error_at(*place: int | str, value: object, message: str, remedy: str) -> ValidationError:
    """Return a :func:`refusal` of the ``value`` that is found at ``place`` in what is being validated."""
    found = InitErrorDetails(type=rule_error(message, remedy=remedy), loc=place, input=value)
    return ValidationError.from_exception_data("refused", [found])


def matching(pattern: str, rule: str, *, remedy: str) -> AfterValidator:
    """Return a validator for texts that fully match ``pattern``; ``rule`` says so in words."""
    compiled = re.compile(pattern, re.ASCII)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise rule_error(rule, remedy=remedy)
        return text

    return AfterValidator(check)


def unique(items: Sequence[str], *, rule: str) -> None:
    """Refuse ``items`` if two of them are equal, naming their places; ``rule`` says what must be unique."""
    for place, item in enumerate(items):
        first = items.index(item)
        if first != place:
            raise rule_error(f"{rule}, but items {first} and {place} are equal", remedy="change one of them")


def check_json(value: T) -> T:
    """Return ``value`` if it can be written as JSON, else raise with the place of what cannot."""
    if problem := json_problem(value):
        raise rule_error_at(*problem.place, value=problem.value, message=problem.rule, remedy=problem.remedy)
    return value


def describe(value: object) -> str:
    """Describe ``value`` without giving it away: its type, and its length where it has one."""
    if value is None:
        return "None"
    kind = type(value).__name__
    article = "an" if kind[0] in "aeiou" else "a"
    if isinstance(value, str):
        return f"{article} {kind} of {len(value)} characters"
    if isinstance(value, Sequence | Mapping):
        return f"{article} {kind} of {len(value)} items"
    return f"{article} {kind}"


def _problem(found: ErrorDetails, field: str) -> str:
    loc = found["loc"]
    if found["type"] == "too_long":
        loc = (*loc, found["ctx"]["max_length"])  # the first item that is too many
    path = _path(loc)
    name = ".".join(part for part in (field, path) if part).replace(".[", "[") or "value"
    remedy = (found.get("ctx") or {}).get("remedy") or _REMEDIES.get(found["type"])
    got = "nothing" if found["type"] == "missing" else describe(found["input"])
    said = _COUNT_AGAIN.sub("", found["msg"])
    text = f"{name}: {said} (found {got})"
    return f"{text}; {remedy}" if remedy else text


def _path(loc: tuple[int | str, ...]) -> str:
    """
    Spell a pydantic location as the caller would write it.

    Pydantic puts the tag of a union's member into the location. Tags of ours are in angle
    brackets, so that they cannot be taken for a field.
    """
    # Pydantic marks a key that is wrong itself, and calls it text even if it is a number.
    steps = loc[:-1] if loc[-1:] == ("[key]",) else loc
    fields = (step for step in steps if not str(step).startswith("<"))
    path = "".join(
        f"[{printable(step)}]" if isinstance(step, int) else f".{printable_key(step)}" for step in fields
    ).lstrip(".")
    return shorten(path, MAX_PATH_LENGTH)
