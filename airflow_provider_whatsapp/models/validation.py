"""
Validates values, and says what is wrong with them.

All errors have one shape: ``field: must <rule> (got <type, length>). <Remedy>.`` They never show the value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from pydantic import AfterValidator, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from airflow_provider_whatsapp.exceptions import InvalidRequestError, without_locals
from airflow_provider_whatsapp.models.json_values import json_problem

T = TypeVar("T")
# From a value to a part of it: names of fields, keys and positions.
FieldPath = tuple[int | str, ...]

MAX_PROBLEMS = 10  # that one error lists
MAX_NAME_LENGTH = 80  # characters of a name that a user or a server wrote, such as a key
MAX_PATH_LENGTH = 300  # characters of a path such as components[0]["buttons"][1]["text"]

# Rules and remedies for the errors that pydantic itself finds, by their type and with the names of their
# context. Pydantic's own sentences have another shape, and speak of inputs where users have fields.
_TEXT = ("must be text", "Pass a str; in YAML put it in quotes.")
_WHOLE_NUMBER = ("must be a whole number", "Pass an int.")
_BOOL = ("must be true or false", "Pass True or False.")
_CHOICE = ("must be {expected}", "Write it exactly so.")
_DICT = ("must be a dict", "Pass a dict of its fields.")
TRANSLATIONS = {
    "missing": ("must be present", "Add it."),
    "extra_forbidden": ("must be a known field", "Remove it, or check its spelling."),
    "string_type": _TEXT,
    "string_unicode": ("must be text in Unicode", "Remove the half of a surrogate pair."),
    "string_too_long": ("must be at most {max_length} characters", "Shorten it."),
    "string_too_short": ("must be at least {min_length} characters", "Give it a value."),
    "int_type": _WHOLE_NUMBER,
    "int_parsing": _WHOLE_NUMBER,
    "int_parsing_size": _WHOLE_NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "greater_than_equal": ("must be at least {ge}", "Make it larger."),
    "less_than_equal": ("must be at most {le}", "Make it smaller."),
    "bool_type": _BOOL,
    "bool_parsing": _BOOL,
    "literal_error": _CHOICE,
    "enum": _CHOICE,
    "list_type": ("must be a list", "Wrap it in [ ]."),
    "too_long": ("must have at most {max_length} items", "Remove some, or split it."),
    "too_short": ("must have at least {min_length} items", "Add some."),
    "dict_type": _DICT,
    "model_type": _DICT,
    "unknown_type": ("{message}", "Set type to one of these."),
    "recursion_loop": ("must not contain itself", "Remove the reference to itself."),
}
# A type that is not in the table names the kind of value that pydantic wanted: url_parsing, date_type.
_WANTED_KIND = re.compile(r"(.+?)_(?:type|parsing|parsing_size)")
_SINGULAR = re.compile(r"\b1 (character|item)s\b")


# A phone number can be a key, with and without separators.
_DIGIT_RUN = re.compile(r"\+?\d(?:[ ().-]{0,2}\d){6,}")


@without_locals
def validate(
    kind: type[T] | TypeAdapter[T],
    value: Any,
    *,
    field: str = "",
    source: str = "",
    arguments: Mapping[FieldPath, FieldPath] | None = None,
) -> T:
    """
    Return ``value`` as a ``kind``, or say what is wrong with it.

    :param kind: a model class, any type that pydantic understands, or a ready ``TypeAdapter``.
    :param value: plain data, for example a dict out of XCom.
    :param field: the name under which the caller knows the value, put before inner paths.
    :param source: the file that the value comes from.
    :param arguments: where parts of the value come from, if the caller made it out of arguments: paths in the value,
        and the paths of the arguments that errors name instead. They hold for what is below them, too.
    :raises InvalidRequestError: with one line for each problem: field, rule, type and length of the value, remedy.
    """
    adapter = kind if isinstance(kind, TypeAdapter) else TypeAdapter(kind)
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        found = error.errors(include_url=False)
    # Raised outside the handler: pydantic's error keeps the input, and a chained one is logged.
    to_text = _ProblemFormatter(adapter.core_schema, source, field, arguments or {})
    problems = [to_text(one) for one in found[:MAX_PROBLEMS]]
    if len(found) > MAX_PROBLEMS:
        problems.append(f"And {len(found) - MAX_PROBLEMS} more.")
    raise InvalidRequestError("\n".join(problems))


def first_of(names: Sequence[str]) -> str:
    """Return the first of ``names`` as a list for an error, and how many more there are."""
    shown = list(names[:MAX_PROBLEMS])
    if len(names) > MAX_PROBLEMS:
        shown.append(f"and {len(names) - MAX_PROBLEMS} more")
    return ", ".join(shown)


def printable(name: object, limit: int = MAX_NAME_LENGTH) -> str:
    """
    Return a name that a user or a server wrote, as an error can show it.

    It is cut to ``limit`` characters, and what a log cannot write becomes ``?``.
    """
    # Python writes no number of more than 4300 digits.
    if isinstance(name, int) and json_problem(name):
        return "…"
    shown = shorten(str(name), limit)
    return "".join(sign if sign.isprintable() else "?" for sign in shown)


def shorten(text: str, limit: int) -> str:
    """Return ``text`` with at most ``limit`` characters."""
    if len(text) <= limit:
        return text
    return f"{text[: limit - 1]}…"


def printable_key(key: object) -> str:
    """Return a key that a user wrote as :func:`printable`, with a phone number in it shortened."""

    def hide_middle(run: re.Match[str]) -> str:
        digits = run[0]
        return f"{digits[:3]}•••{digits[-2:]}"

    return _DIGIT_RUN.sub(hide_middle, printable(key))


def rule_error(rule: str, *, remedy: str, got: str = "") -> PydanticCustomError:
    """
    Return what a validator raises.

    :param rule: that the value breaks, beginning with 'must'.
    :param remedy: a sentence.
    :param got: what breaks it, if type and length of the value do not tell.
    """
    # Pydantic fills in names of the context only, so the {{1}} of a rule stays as it is.
    return PydanticCustomError("invalid", rule, {"remedy": remedy, "got": got})


def rule_error_at(
    *place: int | str, value: object, rule: str, remedy: str, got: str = ""
) -> ValidationError:
    """Return a :func:`rule_error` about the ``value`` that is found at ``place`` in what is being validated."""
    found = InitErrorDetails(
        type=rule_error(rule, remedy=remedy, got=got), loc=place, input=value
    )
    return ValidationError.from_exception_data("invalid", [found])


def pattern_validator(pattern: str, rule: str, *, remedy: str) -> AfterValidator:
    """Return a validator for texts that fully match ``pattern``; ``rule`` says so in words, after 'must'."""
    compiled = re.compile(pattern, re.ASCII)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise rule_error(rule, remedy=remedy)
        return text

    return AfterValidator(check)


def reject_duplicates(items: Sequence[str], *, rule: str) -> None:
    """Raise the error of ``rule`` if two of the ``items`` are equal, with their places."""
    for place, item in enumerate(items):
        first = items.index(item)
        if first != place:
            raise rule_error(
                rule,
                got=f"the same in items {first} and {place}",
                remedy="Change one of them.",
            )


def check_json(value: T) -> T:
    """Return ``value`` if it can be written as JSON, else raise with the place of what cannot."""
    if problem := json_problem(value):
        raise rule_error_at(
            *problem.place, value=problem.value, rule=problem.rule, remedy=problem.remedy
        )
    return value


def describe(value: object) -> str:
    """Return the type of ``value``, and its length where it has one: ``str, 12 characters``; never the value."""
    if value is None:
        return "None"
    kind = type(value).__name__
    if isinstance(value, str):
        return _in_singular(f"{kind}, {len(value)} characters")
    if isinstance(value, Sequence | Mapping):
        return _in_singular(f"{kind}, {len(value)} items")
    return kind


class _ProblemFormatter(NamedTuple):
    """Writes pydantic's errors in the shape that ours have."""

    schema: Any
    source: str
    field: str
    arguments: Mapping[FieldPath, FieldPath]

    def __call__(self, found: ErrorDetails) -> str:
        path = spell_path(self._argument_path(_without_tags(found["loc"])), self.field)
        name = ": ".join(part for part in (self.source, path) if part) or "value"
        rule, remedy = self._rule_and_remedy(found)
        # Where type and length do not tell what is wrong, the rule that was broken does.
        context = found.get("ctx") or {}
        got = context.get("got") or describe(found["input"])
        # For an absent field, the input is the whole that should have it.
        if found["type"] == "missing":
            got = "nothing"
        return f"{name}: {rule} (got {got}). {remedy}"

    def _rule_and_remedy(self, found: ErrorDetails) -> tuple[str, str]:
        kind, loc = found["type"], found["loc"]
        context = found.get("ctx") or {}
        # Rules of ours bring their remedy; the others are errors that pydantic itself finds.
        if "remedy" in context:
            return found["msg"], context["remedy"]
        remedy = "Correct it."
        if kind in TRANSLATIONS:
            rule, remedy = TRANSLATIONS[kind]
            rule = _in_singular(rule.format_map({"message": found["msg"], **context}))
        elif wanted := _WANTED_KIND.fullmatch(kind):
            rule = f"must be a valid {wanted[1].replace('_', ' ')}"
        else:
            rule = "must be a value that is valid here"
        if kind == "extra_forbidden":
            # Callers know the arguments, of which several may make up one field.
            parent = _without_tags(loc[:-1])
            paths = [
                self._argument_path((*parent, name))
                for name in field_names(self.schema, loc[:-1])
            ]
            known = dict.fromkeys(str(path[-1]) for path in paths)
            if known:
                remedy = f"{remedy.removesuffix('.')}; known fields are {', '.join(known)}."
        return rule, remedy

    def _argument_path(self, path: FieldPath) -> FieldPath:
        """Return the path of the argument that ``path`` was made of; the longest known beginning decides."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.arguments:
                return (*self.arguments[path[:length]], *path[length:])
        return path


def field_names(schema: Any, loc: FieldPath) -> list[str]:
    """Return the fields of the model that is found at ``loc``, with pydantic's tags, in a core schema."""
    definitions: dict[str, Any] = {}
    node = _unwrap(schema, definitions)
    for step in loc:
        if node.get("type") == "model-fields":
            inner = node["fields"].get(step, {}).get("schema")
        elif node.get("type") == "tagged-union":
            inner = node["choices"].get(step)
        else:
            inner = node.get("items_schema")
        node = _unwrap(inner, definitions)
    return list(node.get("fields", ()))


def _unwrap(node: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a core schema that has parts of its own, without the validators around it."""
    while node and node["type"] not in ("model-fields", "list", "tagged-union"):
        # A model that contains itself is defined once, and referred to by name.
        definitions.update((one["ref"], one) for one in node.get("definitions", ()))
        node = definitions.get(node.get("schema_ref"), node.get("schema"))
    return node or {}


def _in_singular(text: str) -> str:
    return _SINGULAR.sub(r"1 \1", text)


def _without_tags(loc: FieldPath) -> FieldPath:
    # Pydantic puts the tag of a union's member into the location. Tags of ours are in angle brackets, so that
    # they cannot be taken for a field. A key that is invalid itself has a mark behind it.
    return tuple(step for step in loc if step != "[key]" and not str(step).startswith("<"))


def spell_path(steps: Sequence[int | str], field: str = "") -> str:
    """
    Return a path as Python code reaches the value: ``components[0]["buttons"][1]["url"]``.

    :param field: what the steps begin at; if absent, their first one is a name, too.
    """
    if not field and steps and isinstance(steps[0], str):
        field, steps = printable_key(steps[0]), steps[1:]
    spelled = [field]
    for step in steps:
        if isinstance(step, int):
            spelled.append(f"[{printable(step)}]")
        else:
            spelled.append(f'["{printable_key(step)}"]')
    return shorten("".join(spelled), MAX_PATH_LENGTH)
