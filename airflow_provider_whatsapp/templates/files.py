"""Reads definitions from files or dicts, and names the place of what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.template_definitions import TemplateDefinition
from airflow_provider_whatsapp.models.templates import TemplateKey
from airflow_provider_whatsapp.models.validation import (
    MAX_PATH_LENGTH,
    describe,
    printable,
    validate,
)
from airflow_provider_whatsapp.templates.parsing import MAX_FILE_BYTES, parse_documents

SUFFIXES = (".yaml", ".yml", ".json")
_PERMANENT = (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)


def from_files(path: Path, *, argument: str = "templates") -> list[TemplateDefinition]:
    """
    Read the definitions of a file, or of all files below a folder, in the order of their names.

    :param argument: under which the caller got the path.
    :raises InvalidRequestError: naming the file and the field.
    """
    definitions = [
        (source, validate(TemplateDefinition, raw, source=source))
        for name, file in _find_files(path, argument)
        for source, raw in _read_definitions(name, file)
    ]
    return _reject_duplicates(definitions)


def from_dict(raw: Mapping[str, Any], *, argument: str) -> TemplateDefinition:
    """
    Validate one definition.

    :param argument: under which the caller got it.
    :raises InvalidRequestError: naming the field.
    """
    return validate(TemplateDefinition, raw, field=argument)


def from_dicts(dicts: Sequence[Mapping[str, Any]]) -> list[TemplateDefinition]:
    """
    Validate a list of definitions.

    :raises InvalidRequestError: naming the position and the field.
    """
    if isinstance(dicts, Mapping) or not isinstance(dicts, Sequence):
        raise InvalidRequestError(
            f"templates: must be a path or a list of dicts (got {describe(dicts)}). Wrap a single dict in [ ]."
        )
    named = [(f"templates[{position}]", raw) for position, raw in enumerate(dicts)]
    return _reject_duplicates(
        [(name, from_dict(raw, argument=name)) for name, raw in named]
    )


def _find_files(path: Path, argument: str) -> list[tuple[str, Path]]:
    """Return the files, each with its name as seen from ``path``."""
    shown = printable(path, MAX_PATH_LENGTH)
    with _report_unreadable(f"{argument}: {shown}"):
        if path.is_file():
            return [(printable(path.name), path)]
        if not path.is_dir():
            # A pipe or a device could be read without an end.
            problem = "does not exist"
            if path.exists():
                problem = "is a device"
            raise InvalidRequestError(
                f"{argument}: must be a file or a folder on this worker (got {shown}, which {problem}). Check the path."
            )
        candidates = [file for file in path.rglob("*") if file.suffix in SUFFIXES]
        files = sorted(filter(Path.is_file, candidates), key=str)
    # A sync of nothing would pass, and hide a wrong path.
    if not files:
        raise InvalidRequestError(
            f"{argument}: must be a folder with a file ending in {' or '.join(SUFFIXES)} (got {shown}). Add one."
        )
    found = []
    for file in files:
        inner = str(file).removeprefix(str(path)).lstrip("/")
        found.append((printable(inner, MAX_PATH_LENGTH), file))
    return found


def _read_definitions(name: str, file: Path) -> Iterator[tuple[str, Any]]:
    # One byte more than is allowed shows that a file is too large, without reading all of it.
    with _report_unreadable(name), file.open("rb") as opened:
        content = opened.read(MAX_FILE_BYTES + 1)
    parsed = parse_documents(name, content, is_json=file.suffix == ".json")
    # YAML makes None of a document that is empty, such as one behind a last ---.
    documents = [document for document in parsed if document is not None]
    if not documents:
        raise InvalidRequestError(
            f"{name}: must have a definition (got an empty file). Write one, or delete the file."
        )
    definitions: list[Any] = []
    for document in documents:
        # A document holds one definition or a list of them.
        if isinstance(document, list):
            definitions.extend(document)
        else:
            definitions.append(document)
    if len(definitions) == 1:
        yield name, definitions[0]
        return
    for position, raw in enumerate(definitions):
        yield f"{name}[{position}]", raw


@contextmanager
def _report_unreadable(name: str) -> Iterator[None]:
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
        f"{name}: must be readable for this worker (got {printable(reason)}). Change its permissions or the path.",
        permanent=permanent,
    )


def _reject_duplicates(
    named: list[tuple[str, TemplateDefinition]],
) -> list[TemplateDefinition]:
    sources: dict[TemplateKey, str] = {}
    for source, definition in named:
        if definition.key in sources:
            raise InvalidRequestError(
                f"{source}: must be the only definition of {definition.key} "
                f"(got another one in {sources[definition.key]}). Remove one of them."
            )
        sources[definition.key] = source
    return [definition for _, definition in named]
