"""
Meta's limits on what a message may hold, in one table.

Texts are counted in characters, lists in items; ``[]`` stands for each item of a list. What is not a
length (unique ids, one of two fields, characters that are rejected) stands with the model it is about.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
"""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import Field


class Limit(NamedTuple):
    """From ``minimum`` to ``maximum``, both included."""

    minimum: float
    maximum: float


LENGTHS = {
    # envelope
    "biz_opaque_callback_data": Limit(0, 512),
    # text
    "text.body": Limit(1, 4096),
    # image, video, document
    "image.caption": Limit(0, 1024),
    "video.caption": Limit(0, 1024),
    "document.caption": Limit(0, 1024),
    # contacts
    "contacts": Limit(1, 257),
    # interactive, all types
    "interactive.header.text": Limit(1, 60),
    "interactive.body.text": Limit(1, 1024),
    "interactive.footer.text": Limit(1, 60),
    # interactive.button
    "interactive.action.buttons": Limit(1, 3),
    "interactive.action.buttons[].reply.id": Limit(1, 256),
    "interactive.action.buttons[].reply.title": Limit(1, 20),
    # interactive.list
    "interactive(list).body.text": Limit(1, 4096),
    "interactive.action.button": Limit(1, 20),
    "interactive.action.sections": Limit(1, 10),
    "interactive.action.sections[].title": Limit(0, 24),
    # In each section, and in all sections together.
    "interactive.action.sections[].rows": Limit(1, 10),
    "interactive.action.sections[].rows[].id": Limit(1, 200),
    "interactive.action.sections[].rows[].title": Limit(1, 24),
    "interactive.action.sections[].rows[].description": Limit(0, 72),
    # interactive.cta_url, interactive.voice_call
    "interactive.action.parameters.display_text": Limit(1, 20),
    # interactive.flow
    "interactive.action.parameters.flow_cta": Limit(1, 20),
    # interactive.product_list: in each section, and in all sections together
    "interactive.action.sections[].product_items": Limit(1, 30),
    # interactive.carousel; replies and links as in the messages above
    "interactive.action.cards": Limit(2, 10),
    "interactive.action.cards[].body.text": Limit(1, 160),
    "interactive.action.cards[].action.buttons": Limit(1, 3),
    # template
    "template.name": Limit(1, 512),
    "template.components[header].parameters[].text": Limit(1, 60),
    # A body with other components beside it has 1024 characters in all.
    "template.components[body].parameters[].text": Limit(1, 32_768),
    "template.components[button].parameters[].payload": Limit(1, 256),
    "template.components[button].parameters[].coupon_code": Limit(1, 20),
    "template.components[carousel].cards": Limit(1, 10),
}

NUMBERS = {
    "location.latitude": Limit(-90, 90),
    "location.longitude": Limit(-180, 180),
    "interactive.action.parameters.ttl_minutes": Limit(1, 43_200),
    "interactive.action.cards[].card_index": Limit(0, 9),
    "template.components[carousel].cards[].card_index": Limit(0, 9),
}

MAX_TEMPLATE_BUTTONS = 10
MAX_ROWS = 10
MAX_PRODUCTS = 30
MAX_BODY_WITH_OTHER_COMPONENTS = 1024  # characters of a template's body once filled in
MAX_CARD_LINE_BREAKS = 2


def within(path: str) -> Any:
    """Return the constraint on a text or a list that :data:`LENGTHS` has for ``path``."""
    limit = LENGTHS[path]
    return Field(min_length=int(limit.minimum), max_length=int(limit.maximum))


def between(path: str) -> Any:
    """Return the constraint on a number that :data:`NUMBERS` has for ``path``."""
    limit = NUMBERS[path]
    return Field(ge=limit.minimum, le=limit.maximum)
