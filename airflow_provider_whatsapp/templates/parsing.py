"""From the bytes of a definition file to plain data, or to the place of what is wrong in it. Pure."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Hashable, Iterator
from typing import Any, NamedTuple

import yaml
from yaml.composer import ComposerError

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.json_values import MAX_DEPTH
from airflow_provider_whatsapp.models.validation import (
    FieldPath,
    printable,
    printable_key,
    spell_path,
)

MAX_FILE_BYTES = 1024 * 1024
# When each alias is replaced by what it stands for.
MAX_EXPANDED_CHARACTERS = 2 * MAX_FILE_BYTES
MAX_REASON_LENGTH = 200  # characters of what PyYAML says

_TOO_DEEP = f"must be nested at most {MAX_DEPTH} deep"
_FLATTEN = "Flatten it."
_CORRECT = "Correct it."
_YAML = "must be valid YAML"
_REMOVE_ONE = "Remove one of them."
# What PyYAML's constructors and its scanner let through, besides errors of its own, when a value is not of its tag.
_PYTHON_ERRORS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
_KEY_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "merge", "value")}
_NODE_OF_TAG = {
    **{f"tag:yaml.org,2002:{name}": yaml.MappingNode for name in ("map", "set")},
    **{f"tag:yaml.org,2002:{name}": yaml.SequenceNode for name in ("seq", "omap", "pairs")},
}
# A text that does not end goes on to the end of the file, so that nothing is read twice.
_JSON_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_DEPTH_CHANGES = {"[": 1, "{": 1, "]": -1, "}": -1}
_MAX_DIGITS = 300


class _UnreadableError(Exception):
    """The file is invalid: the place in it as text, the rule, what breaks it, and the remedy."""

    def __init__(self, place: str, rule: str, got: str, remedy: str = _CORRECT) -> None:
        super().__init__(f"{place}: {rule} (got {got}). {remedy}")


class _InvalidYamlError(ComposerError):
    """What our own checks find while YAML is composed."""

    def __init__(self, rule: str, mark: yaml.Mark, *, got: str, remedy: str) -> None:
        super().__init__(problem=rule, problem_mark=mark)
        self.rule, self.got, self.remedy = rule, got, remedy


class _Extent(NamedTuple):
    """How much a node stands for, with its aliases replaced."""

    characters: int
    depth: int


class _WithDuplicate(dict[str, Any]):
    """A JSON object in which a key stands twice."""

    key: str


def parse_documents(name: str, content: bytes, *, is_json: bool) -> list[Any]:
    """
    Return the documents of a file; JSON has one, YAML may have several.

    :param name: the file, for errors.
    :raises InvalidRequestError: naming file, place and remedy.
    """
    if len(content) > MAX_FILE_BYTES:
        raise InvalidRequestError(
            f"{name}: must be at most {_to_mib(MAX_FILE_BYTES)} (got more). Split it into files."
        )
    try:
        # With or without the mark that some editors put first.
        text = content.decode("utf-8-sig")
        # PyYAML rejects tabs and splits escaped emojis in two, so it can't read all of JSON.
        if is_json and text.strip():
            return [_parse_json(text)]
        return _parse_yaml(text)
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", errors="replace")
        place = _format_place(before, len(before))
        problem = f"{name}{place}: must be UTF-8 (got other bytes). Save it as UTF-8."
    except _UnreadableError as error:
        problem = f"{name}{error}"
    # Raised outside the handler: the libraries' errors hold the content of the file.
    raise InvalidRequestError(problem)


def _to_mib(size: int) -> str:
    return f"{size // 1024**2} MiB"


def _format_place(text: str, position: int) -> str:
    line_break = "\n"
    line = text.count(line_break, 0, position) + 1
    return f", line {line}, column {position - text.rfind(line_break, 0, position)}"


def _parse_json(text: str) -> Any:
    # Before json.loads, which fails at a great depth with a RecursionError, and names no place.
    depth = 0
    for token in _JSON_TOKEN.finditer(text):
        depth += _DEPTH_CHANGES.get(token[0], 0)
        if depth > MAX_DEPTH:
            raise _UnreadableError(
                _format_place(text, token.start()), _TOO_DEEP, "more", _FLATTEN
            )
    try:
        data = json.loads(
            text,
            object_pairs_hook=_build_object,
            # Python would not read back a longer number; the check of its field names the place.
            parse_int=lambda digits: (
                int(digits) if len(digits) <= _MAX_DIGITS else math.inf
            ),
        )
    except json.JSONDecodeError as error:
        place = f", line {error.lineno}, column {error.colno}"
        raise _UnreadableError(
            place, "must be valid JSON", f"an error: {error.msg}"
        ) from None
    if duplicate := next(_find_duplicates(data, ()), None):
        path, key = duplicate
        rule = "must have each key once"
        if path:
            rule = f"{rule} in {spell_path(path)}"
        raise _UnreadableError("", rule, f"'{printable_key(key)}' twice", _REMOVE_ONE)
    return data


def _build_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # The decoder knows no places: the object is marked, and its path is found once all is read.
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    marked = _WithDuplicate(made)
    counts = Counter(key for key, _ in pairs)
    ((marked.key, _),) = counts.most_common(1)
    return marked


def _find_duplicates(data: Any, path: FieldPath) -> Iterator[tuple[FieldPath, str]]:
    if isinstance(data, _WithDuplicate):
        yield path, data.key
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _find_duplicates(value, (*path, key))
    elif isinstance(data, list):
        for position, value in enumerate(data):
            yield from _find_duplicates(value, (*path, position))


def _parse_yaml(text: str) -> list[Any]:
    loader = None
    try:
        loader = _Loader(text)
        return list(loader.documents())
    except yaml.reader.ReaderError as error:
        raise _UnreadableError(
            _format_place(text, error.position), _YAML, error.reason
        ) from None
    except _InvalidYamlError as error:
        raise _UnreadableError(
            _format_mark(error.problem_mark), error.rule, error.got, error.remedy
        ) from None
    except yaml.MarkedYAMLError as error:
        place = _format_mark(error.problem_mark or error.context_mark)
        # Behind a colon PyYAML quotes what it has found.
        problem = str(error.problem or error.context or "something else").partition(": ")[0]
        raise _UnreadableError(
            place, _YAML, f"an error: {printable(problem, MAX_REASON_LENGTH)}"
        ) from None
    except _PYTHON_ERRORS:
        # Without a loader its constructor has failed, at the very beginning.
        place = ""
        if loader is not None:
            place = _format_mark(loader.get_mark())
        raise _UnreadableError(place, _YAML, "something else") from None


def _format_mark(mark: yaml.Mark | None) -> str:
    if mark is None:
        return ""
    return f", line {mark.line + 1}, column {mark.column + 1}"


class _Loader(yaml.SafeLoader):
    """
    Safe YAML with anchors and merge keys, within limits.

    They are checked while the nodes are composed, that is before anything is made of them: depth, what aliases
    expand to, and keys, of which one that stands twice would replace the first without a word.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0
        self._extents: dict[yaml.Node, _Extent] = {}

    def documents(self) -> Iterator[Any]:
        """Yield each document, each of its nodes complete before the one that holds it."""
        while self.check_node():
            node = self.get_node()
            self.deep_construct = True
            yield self.construct_document(node)
            self._extents = {}

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _InvalidYamlError(_TOO_DEEP, mark, got="more", remedy=_FLATTEN)
        is_alias = self.check_event(yaml.AliasEvent)
        node = super().compose_node(parent, index)
        self._depth -= 1
        if node is None:
            return None
        if is_alias and node not in self._extents:
            raise _InvalidYamlError(
                "must not contain itself",
                mark,
                got="an alias of its own anchor",
                remedy="Remove the alias.",
            )
        if not is_alias:
            _check_kind(node)
            self._extents[node] = self._measure(node)
        extent = self._extents[node]
        if extent.depth + self._depth > MAX_DEPTH:
            raise _InvalidYamlError(
                f"{_TOO_DEEP}, with aliases replaced", mark, got="more", remedy=_FLATTEN
            )
        if extent.characters > MAX_EXPANDED_CHARACTERS:
            rule = (
                f"must be at most {_to_mib(MAX_EXPANDED_CHARACTERS)}, with aliases replaced"
            )
            raise _InvalidYamlError(rule, mark, got="more", remedy="Use fewer aliases.")
        return node

    def _measure(self, node: yaml.Node) -> _Extent:
        if isinstance(node, yaml.ScalarNode):
            return _Extent(len(node.value) + 1, 1)
        parts = node.value
        if isinstance(node, yaml.MappingNode):
            parts = [part for pair in node.value for part in pair]
        # Parts are complete before the node that holds them, so that each is measured once, aliases included.
        inner = [self._extents[part] for part in parts]
        characters = sum(extent.characters for extent in inner)
        depth = max((extent.depth for extent in inner), default=0)
        return _Extent(characters + 1, depth + 1)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: FBT001, FBT002 - as in PyYAML
        try:
            return super().construct_object(node, deep=deep)
        except _PYTHON_ERRORS:
            kind = printable(node.tag.rpartition(":")[2])
        raise _InvalidYamlError(
            f"must be a valid {kind}",
            node.start_mark,
            got="something else",
            remedy="Correct it, or put it in quotes.",
        )


def _check_kind(node: yaml.Node) -> None:
    wanted = _NODE_OF_TAG.get(node.tag)
    if wanted and not isinstance(node, wanted):
        rule = f"must be a valid {printable(node.tag.rpartition(':')[2])}"
        raise _InvalidYamlError(
            rule, node.start_mark, got="something else", remedy="Remove the tag."
        )
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[Hashable] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.tag not in _KEY_TAGS:
            raise _InvalidYamlError(
                "must have keys that are text",
                key.start_mark,
                got="another key",
                remedy="Put it in quotes.",
            )
        if key.value in seen:
            got = f"'{printable_key(key.value)}' twice"
            raise _InvalidYamlError(
                "must have each key once", key.start_mark, got=got, remedy=_REMOVE_ONE
            )
        seen.add(key.value)
