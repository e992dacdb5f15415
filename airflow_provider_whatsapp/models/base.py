"""What all models share: strict requests, tolerant responses, enums that survive new values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    model_validator,
)
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


class OpenEnum(StrEnum):
    """Known values by name; a value that Meta adds later is kept as it came."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member


class RequestModel(BaseModel):
    """A body we send: unknown fields are refused, and Meta's limits hold before it leaves."""

    # Inputs can be phone numbers or message texts: they stay out of every error.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def __repr__(self) -> str:
        """Name the fields that are there, but tell none: texts and numbers belong to people."""
        return f"{type(self).__name__}({', '.join(sorted(self.model_fields_set))})"

    __str__ = __repr__

    def wire(self) -> dict[str, Any]:
        """Return the JSON body as the Cloud API takes it, absent fields left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class ResponseModel(BaseModel):
    """A body we receive: fields that we don't know are kept."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Leave out fields that we don't know: they may contain a phone number or a token."""
        yield from ((name, value) for name, value in super().__repr_args__() if name in type(self).model_fields)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: Any) -> Any:
        """Meta writes null where it hides something; what is optional then has its default."""
        if not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if value is not None}


@without_locals
def checked(kind: type[T] | TypeAdapter[T], value: Any, *, field: str = "") -> T:
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


def legible(name: object, limit: int = MAX_NAME_LENGTH) -> str:
    """
    Return a name that a user or a server wrote, as an error can show it.

    It is cut to ``limit`` characters, and what a log cannot write becomes ``?``.
    """
    # Python writes no number of more than 4300 digits.
    text = "…" if isinstance(name, int) and json_problem(name) else str(name)
    return "".join(sign if sign.isprintable() else "?" for sign in shortened(text, limit))


def shortened(text: str, limit: int) -> str:
    """Return ``text`` with at most ``limit`` characters."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def legible_key(key: object) -> str:
    """Return a key that a user wrote as :func:`legible`, with a phone number in it shortened."""
    return _DIGIT_RUN.sub(lambda run: f"{run[0][:3]}•••{run[0][-2:]}", legible(key))


def refusal(message: str, *, remedy: str) -> PydanticCustomError:
    """Return what a validator raises: the rule that was broken, and how to mend it."""
    # Pydantic fills in names of the context only, so the {{1}} of a message stays as it is.
    return PydanticCustomError("refused", message, {"remedy": remedy})


def refusal_at(*place: int | str, value: object, message: str, remedy: str) -> ValidationError:
    """Return a :func:`refusal` of the ``value`` that is found at ``place`` in what is being validated."""
    found = InitErrorDetails(type=refusal(message, remedy=remedy), loc=place, input=value)
    return ValidationError.from_exception_data("refused", [found])


def matching(pattern: str, rule: str, *, remedy: str) -> AfterValidator:
    """Return a validator for texts that fully match ``pattern``; ``rule`` says so in words."""
    compiled = re.compile(pattern, re.ASCII)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise refusal(rule, remedy=remedy)
        return text

    return AfterValidator(check)


def _text_of_int(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int) or json_problem(value):
        return value
    return str(value)


# Undoes native Jinja rendering, which makes an int of a text of digits.
IntIsText = BeforeValidator(_text_of_int)


def _int_or_text(value: object) -> int | str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise refusal("a whole number or a text is needed", remedy="write it as 0 or as '0'")
    return check_json(value)


# Kept as it was written. For a union pydantic would put the types that it tried into the path of an error.
IntOrText = Annotated[int | str, PlainValidator(_int_or_text)]


def unique(items: Sequence[str], *, rule: str) -> None:
    """Refuse ``items`` if two of them are equal, naming their places; ``rule`` says what must be unique."""
    for place, item in enumerate(items):
        first = items.index(item)
        if first != place:
            raise refusal(f"{rule}, but items {first} and {place} are equal", remedy="change one of them")


def by_type(*known: str, closed: bool = False) -> Discriminator:
    """
    Return a discriminator that reads ``type``: ``<name>`` for the known ones, else ``<as_written>``.

    What Meta adds later thus travels as it was written instead of being refused. A ``closed`` one
    refuses it.
    """
    tags = {name.casefold(): f"<{name}>" for name in known}
    otherwise = None if closed else "<as_written>"

    def tag(value: object) -> str | None:
        kind = value.get("type") if isinstance(value, Mapping) else getattr(value, "type", None)
        return tags.get(kind.casefold() if isinstance(kind, str) else "", otherwise)

    return Discriminator(
        tag, custom_error_type="unknown_type", custom_error_message=f"type is one of {', '.join(known)}"
    )


def _has_a_type(value: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(value.get("type"), str):
        raise refusal("type is missing or not a text", remedy="add type")
    return value


def check_json(value: T) -> T:
    """Return ``value`` if it can be written as JSON, else raise with the place of what cannot."""
    if problem := json_problem(value):
        raise refusal_at(*problem.place, value=problem.value, message=problem.rule, remedy=problem.remedy)
    return value


# A number without a limit of its own, which still has to be written.
WholeNumber = Annotated[int, AfterValidator(check_json)]

# What Meta alone knows the fields of.
JsonObject = Annotated[dict[str, Any], AfterValidator(check_json)]

# The member of a union by type that takes what we don't know.
AsWritten = Annotated[JsonObject, AfterValidator(_has_a_type)]


def shape(value: object) -> str:
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
    got = "nothing" if found["type"] == "missing" else shape(found["input"])
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
        f"[{legible(step)}]" if isinstance(step, int) else f".{legible_key(step)}" for step in fields
    ).lstrip(".")
    return shortened(path, MAX_PATH_LENGTH)
