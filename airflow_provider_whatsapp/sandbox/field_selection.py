"""
The Graph API's way to choose fields, those of nested nodes included.

https://developers.facebook.com/docs/graph-api/guides/field-expansion
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from airflow_provider_whatsapp.sandbox.errors import MetaError, invalid_parameter

# What is chosen of each field; nothing stands for all that there is.
Selection = dict[str, "Selection"]

_TOKEN = re.compile(r"\s*([A-Za-z_]\w*|[{},])\s*", re.ASCII)
_DEEPEST = 10


def parsed(fields: str) -> Selection:
    """Read an expression such as ``id,events{delivery_status,application{id}}``."""
    tokens, position = [], 0
    while position < len(fields):
        found = _TOKEN.match(fields, position)
        if found is None:
            raise _malformed()
        tokens.append(found[1])
        position = found.end()
    tokens.reverse()
    return _selection(tokens, end=None)


def chosen(node: Mapping[str, Any], selection: Selection, *, known: Selection) -> dict[str, Any]:
    """Return the chosen fields of a node; one that is known and not there is left out, as Meta does."""
    for name in selection:
        if name not in known:
            raise invalid_parameter(f"Tried accessing nonexisting field ({name})")
    names = selection or known
    return {name: _inner(node[name], selection.get(name, {}), known=known[name]) for name in names if name in node}


def _selection(tokens: list[str], *, end: str | None, depth: int = 0) -> Selection:
    """Take fields from the end of ``tokens``, up to the one that ends them."""
    selection: Selection = {}
    while True:
        name = tokens.pop() if tokens else ""
        if not name.isidentifier() or depth > _DEEPEST:
            raise _malformed()
        selection[name] = {}
        following = tokens.pop() if tokens else None
        if following == "{":
            selection[name] = _selection(tokens, end="}", depth=depth + 1)
            following = tokens.pop() if tokens else None
        if following == end:
            return selection
        if following != ",":
            raise _malformed()


def _malformed() -> MetaError:
    return MetaError(2500, "Syntax error in the expression of param fields")


def _inner(value: Any, selection: Selection, *, known: Selection) -> Any:
    if isinstance(value, list):
        return [_inner(part, selection, known=known) for part in value]
    # Lists of nodes come within an object of their own.
    if isinstance(value, dict) and "data" in value:
        return {**value, "data": _inner(value["data"], selection, known=known)}
    return chosen(value, selection, known=known) if isinstance(value, dict) else value
