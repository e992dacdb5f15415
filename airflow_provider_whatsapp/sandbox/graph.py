"""Manners that all calls of the Graph API share: versions, JSON bodies, field selection, paging."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Path, Request

from airflow_provider_whatsapp.sandbox.errors import MetaError, invalid_parameter, messaging_error

DEFAULT_LIMIT = 25

_VERSION = re.compile(r"v[0-9]+\.[0-9]+", re.ASCII)


def check_version(version: Annotated[str, Path()]) -> None:
    """Refuse a path whose version is not of the form v25.0."""
    if not _VERSION.fullmatch(version):
        raise MetaError(2500, f"Unknown path components: /{version}")


async def _json_object(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
        # NaN and halves of characters are not JSON, although Python reads them.
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise invalid_parameter("The request body is not a JSON object")
    return body


JsonObject = Annotated[dict[str, Any], Depends(_json_object)]


def selected(
    node: Mapping[str, Any],
    fields: str | None,
    *,
    default: Sequence[str],
    node_type: str,
    unset: Collection[str] = (),
) -> dict[str, Any]:
    """
    Return the chosen fields of a node, or its default ones; the id always comes along.

    Meta leaves out what a node has not.

    :param unset: fields that such a node can have, and none in a sandbox has.
    """
    names = [name.strip() for name in fields.split(",") if name.strip()] if fields else list(default)
    unknown = [name for name in names if name not in node and name not in unset]
    if unknown:
        raise invalid_parameter(f"There is no field ({unknown[0]}) on a node of type ({node_type})")
    return {name: node[name] for name in dict.fromkeys([*names, "id"]) if node.get(name) is not None}


def page(
    nodes: Sequence[Mapping[str, Any]],
    *,
    path: str,
    limit: str | None,
    after: str | None,
    show: Callable[[Mapping[str, Any]], dict[str, Any]],
) -> dict[str, Any]:
    """
    Return one page of ``nodes`` (sorted by id), as the Graph API cuts them.

    https://developers.facebook.com/docs/graph-api/results
    """
    size = _limit(limit)
    last = _decoded(after) if after else 0
    rest = [node for node in nodes if int(node["id"]) > last]
    shown = rest[:size]
    answer: dict[str, Any] = {"data": [show(node) for node in shown]}
    if shown:
        cursors = {"before": _encoded(shown[0]["id"]), "after": _encoded(shown[-1]["id"])}
        answer["paging"] = {"cursors": cursors}
        if len(rest) > size:
            answer["paging"]["next"] = _next_url(path, size, cursors["after"])
    return answer


def _limit(limit: str | None) -> int:
    if limit is None:
        return DEFAULT_LIMIT
    if not (limit.isascii() and limit.isdecimal() and int(limit) > 0):
        raise invalid_parameter("Param limit must be a positive integer")
    return int(limit)


def _next_url(path: str, limit: int, after: str) -> str:
    # The real one carries a token, so a client must neither follow it nor log it.
    query = urlencode({"access_token": "SANDBOX_TOKEN_PLACEHOLDER", "limit": limit, "after": after})
    return f"https://graph.facebook.com{path}?{query}"


def _encoded(node_id: str) -> str:
    return base64.urlsafe_b64encode(node_id.encode()).decode()


def _decoded(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor.encode()))
    except (binascii.Error, ValueError):
        raise messaging_error(131059, "Invalid cursor", "Read again from the first page") from None
