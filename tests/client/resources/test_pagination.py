from __future__ import annotations

from itertools import islice

import pytest

from airflow_provider_whatsapp.client.resources.pagination import Page, paginate
from airflow_provider_whatsapp.exceptions import TransientError
from airflow_provider_whatsapp.models.templates import Template


def page(*ids, after=None, more=False):
    """Make a page as the API does."""
    paging = {
        "cursors": {"after": after},
        **({"next": "https://graph.facebook.com/x?access_token=T"} if more else {}),
    }
    return Page[Template].model_validate(
        {"data": [{"id": number} for number in ids], "paging": paging}
    )


class Listing:
    """Hands out pages in order and keeps the cursors that were asked for."""

    def __init__(self, *pages):
        self.pages = list(pages)
        self.cursors = []

    def __call__(self, cursor):
        """Return the next page, the last one for ever."""
        self.cursors.append(cursor)
        return self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]


def test_all_pages():
    """The items of all pages come in order, an empty page in between being no end."""
    listing = Listing(
        page("1", "2", after="a", more=True),
        page(after="b", more=True),
        page("3", after="c"),
    )
    assert [template.id for template in paginate(listing)] == ["1", "2", "3"]
    assert listing.cursors == [None, "a", "b"]


@pytest.mark.parametrize(
    "last",
    [
        pytest.param(page("1", after="a"), id="no-next"),
        pytest.param(
            Page[Template].model_validate({"data": [{"id": "1"}]}), id="no-paging"
        ),
    ],
)
def test_last_page(last):
    """Without a next page the listing ends."""
    listing = Listing(last)
    assert len(list(paginate(listing))) == 1
    assert listing.cursors == [None]


def test_more_without_a_cursor():
    """A listing with more pages but no cursor is an error, because the rest would be missing unnoticed."""
    with pytest.raises(TransientError, match="has more, but names no cursor"):
        list(paginate(Listing(page("1", more=True))))


def test_lazy():
    """A page is asked for when its first item is wanted."""
    listing = Listing(page("1", "2", after="a", more=True), page("3"))
    found = paginate(listing)
    assert listing.cursors == []
    assert [template.id for template in islice(found, 2)] == ["1", "2"]
    assert listing.cursors == [None]
    assert next(found).id == "3"
    assert listing.cursors == [None, "a"]


@pytest.mark.parametrize("cursors", [["a"], ["a", "b", "c", "a"]], ids=["stuck", "circle"])
def test_circle(cursors):
    """A cursor that comes back ends in an error instead of a listing for ever."""
    listing = Listing(*[page("1", after=cursor, more=True) for cursor in cursors])
    with pytest.raises(TransientError, match="cursor") as caught:
        list(paginate(listing))
    assert not caught.value.permanent
    assert len(listing.cursors) == len(set(cursors)) + 1


def test_next_is_not_shown():
    """The address of the next page, which can carry a token, is not part of the page's repr."""
    assert "access_token" not in repr(page("1", after="a", more=True))
