"""
Contact cards.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages#contacts-object
"""

from __future__ import annotations

from typing import Annotated

from pydantic import TypeAdapter, model_validator

from airflow_provider_whatsapp.models.base import IntIsText, RequestModel
from airflow_provider_whatsapp.models.limits import within
from airflow_provider_whatsapp.models.validation import pattern_validator, rule_error

Text = Annotated[str, IntIsText]


class Name(RequestModel):
    """The name as it is shown, and at least one of its parts."""

    formatted_name: Text
    first_name: Text | None = None
    last_name: Text | None = None
    middle_name: Text | None = None
    prefix: Text | None = None
    suffix: Text | None = None

    @model_validator(mode="after")
    def _check_parts(self) -> Name:
        if not any(
            (self.first_name, self.last_name, self.middle_name, self.prefix, self.suffix)
        ):
            raise rule_error(
                "must have at least one other part of the name beside formatted_name",
                remedy="Add first_name or last_name.",
            )
        return self


class Phone(RequestModel):
    """A number; with its ``wa_id`` the card offers to write to it on WhatsApp."""

    phone: Text | None = None
    type: Text | None = None
    wa_id: Text | None = None


class Email(RequestModel):
    """An e-mail address."""

    email: Text | None = None
    type: Text | None = None


class Address(RequestModel):
    """A postal address; ``country_code`` has two letters."""

    street: Text | None = None
    city: Text | None = None
    state: Text | None = None
    zip: Text | None = None
    country: Text | None = None
    country_code: Text | None = None
    type: Text | None = None


class Organization(RequestModel):
    """Where a person works."""

    company: Text | None = None
    department: Text | None = None
    title: Text | None = None


class Url(RequestModel):
    """A web page."""

    url: Text | None = None
    type: Text | None = None


class ContactCard(RequestModel):
    """One person or business. ``type`` of a part is free text, most often HOME or WORK."""

    name: Name
    phones: list[Phone] | None = None
    emails: list[Email] | None = None
    addresses: list[Address] | None = None
    org: Organization | None = None
    urls: list[Url] | None = None
    birthday: (
        Annotated[
            str,
            pattern_validator(
                r"\d{4}-\d{2}-\d{2}", "must be a date as YYYY-MM-DD", remedy="Rewrite it."
            ),
        ]
        | None
    ) = None


ContactCards = Annotated[list[ContactCard], within("contacts")]
CONTACT_CARDS: TypeAdapter[list[ContactCard]] = TypeAdapter(ContactCards)
