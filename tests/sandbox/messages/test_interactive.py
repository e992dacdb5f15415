from __future__ import annotations

import copy

import pytest

LINK = {"link": "https://example.com/a"}
TEXT = {"text": "Which one?"}


def reply(number):
    return {"type": "reply", "reply": {"id": f"id {number}", "title": f"Title {number}"}}


def row(number):
    return {"id": f"id {number}", "title": f"Title {number}", "description": "More"}


def rows(*counts):
    """Return sections with these numbers of rows."""
    return [
        {
            "title": f"Section {section}",
            "rows": [row(f"{section} {number}") for number in range(count)],
        }
        for section, count in enumerate(counts)
    ]


def items(*counts):
    """Return sections with these numbers of products."""
    return [
        {
            "title": f"Section {section}",
            "product_items": [{"product_retailer_id": "sku"}] * count,
        }
        for section, count in enumerate(counts)
    ]


def url_card(index, kind="image"):
    action = {
        "name": "cta_url",
        "parameters": {"display_text": "Open", "url": "https://example.com"},
    }
    header = {"type": kind, kind: LINK}
    return {
        "card_index": index,
        "type": "cta_url",
        "header": header,
        "body": {"text": "Look"},
        "action": action,
    }


def reply_card(index, count=1):
    replies = [
        {"type": "quick_reply", "quick_reply": reply(number)["reply"]}
        for number in range(count)
    ]
    return {
        "card_index": index,
        "header": {"type": "video", "video": LINK},
        "action": {"buttons": replies},
    }


def product_card(index):
    action = {"catalog_id": "1", "product_retailer_id": "sku"}
    return {"card_index": index, "type": "product", "action": action}


ACTIONS = {
    "button": {"buttons": [reply(1)]},
    "list": {"button": "Choose", "sections": rows(1)},
    "cta_url": {
        "name": "cta_url",
        "parameters": {"display_text": "Open run", "url": "https://example.com/run"},
    },
    "location_request_message": {"name": "send_location"},
    "flow": {
        "name": "flow",
        "parameters": {
            "flow_message_version": "3",
            "flow_id": "1",
            "flow_cta": "Book",
            "flow_token": "token",
        },
    },
    "product": {"catalog_id": "1", "product_retailer_id": "sku"},
    "product_list": {"catalog_id": "1", "sections": items(1)},
    "catalog_message": {
        "name": "catalog_message",
        "parameters": {"thumbnail_product_retailer_id": "sku"},
    },
    "carousel": {"cards": [url_card(0), url_card(1)]},
    "address_message": {
        "name": "address_message",
        "parameters": {"country": "IN", "values": {"name": "Ada"}},
    },
    "voice_call": {
        "name": "voice_call",
        "parameters": {"display_text": "Call us", "ttl_minutes": 100},
    },
}
MESSAGES = {
    kind: {"type": kind, "body": TEXT, "action": action} for kind, action in ACTIONS.items()
}
MESSAGES["product_list"]["header"] = {"type": "text", "text": "Products"}

ABSENT = object()


def changed(kind, path, value):
    """Return a valid message of a type in which the part at ``path`` is replaced or absent."""
    message = copy.deepcopy(MESSAGES[kind])
    node = message
    *outer, last = [int(name) if name.isdecimal() else name for name in path.split(".")]
    for name in outer:
        node = node[name] if isinstance(node, list) else node.setdefault(name, {})
    if value is ABSENT:
        del node[last]
    else:
        node[last] = value
    return message


# type, part, the most (or least) that it takes, and what is over it.
LIMITS = [
    *[
        (kind, "body.text", "x" * most, "x" * (most + 1))
        for kind, most in {**dict.fromkeys(MESSAGES, 1024), "list": 4096}.items()
    ],
    *[(kind, "footer", {"text": "x" * 60}, {"text": "x" * 61}) for kind in MESSAGES],
    *[
        (
            kind,
            "header",
            {"type": "text", "text": "x" * 60},
            {"type": "text", "text": "x" * 61},
        )
        for kind in ("button", "list", "cta_url", "flow", "product_list")
    ],
    (
        "button",
        "action.buttons",
        [reply(number) for number in range(3)],
        [reply(number) for number in range(4)],
    ),
    ("button", "action.buttons", [reply(1)], []),
    ("button", "action.buttons.0.reply.title", "x" * 20, "x" * 21),
    ("button", "action.buttons.0.reply.id", "x" * 256, "x" * 257),
    ("button", "action.buttons.0.reply.id", "in between", " before"),
    ("button", "action.buttons.0.reply.id", "in between", "behind "),
    ("list", "action.button", "x" * 20, "x" * 21),
    ("list", "action.sections", rows(10), rows(11)),
    ("list", "action.sections", rows(5, 5), rows(5, 6)),
    ("list", "action.sections", rows(*[1] * 10), rows(*[1] * 11)),
    ("list", "action.sections", rows(1), []),
    ("list", "action.sections.0.title", "x" * 24, "x" * 25),
    ("list", "action.sections.0.rows", [row(1)], []),
    ("list", "action.sections.0.rows.0.id", "x" * 200, "x" * 201),
    ("list", "action.sections.0.rows.0.title", "x" * 24, "x" * 25),
    ("list", "action.sections.0.rows.0.description", "x" * 72, "x" * 73),
    ("cta_url", "action.parameters.display_text", "x" * 20, "x" * 21),
    ("cta_url", "action.parameters.url", "http://example.com", "example.com"),
    ("flow", "action.parameters.flow_cta", "x" * 20, "x" * 21),
    ("flow", "action.parameters.flow_cta", "Book", "Book 📅"),
    ("flow", "action.parameters.flow_message_version", 3, "2"),
    ("product_list", "action.sections", items(30), items(31)),
    ("product_list", "action.sections", items(15, 15), items(15, 16)),
    ("product_list", "action.sections", items(*[1] * 10), items(*[1] * 11)),
    ("product_list", "action.sections.0.title", "x" * 24, "x" * 25),
    (
        "carousel",
        "action.cards",
        [url_card(index) for index in range(10)],
        [url_card(index) for index in range(11)],
    ),
    ("carousel", "action.cards", [url_card(0), url_card(1)], [url_card(0)]),
    ("carousel", "action.cards", [url_card(8), url_card(9)], [url_card(9), url_card(10)]),
    ("carousel", "action.cards", [url_card(0), url_card(1)], [url_card(1), url_card(1)]),
    (
        "carousel",
        "action.cards",
        [url_card(0, "video"), url_card(1, "video")],
        [url_card(0, "video"), url_card(1)],
    ),
    (
        "carousel",
        "action.cards",
        [reply_card(0, 3), reply_card(1, 3)],
        [reply_card(0, 4), reply_card(1, 4)],
    ),
    (
        "carousel",
        "action.cards",
        [reply_card(0, 2), reply_card(1, 2)],
        [reply_card(0, 2), reply_card(1, 1)],
    ),
    (
        "carousel",
        "action.cards",
        [product_card(0), product_card(1)],
        [product_card(0), url_card(1)],
    ),
    ("carousel", "action.cards.0.body.text", "x" * 160, "x" * 161),
    ("carousel", "action.cards.0.body.text", "a\nb\nc", "a\nb\nc\nd"),
    (
        "carousel",
        "action.cards.0.header",
        {"type": "image", "image": LINK},
        {"type": "text", "text": "Look"},
    ),
    ("carousel", "action.cards.0.action.parameters.display_text", "x" * 20, "x" * 21),
    ("voice_call", "action.parameters.display_text", "x" * 20, "x" * 21),
    ("voice_call", "action.parameters.payload", "x" * 512, "x" * 513),
    ("voice_call", "action.parameters.ttl_minutes", 43_200, 43_201),
    ("voice_call", "action.parameters.ttl_minutes", 1, 0),
]

VALID = [
    *[
        ("button", "header", {"type": kind, kind: LINK})
        for kind in ("image", "video", "document")
    ],
    ("list", "action.sections.0.title", ABSENT),
    ("list", "action.sections.0.rows.0.description", ABSENT),
    ("product", "body", ABSENT),
    ("catalog_message", "action.parameters", ABSENT),
    ("voice_call", "action.parameters", ABSENT),
    ("voice_call", "action.parameters.ttl_minutes", ABSENT),
    ("flow", "action.parameters.mode", "draft"),
    ("flow", "action.parameters.flow_action", "data_exchange"),
    (
        "flow",
        "action.parameters.flow_action_payload",
        {"screen": "BOOK", "data": {"day": 1}},
    ),
    ("flow", "action.parameters.flow_token", ABSENT),
    ("carousel", "action.cards.0.body", ABSENT),
    ("address_message", "action.parameters.country", "SG"),
    ("address_message", "action.parameters.saved_addresses", [{"id": "1", "value": {}}]),
]

SAME_ID = [reply(1), {"type": "reply", "reply": {"id": "id 1", "title": "Other"}}]
SAME_TITLE = [reply(1), {"type": "reply", "reply": {"id": "other", "title": "Title 1"}}]
REFUSED = [
    ("button", "type", "poll", 100),
    ("button", "type", ABSENT, 131008),
    ("button", "action", ABSENT, 131008),
    ("button", "body", ABSENT, 131008),
    ("button", "body.text", "", 131008),
    ("button", "footer", {}, 131008),
    ("button", "header", {"type": "sticker", "sticker": LINK}, 131009),
    ("button", "header", {"type": "image"}, 131008),
    ("button", "header", {"type": "image", "image": {"id": "1"}}, 131053),
    ("button", "header", {"type": "image", "image": {"id": "1", **LINK}}, 131009),
    ("button", "header", {"type": "text"}, 131008),
    ("button", "action.buttons", ABSENT, 131008),
    ("button", "action.buttons", SAME_ID, 131009),
    ("button", "action.buttons", SAME_TITLE, 131009),
    ("button", "action.buttons.0.type", "url", 100),
    ("button", "action.buttons.0.reply", ABSENT, 131008),
    ("button", "action.buttons.0.reply.id", ABSENT, 131008),
    ("button", "action.buttons.0.reply.title", "", 131008),
    ("list", "header", {"type": "image", "image": LINK}, 131009),
    ("list", "action.button", ABSENT, 131008),
    ("list", "action.sections", ABSENT, 131008),
    ("list", "action.sections", [*rows(1), {"rows": [row(2)]}], 131008),
    ("list", "action.sections", [{"rows": [row(1), row(1)]}], 131009),
    ("list", "action.sections.0.rows.0.title", ABSENT, 131008),
    ("list", "action.sections.0.rows.0.id", ABSENT, 131008),
    ("cta_url", "action.name", "url", 100),
    ("cta_url", "action.parameters", ABSENT, 131008),
    ("cta_url", "action.parameters.url", ABSENT, 131008),
    ("cta_url", "action.parameters.display_text", ABSENT, 131008),
    ("location_request_message", "action.name", "location", 100),
    ("flow", "action.parameters.flow_id", ABSENT, 131009),
    ("flow", "action.parameters.flow_name", "book", 131009),
    ("flow", "action.parameters.flow_cta", ABSENT, 131008),
    ("flow", "action.parameters.mode", "trial", 100),
    ("flow", "action.parameters.flow_action", "jump", 100),
    ("flow", "action.parameters.flow_action_payload", "BOOK", 100),
    ("product", "header", {"type": "text", "text": "x"}, 131009),
    ("product", "action.catalog_id", ABSENT, 131008),
    ("product", "action.product_retailer_id", ABSENT, 131008),
    ("product_list", "header", ABSENT, 131008),
    ("product_list", "header", {"type": "image", "image": LINK}, 131009),
    ("product_list", "action.catalog_id", ABSENT, 131008),
    (
        "product_list",
        "action.sections",
        [*items(1), {"product_items": [{"product_retailer_id": "sku"}]}],
        131008,
    ),
    ("product_list", "action.sections.0.product_items", [], 131009),
    (
        "product_list",
        "action.sections.0.product_items.0.product_retailer_id",
        ABSENT,
        131008,
    ),
    ("catalog_message", "action.name", "catalog", 100),
    ("carousel", "header", {"type": "text", "text": "x"}, 131009),
    ("carousel", "action.cards.0.card_index", ABSENT, 131008),
    ("carousel", "action.cards.0.card_index", "0", 100),
    ("carousel", "action.cards.0.header", ABSENT, 131008),
    ("carousel", "action.cards.0.action", ABSENT, 131008),
    ("carousel", "action.cards.0.action.parameters.url", "x", 131009),
    ("address_message", "action.parameters.country", "DE", 100),
    ("address_message", "action.parameters", ABSENT, 131008),
    ("voice_call", "action.name", "call", 100),
    ("voice_call", "action.parameters.ttl_minutes", "100", 100),
]


def named(value):
    return "absent" if value is ABSENT else str(value)[:40]


@pytest.mark.parametrize("kind", MESSAGES)
def test_each_type(client, kind):
    """A message of each interactive type is accepted."""
    response = client.message("interactive", MESSAGES[kind])
    assert response.status_code == 200, response.text


@pytest.mark.parametrize(("kind", "path", "inside", "outside"), LIMITS, ids=named)
def test_limits(client, read_meta_error, kind, path, inside, outside):
    """A part may be as long as its limit, and no longer."""
    response = client.message("interactive", changed(kind, path, inside))
    assert response.status_code == 200, response.text
    assert read_meta_error(client.message("interactive", changed(kind, path, outside))) == (
        400,
        131009,
        None,
    )


@pytest.mark.parametrize(("kind", "path", "value"), VALID, ids=named)
def test_taken(client, kind, path, value):
    """Optional parts may be present or absent."""
    response = client.message("interactive", changed(kind, path, value))
    assert response.status_code == 200, response.text


@pytest.mark.parametrize(("kind", "path", "value", "code"), REFUSED, ids=named)
def test_rejected(client, read_meta_error, kind, path, value, code):
    """Missing, malformed, repeated and unexpected parts are rejected."""
    assert read_meta_error(client.message("interactive", changed(kind, path, value))) == (
        400,
        code,
        None,
    )


def test_an_error_names_the_part(client):
    """The error names the part of the message."""
    details = client.message(
        "interactive", changed("list", "action.sections.0.rows.0.title", "x" * 25)
    ).text
    assert (
        "interactive.action.sections[0].rows[0].title has 25 characters; 24 are allowed"
        in details
    )


@pytest.mark.parametrize("kind", MESSAGES)
def test_junk_is_no_server_error(client, junk, kind):
    """Any request is accepted or rejected."""
    statuses = {
        client.message("interactive", junk(MESSAGES[kind])).status_code for _ in range(60)
    }
    assert statuses == {200, 400}
