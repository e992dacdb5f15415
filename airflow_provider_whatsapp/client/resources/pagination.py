"""
Reads all pages of a listing.

https://developers.facebook.com/docs/graph-api/results
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from pydantic import Field

from airflow_provider_whatsapp.exceptions import TransientError
from airflow_provider_whatsapp.models.base import ResponseModel

T = TypeVar("T")


class Cursors(ResponseModel):
    """Where a page begins and ends."""

    after: str | None = None


class Paging(ResponseModel):
    """
    How to go on.

    ``next`` only tells that there is more. It is never followed: it leads past the gateway, and it
    can carry an access token.
    """

    cursors: Cursors = Field(default_factory=Cursors)
    next: str | None = Field(default=None, repr=False)


class Page(ResponseModel, Generic[T]):
    """One page of a listing."""

    data: list[T]
    paging: Paging = Field(default_factory=Paging)


def paginate(fetch: Callable[[str | None], Page[T]]) -> Iterator[T]:
    """
    Yield the items of all pages.

    :param fetch: returns the page after a cursor, the first page for ``None``.
    :raises TransientError: if there is more without a cursor, or with one that was given before, which
        would go on for ever.
    """
    cursor: str | None = None
    seen: set[str] = set()
    while True:
        page = fetch(cursor)
        yield from page.data
        cursor = page.paging.cursors.after
        if not page.paging.next:
            return
        if cursor is None or cursor in seen:
            raise TransientError(
                f"After {len(seen) + 1} pages the listing has more, but names no cursor that leads on to it",
                permanent=False,
                remedy="Try again; if it lasts, ask for fewer items a page.",
            )
        seen.add(cursor)
