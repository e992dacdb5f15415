"""Read definitions, from files or from dicts, and say precisely where one is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.template_definitions import TemplateDefinition
from airflow_provider_whatsapp.models.validation import MAX_PATH_LENGTH, describe, printable, validate
from airflow_provider_whatsapp.templates.parsing import MAX_FILE_BYTES, parsed

SUFFIXES = (".yaml", ".yml", ".json")
_PERMANENT = (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)


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
        raise InvalidRequestError(f"templates: must be a path or a list of dicts (found {describe(dicts)})")
    return _checked([(f"templates[{position}]", raw) for position, raw in enumerate(dicts)])


def _files(path: Path) -> list[tuple[str, Path]]:
    """Return the files, each with its name as seen from ``path``."""
    shown = printable(path, MAX_PATH_LENGTH)
    with _readable(f"templates: {shown}"):
        if path.is_file():
            return [(printable(path.name), path)]
        if not path.is_dir():
            if path.exists():
                raise InvalidRequestError(f"templates: {shown} is neither a file nor a folder; pass one of these")
            raise InvalidRequestError(f"templates: {shown} does not exist, as this worker sees it; check the path")
        files = sorted((file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file()), key=str)
    if not files:
        raise InvalidRequestError(f"templates: {shown} holds no file ending in {', '.join(SUFFIXES)}; add one")
    return [(printable(str(file).removeprefix(str(path)).lstrip("/"), MAX_PATH_LENGTH), file) for file in files]


def _documents(name: str, file: Path) -> Iterator[tuple[str, Any]]:
    with _readable(name), file.open("rb") as opened:
        content = opened.read(MAX_FILE_BYTES + 1)
    documents = [one for one in parsed(name, content, is_json=file.suffix == ".json") if one is not None]
    if not documents:
        raise InvalidRequestError(f"{name}: is empty; write a definition into it, or delete it")
    definitions = [d for document in documents for d in (document if isinstance(document, list) else [document])]
    for position, raw in enumerate(definitions):
        yield (f"[{position}]" if len(definitions) > 1 else ""), raw


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """Say which file or folder the system does not let us read."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        # A network drive may answer again; what is missing or forbidden stays so until a person has changed it.
        permanent = isinstance(error, _PERMANENT)
    else:
        return
    raise InvalidRequestError(
        f"{name}: cannot be read ({printable(reason)}); let this worker read it, or correct the path",
        permanent=permanent,
    )


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
        return validate(TemplateDefinition, raw)
    except InvalidRequestError as error:
        problem = f"{source}: {error}"
    raise InvalidRequestError(problem)
