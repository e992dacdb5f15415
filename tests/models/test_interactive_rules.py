"""What is refused in interactive messages beside lengths and numbers, and what comes close but is let through."""

from __future__ import annotations

import re

import pytest

from airflow_provider_whatsapp.models.messages import MESSAGE
from airflow_provider_whatsapp.models.validation import validate

ACTION = "interactive.action"


def rows(count, prefix="", **title):
    """Return a section with so many rows."""
    return {**title, "rows": [{"id": f"{prefix}{n}", "title": "Row"} for n in range(count)]}


def products(count, **title):
    """Return a section with so many products."""
    return {**title, "product_items": [{"product_retailer_id": "sku"}] * count}


def buttons(*ids):
    """Return the action of a card with these replies."""
    return {"buttons": [{"type": "quick_reply", "quick_reply": {"id": i, "title": "Same"}} for i in ids]}


# A good body, what is changed in it, and the beginning of the error; None if there is none.
CASES = [
    # reply buttons
    (
        "three buttons",
        {f"{ACTION}.buttons[2].reply.id": "answer-1"},
        f"{ACTION}.buttons: each button has an id of its own, but items 0 and 2 are equal (found a list of 3 items)",
    ),
    (
        "three buttons",
        {f"{ACTION}.buttons[2].reply.title": "Answer 2"},
        f"{ACTION}.buttons: each button has a title of its own, but items 1 and 2 are equal",
    ),
    *[
        (
            "one button",
            {f"{ACTION}.buttons[0].reply.id": blank},
            f"{ACTION}.buttons[0].reply.id: a button id neither begins nor ends with a blank",
        )
        for blank in (" QX", "QX ", "QX\n", " ")
    ],
    ("one button", {f"{ACTION}.buttons[0].reply.id": "a b\nc"}, None),
    ("one button", {f"{ACTION}.buttons[0].type": "url"}, f"{ACTION}.buttons[0].type: Input should be 'reply'"),
    # lists
    ("list", {f"{ACTION}.sections[1].rows[0].id": "row-2"}, f"{ACTION}.sections: each row has an id of its own, but"),
    ("list", {f"{ACTION}.sections": [rows(5, "a", title="A"), rows(5, "b", title="B")]}, None),
    (
        "list",
        {f"{ACTION}.sections": [rows(5, "a", title="A"), rows(6, "b", title="B")]},
        f"{ACTION}.sections: a list has at most 10 rows in all its sections, not 11 (found a list of 2 items)",
    ),
    ("list", {f"{ACTION}.sections[1].title": ...}, f"{ACTION}.sections: each of several sections has a title"),
    ("list", {f"{ACTION}.sections[1].title": ""}, f"{ACTION}.sections: each of several sections has a title"),
    ("list", {"interactive.header": {"type": "image", "image": {"id": "1"}}}, "interactive.header.type: Input should"),
    ("list", {"interactive.body": ...}, "interactive.body: Field required"),
    ("list", {f"{ACTION}.button": ...}, f"{ACTION}.button: Field required"),
    # products
    ("products", {"interactive.header": ...}, "interactive.header: Field required"),
    ("products", {"interactive.header": {"type": "video", "video": {"id": "1"}}}, "interactive.header.type: Input"),
    ("products", {f"{ACTION}.sections[0].title": ...}, f"{ACTION}.sections: each of several sections has a title"),
    ("products", {f"{ACTION}.sections": [products(15, title="A"), products(15, title="B")]}, None),
    (
        "products",
        {f"{ACTION}.sections": [products(15, title="A"), products(16, title="B")]},
        f"{ACTION}.sections: a message shows at most 30 products, not 31 (found a list of 2 items); drop some",
    ),
    ("product", {"interactive.header": {"type": "text", "text": "QX"}}, "interactive.header: Extra inputs are not"),
    ("product", {f"{ACTION}.catalog_id": ...}, f"{ACTION}.catalog_id: Field required"),
    # flows
    (
        "draft flow by name",
        {f"{ACTION}.parameters.flow_id": "1"},
        f"{ACTION}.parameters: exactly one of flow_id and flow_name is needed",
    ),
    (
        "draft flow by name",
        {f"{ACTION}.parameters.flow_name": ...},
        f"{ACTION}.parameters: exactly one of flow_id and flow_name is needed",
    ),
    *[
        (
            "published flow by id",
            {f"{ACTION}.parameters.flow_cta": f"QX {emoji}"},
            f"{ACTION}.parameters.flow_cta: the text on the button of a flow has no emoji",
        )
        for emoji in ("🚀", "⌚", "✅", "⭐", "🇩🇪", "1\ufe0f\u20e3", "↗\ufe0f", "👨\u200d👩")
    ],
    *[
        ("published flow by id", {f"{ACTION}.parameters.flow_cta": words}, None)
        for words in ("Öffnen →", "ශ්\u200dරී", "予約する", "Book ½ «now»")
    ],
    ("published flow by id", {f"{ACTION}.parameters.mode": "QX"}, f"{ACTION}.parameters.mode: Input should be 'draft'"),
    # other actions
    ("url", {f"{ACTION}.parameters.url": "example.com/QX"}, f"{ACTION}.parameters.url: a link is a public http(s) URL"),
    ("address", {f"{ACTION}.parameters.country": "QX"}, f"{ACTION}.parameters.country: Input should be 'IN' or 'SG'"),
    ("voice call", {f"{ACTION}.parameters.payload": "Q" * 513}, f"{ACTION}.parameters.payload: String should have"),
    ("location request", {"interactive.footer": {"text": "QX"}}, "interactive.footer: Extra inputs are not permitted"),
    ("location request", {f"{ACTION}.name": "QX"}, f"{ACTION}.name: Input should be 'send_location'"),
    ("one button", {"interactive.type": ...}, "interactive: type is missing or not a text (found a dict of"),
    ("one button", {"interactive.type": "BUTTON"}, "interactive.type: Input should be 'button'"),
    ("one button", {"interactive.header": {"text": "QX"}}, "interactive.header: type is missing or not a text"),
    # cards
    ("cards with links", {f"{ACTION}.cards[0].body.text": "QX\nQX\r\nQX"}, None),
    (
        "cards with links",
        {f"{ACTION}.cards[0].body.text": "QX\nQX\nQX\nQX"},
        f"{ACTION}.cards[0].body: the text of a card has at most 2 line breaks, not 3",
    ),
    (
        "cards with links",
        {f"{ACTION}.cards[1].card_index": 0},
        f"{ACTION}.cards: each card has a card_index of its own, but items 0 and 1 are equal (found a list of 2 items)",
    ),
    (
        "cards with links",
        {f"{ACTION}.cards[1].header": {"type": "video", "video": {"id": "1"}}},
        f"{ACTION}.cards: all cards have an image, a video or a product",
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
        f"{ACTION}.cards: all cards have an image, a video or a product",
    ),
    (
        "cards with links",
        {f"{ACTION}.cards[0].header": {"type": "document", "document": {"id": "1"}}},
        f"{ACTION}.cards[0].header: type is one of image, video",
    ),
    ("cards with links", {f"{ACTION}.cards[0].header": ...}, f"{ACTION}.cards[0].header: Field required"),
    (
        "cards with replies",
        {f"{ACTION}.cards[1].action": buttons("a")},
        f"{ACTION}.cards: all cards have the same kind and number of buttons (found a list of 3 items)",
    ),
    (
        "cards with links",
        {f"{ACTION}.cards[1].action": buttons("a")},
        f"{ACTION}.cards: all cards have the same kind and number of buttons",
    ),
    (
        "cards with replies",
        {f"{ACTION}.cards[1].action": buttons("a", "a")},
        f"{ACTION}.cards[1].action.buttons: each button of a card has an id of its own, but items 0 and 1 are equal",
    ),
    ("cards with products", {f"{ACTION}.cards[1].action": {}}, f"{ACTION}.cards[1].action.catalog_id: Field required"),
    ("cards with products", {f"{ACTION}.cards[1].body": {"text": "QX"}}, f"{ACTION}.cards[1].body: Extra inputs"),
]


def cases(*, refused):
    """Return the cases that are refused, or those that are let through."""
    return [
        pytest.param(*(case if refused else case[:2]), id=f"{case[0]}-{'-'.join(case[1])}")
        for case in CASES
        if (case[2] is not None) == refused
    ]


@pytest.mark.parametrize(("name", "changes", "said"), cases(refused=True))
def test_refused(changed, invalid, name, changes, said):
    """What Meta would refuse is refused before, by its path, and nothing of it is repeated."""
    message = invalid(validate, MESSAGE, changed(name, changes))
    assert message.startswith(said)
    assert not re.search("QX|QQ|555", message)


@pytest.mark.parametrize(("name", "changes"), cases(refused=False))
def test_let_through(changed, name, changes):
    """What only looks like a breach travels as it was written."""
    body = changed(name, changes)
    assert MESSAGE.dump_python(validate(MESSAGE, body), mode="json", by_alias=True, exclude_none=True) == body
