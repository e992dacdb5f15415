"""
Interactive messages: a text with something to tap.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages#interactive-object
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Discriminator, Tag, field_validator

from airflow_provider_whatsapp.models.base import (
    AsWritten,
    IntIsText,
    RequestModel,
    discriminate_by_type,
    get_field,
)
from airflow_provider_whatsapp.models.interactive_actions import (
    AskForAddress,
    CallUs,
    ChooseFromList,
    OpenFlow,
    OpenUrl,
    Reply,
    ReplyButtons,
    SendLocation,
    ShowCatalog,
    ShowProduct,
    ShowProducts,
)
from airflow_provider_whatsapp.models.limits import MAX_CARD_LINE_BREAKS, between, within
from airflow_provider_whatsapp.models.media import DocumentReference, MediaReference
from airflow_provider_whatsapp.models.validation import reject_duplicates, rule_error


class TextHeader(RequestModel):
    """A line above the body."""

    type: Literal["text"] = "text"
    text: Annotated[str, within("interactive.header.text"), IntIsText]
    sub_text: Annotated[str, within("interactive.header.text"), IntIsText] | None = None


class ImageHeader(RequestModel):
    """A picture above the body."""

    type: Literal["image"] = "image"
    image: MediaReference


class VideoHeader(RequestModel):
    """A video above the body."""

    type: Literal["video"] = "video"
    video: MediaReference


class DocumentHeader(RequestModel):
    """A document above the body."""

    type: Literal["document"] = "document"
    document: DocumentReference


Header = Annotated[
    Annotated[TextHeader, Tag("<text>")]
    | Annotated[ImageHeader, Tag("<image>")]
    | Annotated[VideoHeader, Tag("<video>")]
    | Annotated[DocumentHeader, Tag("<document>")]
    | Annotated[AsWritten, Tag("<as_written>")],
    discriminate_by_type("text", "image", "video", "document"),
]


class Body(RequestModel):
    """The text of the message."""

    text: Annotated[str, within("interactive.body.text"), IntIsText]


class ListBody(RequestModel):
    """The text of a list message, which may be longer than others."""

    text: Annotated[str, within("interactive(list).body.text"), IntIsText]


class CardBody(RequestModel):
    """The text of one card of a carousel."""

    text: Annotated[str, within("interactive.action.cards[].body.text"), IntIsText]

    def model_post_init(self, _context: object) -> None:
        """Check that a card can show all lines."""
        line_breaks = self.text.count("\n")
        if line_breaks > MAX_CARD_LINE_BREAKS:
            raise rule_error(
                f"must be a text of at most {MAX_CARD_LINE_BREAKS} line breaks",
                got=f"{line_breaks} line breaks",
                remedy="Join some lines.",
            )


class Footer(RequestModel):
    """A small line below the body."""

    text: Annotated[str, within("interactive.footer.text"), IntIsText]


CardHeader = Annotated[
    Annotated[ImageHeader, Tag("<image>")] | Annotated[VideoHeader, Tag("<video>")],
    discriminate_by_type("image", "video", closed=True),
]


class QuickReplyButton(RequestModel):
    """A button whose tap comes back as a message."""

    type: Literal["quick_reply"] = "quick_reply"
    quick_reply: Reply


class QuickReplies(RequestModel):
    """One to three buttons on a card."""

    buttons: Annotated[
        list[QuickReplyButton], within("interactive.action.cards[].action.buttons")
    ]

    @field_validator("buttons")
    @classmethod
    def _check_ids(cls, buttons: list[QuickReplyButton]) -> list[QuickReplyButton]:
        # The id alone tells which button was tapped.
        ids = [button.quick_reply.id for button in buttons]
        reject_duplicates(ids, rule="must have an id of its own for each button of a card")
        return buttons


def _choose_action_tag(action: object) -> str:
    # Meta's cards have no type that tells their actions apart.
    if isinstance(action, QuickReplies) or (
        isinstance(action, Mapping) and "buttons" in action
    ):
        return "<quick_replies>"
    return "<open_url>"


CardAction = Annotated[
    Annotated[OpenUrl, Tag("<open_url>")] | Annotated[QuickReplies, Tag("<quick_replies>")],
    Discriminator(_choose_action_tag),
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


def _choose_card_tag(card: object) -> str:
    if get_field(card, "type") == "product":
        return "<product>"
    return "<card>"


AnyCard = Annotated[
    Annotated[Card, Tag("<card>")] | Annotated[ProductCard, Tag("<product>")],
    Discriminator(_choose_card_tag),
]


class ShowCards(RequestModel):
    """Two to ten cards."""

    cards: Annotated[list[AnyCard], within("interactive.action.cards")]

    @field_validator("cards")
    @classmethod
    def _check_equal_form(cls, cards: list[Card | ProductCard]) -> list[Card | ProductCard]:
        """Check that each card has a place of its own, and the same parts as the others, as Meta demands."""
        indexes = [str(card.card_index) for card in cards]
        reject_duplicates(indexes, rule="must have a card_index of its own for each card")
        # A product brings its own picture in place of a header.
        media = {getattr(card, "header", card).type for card in cards}
        if len(media) > 1:
            raise rule_error(
                "must all have an image, all a video or all a product",
                remedy="Give them the same kind of header.",
            )
        # A card with a link has no list of buttons, and counts as another kind than one with replies.
        counts = {len(get_field(card.action, "buttons") or ()) for card in cards}
        if len(counts) > 1:
            raise rule_error(
                "must all have the same kind and number of buttons",
                remedy="Give them the same buttons.",
            )
        return cards


class _Framed(RequestModel):
    header: Header | None = None
    footer: Footer | None = None


class ButtonInteractive(_Framed):
    """One to three reply buttons."""

    type: Literal["button"] = "button"
    body: Body
    action: ReplyButtons


class ListInteractive(_Framed):
    """A button that opens a list of up to ten rows."""

    type: Literal["list"] = "list"
    header: TextHeader | None = None
    body: ListBody
    action: ChooseFromList


class CtaUrlInteractive(_Framed):
    """A button that opens a web page."""

    type: Literal["cta_url"] = "cta_url"
    body: Body
    action: OpenUrl


class LocationRequestInteractive(RequestModel):
    """A button with which the person sends where they are."""

    type: Literal["location_request_message"] = "location_request_message"
    body: Body
    action: SendLocation


class FlowInteractive(_Framed):
    """A button that opens a flow."""

    type: Literal["flow"] = "flow"
    body: Body
    action: OpenFlow


class ProductInteractive(RequestModel):
    """One product of a catalog, which is its own header."""

    type: Literal["product"] = "product"
    body: Body | None = None
    footer: Footer | None = None
    action: ShowProduct


class ProductListInteractive(_Framed):
    """Up to thirty products of a catalog."""

    type: Literal["product_list"] = "product_list"
    header: TextHeader
    body: Body
    action: ShowProducts


class CatalogInteractive(_Framed):
    """A button that opens the catalog."""

    type: Literal["catalog_message"] = "catalog_message"
    body: Body
    action: ShowCatalog


class CarouselInteractive(RequestModel):
    """Cards side by side; header and footer are those of the cards."""

    type: Literal["carousel"] = "carousel"
    body: Body
    action: ShowCards


class AddressInteractive(_Framed):
    """A form for a postal address, in India and Singapore."""

    type: Literal["address_message"] = "address_message"
    body: Body
    action: AskForAddress


class VoiceCallInteractive(_Framed):
    """A button that calls the business."""

    type: Literal["voice_call"] = "voice_call"
    body: Body
    action: CallUs


Interactive = Annotated[
    Annotated[ButtonInteractive, Tag("<button>")]
    | Annotated[ListInteractive, Tag("<list>")]
    | Annotated[CtaUrlInteractive, Tag("<cta_url>")]
    | Annotated[LocationRequestInteractive, Tag("<location_request_message>")]
    | Annotated[FlowInteractive, Tag("<flow>")]
    | Annotated[ProductInteractive, Tag("<product>")]
    | Annotated[ProductListInteractive, Tag("<product_list>")]
    | Annotated[CatalogInteractive, Tag("<catalog_message>")]
    | Annotated[CarouselInteractive, Tag("<carousel>")]
    | Annotated[AddressInteractive, Tag("<address_message>")]
    | Annotated[VoiceCallInteractive, Tag("<voice_call>")]
    # call_permission_request, order_details and later types are sent as they were written.
    | Annotated[AsWritten, Tag("<as_written>")],
    discriminate_by_type(
        "button",
        "list",
        "cta_url",
        "location_request_message",
        "flow",
        "product",
        "product_list",
        "catalog_message",
        "carousel",
        "address_message",
        "voice_call",
    ),
]
