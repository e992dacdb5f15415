"""Reads the parts of a request body. Its errors name the part as Meta's do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from airflow_provider_whatsapp.sandbox.aliases import Json
from airflow_provider_whatsapp.sandbox.graph.errors import (
    invalid_parameter,
    invalid_value,
    missing_parameter,
)


@dataclass(frozen=True)
class Part:
    """
    An object within a request body.

    A field that is null counts as absent, as it does with Meta.

    :param path: where the object is, such as ``interactive.action``; empty for the whole body.
    """

    value: Json
    path: str

    def has(self, name: str) -> bool:
        """Whether a field is present."""
        return self.value.get(name) is not None

    def get_text(self, name: str, *, max_length: int | None = None) -> str:
        """Return a text that must be present and not empty."""
        text = self.get_optional_text(name, max_length=max_length)
        # Meta reports an empty text as a missing one.
        if not text:
            raise missing_parameter(f"{self.path_of(name)} is required")
        return text

    def get_optional_text(self, name: str, *, max_length: int | None = None) -> str | None:
        """Return a text that may be absent or empty; ``max_length`` is in characters."""
        text = self.value.get(name)
        if text is not None and not isinstance(text, str):
            raise invalid_parameter(f"Param {self.path_of(name)} must be a string")
        if text and max_length is not None and len(text) > max_length:
            raise invalid_value(
                f"{self.path_of(name)} has {len(text)} characters; {max_length} are allowed"
            )
        return text

    def get_choice(self, name: str, allowed: Sequence[str]) -> str:
        """Return a text that must be present, and one of those that are allowed."""
        # Case matters to Meta here, unlike in template definitions.
        text = self.get_text(name)
        if text not in allowed:
            raise invalid_parameter(
                f"Param {self.path_of(name)} must be one of {{{', '.join(allowed)}}}"
            )
        return text

    def validate_flag(self, name: str) -> None:
        """Reject a value that is neither true nor false."""
        value = self.value.get(name)
        # The Graph API also accepts the words.
        if value is None or isinstance(value, bool) or value in ("true", "false"):
            return
        raise invalid_parameter(f"Param {self.path_of(name)} must be a boolean")

    def validate_integer(self, name: str, *, minimum: int, maximum: int) -> None:
        """Reject an integer out of its bounds. It may be absent."""
        value = self.value.get(name)
        if value is None:
            return
        # Python counts True as the integer 1.
        if not isinstance(value, int) or isinstance(value, bool):
            raise invalid_parameter(f"Param {self.path_of(name)} must be an integer")
        if not minimum <= value <= maximum:
            raise invalid_value(f"{self.path_of(name)} must be {minimum} to {maximum}")

    def get_part(self, name: str) -> Part:
        """Return an object that must be present."""
        part = self.get_optional_part(name)
        if part is None:
            raise missing_parameter(f"{self.path_of(name)} is required")
        return part

    def get_optional_part(self, name: str) -> Part | None:
        """Return an object that may be absent."""
        value = self.value.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise invalid_parameter(f"Param {self.path_of(name)} must be an object")
        # The path grows with each level, so that an error can name the innermost part.
        return Part(value, self.path_of(name))

    def get_parts(
        self, name: str, *, min_items: int = 0, max_items: int | None = None
    ) -> list[Part]:
        """Return the objects of an array. It may be absent if ``min_items`` is 0."""
        values = self.value.get(name)
        # An absent array and an empty one differ: Meta has another error for each.
        if values is None:
            if min_items:
                raise missing_parameter(f"{self.path_of(name)} is required")
            values = []
        return read_parts(
            values,
            self.path_of(name),
            min_items=min_items,
            max_items=max_items,
        )

    def reject(self, *names: str) -> None:
        """Reject fields that do not belong here."""
        for name in names:
            if self.has(name):
                raise invalid_parameter(f'Unexpected key "{name}" on param "{self.path}"')

    def path_of(self, name: str) -> str:
        """Return the path of a field."""
        if not self.path:
            return name
        return f"{self.path}.{name}"


def read_parts(
    values: object, path: str, *, min_items: int = 0, max_items: int | None = None
) -> list[Part]:
    """Return the objects of an array, which must have ``min_items`` to ``max_items`` of them."""
    if not isinstance(values, list):
        raise invalid_parameter(f"Param {path} must be an array")
    if len(values) < min_items or (max_items is not None and len(values) > max_items):
        raise invalid_value(
            f"{path} has {len(values)} entries; {min_items} to {max_items or 'any number'} are allowed"
        )
    parts = []
    for index, value in enumerate(values):
        if not isinstance(value, dict):
            raise invalid_parameter(f"Param {path}[{index}] must be an object")
        parts.append(Part(value, f"{path}[{index}]"))
    return parts


def validate_unique(values: Sequence[str], path: str) -> None:
    """Reject two equal values."""
    # Without the value in the error: it may be a text that a person wrote.
    if len(set(values)) < len(values):
        raise invalid_value(f"{path}: two have the same value, and each must be unique")
