"""
The values that fill a template.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages#parameter-object
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Tag

from airflow_provider_whatsapp.models.base import (
    AsWritten,
    IntIsText,
    IntOrText,
    JsonObject,
    RequestModel,
    WholeNumber,
    discriminate_by_type,
)
from airflow_provider_whatsapp.models.limits import within
from airflow_provider_whatsapp.models.locations import Location
from airflow_provider_whatsapp.models.media import DocumentReference, MediaReference
from airflow_provider_whatsapp.models.validation import pattern_validator, rule_error

ParameterName = Annotated[
    str,
    pattern_validator(
        r"[a-z][a-z0-9_]*",
        "must be a name of lower-case letters, digits and underscores that begins with a letter",
        remedy="Name it as the template does; for positional parameters pass a list.",
    ),
]

_REFUSED_BY_META = re.compile(r"[\r\n\t]| {5,}")


def _check_line_breaks(text: str) -> str:
    if _REFUSED_BY_META.search(text):
        raise rule_error(
            "must not have a line break, a tab or five spaces in a row",
            remedy="Use invalid_text='fix', or put the line breaks into the template itself.",
        )
    return text


ParameterText = Annotated[
    str,
    within("template.components[body].parameters[].text"),
    AfterValidator(_check_line_breaks),
    IntIsText,
]


class _Named(RequestModel):
    """``parameter_name`` is for templates with named parameters only."""

    parameter_name: ParameterName | None = None


class TextParameter(_Named):
    """A text."""

    type: Literal["text"] = "text"
    text: ParameterText


class Currency(RequestModel):
    """An amount of money, in thousandths; ``fallback_value`` is shown where it cannot be put in local form."""

    fallback_value: ParameterText
    code: Annotated[
        str,
        pattern_validator(
            r"[A-Z]{3}",
            "must be the three capital letters of an ISO 4217 currency",
            remedy="Write it like USD.",
        ),
    ]
    amount_1000: WholeNumber


class CurrencyParameter(_Named):
    """An amount of money."""

    type: Literal["currency"] = "currency"
    currency: Currency


class DateTime(RequestModel):
    """A moment; WhatsApp shows ``fallback_value``, and ignores the parts that Meta's examples have beside it."""

    fallback_value: ParameterText
    day_of_week: IntOrText | None = None
    year: WholeNumber | None = None
    month: WholeNumber | None = None
    day_of_month: WholeNumber | None = None
    hour: WholeNumber | None = None
    minute: WholeNumber | None = None
    timestamp: WholeNumber | None = None
    calendar: str | None = None


class DateTimeParameter(_Named):
    """A moment."""

    type: Literal["date_time"] = "date_time"
    date_time: DateTime


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


class LocationParameter(RequestModel):
    """A place in the header."""

    type: Literal["location"] = "location"
    location: Location


class Product(RequestModel):
    """A product of a catalog."""

    product_retailer_id: Annotated[str, Field(min_length=1), IntIsText]
    catalog_id: Annotated[str, IntIsText] | None = None


class ProductParameter(RequestModel):
    """A product in the header, for single-product templates and product cards."""

    type: Literal["product"] = "product"
    product: Product


class PayloadParameter(RequestModel):
    """What a tap on a quick-reply button sends back."""

    type: Literal["payload"] = "payload"
    payload: Annotated[
        str, within("template.components[button].parameters[].payload"), IntIsText
    ]


class CouponCodeParameter(RequestModel):
    """What a copy-code button copies."""

    type: Literal["coupon_code"] = "coupon_code"
    coupon_code: Annotated[
        str, within("template.components[button].parameters[].coupon_code"), IntIsText
    ]


class ButtonAction(RequestModel):
    """What a flow, catalog, multi-product (mpm), single-product (spm) or order-details button does."""

    flow_token: Annotated[str, IntIsText] | None = None
    flow_action_data: JsonObject | None = None
    thumbnail_product_retailer_id: Annotated[str, IntIsText] | None = None
    sections: list[JsonObject] | None = None
    order_details: JsonObject | None = None


class ActionParameter(RequestModel):
    """See :class:`ButtonAction`."""

    type: Literal["action"] = "action"
    action: ButtonAction


class LimitedTimeOffer(RequestModel):
    """When an offer ends, in milliseconds since the epoch."""

    expiration_time_ms: WholeNumber


class LimitedTimeOfferParameter(RequestModel):
    """When an offer ends."""

    type: Literal["limited_time_offer"] = "limited_time_offer"
    limited_time_offer: LimitedTimeOffer


Parameter = Annotated[
    Annotated[TextParameter, Tag("<text>")]
    | Annotated[CurrencyParameter, Tag("<currency>")]
    | Annotated[DateTimeParameter, Tag("<date_time>")]
    | Annotated[ImageParameter, Tag("<image>")]
    | Annotated[VideoParameter, Tag("<video>")]
    | Annotated[DocumentParameter, Tag("<document>")]
    | Annotated[LocationParameter, Tag("<location>")]
    | Annotated[ProductParameter, Tag("<product>")]
    | Annotated[PayloadParameter, Tag("<payload>")]
    | Annotated[CouponCodeParameter, Tag("<coupon_code>")]
    | Annotated[ActionParameter, Tag("<action>")]
    | Annotated[LimitedTimeOfferParameter, Tag("<limited_time_offer>")]
    # Types that Meta adds later are sent as they were written.
    | Annotated[AsWritten, Tag("<as_written>")],
    discriminate_by_type(
        "text",
        "currency",
        "date_time",
        "image",
        "video",
        "document",
        "location",
        "product",
        "payload",
        "coupon_code",
        "action",
        "limited_time_offer",
    ),
]
