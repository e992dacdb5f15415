"""
Interactive messages: a text with something to tap.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages#interactive-object
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Tag

from airflow_provider_whatsapp.models.base import AsWritten, RequestModel, by_type
from airflow_provider_whatsapp.models.interactive_actions import (
    AskForAddress,
    CallUs,
    ChooseFromList,
    OpenFlow,
    OpenUrl,
    ReplyButtons,
    SendLocation,
    ShowCatalog,
    ShowProduct,
    ShowProducts,
)
from airflow_provider_whatsapp.models.interactive_carousel import ShowCards
from airflow_provider_whatsapp.models.interactive_parts import Body, Footer, Header, ListBody, TextHeader


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
    # call_permission_request, order_details and whatever Meta adds travel unchecked.
    | Annotated[AsWritten, Tag("<as_written>")],
    by_type(
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
