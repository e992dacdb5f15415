"""
Cards with a picture, a video or a product, side by side.

https://developers.facebook.com/docs/whatsapp/cloud-api/messages/interactive-media-carousel-messages
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Discriminator, Tag

from airflow_provider_whatsapp.models.base import RequestModel, by_type, refusal, unique
from airflow_provider_whatsapp.models.interactive_actions import OpenUrl, ShowProduct
from airflow_provider_whatsapp.models.interactive_parts import CardBody, ImageHeader, Reply, VideoHeader
from airflow_provider_whatsapp.models.limits import between, within

CardHeader = Annotated[
    Annotated[ImageHeader, Tag("<image>")] | Annotated[VideoHeader, Tag("<video>")],
    by_type("image", "video", closed=True),
]


class QuickReplyButton(RequestModel):
    """A button whose tap comes back as a message."""

    type: Literal["quick_reply"] = "quick_reply"
    quick_reply: Reply


def _distinct(buttons: list[QuickReplyButton]) -> list[QuickReplyButton]:
    unique([button.quick_reply.id for button in buttons], rule="each button of a card has an id of its own")
    return buttons


class QuickReplies(RequestModel):
    """One to three buttons on a card."""

    buttons: Annotated[
        list[QuickReplyButton], within("interactive.action.cards[].action.buttons"), AfterValidator(_distinct)
    ]


def _action_tag(action: object) -> str:
    replies = "buttons" in action if isinstance(action, Mapping) else isinstance(action, QuickReplies)
    return "<quick_replies>" if replies else "<open_url>"


CardAction = Annotated[
    Annotated[OpenUrl, Tag("<open_url>")] | Annotated[QuickReplies, Tag("<quick_replies>")],
    Discriminator(_action_tag),
]


CardIndex = Annotated[int, between("interactive.action.cards[].card_index")]


class Card(RequestModel):
    """One card; ``type`` is cta_url for every action, as Meta's examples have it."""

    card_index: CardIndex
    type: str | None = None
    header: CardHeader
    body: CardBody | None = None
    action: CardAction


class ProductCard(RequestModel):
    """
    A card that shows a product of a catalog, which brings its own picture and button.

    https://developers.facebook.com/docs/whatsapp/cloud-api/messages/interactive-product-carousel-messages
    """

    card_index: CardIndex
    type: Literal["product"] = "product"
    action: ShowProduct


def _card_tag(card: object) -> str:
    kind = card.get("type") if isinstance(card, Mapping) else getattr(card, "type", None)
    return "<product>" if kind == "product" else "<card>"


AnyCard = Annotated[
    Annotated[Card, Tag("<card>")] | Annotated[ProductCard, Tag("<product>")],
    Discriminator(_card_tag),
]


def _header(card: Card | ProductCard) -> str:
    return card.header.type if isinstance(card, Card) else card.type


def _buttons(card: Card | ProductCard) -> int:
    return len(card.action.buttons) if isinstance(card.action, QuickReplies) else 0


def _alike(cards: list[Card | ProductCard]) -> list[Card | ProductCard]:
    unique([str(card.card_index) for card in cards], rule="each card has a card_index of its own")
    if len({_header(card) for card in cards}) > 1:
        raise refusal("all cards have an image, a video or a product", remedy="give them the same kind of header")
    if len({_buttons(card) for card in cards}) > 1:
        raise refusal("all cards have the same kind and number of buttons", remedy="give them the same buttons")
    return cards


class ShowCards(RequestModel):
    """Two to ten cards."""

    cards: Annotated[list[AnyCard], within("interactive.action.cards"), AfterValidator(_alike)]
