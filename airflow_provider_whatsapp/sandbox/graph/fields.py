"""
The Graph API's way to choose fields, of a node and of the nodes in it.

https://developers.facebook.com/docs/graph-api/guides/field-expansion
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from airflow_provider_whatsapp.sandbox.aliases import Json
from airflow_provider_whatsapp.sandbox.graph.errors import MetaError, invalid_parameter

# The fields to show, and for each one its own fields. An empty selection means all fields.
Selection = dict[str, "Selection"]

MAX_DEPTH = 10  # braces within braces; more would only exhaust the stack

_TOKEN = re.compile(r"\s*([A-Za-z_]\w*|[{},])\s*", re.ASCII)


def split_names(fields: str | None) -> list[str]:
    """Return the names in a list such as ``id, name``; without a list there are none."""
    names = [name.strip() for name in (fields or "").split(",")]
    return [name for name in names if name]


def select_fields(
    node: Mapping[str, Any],
    fields: str | None,
    *,
    default: Sequence[str],
    node_type: str,
    unset: Collection[str] = (),
) -> Json:
    """
    Return the fields of a node that a call asks for, or the default ones. The id is always there.

    :param default: the fields that Meta returns if a call asks for none.
    :param unset: fields that Meta knows for this type, but that are never set in the sandbox.
    """
    names = split_names(fields)
    if not fields:
        names = list(default)
    for name in names:
        if name not in node and name not in unset:
            raise invalid_parameter(
                f"There is no field ({name}) on a node of type ({node_type})"
            )
    shown = dict.fromkeys([*names, "id"])
    # Meta leaves out fields without a value instead of writing null.
    return {name: node[name] for name in shown if node.get(name) is not None}


def parse_fields(fields: str) -> Selection:
    """Parse an expression such as ``id,events{delivery_status,application{id}}``."""
    tokens = []
    position = 0
    while position < len(fields):
        found = _TOKEN.match(fields, position)
        if found is None:
            raise _syntax_error()
        tokens.append(found[1])
        position = found.end()
    # Reversed, so that the parser takes tokens from the end, which is cheap.
    tokens.reverse()
    return _parse_selection(tokens, end=None)


def select_nested_fields(
    node: Mapping[str, Any], selection: Selection, *, known: Selection
) -> Json:
    """
    Return the selected fields of a node, and of the nodes in it.

    :param known: the fields that such a node can have; Meta rejects all others.
    """
    for name in selection:
        if name not in known:
            raise invalid_parameter(f"Tried accessing nonexisting field ({name})")
    shown = {}
    for name in selection or known:
        # Meta leaves out a field that it knows, but that this node does not have.
        if name in node:
            inner = selection.get(name, {})
            shown[name] = _select_in_value(node[name], inner, known=known[name])
    return shown


def _parse_selection(tokens: list[str], *, end: str | None, depth: int = 0) -> Selection:
    """
    Parse fields from the end of ``tokens``.

    :param end: the token that ends the fields: a closing brace, or None for the end of the text.
    """
    selection: Selection = {}
    while True:
        name = _take_token(tokens) or ""
        if not name.isidentifier() or depth > MAX_DEPTH:
            raise _syntax_error()
        selection[name] = {}
        following = _take_token(tokens)
        if following == "{":
            selection[name] = _parse_selection(tokens, end="}", depth=depth + 1)
            following = _take_token(tokens)
        if following == end:
            return selection
        if following != ",":
            raise _syntax_error()


def _take_token(tokens: list[str]) -> str | None:
    if not tokens:
        return None
    return tokens.pop()


def _syntax_error() -> MetaError:
    return MetaError(2500, "Syntax error in the expression of param fields")


def _select_in_value(value: Any, selection: Selection, *, known: Selection) -> Any:
    if isinstance(value, list):
        return [_select_in_value(part, selection, known=known) for part in value]
    if not isinstance(value, dict):
        return value
    # The Graph API wraps a list of nodes into an object with the key ``data``.
    if "data" in value:
        data = _select_in_value(value["data"], selection, known=known)
        return {**value, "data": data}
    return select_nested_fields(value, selection, known=known)
