"""What the API answers when it has accepted a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from airflow_provider_whatsapp.models.base import IntIsText, OpenEnum, ResponseModel


class MessageStatus(OpenEnum):
    """What Meta did with a template message on acceptance; none of them means delivered."""

    ACCEPTED = "accepted"
    HELD_FOR_QUALITY_ASSESSMENT = "held_for_quality_assessment"
    PAUSED = "paused"

    @property
    def is_held(self) -> bool:
        """Meta has not sent the message yet, and may never send it."""
        return self in (MessageStatus.HELD_FOR_QUALITY_ASSESSMENT, MessageStatus.PAUSED)


# The message has been accepted: an oddity in what surrounds its id must not make the outcome unknown.
def _text_or_nothing(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def _status(value: object) -> str | None:
    text = _text_or_nothing(value)
    return text.lower() if text and text.isprintable() else None


def _listed(value: object) -> object:
    return [value] if isinstance(value, Mapping) else value


def _first(value: object) -> object:
    # A send is about one message.
    found = _listed(value)
    return found[:1] if isinstance(found, list) else found


def _readable(value: object) -> list[Any]:
    found = _listed(value)
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


class Contact(ResponseModel):
    """The recipient as WhatsApp knows it; ``wa_id`` may differ from the number that was given."""

    input: Annotated[str | None, BeforeValidator(_text_or_nothing), Field(repr=False)] = None
    wa_id: Annotated[str | None, BeforeValidator(_text_or_nothing), Field(repr=False)] = None


class AcceptedMessage(ResponseModel):
    """One accepted message; replies and statuses refer to its id, which spells the recipient's number in Base64."""

    id: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), IntIsText, Field(repr=False)]
    message_status: Annotated[MessageStatus | None, BeforeValidator(_status)] = None


class SentMessage(ResponseModel):
    """
    Answer to a send: accepted, which is not yet delivered.

    https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages#successful-response
    """

    contacts: Annotated[list[Contact], BeforeValidator(_readable)] = Field(default_factory=list)
    messages: Annotated[list[AcceptedMessage], BeforeValidator(_first), Field(min_length=1)]

    @property
    def message_id(self) -> str:
        """The id (``wamid…``) of the message."""
        return self.messages[0].id

    @property
    def message_status(self) -> MessageStatus | None:
        """What Meta did with it, for templates."""
        return self.messages[0].message_status

    @property
    def wa_id(self) -> str | None:
        """The recipient's WhatsApp id; absent where Meta hides the number."""
        return self.contacts[0].wa_id if self.contacts else None
