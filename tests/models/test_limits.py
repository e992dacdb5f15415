from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from airflow_provider_whatsapp.models import limits
from airflow_provider_whatsapp.models.messages import MESSAGE
from airflow_provider_whatsapp.models.validation import describe, validate
from tests.errors import spelled

# As Meta's reference has them: a change of ours must not move both sides of the comparison.
META = {
    "biz_opaque_callback_data": (0, 512),
    "text.body": (1, 4096),
    "image.caption": (0, 1024),
    "video.caption": (0, 1024),
    "document.caption": (0, 1024),
    "contacts": (1, 257),
    "interactive.header.text": (1, 60),
    "interactive.body.text": (1, 1024),
    "interactive.footer.text": (1, 60),
    "interactive.action.buttons": (1, 3),
    "interactive.action.buttons[].reply.id": (1, 256),
    "interactive.action.buttons[].reply.title": (1, 20),
    "interactive(list).body.text": (1, 4096),
    "interactive.action.button": (1, 20),
    "interactive.action.sections": (1, 10),
    "interactive.action.sections[].title": (0, 24),
    "interactive.action.sections[].rows": (1, 10),
    "interactive.action.sections[].rows[].id": (1, 200),
    "interactive.action.sections[].rows[].title": (1, 24),
    "interactive.action.sections[].rows[].description": (0, 72),
    "interactive.action.parameters.display_text": (1, 20),
    "interactive.action.parameters.flow_cta": (1, 20),
    "interactive.action.sections[].product_items": (1, 30),
    "interactive.action.cards": (2, 10),
    "interactive.action.cards[].body.text": (1, 160),
    "interactive.action.cards[].action.buttons": (1, 3),
    "template.name": (1, 512),
    "template.components[header].parameters[].text": (1, 60),
    "template.components[body].parameters[].text": (1, 32_768),
    "template.components[button].parameters[].payload": (1, 256),
    "template.components[button].parameters[].coupon_code": (1, 20),
    "template.components[carousel].cards": (1, 10),
    "location.latitude": (-90, 90),
    "location.longitude": (-180, 180),
    "interactive.action.parameters.ttl_minutes": (1, 43_200),
    "interactive.action.cards[].card_index": (0, 9),
    "template.components[carousel].cards[].card_index": (0, 9),
}


def text(length: int) -> str:
    return "q" * length


def number(value: int) -> int:
    return value


def contacts(count: int) -> list[Any]:
    return [{"name": {"formatted_name": "qq", "first_name": "qq"}}] * count


def buttons(count: int) -> list[Any]:
    return [
        {"type": "reply", "reply": {"id": f"qq{n}", "title": f"qq{n}"}}
        for n in range(count)
    ]


def quick_replies(count: int) -> list[Any]:
    return [
        {"type": "quick_reply", "quick_reply": {"id": f"qq{n}", "title": "qq"}}
        for n in range(count)
    ]


def rows(count: int, prefix: str = "") -> list[Any]:
    return [{"id": f"{prefix}{n}", "title": "qq"} for n in range(count)]


def sections(count: int) -> list[Any]:
    return [{"title": "qq", "rows": rows(1, f"{n}.")} for n in range(count)]


def products(count: int) -> list[Any]:
    return [{"product_retailer_id": "qq"}] * count


def product_sections(count: int) -> list[Any]:
    return [{"title": "qq", "product_items": products(1)}] * count


def cards(count: int) -> list[Any]:
    action = {
        "name": "cta_url",
        "parameters": {"display_text": "Open", "url": "https://example.com/qq"},
    }
    header = {"type": "image", "image": {"id": "1"}}
    return [
        {"card_index": n % 10, "header": header, "action": action} for n in range(count)
    ]


def cards_with_replies(count: int) -> list[Any]:
    """Return two cards with so many replies, as all cards have the same number of them."""
    header = {"type": "image", "image": {"id": "1"}}
    return [
        {"card_index": n, "header": header, "action": {"buttons": quick_replies(count)}}
        for n in range(2)
    ]


def template_cards(count: int) -> list[Any]:
    return [{"card_index": n % 10, "components": [{"type": "body"}]} for n in range(count)]


def describe_value(value: Any, size: int) -> str:
    """Return the type and the length of the value, or of the list in it that is too long or too short."""
    return describe([None] * size if isinstance(value, list) else value)


class Case(NamedTuple):
    """A limit, a good body, and the field of it that gets a value of a given length."""

    limit: str
    name: str
    path: str
    value: Callable[[int], Any] = text
    told: str = ""  # the path in the error, where it is not the one that is changed


ACTION = "interactive.action"
PARAMETER = "template.components[0].parameters[0]"
CASES = [
    Case("biz_opaque_callback_data", "text", "biz_opaque_callback_data"),
    Case("biz_opaque_callback_data", "type of tomorrow", "biz_opaque_callback_data"),
    Case("text.body", "text", "text.body"),
    Case("text.body", "text without a type", "text.body"),
    Case("image.caption", "image by id", "image.caption"),
    Case("video.caption", "video by id", "video.caption"),
    Case("document.caption", "document by id", "document.caption"),
    Case("contacts", "contact with all its parts", "contacts", contacts),
    Case("interactive.header.text", "three buttons", "interactive.header.text"),
    Case("interactive.header.text", "list", "interactive.header.text"),
    Case("interactive.header.text", "list", "interactive.header.sub_text"),
    Case("interactive.header.text", "products", "interactive.header.text"),
    *[
        Case("interactive.body.text", name, "interactive.body.text")
        for name in (
            *(
                "one button",
                "url",
                "location request",
                "draft flow by name",
                "product",
                "products",
                "catalog",
            ),
            *("cards with links", "address", "voice call"),
        )
    ],
    *[
        Case("interactive.footer.text", name, "interactive.footer.text")
        for name in (
            "three buttons",
            "list",
            "url",
            "draft flow by name",
            "product",
            "products",
            "catalog",
            "voice call",
        )
    ],
    Case("interactive.action.buttons", "one button", f"{ACTION}.buttons", buttons),
    Case(
        "interactive.action.buttons[].reply.id",
        "three buttons",
        f"{ACTION}.buttons[1].reply.id",
    ),
    Case(
        "interactive.action.buttons[].reply.title",
        "three buttons",
        f"{ACTION}.buttons[2].reply.title",
    ),
    Case("interactive(list).body.text", "list", "interactive.body.text"),
    Case("interactive.action.button", "list", f"{ACTION}.button"),
    Case("interactive.action.sections", "list", f"{ACTION}.sections", sections),
    Case("interactive.action.sections", "products", f"{ACTION}.sections", product_sections),
    Case(
        "interactive.action.sections[].title",
        "list of one section",
        f"{ACTION}.sections[0].title",
    ),
    Case(
        "interactive.action.sections[].title",
        "products in one section",
        f"{ACTION}.sections[0].title",
    ),
    Case(
        "interactive.action.sections[].rows",
        "list of one section",
        f"{ACTION}.sections[0].rows",
        rows,
    ),
    Case(
        "interactive.action.sections[].rows[].id",
        "list",
        f"{ACTION}.sections[1].rows[0].id",
    ),
    Case(
        "interactive.action.sections[].rows[].title",
        "list",
        f"{ACTION}.sections[0].rows[1].title",
    ),
    Case(
        "interactive.action.sections[].rows[].description",
        "list",
        f"{ACTION}.sections[0].rows[0].description",
    ),
    Case(
        "interactive.action.parameters.display_text",
        "url",
        f"{ACTION}.parameters.display_text",
    ),
    Case(
        "interactive.action.parameters.display_text",
        "voice call",
        f"{ACTION}.parameters.display_text",
    ),
    Case(
        "interactive.action.parameters.flow_cta",
        "draft flow by name",
        f"{ACTION}.parameters.flow_cta",
    ),
    Case(
        "interactive.action.sections[].product_items",
        "products in one section",
        f"{ACTION}.sections[0].product_items",
        products,
    ),
    Case("interactive.action.cards", "cards with links", f"{ACTION}.cards", cards),
    Case(
        "interactive.action.cards[].body.text",
        "cards with links",
        f"{ACTION}.cards[1].body.text",
    ),
    Case(
        "interactive.action.cards[].action.buttons",
        "cards with replies",
        f"{ACTION}.cards",
        cards_with_replies,
        told=f"{ACTION}.cards[0].action.buttons",
    ),
    Case(
        "interactive.action.buttons[].reply.id",
        "cards with replies",
        f"{ACTION}.cards[2].action.buttons[1].quick_reply.id",
    ),
    Case(
        "interactive.action.buttons[].reply.title",
        "cards with replies",
        f"{ACTION}.cards[2].action.buttons[0].quick_reply.title",
    ),
    Case(
        "interactive.action.parameters.display_text",
        "cards with links",
        f"{ACTION}.cards[0].action.parameters.display_text",
    ),
    Case("template.name", "nothing to fill", "template.name"),
    Case(
        "template.components[header].parameters[].text", "header text", f"{PARAMETER}.text"
    ),
    Case(
        "template.components[header].parameters[].text",
        "types in capitals",
        f"{PARAMETER}.text",
    ),
    Case(
        "template.components[body].parameters[].text",
        "positional body",
        f"{PARAMETER}.text",
    ),
    Case("template.components[body].parameters[].text", "named body", f"{PARAMETER}.text"),
    Case(
        "template.components[body].parameters[].text",
        "date in its parts",
        f"{PARAMETER}.date_time.fallback_value",
    ),
    Case(
        "template.components[button].parameters[].payload",
        "index in numbers",
        f"{PARAMETER}.payload",
    ),
    Case(
        "template.components[button].parameters[].coupon_code",
        "limited-time offer",
        "template.components[1].parameters[0].coupon_code",
    ),
    Case(
        "template.components[carousel].cards",
        "carousel",
        "template.components[1].cards",
        template_cards,
    ),
    Case("location.latitude", "location in numbers", "location.latitude", number),
    Case("location.latitude", "location in texts", "location.latitude", str),
    Case("location.latitude", "header location", f"{PARAMETER}.location.latitude", str),
    Case("location.longitude", "location in numbers", "location.longitude", number),
    Case("location.longitude", "location in texts", "location.longitude", str),
    Case(
        "interactive.action.parameters.ttl_minutes",
        "voice call",
        f"{ACTION}.parameters.ttl_minutes",
        number,
    ),
    Case(
        "interactive.action.cards[].card_index",
        "cards with links",
        f"{ACTION}.cards[0].card_index",
        number,
    ),
    Case(
        "interactive.action.cards[].card_index",
        "cards with products",
        f"{ACTION}.cards[0].card_index",
        number,
    ),
    Case(
        "template.components[carousel].cards[].card_index",
        "carousel",
        "template.components[1].cards[1].card_index",
        number,
    ),
]
each = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}-{case.path}")


def test_the_table_is_metas():
    """The table has Meta's limits, no more and no less, and each of them is tried below."""
    assert {
        path: tuple(limit) for path, limit in (limits.LENGTHS | limits.NUMBERS).items()
    } == META
    assert not limits.LENGTHS.keys() & limits.NUMBERS.keys()
    assert {case.limit for case in CASES} == META.keys()


def test_the_constants_are_metas():
    """What is counted over several fields has Meta's limits too."""
    assert (limits.MAX_ROWS, limits.MAX_PRODUCTS, limits.MAX_TEMPLATE_BUTTONS) == (
        10,
        30,
        10,
    )
    assert (limits.MAX_BODY_WITH_OTHER_COMPONENTS, limits.MAX_CARD_LINE_BREAKS) == (1024, 2)


@each
def test_just_inside(changed, case):
    """The least and the most that Meta takes are accepted, and travel as they were written."""
    for size in META[case.limit]:
        body = changed(case.name, {case.path: case.value(size)})
        assert (
            MESSAGE.dump_python(
                validate(MESSAGE, body), mode="json", by_alias=True, exclude_none=True
            )
            == body
        )


@each
def test_just_outside(changed, invalid, case):
    """The error about one more and one less has path, limit and size, and never the value."""
    least, most = META[case.limit]
    for size, limit in ((most + 1, most), (least - 1, least)):
        if size < 0 and case.limit in limits.LENGTHS:
            continue
        value = case.value(size)
        message = invalid(validate, MESSAGE, changed(case.name, {case.path: value}))
        assert message.startswith(spelled(f"{case.told or case.path}: must "))
        said, got, remedy = re.match(r".*: (.+) \(got (.+?)\)\. (.+)\.", message).groups()
        assert re.search(rf"(?<!\d){limit}\b", said)
        assert got == describe_value(value, size)
        assert remedy
        assert "qq" not in message
