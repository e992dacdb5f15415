"""
What Meta rejects in interactive messages.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages#interactive-object
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from airflow_provider_whatsapp.sandbox.graph.errors import invalid_value, missing_parameter
from airflow_provider_whatsapp.sandbox.graph.parts import Part, validate_unique
from airflow_provider_whatsapp.sandbox.media.store import MediaStore, validate_media
from airflow_provider_whatsapp.sandbox.templates import text as template_text

MAX_ROWS = 10
MAX_PRODUCTS = 30
MAX_CALL_TTL_MINUTES = 43_200  # thirty days
MAX_CARD_BODY_LENGTH = 160
MAX_CARD_LINE_BREAKS = 2
FLOW_MESSAGE_VERSION = "3"

_ALL_HEADERS = ("text", "image", "video", "document")


def validate_interactive(content: Part, media: MediaStore) -> None:
    """Reject an unknown type, an incomplete action, and texts that are too long."""
    rules = _RULES[content.get_choice("type", tuple(_RULES))]
    header = content.get_optional_part("header")
    if header is not None:
        validate_header(header, rules.headers, media)
    elif rules.needs_header:
        raise missing_parameter("interactive.header is required")
    body = content.get_optional_part("body")
    if body is not None:
        body.get_text("text", max_length=rules.max_body_length)
    elif rules.needs_body:
        raise missing_parameter(f"{content.path_of('body')} is required")
    footer = content.get_optional_part("footer")
    if footer is not None:
        footer.get_text("text", max_length=60)
    rules.validate_action(content.get_part("action"), media)


def validate_header(header: Part, allowed: tuple[str, ...], media: MediaStore) -> str:
    """Return the type of a header, which is a text or one file."""
    header_type = header.get_text("type")
    if header_type not in allowed:
        names = ", ".join(allowed) or "none: it has no header"
        raise invalid_value(f"{header.path}.type must be one of {names}")
    if header_type == "text":
        header.get_text("text", max_length=60)
    else:
        file = header.get_part(header_type)
        validate_media(header_type, file.value, media)
    return header_type


def validate_reply_buttons(action: Part, _media: MediaStore) -> None:
    """Reject anything but one to three reply buttons."""
    # More options need a list message.
    buttons = action.get_parts("buttons", min_items=1, max_items=3)
    validate_replies(buttons, allowed=("reply",))


def validate_replies(buttons: list[Part], *, allowed: tuple[str, ...]) -> None:
    """Reject buttons whose ids or titles are too long, or not unique."""
    replies = [button.get_part(button.get_choice("type", allowed)) for button in buttons]
    ids = [reply.get_text("id", max_length=256) for reply in replies]
    for reply_id in ids:
        if reply_id != reply_id.strip():
            raise invalid_value("buttons: an id has a space at its start or end")
    validate_unique(ids, "buttons[].id")
    titles = [reply.get_text("title", max_length=20) for reply in replies]
    validate_unique(titles, "buttons[].title")


def validate_list(action: Part, _media: MediaStore) -> None:
    """Reject a list without its button, and one with too many rows."""
    action.get_text("button", max_length=20)
    sections = read_sections(action)
    rows = [row for section in sections for row in section.get_parts("rows", min_items=1)]
    # The limit is for all sections together.
    if len(rows) > MAX_ROWS:
        raise invalid_value(
            f"{action.path}.sections have {len(rows)} rows; {MAX_ROWS} are allowed in all"
        )
    for row in rows:
        row.get_text("title", max_length=24)
        row.get_optional_text("description", max_length=72)
    ids = [row.get_text("id", max_length=200) for row in rows]
    validate_unique(ids, "rows[].id")


def read_sections(action: Part) -> list[Part]:
    """Return one to ten sections, which need titles if there are several."""
    # A single section needs no title, because there is nothing to tell it from.
    sections = action.get_parts("sections", min_items=1, max_items=10)
    for section in sections:
        title = section.get_optional_text("title", max_length=24)
        if not title and len(sections) > 1:
            raise missing_parameter(f"{section.path}.title is required")
    return sections


def validate_cta_url(action: Part, _media: MediaStore) -> None:
    """Reject a link button without its text or its URL."""
    action.get_choice("name", ("cta_url",))
    parameters = action.get_part("parameters")
    parameters.get_text("display_text", max_length=20)
    if not parameters.get_text("url").startswith(("http://", "https://")):
        raise invalid_value(f"{parameters.path}.url is not a web address")


def validate_location_request(action: Part, _media: MediaStore) -> None:
    """Reject any action but the request for a location."""
    action.get_choice("name", ("send_location",))


def validate_flow(action: Part, _media: MediaStore) -> None:
    """Reject a flow that is named twice or not at all, and one whose button is too long."""
    action.get_choice("name", ("flow",))
    parameters = action.get_part("parameters")
    # A number is accepted as well, because people write it as one.
    if str(parameters.value.get("flow_message_version")) != FLOW_MESSAGE_VERSION:
        raise invalid_value(
            f"{parameters.path}.flow_message_version must be {FLOW_MESSAGE_VERSION}"
        )
    # Exactly one of them, because both identify the flow.
    if parameters.has("flow_id") == parameters.has("flow_name"):
        raise invalid_value(f"{parameters.path}: give either flow_id or flow_name")
    for name in ("flow_id", "flow_name", "flow_token"):
        parameters.get_optional_text(name)
    if template_text.count_emojis(parameters.get_text("flow_cta", max_length=20)):
        raise invalid_value(
            f"{parameters.path}.flow_cta has an emoji, which buttons of flows can't show"
        )
    if parameters.has("mode"):
        parameters.get_choice("mode", ("draft", "published"))
    if parameters.has("flow_action"):
        parameters.get_choice("flow_action", ("navigate", "data_exchange"))
    payload = parameters.get_optional_part("flow_action_payload")
    if payload is not None:
        payload.get_optional_text("screen")


def validate_address(action: Part, _media: MediaStore) -> None:
    """Reject countries other than the two in which Meta offers this message."""
    action.get_choice("name", ("address_message",))
    parameters = action.get_part("parameters")
    parameters.get_choice("country", ("IN", "SG"))
    parameters.get_optional_part("values")
    parameters.get_parts("saved_addresses")


def validate_voice_call(action: Part, _media: MediaStore) -> None:
    """Reject a call button that people could use for too long."""
    action.get_choice("name", ("voice_call",))
    parameters = action.get_optional_part("parameters")
    if parameters is not None:
        parameters.get_optional_text("display_text", max_length=20)
        parameters.get_optional_text("payload", max_length=512)
        parameters.validate_integer("ttl_minutes", minimum=1, maximum=MAX_CALL_TTL_MINUTES)


def validate_product(action: Part, _media: MediaStore) -> None:
    """Reject a product without its catalog."""
    action.get_text("catalog_id")
    action.get_text("product_retailer_id")


def validate_product_list(action: Part, _media: MediaStore) -> None:
    """Reject too many products, and products without their catalog."""
    action.get_text("catalog_id")
    validate_product_sections(action)


def validate_product_sections(action: Part) -> None:
    """Reject more than ten sections, and too many products in all of them together."""
    products = []
    for section in read_sections(action):
        products += section.get_parts("product_items", min_items=1)
    if len(products) > MAX_PRODUCTS:
        raise invalid_value(
            f"{action.path}.sections have {len(products)} products; {MAX_PRODUCTS} are allowed in all"
        )
    for product in products:
        product.get_text("product_retailer_id")


def validate_catalog(action: Part, _media: MediaStore) -> None:
    """Reject any action but a catalog, whose picture may be that of a product."""
    action.get_choice("name", ("catalog_message",))
    parameters = action.get_optional_part("parameters")
    if parameters is not None:
        parameters.get_optional_text("thumbnail_product_retailer_id")


def validate_carousel(action: Part, media: MediaStore) -> None:
    """
    Reject anything but two to ten cards of the same layout, each with an index of its own.

    https://developers.facebook.com/docs/whatsapp/cloud-api/messages/interactive-media-carousel-messages
    """
    cards = action.get_parts("cards", min_items=2, max_items=10)
    for card in cards:
        if not card.has("card_index"):
            raise missing_parameter(f"{card.path}.card_index is required")
        card.validate_integer("card_index", minimum=0, maximum=9)
    indexes = [str(card.value["card_index"]) for card in cards]
    validate_unique(indexes, f"{action.path}.cards[].card_index")
    # Each card is validated on the way, so that its own mistakes are reported first.
    layouts = {read_card_layout(card, media) for card in cards}
    if len(layouts) > 1:
        raise invalid_value(
            f"{action.path}.cards: all need the same type of header, and as many buttons of one type"
        )


def read_card_layout(card: Part, media: MediaStore) -> tuple[str, str, int]:
    """Return what all cards of a message share: type of header, type and number of buttons."""
    if card.value.get("type") == "product":
        validate_product(card.get_part("action"), media)
        return "product", "product", 1
    header_type = validate_header(card.get_part("header"), ("image", "video"), media)
    body = card.get_optional_part("body")
    if body is not None:
        text = body.get_text("text", max_length=MAX_CARD_BODY_LENGTH)
        if text.count("\n") > MAX_CARD_LINE_BREAKS:
            raise invalid_value(
                f"{body.path}.text has more than {MAX_CARD_LINE_BREAKS} line breaks"
            )
    action = card.get_part("action")
    if not action.has("buttons"):
        validate_cta_url(action, media)
        return header_type, "url", 1
    replies = action.get_parts("buttons", min_items=1, max_items=3)
    validate_replies(replies, allowed=("quick_reply", "reply"))
    return header_type, "reply", len(replies)


@dataclass(frozen=True, kw_only=True)
class InteractiveRules:
    """
    The rules of one interactive type.

    :param validate_action: rejects an action; it gets the uploads, because cards have files.
    :param headers: the allowed types of header; empty if the type has no header.
    """

    validate_action: Callable[[Part, MediaStore], None]
    headers: tuple[str, ...] = _ALL_HEADERS
    needs_header: bool = False
    needs_body: bool = True
    max_body_length: int = 1024


_RULES: Mapping[str, InteractiveRules] = {
    "button": InteractiveRules(validate_action=validate_reply_buttons),
    "list": InteractiveRules(
        validate_action=validate_list,
        headers=("text",),
        max_body_length=4096,
    ),
    "cta_url": InteractiveRules(validate_action=validate_cta_url),
    "location_request_message": InteractiveRules(validate_action=validate_location_request),
    "flow": InteractiveRules(validate_action=validate_flow),
    "address_message": InteractiveRules(validate_action=validate_address),
    "voice_call": InteractiveRules(validate_action=validate_voice_call),
    # The picture and the name of a product replace header and body.
    "product": InteractiveRules(
        validate_action=validate_product,
        headers=(),
        needs_body=False,
    ),
    "product_list": InteractiveRules(
        validate_action=validate_product_list,
        headers=("text",),
        needs_header=True,
    ),
    "catalog_message": InteractiveRules(validate_action=validate_catalog, headers=()),
    "carousel": InteractiveRules(validate_action=validate_carousel, headers=()),
}
