"""What the API answers when it has accepted a message."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from airflow_provider_whatsapp.models.base import OpenEnum, ResponseModel


class MessageStatus(OpenEnum):
    """What Meta did with a template message on acceptance; none of them means delivered."""

    ACCEPTED = "accepted"
    HELD_FOR_QUALITY_ASSESSMENT = "held_for_quality_assessment"
    PAUSED = "paused"


class Contact(ResponseModel):
    """The recipient as WhatsApp knows it; ``wa_id`` may differ from the number that was given."""

    input: str = Field(default="", repr=False)
    wa_id: str | None = Field(default=None, repr=False)


class AcceptedMessage(ResponseModel):
    """One accepted message; its id is what replies and statuses refer to."""

    id: str
    message_status: MessageStatus | None = None


class SentMessage(ResponseModel):
    """
    Answer to a send: accepted, which is not yet delivered.

    https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages#successful-response
    """

    contacts: list[Contact] = Field(default_factory=list)
    messages: Annotated[list[AcceptedMessage], Field(min_length=1)]

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
