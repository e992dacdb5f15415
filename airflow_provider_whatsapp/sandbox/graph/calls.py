"""What all calls of the Graph API share: API versions, JSON bodies and pages."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Path, Request

from airflow_provider_whatsapp.sandbox.aliases import Json
from airflow_provider_whatsapp.sandbox.gateway.connections import APP
from airflow_provider_whatsapp.sandbox.graph.errors import (
    MetaError,
    invalid_parameter,
    messaging_error,
)

DEFAULT_PAGE_SIZE = 25

_VERSION = re.compile(r"v[0-9]+\.[0-9]+", re.ASCII)


def validate_version(version: Annotated[str, Path()]) -> None:
    """Reject a path whose version does not look like v25.0."""
    if not _VERSION.fullmatch(version):
        raise MetaError(2500, f"Unknown path components: /{version}")


async def read_json_body(request: Request) -> Json:
    """Return the body of a request, which must be a JSON object."""
    try:
        body = json.loads(await request.body())
        # Python also reads NaN and lone surrogates, which are not JSON. Writing them again fails.
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise invalid_parameter("The request body is not a JSON object")
    return body


JsonBody = Annotated[Json, Depends(read_json_body)]


@dataclass(frozen=True, kw_only=True)
class PageQuery:
    """Which page of a list a call asks for. The values are as they came, and may be invalid."""

    path: str
    limit: str | None = None
    after: str | None = None

    def parse_limit(self) -> int:
        """Return the number of nodes on a page."""
        if self.limit is None:
            return DEFAULT_PAGE_SIZE
        # isdecimal alone accepts digits of all scripts.
        if not (self.limit.isascii() and self.limit.isdecimal() and int(self.limit) > 0):
            raise invalid_parameter("Param limit must be a positive integer")
        return int(self.limit)

    def parse_after(self) -> int:
        """Return the id of the last node of the page before."""
        if not self.after:
            # Ids start at 1, so this is the first page.
            return 0
        try:
            return int(base64.urlsafe_b64decode(self.after.encode()))
        except (binascii.Error, ValueError):
            raise messaging_error(
                131059, "Invalid cursor", "Read again from the first page"
            ) from None

    def next_url(self, after: str) -> str:
        """Return the URL of the page that follows a cursor."""
        # Meta's URL carries a token, so a client must neither follow nor log it. So does this one.
        query = {
            "access_token": "SANDBOX_TOKEN_PLACEHOLDER",
            "limit": self.parse_limit(),
            "after": after,
        }
        return f"https://graph.facebook.com{self.path}?{urlencode(query)}"


def read_page_query(
    request: Request, limit: str | None = None, after: str | None = None
) -> PageQuery:
    """Return what a call says about its page."""
    # The values are parsed later: an unknown id in the path is the error that Meta names first.
    path = request.url.path.removeprefix(f"/{APP}")
    return PageQuery(path=path, limit=limit, after=after)


CurrentPage = Annotated[PageQuery, Depends(read_page_query)]


def build_page(
    nodes: Sequence[Mapping[str, Any]],
    query: PageQuery,
    *,
    show: Callable[[Mapping[str, Any]], Json],
) -> Json:
    """
    Return one page of ``nodes``, as the Graph API pages them.

    https://developers.facebook.com/docs/graph-api/results

    :param nodes: sorted by id, so that a cursor stays valid when others are added or deleted.
    :param show: returns what the page shows of a node.
    """
    size = query.parse_limit()
    last = query.parse_after()
    # By id and not by position, so that a page is right even if nodes before it were deleted.
    rest = [node for node in nodes if int(node["id"]) > last]
    shown = rest[:size]
    page: Json = {"data": [show(node) for node in shown]}
    if shown:
        cursors = {
            "before": encode_cursor(shown[0]["id"]),
            "after": encode_cursor(shown[-1]["id"]),
        }
        page["paging"] = {"cursors": cursors}
        # Meta leaves out ``next`` on the last page.
        if len(rest) > size:
            page["paging"]["next"] = query.next_url(cursors["after"])
    return page


def encode_cursor(node_id: str) -> str:
    """Return the cursor of a page that starts or ends with a node."""
    return base64.urlsafe_b64encode(node_id.encode()).decode()
