"""Interactive messages that are invalid for other reasons than lengths and numbers, and similar valid ones."""

from __future__ import annotations

import re

import pytest

from airflow_provider_whatsapp.models.messages import MESSAGE
from airflow_provider_whatsapp.models.validation import validate
from tests.errors import spelled

ACTION = "interactive.action"


def rows(count, prefix="", **title):
    """Return a section with so many rows."""
    return {**title, "rows": [{"id": f"{prefix}{n}", "title": "Row"} for n in range(count)]}


def products(count, **title):
    """Return a section with so many products."""
    return {**title, "product_items": [{"product_retailer_id": "sku"}] * count}


def buttons(*ids):
    """Return the action of a card with these replies."""
    return {
        "buttons": [
            {"type": "quick_reply", "quick_reply": {"id": i, "title": "Same"}} for i in ids
        ]
    }


# A good body, what is changed in it, and the beginning of the error; None if there is none.
CASES = [
    # reply buttons
    (
        "three buttons",
        {f"{ACTION}.buttons[2].reply.id": "answer-1"},
        f"{ACTION}.buttons: must have an id of its own for each button (got the same in items 0 and 2)",
    ),
    (
        "three buttons",
        {f"{ACTION}.buttons[2].reply.title": "Answer 2"},
        f"{ACTION}.buttons: must have a title of its own for each button (got the same in items 1 and 2)",
    ),
    *[
        (
            "one button",
            {f"{ACTION}.buttons[0].reply.id": blank},
            f"{ACTION}.buttons[0].reply.id: must not begin or end with a blank",
        )
        for blank in (" QX", "QX ", "QX\n", " ")
    ],
    ("one button", {f"{ACTION}.buttons[0].reply.id": "a b\nc"}, None),
    (
        "one button",
        {f"{ACTION}.buttons[0].type": "url"},
        f"{ACTION}.buttons[0].type: must be 'reply'",
    ),
    # lists
    (
        "list",
        {f"{ACTION}.sections[1].rows[0].id": "row-2"},
        f"{ACTION}.sections: must have an id of its own for each row",
    ),
    (
        "list",
        {f"{ACTION}.sections": [rows(5, "a", title="A"), rows(5, "b", title="B")]},
        None,
    ),
    (
        "list",
        {f"{ACTION}.sections": [rows(5, "a", title="A"), rows(6, "b", title="B")]},
        f"{ACTION}.sections: must have at most 10 rows in all sections together (got 11 rows)",
    ),
    (
        "list",
        {f"{ACTION}.sections[1].title": ...},
        f"{ACTION}.sections: must each have a title if there are several",
    ),
    (
        "list",
        {f"{ACTION}.sections[1].title": ""},
        f"{ACTION}.sections: must each have a title if there are several",
    ),
    (
        "list",
        {"interactive.header": {"type": "image", "image": {"id": "1"}}},
        "interactive.header.type: must be 'text'",
    ),
    ("list", {"interactive.body": ...}, "interactive.body: must be present"),
    ("list", {f"{ACTION}.button": ...}, f"{ACTION}.button: must be present"),
    # products
    ("products", {"interactive.header": ...}, "interactive.header: must be present"),
    (
        "products",
        {"interactive.header": {"type": "video", "video": {"id": "1"}}},
        "interactive.header.type: must be 'text'",
    ),
    (
        "products",
        {f"{ACTION}.sections[0].title": ...},
        f"{ACTION}.sections: must each have a title if there are several",
    ),
    (
        "products",
        {f"{ACTION}.sections": [products(15, title="A"), products(15, title="B")]},
        None,
    ),
    (
        "products",
        {f"{ACTION}.sections": [products(15, title="A"), products(16, title="B")]},
        f"{ACTION}.sections: must have at most 30 products in all sections together (got 31 products). Remove some.",
    ),
    (
        "product",
        {"interactive.header": {"type": "text", "text": "QX"}},
        "interactive.header: must be a known field",
    ),
    ("product", {f"{ACTION}.catalog_id": ...}, f"{ACTION}.catalog_id: must be present"),
    # flows
    (
        "draft flow by name",
        {f"{ACTION}.parameters.flow_id": "1"},
        f"{ACTION}.parameters: must have exactly one of flow_id and flow_name",
    ),
    (
        "draft flow by name",
        {f"{ACTION}.parameters.flow_name": ...},
        f"{ACTION}.parameters: must have exactly one of flow_id and flow_name",
    ),
    *[
        (
            "published flow by id",
            {f"{ACTION}.parameters.flow_cta": f"QX {emoji}"},
            f"{ACTION}.parameters.flow_cta: must not have emoji",
        )
        for emoji in (
            "🚀",
            "⌚",
            "✅",
            "⭐",
            "🇩🇪",
            "1\ufe0f\u20e3",
            "↗\ufe0f",
            "👨\u200d👩",
        )
    ],
    *[
        ("published flow by id", {f"{ACTION}.parameters.flow_cta": words}, None)
        for words in ("Öffnen →", "ශ්\u200dරී", "予約する", "Book ½ «now»")
    ],
    (
        "published flow by id",
        {f"{ACTION}.parameters.mode": "QX"},
        f"{ACTION}.parameters.mode: must be 'draft'",
    ),
    # other actions
    (
        "url",
        {f"{ACTION}.parameters.url": "example.com/QX"},
        f"{ACTION}.parameters.url: must be a public http(s) URL",
    ),
    (
        "address",
        {f"{ACTION}.parameters.country": "QX"},
        f"{ACTION}.parameters.country: must be 'IN' or 'SG'",
    ),
    (
        "voice call",
        {f"{ACTION}.parameters.payload": "Q" * 513},
        f"{ACTION}.parameters.payload: must be at most 512 characters",
    ),
    (
        "location request",
        {"interactive.footer": {"text": "QX"}},
        "interactive.footer: must be a known field",
    ),
    (
        "location request",
        {f"{ACTION}.name": "QX"},
        f"{ACTION}.name: must be 'send_location'",
    ),
    (
        "one button",
        {"interactive.type": ...},
        "interactive: must have a type that is text (got dict, ",
    ),
    ("one button", {"interactive.type": "BUTTON"}, "interactive.type: must be 'button'"),
    (
        "one button",
        {"interactive.header": {"text": "QX"}},
        "interactive.header: must have a type that is text",
    ),
    # cards
    ("cards with links", {f"{ACTION}.cards[0].body.text": "QX\nQX\r\nQX"}, None),
    (
        "cards with links",
        {f"{ACTION}.cards[0].body.text": "QX\nQX\nQX\nQX"},
        f"{ACTION}.cards[0].body: must be a text of at most 2 line breaks (got 3 line breaks)",
    ),
    (
        "cards with links",
        {f"{ACTION}.cards[1].card_index": 0},
        f"{ACTION}.cards: must have a card_index of its own for each card (got the same in items 0 and 1)",
    ),
    (
        "cards with links",
        {f"{ACTION}.cards[1].header": {"type": "video", "video": {"id": "1"}}},
        f"{ACTION}.cards: must all have an image, all a video or all a product",
    ),
    (
        "cards with links",
        {
            f"{ACTION}.cards[1]": {
                "card_index": 1,
                "type": "product",
                "action": {"catalog_id": "1", "product_retailer_id": "a"},
            }
        },
        f"{ACTION}.cards: must all have an image, all a video or all a product",
    ),
    (
        "cards with links",
        {f"{ACTION}.cards[0].header": {"type": "document", "document": {"id": "1"}}},
        f"{ACTION}.cards[0].header: must have a type that is one of image, video",
    ),
    (
        "cards with links",
        {f"{ACTION}.cards[0].header": ...},
        f"{ACTION}.cards[0].header: must be present",
    ),
    (
        "cards with replies",
        {f"{ACTION}.cards[1].action": buttons("a")},
        f"{ACTION}.cards: must all have the same kind and number of buttons (got list, 3 items)",
    ),
    (
        "cards with links",
        {f"{ACTION}.cards[1].action": buttons("a")},
        f"{ACTION}.cards: must all have the same kind and number of buttons",
    ),
    (
        "cards with replies",
        {f"{ACTION}.cards[1].action": buttons("a", "a")},
        f"{ACTION}.cards[1].action.buttons: must have an id of its own for each button of a card (got the same in",
    ),
    (
        "cards with products",
        {f"{ACTION}.cards[1].action": {}},
        f"{ACTION}.cards[1].action.catalog_id: must be present",
    ),
    (
        "cards with products",
        {f"{ACTION}.cards[1].body": {"text": "QX"}},
        f"{ACTION}.cards[1].body: must be a known field",
    ),
]


def cases(*, is_invalid):
    """Return the invalid cases, or the valid ones."""
    return [
        pytest.param(
            *(case if is_invalid else case[:2]), id=f"{case[0]}-{'-'.join(case[1])}"
        )
        for case in CASES
        if (case[2] is not None) == is_invalid
    ]


@pytest.mark.parametrize(("name", "changes", "said"), cases(is_invalid=True))
def test_invalid(changed, invalid, name, changes, said):
    """An error names the path of what Meta would reject, and never the value."""
    message = invalid(validate, MESSAGE, changed(name, changes))
    assert message.startswith(spelled(said))
    assert not re.search("QX|QQ|555", message)


@pytest.mark.parametrize(("name", "changes"), cases(is_invalid=False))
def test_valid(changed, name, changes):
    """A message that only looks invalid is sent as it was written."""
    body = changed(name, changes)
    assert (
        MESSAGE.dump_python(
            validate(MESSAGE, body), mode="json", by_alias=True, exclude_none=True
        )
        == body
    )
