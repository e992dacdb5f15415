"""The business's own phone numbers."""

from __future__ import annotations

from pydantic import Field

from airflow_provider_whatsapp.models.base import OpenEnum, ResponseModel


class QualityRating(OpenEnum):
    """What recipients think of the number; RED comes before a restriction."""

    GREEN = "GREEN"
    YELLOW = "YELLOW"
    RED = "RED"
    UNKNOWN = "UNKNOWN"


class BusinessPhoneNumber(ResponseModel):
    """
    A number that sends; ``id`` is the *phone number id* of every call.

    https://developers.facebook.com/docs/whatsapp/business-management-api/manage-phone-numbers
    """

    id: str
    display_phone_number: str = Field(default="", repr=False)
    verified_name: str = ""
    quality_rating: QualityRating = QualityRating.UNKNOWN
    status: str | None = None
