"""Reading the parts of a message, with refusals that name the part as Meta does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from airflow_provider_whatsapp.sandbox.errors import MetaError, invalid_parameter, messaging_error


@dataclass(frozen=True)
class Node:
    """An object within a message, and where it stands; a part that is null counts as absent."""

    value: dict[str, Any]
    path: str

    def has(self, name: str) -> bool:
        """Whether a part is there."""
        return self.value.get(name) is not None

    def text(self, name: str, *, most: int | None = None) -> str:
        """Return a text that must be there, is not empty, and no longer than ``most``."""
        text = self.optional_text(name, most=most)
        if not text:
            raise missing(self._path(name))
        return text

    def optional_text(self, name: str, *, most: int | None = None) -> str | None:
        """Return a text that may be absent or empty."""
        text = self.value.get(name)
        if text is not None and not isinstance(text, str):
            raise invalid_parameter(f"Param {self._path(name)} must be a string")
        if text and most is not None and len(text) > most:
            raise not_valid(f"{self._path(name)} has {len(text)} characters; {most} are allowed")
        return text

    def choice(self, name: str, allowed: Sequence[str]) -> str:
        """Return a word that must be there, and one of those that are allowed."""
        word = self.text(name)
        if word not in allowed:
            raise invalid_parameter(f"Param {self._path(name)} must be one of {{{', '.join(allowed)}}}")
        return word

    def check_flag(self, name: str) -> None:
        """Refuse a value that is neither true nor false; the Graph API takes the words, too."""
        value = self.value.get(name)
        if value is not None and not isinstance(value, bool) and value not in ("true", "false"):
            raise invalid_parameter(f"Param {self._path(name)} must be a boolean")

    def check_count(self, name: str, *, least: int, most: int) -> None:
        """Refuse a whole number outside its bounds; absent is fine."""
        value = self.value.get(name)
        if value is None:
            return
        if not isinstance(value, int) or isinstance(value, bool):
            raise invalid_parameter(f"Param {self._path(name)} must be an integer")
        if not least <= value <= most:
            raise not_valid(f"{self._path(name)} must be {least} to {most}")

    def node(self, name: str) -> Node:
        """Return an object that must be there."""
        found = self.optional_node(name)
        if found is None:
            raise missing(self._path(name))
        return found

    def optional_node(self, name: str) -> Node | None:
        """Return an object that may be absent."""
        value = self.value.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise invalid_parameter(f"Param {self._path(name)} must be an object")
        return Node(value, self._path(name))

    def nodes(self, name: str, *, least: int = 0, most: int | None = None) -> list[Node]:
        """Return the objects of an array; one that need not have any may be absent."""
        values = self.value.get(name)
        if values is None and least:
            raise missing(self._path(name))
        return listed([] if values is None else values, self._path(name), least=least, most=most)

    def unexpected(self, *names: str) -> None:
        """Refuse parts that do not belong here."""
        for name in names:
            if self.has(name):
                raise invalid_parameter(f'Unexpected key "{name}" on param "{self.path}"')

    def _path(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name


def listed(values: object, path: str, *, least: int = 0, most: int | None = None) -> list[Node]:
    """Return the objects of an array that has ``least`` to ``most``."""
    if not isinstance(values, list):
        raise invalid_parameter(f"Param {path} must be an array")
    if len(values) < least or (most is not None and len(values) > most):
        raise not_valid(f"{path} has {len(values)} entries; {least} to {most or 'any number'} are allowed")
    return list(_objects(values, path))


def check_unique(values: Sequence[str], path: str) -> None:
    """Refuse a value that is there twice."""
    if len(set(values)) < len(values):
        raise not_valid(f"{path}: two have the same value, and each must be unique")


def missing(path: str) -> MetaError:
    """Return the refusal of a message that lacks a part."""
    return messaging_error(131008, "Required parameter is missing", f"{path} is required")


def not_valid(details: str) -> MetaError:
    """Return the refusal of a value that is too long, out of bounds, or malformed."""
    return messaging_error(131009, "Parameter value is not valid", details)


def _objects(values: list[object], path: str) -> Iterator[Node]:
    for index, value in enumerate(values):
        if not isinstance(value, dict):
            raise invalid_parameter(f"Param {path}[{index}] must be an object")
        yield Node(value, f"{path}[{index}]")
