"""
What a person can do with an interactive message.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages#action-object
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from airflow_provider_whatsapp.models.base import IntIsText, JsonObject, RequestModel
from airflow_provider_whatsapp.models.limits import MAX_PRODUCTS, MAX_ROWS, between, within
from airflow_provider_whatsapp.models.media import Link
from airflow_provider_whatsapp.models.validation import (
    pattern_validator,
    reject_duplicates,
    rule_error,
)

Text = Annotated[str, Field(min_length=1), IntIsText]
ButtonText = Annotated[str, within("interactive.action.parameters.display_text"), IntIsText]


class Reply(RequestModel):
    """The text on a button, and the id that comes back when it is tapped."""

    id: Annotated[
        str,
        within("interactive.action.buttons[].reply.id"),
        pattern_validator(
            r"(?s)\S(.*\S)?", "must not begin or end with a blank", remedy="Strip it."
        ),
        IntIsText,
    ]
    title: Annotated[str, within("interactive.action.buttons[].reply.title"), IntIsText]


class OpensUrl(RequestModel):
    """A button that opens a web page."""

    display_text: ButtonText
    url: Link


# Pictographs, dingbats, flags, and what makes an emoji of another character; not the joiner U+200D, which
# Sinhala is written with, nor plain arrows.
_EMOJI = re.compile(
    "[\u231a\u231b\u23e9-\u23f3\u25fd\u25fe\u2600-\u27bf\u2b1b-\u2b55\u20e3\ufe0f\U0001f000-\U0001faff]"
)


class ReplyButton(RequestModel):
    """A button whose tap comes back as a message."""

    type: Literal["reply"] = "reply"
    reply: Reply


class ReplyButtons(RequestModel):
    """One to three buttons."""

    buttons: Annotated[list[ReplyButton], within("interactive.action.buttons")]

    @field_validator("buttons")
    @classmethod
    def _check_unique(cls, buttons: list[ReplyButton]) -> list[ReplyButton]:
        # The id tells the workflow which button was tapped, and the title tells it to the person who reads the chat.
        ids = [button.reply.id for button in buttons]
        reject_duplicates(ids, rule="must have an id of its own for each button")
        titles = [button.reply.title for button in buttons]
        reject_duplicates(titles, rule="must have a title of its own for each button")
        return buttons


class Row(RequestModel):
    """One choice of a list."""

    id: Annotated[str, within("interactive.action.sections[].rows[].id"), IntIsText]
    title: Annotated[str, within("interactive.action.sections[].rows[].title"), IntIsText]
    description: (
        Annotated[
            str, within("interactive.action.sections[].rows[].description"), IntIsText
        ]
        | None
    ) = None


SectionTitle = Annotated[str, within("interactive.action.sections[].title"), IntIsText]


class Section(RequestModel):
    """Choices under a title, which may be absent where there is one section only."""

    title: SectionTitle | None = None
    rows: Annotated[list[Row], within("interactive.action.sections[].rows")]


class ProductItem(RequestModel):
    """One product of a catalog."""

    product_retailer_id: Text


class ProductSection(RequestModel):
    """Products under a title."""

    title: SectionTitle | None = None
    product_items: Annotated[
        list[ProductItem], within("interactive.action.sections[].product_items")
    ]


def _check_titles(sections: list[Any]) -> None:
    # Meta requires titles as soon as there are two sections.
    if len(sections) > 1 and not all(section.title for section in sections):
        raise rule_error(
            "must each have a title if there are several",
            remedy="Add title to those that have none.",
        )


class ChooseFromList(RequestModel):
    """A button that opens a list of up to ten rows."""

    button: Annotated[str, within("interactive.action.button"), IntIsText]
    sections: Annotated[list[Section], within("interactive.action.sections")]

    @field_validator("sections")
    @classmethod
    def _check_rows(cls, sections: list[Section]) -> list[Section]:
        _check_titles(sections)
        # Meta's limit on rows holds for the whole list, beside the one for each section.
        ids = [row.id for section in sections for row in section.rows]
        if len(ids) > MAX_ROWS:
            raise rule_error(
                f"must have at most {MAX_ROWS} rows in all sections together",
                got=f"{len(ids)} rows",
                remedy="Remove some.",
            )
        reject_duplicates(ids, rule="must have an id of its own for each row")
        return sections


class OpenUrl(RequestModel):
    """A button that opens a web page."""

    name: Literal["cta_url"] = "cta_url"
    parameters: OpensUrl


class SendLocation(RequestModel):
    """A button with which the person sends where they are."""

    name: Literal["send_location"] = "send_location"


class FlowParameters(RequestModel):
    """
    Which flow is opened, by id or by name.

    https://developers.facebook.com/docs/whatsapp/flows/guides/sendingaflow
    """

    flow_message_version: Annotated[Literal["3"], IntIsText] = "3"
    flow_id: Text | None = None
    flow_name: Text | None = None
    flow_cta: Annotated[str, within("interactive.action.parameters.flow_cta"), IntIsText]
    flow_token: Text | None = None
    mode: Literal["draft", "published"] | None = None
    flow_action: Literal["navigate", "data_exchange"] | None = None
    flow_action_payload: JsonObject | None = None

    @field_validator("flow_cta")
    @classmethod
    def _reject_emoji(cls, text: str) -> str:
        # Meta rejects the whole message for an emoji on this button.
        if _EMOJI.search(text):
            raise rule_error("must not have emoji", remedy="Use plain text.")
        return text

    @model_validator(mode="after")
    def _check_flow(self) -> FlowParameters:
        if (self.flow_id is None) == (self.flow_name is None):
            raise rule_error(
                "must have exactly one of flow_id and flow_name",
                remedy="Name the flow in one way.",
            )
        return self


class OpenFlow(RequestModel):
    """A button that opens a flow."""

    name: Literal["flow"] = "flow"
    parameters: FlowParameters


class ShowProduct(RequestModel):
    """One product of a catalog."""

    catalog_id: Text
    product_retailer_id: Text


class ShowProducts(RequestModel):
    """Up to thirty products of a catalog."""

    catalog_id: Text
    sections: Annotated[list[ProductSection], within("interactive.action.sections")]

    @field_validator("sections")
    @classmethod
    def _check_products(cls, sections: list[ProductSection]) -> list[ProductSection]:
        _check_titles(sections)
        # Like the rows of a list, the products count over all sections.
        count = sum(len(section.product_items) for section in sections)
        if count > MAX_PRODUCTS:
            raise rule_error(
                f"must have at most {MAX_PRODUCTS} products in all sections together",
                got=f"{count} products",
                remedy="Remove some.",
            )
        return sections


class Thumbnail(RequestModel):
    """The product whose picture stands for the catalog."""

    thumbnail_product_retailer_id: Text | None = None


class ShowCatalog(RequestModel):
    """A button that opens the catalog."""

    name: Literal["catalog_message"] = "catalog_message"
    parameters: Thumbnail | None = None


class AddressParameters(RequestModel):
    """
    Which address form is shown; there is one for India and one for Singapore.

    https://developers.facebook.com/docs/whatsapp/cloud-api/messages/address-messages
    """

    country: Literal["IN", "SG"]
    values: JsonObject | None = None
    validation_errors: JsonObject | None = None
    saved_addresses: list[JsonObject] | None = None


class AskForAddress(RequestModel):
    """A form for a postal address."""

    name: Literal["address_message"] = "address_message"
    parameters: AddressParameters


class CallParameters(RequestModel):
    """The button's text, and for how many minutes it works (7 days by default)."""

    display_text: ButtonText | None = None
    ttl_minutes: (
        Annotated[int, between("interactive.action.parameters.ttl_minutes")] | None
    ) = None
    payload: Annotated[str, Field(max_length=512), IntIsText] | None = None


class CallUs(RequestModel):
    """A button that calls the business."""

    name: Literal["voice_call"] = "voice_call"
    parameters: CallParameters | None = None
