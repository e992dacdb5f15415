"""
What Meta refuses in the cards of a carousel.

https://developers.facebook.com/docs/whatsapp/cloud-api/messages/interactive-media-carousel-messages
"""

from __future__ import annotations

from airflow_provider_whatsapp.sandbox.interactive_actions import check_cta_url, check_replies
from airflow_provider_whatsapp.sandbox.interactive_header import check_header
from airflow_provider_whatsapp.sandbox.interactive_products import check_product
from airflow_provider_whatsapp.sandbox.media import MediaStore
from airflow_provider_whatsapp.sandbox.message_nodes import Node, check_unique, missing, not_valid

_LONGEST_BODY = 160
_MOST_LINE_BREAKS = 2


def check_carousel(action: Node, media: MediaStore) -> None:
    """Refuse all but two to ten cards of one make, each with an index of its own."""
    cards = action.nodes("cards", least=2, most=10)
    for card in cards:
        if not card.has("card_index"):
            raise missing(f"{card.path}.card_index")
        card.check_count("card_index", least=0, most=9)
    check_unique([str(card.value["card_index"]) for card in cards], f"{action.path}.cards[].card_index")
    if len({_make(card, media) for card in cards}) > 1:
        raise not_valid(f"{action.path}.cards: all need the same type of header, and as many buttons of one type")


def _make(card: Node, media: MediaStore) -> tuple[str, str, int]:
    """Check a card and return what all cards must have in common."""
    if card.value.get("type") == "product":
        check_product(card.node("action"))
        return "product", "product", 1
    header = check_header(card.node("header"), ("image", "video"), media)
    if body := card.optional_node("body"):
        text = body.text("text", most=_LONGEST_BODY)
        if text.count("\n") > _MOST_LINE_BREAKS:
            raise not_valid(f"{body.path}.text has more than {_MOST_LINE_BREAKS} line breaks")
    return header, *_buttons(card.node("action"))


def _buttons(action: Node) -> tuple[str, int]:
    if not action.has("buttons"):
        check_cta_url(action)
        return "url", 1
    replies = action.nodes("buttons", least=1, most=3)
    check_replies(replies, allowed=("quick_reply", "reply"))
    return "reply", len(replies)
