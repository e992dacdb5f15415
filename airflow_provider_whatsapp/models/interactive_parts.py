"""What the interactive messages are made of: header, body, footer and buttons."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Tag

from airflow_provider_whatsapp.models.base import AsWritten, IntIsText, RequestModel, by_type, matching, refusal
from airflow_provider_whatsapp.models.limits import LINE_BREAKS_IN_A_CARD, within
from airflow_provider_whatsapp.models.media_references import DocumentReference, Link, MediaReference

ButtonText = Annotated[str, within("interactive.action.parameters.display_text"), IntIsText]


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
    by_type("text", "image", "video", "document"),
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
        """Refuse more lines than a card shows."""
        if self.text.count("\n") > LINE_BREAKS_IN_A_CARD:
            raise refusal(
                f"the text of a card has at most {LINE_BREAKS_IN_A_CARD} line breaks, not {self.text.count(chr(10))}",
                remedy="join some lines",
            )


class Footer(RequestModel):
    """A small line below the body."""

    text: Annotated[str, within("interactive.footer.text"), IntIsText]


class Reply(RequestModel):
    """The text on a button, and the id that comes back when it is tapped."""

    id: Annotated[
        str,
        within("interactive.action.buttons[].reply.id"),
        matching(r"(?s)\S(.*\S)?", "a button id neither begins nor ends with a blank", remedy="strip it"),
        IntIsText,
    ]
    title: Annotated[str, within("interactive.action.buttons[].reply.title"), IntIsText]


class OpensUrl(RequestModel):
    """A button that opens a web page."""

    display_text: ButtonText
    url: Link
