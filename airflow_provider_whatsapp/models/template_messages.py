"""
The template part of a message: which template, in which language, with which parameters.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages#template-object
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, Tag, model_validator

from airflow_provider_whatsapp.models.base import AsWritten, RequestModel, by_type, matching, refusal
from airflow_provider_whatsapp.models.templates import LanguageCode, TemplateName

MAX_HEADER_TEXT = 60
MAX_BODY_TEXT = 32_768  # a template that is only a body; with other components Meta allows 1024 in all


def _text_of_int(value: object) -> object:
    """Undo native Jinja rendering, which makes an int of a text of digits."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


IntIsText = BeforeValidator(_text_of_int)
MediaId = Annotated[
    str,
    matching(r"[0-9]{1,64}", "a media id is digits", remedy="pass the media_id that the upload returned"),
    IntIsText,
]
ButtonIndex = Annotated[str, matching(r"[0-9]", "a button index is '0' to '9'", remedy="count from 0"), IntIsText]
ParameterName = Annotated[
    str,
    matching(
        r"[a-z][a-z0-9_]*",
        "a parameter name has lower-case letters, digits and underscores and begins with a letter",
        remedy="name it as the template does; for positional parameters pass a list",
    ),
]
Link = Annotated[
    str,
    StringConstraints(max_length=2000),
    matching(r"https?://[!-~]+", "a link is a public http(s) URL", remedy="percent-encode it"),
]

_URL_TEXT = re.compile(r"[!-~]*", re.ASCII)
_REFUSED_BY_META = re.compile(r"[\r\n\t]| {5,}")


def _single_line(text: str) -> str:
    if _REFUSED_BY_META.search(text):
        raise refusal(
            "a template parameter may not have a line break, a tab or five spaces in a row",
            remedy="use unfit_text='mend', or put the line breaks into the template itself",
        )
    return text


ParameterText = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_BODY_TEXT), AfterValidator(_single_line), IntIsText
]


class TextParameter(RequestModel):
    """A text; ``parameter_name`` only for templates with named parameters."""

    type: Literal["text"] = "text"
    parameter_name: ParameterName | None = None
    text: ParameterText = Field(repr=False)


class MediaReference(RequestModel):
    """A file by the ``id`` of an upload or by a public ``link``: exactly one of them."""

    id: MediaId | None = None
    link: Link | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> MediaReference:
        if (self.id is None) == (self.link is None):
            raise refusal("exactly one of id and link is needed", remedy="pass the media id or a public link")
        return self


class DocumentReference(MediaReference):
    """A document, shown under ``filename``."""

    filename: Annotated[str, StringConstraints(min_length=1, max_length=240), IntIsText] | None = None


class ImageParameter(RequestModel):
    """A picture in the header."""

    type: Literal["image"] = "image"
    image: MediaReference


class VideoParameter(RequestModel):
    """A video in the header."""

    type: Literal["video"] = "video"
    video: MediaReference


class DocumentParameter(RequestModel):
    """A document in the header."""

    type: Literal["document"] = "document"
    document: DocumentReference


class PayloadParameter(RequestModel):
    """What a tap on a quick-reply button sends back."""

    type: Literal["payload"] = "payload"
    payload: Annotated[str, StringConstraints(min_length=1, max_length=256), IntIsText]


class CouponCodeParameter(RequestModel):
    """What a copy-code button copies."""

    type: Literal["coupon_code"] = "coupon_code"
    coupon_code: Annotated[str, StringConstraints(min_length=1, max_length=20), IntIsText]


Parameter = Annotated[
    Annotated[TextParameter, Tag("<text>")]
    | Annotated[ImageParameter, Tag("<image>")]
    | Annotated[VideoParameter, Tag("<video>")]
    | Annotated[DocumentParameter, Tag("<document>")]
    | Annotated[PayloadParameter, Tag("<payload>")]
    | Annotated[CouponCodeParameter, Tag("<coupon_code>")]
    # currency, date_time, location, action and whatever Meta adds travel unchecked.
    | Annotated[AsWritten, Tag("<as_written>")],
    by_type("text", "image", "video", "document", "payload", "coupon_code"),
]


class Component(RequestModel):
    """One filled part of the template: ``header``, ``body``, ``button``, ``carousel`` and others."""

    type: Annotated[str, StringConstraints(to_lower=True, min_length=1)]
    sub_type: str | None = None
    index: ButtonIndex | None = None
    parameters: list[Parameter] | None = None
    cards: list[Card] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Component:
        texts = [p for p in self.parameters or [] if isinstance(p, TextParameter)]
        if self.type == "header" and any(len(p.text) > MAX_HEADER_TEXT for p in texts):
            raise refusal(f"a header text has at most {MAX_HEADER_TEXT} characters", remedy="shorten it")
        if len({p.parameter_name is None for p in texts}) > 1:
            raise refusal(
                "positional and named parameters are mixed",
                remedy="name all of them (a dict) or none of them (a list), as the template does",
            )
        if self.sub_type == "url" and not all(_URL_TEXT.fullmatch(p.text) for p in texts):
            raise refusal(
                "the value of a URL button is percent-encoded",
                remedy="use unfit_text='mend', or Jinja's urlencode filter",
            )
        return self


class Card(RequestModel):
    """One card of a carousel, counted from 0."""

    card_index: Annotated[int, Field(ge=0, le=9)]
    components: Annotated[list[Component], Field(min_length=1)]


class Language(RequestModel):
    """Language and region, for example ``en_US``."""

    code: LanguageCode


class TemplateContent(RequestModel):
    """A template and the values for its parameters."""

    name: TemplateName
    language: Language
    components: Annotated[list[Component], Field(max_length=14)] | None = None
