"""
The business profile: what people see when they open the business in WhatsApp.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/business-profiles
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from airflow_provider_whatsapp.models.base import (
    IntIsText,
    OpenEnum,
    RequestModel,
    ResponseModel,
)
from airflow_provider_whatsapp.models.validation import pattern_validator, rule_error


class Vertical(OpenEnum):
    """The line of business. Meta adds to them, so that another one is sent and read as it is."""

    ALCOHOL = "ALCOHOL"
    APPAREL = "APPAREL"
    AUTO = "AUTO"
    BEAUTY = "BEAUTY"
    EDU = "EDU"
    ENTERTAIN = "ENTERTAIN"
    EVENT_PLAN = "EVENT_PLAN"
    FINANCE = "FINANCE"
    GOVT = "GOVT"
    GROCERY = "GROCERY"
    HEALTH = "HEALTH"
    HOTEL = "HOTEL"
    NONPROFIT = "NONPROFIT"
    NOT_A_BIZ = "NOT_A_BIZ"
    ONLINE_GAMBLING = "ONLINE_GAMBLING"
    OTC_DRUGS = "OTC_DRUGS"
    OTHER = "OTHER"
    PHYSICAL_GAMBLING = "PHYSICAL_GAMBLING"
    PROF_SERVICES = "PROF_SERVICES"
    RESTAURANT = "RESTAURANT"
    RETAIL = "RETAIL"
    TRAVEL = "TRAVEL"
    UNDEFINED = "UNDEFINED"


Email = Annotated[
    str,
    StringConstraints(max_length=128),
    pattern_validator(
        r"([^@\s]+@[^@\s.]+(\.[^@\s.]+)+)?",
        "must be an e-mail address like name@example.com",
        remedy="Correct it.",
    ),
]
Website = Annotated[
    str,
    StringConstraints(max_length=256),
    pattern_validator(
        r"(?i:https?)://[^\s/?#][^\s]*",
        "must be a URL that begins with http:// or https://",
        remedy="Write the whole address, without blanks.",
    ),
]


class BusinessProfileUpdate(RequestModel):
    """
    What to change of the profile; what is left out stays as it is.

    An empty text clears ``address``, ``description`` or ``email``, an empty list the websites.
    ``profile_picture_handle`` is the handle of a resumable upload (a media id does not do).
    """

    messaging_product: Literal["whatsapp"] = "whatsapp"
    about: (
        Annotated[str, StringConstraints(min_length=1, max_length=139), IntIsText] | None
    ) = None
    address: Annotated[str, StringConstraints(max_length=256), IntIsText] | None = None
    description: Annotated[str, StringConstraints(max_length=512), IntIsText] | None = None
    email: Email | None = None
    websites: Annotated[list[Website], Field(max_length=2)] | None = None
    vertical: (
        Annotated[
            Vertical,
            pattern_validator(
                r"[A-Z_]{1,64}",
                "must be capital letters and underscores",
                remedy="Write it like RETAIL.",
            ),
        ]
        | None
    ) = None
    profile_picture_handle: Annotated[str, StringConstraints(min_length=1)] | None = None

    @model_validator(mode="after")
    def _check_changes(self) -> BusinessProfileUpdate:
        if len(self.wire()) == 1:
            raise rule_error(
                "must have a field to change",
                remedy="Pass at least one field of the profile.",
            )
        return self


class BusinessProfile(ResponseModel):
    """A business profile; ``None`` is what was never set, or not asked for."""

    about: str | None = None
    address: str | None = None
    description: str | None = None
    email: str | None = None
    profile_picture_url: str | None = Field(default=None, repr=False)
    websites: list[str] = Field(default_factory=list)
    vertical: Vertical | None = None


class BusinessProfileResponse(ResponseModel):
    """Answer to the get call: a list of one, or of none if there is no profile yet."""

    data: list[BusinessProfile]
