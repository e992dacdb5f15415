"""Read definitions, from files or from dicts, and say precisely where one is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.base import checked, shape
from airflow_provider_whatsapp.models.template_definitions import TemplateDefinition

SUFFIXES = (".yaml", ".yml", ".json")


def from_files(path: Path) -> list[TemplateDefinition]:
    """
    Read the definitions of a file, or of all files below a folder, in the order of their names.

    :raises InvalidRequestError: naming the file and the field.
    """
    named = [(f"{name}{where}", raw) for name, file in _files(path) for where, raw in _documents(name, file)]
    return _checked(named)


def from_dicts(dicts: Sequence[Mapping[str, Any]]) -> list[TemplateDefinition]:
    """
    Check a list of definitions.

    :raises InvalidRequestError: naming the position and the field.
    """
    if isinstance(dicts, Mapping) or not isinstance(dicts, Sequence):
        raise InvalidRequestError(f"templates: must be a path or a list of dicts (found {shape(dicts)})")
    return _checked([(f"templates[{position}]", raw) for position, raw in enumerate(dicts)])


def _files(path: Path) -> list[tuple[str, Path]]:
    """Return the files, each with its name as seen from ``path``."""
    if path.is_file():
        return [(path.name, path)]
    if not path.is_dir():
        raise InvalidRequestError(f"templates: {path} does not exist, as this worker sees it; check the path")
    files = sorted((file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file()), key=str)
    if not files:
        raise InvalidRequestError(f"templates: {path} holds no file ending in {', '.join(SUFFIXES)}; add one")
    return [(str(file).removeprefix(str(path)).lstrip("/"), file) for file in files]


def _documents(name: str, file: Path) -> Iterator[tuple[str, Any]]:
    try:
        documents = [document for document in _parsed(file) if document is not None]
    except ValueError as error:  # not UTF-8, not JSON, or a date that no calendar has
        raise InvalidRequestError(f"{name}: cannot be read: {error}; mend the file") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it is not YAML"
        raise InvalidRequestError(f"{name}: cannot be read{where}: {problem}; mend the file") from error
    if not documents:
        raise InvalidRequestError(f"{name}: is empty; write a definition into it, or delete it")
    definitions = [d for document in documents for d in (document if isinstance(document, list) else [document])]
    for position, raw in enumerate(definitions):
        yield (f"[{position}]" if len(definitions) > 1 else ""), raw


def _parsed(file: Path) -> list[Any]:
    text = file.read_text("utf-8-sig")  # with or without the mark that some editors put first
    # PyYAML refuses tabs and splits escaped emojis in two, so it can't read all of JSON.
    return [json.loads(text)] if file.suffix == ".json" and text.strip() else list(yaml.load_all(text, _Loader))


class _Loader(yaml.SafeLoader):
    """YAML as everybody reads it, but a key that stands twice is an error: the first would be lost in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - as in PyYAML
        keys = [key.value for key, _ in node.value]
        for position, key in enumerate(keys):
            if key in keys[:position]:
                raise yaml.constructor.ConstructorError(
                    problem=f"the key {key!r} stands twice", problem_mark=node.value[position][0].start_mark
                )
        return super().construct_mapping(node, deep=deep)


def _checked(named: list[tuple[str, Any]]) -> list[TemplateDefinition]:
    definitions: dict[Any, TemplateDefinition] = {}
    sources: dict[Any, str] = {}
    for source, raw in named:
        definition = _one(source, raw)
        if definition.key in definitions:
            raise InvalidRequestError(
                f"{source}: {definition.key} is defined in {sources[definition.key]} already; remove one of them"
            )
        definitions[definition.key], sources[definition.key] = definition, source
    return list(definitions.values())


def _one(source: str, raw: Any) -> TemplateDefinition:
    try:
        return checked(TemplateDefinition, raw)
    except InvalidRequestError as error:
        problem = f"{source}: {error}"
    raise InvalidRequestError(problem)
