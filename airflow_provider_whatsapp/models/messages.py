"""
Messages: the envelope that all types share, each type, and :data:`Message`, the union of them.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    Tag,
    TypeAdapter,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)

from airflow_provider_whatsapp.models.base import (
    IntIsText,
    OpenEnum,
    RequestModel,
    ResponseModel,
    fold_type,
)
from airflow_provider_whatsapp.models.contacts import ContactCards
from airflow_provider_whatsapp.models.ids import (
    MessageId,
    UserId,
    normalize_phone_number,
    reject_several,
)
from airflow_provider_whatsapp.models.interactive import Interactive
from airflow_provider_whatsapp.models.json_values import encode_json
from airflow_provider_whatsapp.models.limits import within
from airflow_provider_whatsapp.models.locations import Location
from airflow_provider_whatsapp.models.media import Audio, Document, Image, Sticker, Video
from airflow_provider_whatsapp.models.template_messages import TemplateContent
from airflow_provider_whatsapp.models.validation import check_json, rule_error


class PreparedMessage(NamedTuple):
    """A valid message as it is sent: nothing in it is computed again for the log, the rate limit or the record."""

    recipient: str
    """The digits of a phone number, or a group's id, or a user id."""
    digits: str
    """The digits of a phone number; empty for a group and a user id."""
    body: bytes
    """The JSON body; equal messages have equal bytes."""
    description: str

    def __repr__(self) -> str:
        """Show the description only: number and text belong to people."""
        return f"PreparedMessage({self.description})"


class Context(RequestModel):
    """The message that is replied to, which is shown above the reply."""

    message_id: MessageId


class Envelope(RequestModel):
    """
    What every message has.

    ``to`` is kept as it was written; on the wire a phone number has digits only. For
    ``recipient_type="group"`` it is the group's id.
    """

    messaging_product: Literal["whatsapp"] = "whatsapp"
    recipient_type: Literal["individual", "group"] | None = None
    recipient: UserId | None = None
    to: str | None = Field(default=None, validate_default=True)
    recipient_identity_key_hash: str | None = None
    context: Context | None = None
    biz_opaque_callback_data: (
        Annotated[str, within("biz_opaque_callback_data"), IntIsText] | None
    ) = None

    @field_validator("to", mode="before")
    @classmethod
    def _check_recipient(cls, to: Any, info: ValidationInfo) -> str | None:
        if to is None and info.data.get("recipient"):
            return None
        reject_several(to)
        if info.data.get("recipient_type") != "group":
            normalize_phone_number(to)
        elif not isinstance(to, str) or not to.strip():
            raise rule_error(
                "must be a group's id, which is text",
                remedy="Pass the id that the groups API returned.",
            )
        return str(to)

    @property
    def digits(self) -> str | None:
        """The recipient's phone number as it goes over the wire; ``None`` for a group or a user id."""
        if not self.to or self.recipient_type == "group":
            return None
        return normalize_phone_number(self.to)

    @property
    def description(self) -> str:
        """What a log may say about the message: its type, and never its recipient or text."""
        return f"a message of type {getattr(self, 'type', None) or 'text'}"

    def wire(self) -> dict[str, Any]:
        """Return the JSON body as the gateway takes it: the phone number in digits, no default left out."""
        return self._wire(self.digits)

    def prepare(self) -> PreparedMessage:
        """
        Return the message ready to be sent: its number normalized and its body encoded, once for all that follows.

        :raises pydantic_core.PydanticCustomError: if ``to`` is not valid, which only ``model_copy`` and
            ``model_construct`` let through.
        """
        digits = self.digits
        recipient = digits or self.to or self.recipient or ""
        return PreparedMessage(
            recipient, digits or "", encode_json(self._wire(digits)), self.description
        )

    def _wire(self, digits: str | None) -> dict[str, Any]:
        # Meta's reference calls individual the default. It is always written, so that equal messages have equal bytes.
        body = {"recipient_type": "individual", **super().wire()}
        if digits:
            body["to"] = digits
        return body


class Text(RequestModel):
    """A text; with ``preview_url`` its first link is shown with a preview."""

    body: Annotated[str, within("text.body"), IntIsText]
    preview_url: bool | None = None


class Reaction(RequestModel):
    """An emoji on a message; an empty one takes it away."""

    message_id: MessageId
    emoji: str


class TextMessage(Envelope):
    """A text."""

    # Meta takes a text without a type for one.
    type: Literal["text"] | None = "text"
    text: Text


class ImageMessage(Envelope):
    """A picture."""

    type: Literal["image"] = "image"
    image: Image


class VideoMessage(Envelope):
    """A video."""

    type: Literal["video"] = "video"
    video: Video


class AudioMessage(Envelope):
    """A sound, or a voice message."""

    type: Literal["audio"] = "audio"
    audio: Audio


class DocumentMessage(Envelope):
    """A file of any type."""

    type: Literal["document"] = "document"
    document: Document


class StickerMessage(Envelope):
    """A sticker."""

    type: Literal["sticker"] = "sticker"
    sticker: Sticker


class LocationMessage(Envelope):
    """A place on the map."""

    type: Literal["location"] = "location"
    location: Location


class ContactsMessage(Envelope):
    """Contact cards."""

    type: Literal["contacts"] = "contacts"
    contacts: ContactCards


class ReactionMessage(Envelope):
    """A reaction to a message."""

    type: Literal["reaction"] = "reaction"
    reaction: Reaction


class InteractiveMessage(Envelope):
    """A text with something to tap."""

    type: Literal["interactive"] = "interactive"
    interactive: Interactive


class TemplateMessage(Envelope):
    """A message from a template: the only kind that may open a conversation."""

    type: Literal["template"] = "template"
    template: TemplateContent

    @property
    def description(self) -> str:
        """Name and language of the template."""
        return f"template {self.template.name} ({self.template.language.code})"


class RawMessage(Envelope):
    """A message that goes out as it was written, only its envelope is checked: for what Meta adds later."""

    model_config = ConfigDict(extra="allow")

    type: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _check_extra_fields(self) -> RawMessage:
        check_json(self.model_extra or {})
        return self

    @model_serializer(mode="wrap")
    def _dump_with_nulls(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Keep a null that was written, which is dropped from the models that know their fields."""
        nulls = {
            name: None for name, value in (self.model_extra or {}).items() if value is None
        }
        return {**dump(self), **nulls}


class TypingIndicator(RequestModel):
    """Shows that an answer is being written, for 25 seconds at most."""

    type: Literal["text"] = "text"


class ReadReceipt(RequestModel):
    """Marks a message that came in, and those before it, as read. Not a message itself, but posted as one."""

    messaging_product: Literal["whatsapp"] = "whatsapp"
    status: Literal["read"] = "read"
    message_id: MessageId
    typing_indicator: TypingIndicator | None = None


_KNOWN = {
    "text",
    "image",
    "video",
    "audio",
    "document",
    "sticker",
    "location",
    "contacts",
    "reaction",
    "interactive",
    "template",
}

# What Meta takes a body without a type for.
_UNTYPED = (("status", "<read>"), ("text", "<text>"))


def _choose_tag(body: object) -> str:
    if isinstance(body, RawMessage):
        return "<as_written>"
    fields = body if isinstance(body, Mapping) else getattr(body, "__dict__", {})
    kind = fields.get("type")
    if kind is None:
        # Where there is no text either, the type was forgotten, and the error has to ask for it.
        return next((tag for field, tag in _UNTYPED if field in fields), "<as_written>")
    # A slip in upper and lower case leads to the right model, which says how the type is written.
    name = fold_type(kind)
    if name in _KNOWN:
        return f"<{name}>"
    return "<as_written>"


def _set_missing_type(body: object) -> object:
    """Let a text without a type keep having none, so that it goes out as it was written."""
    if isinstance(body, Mapping) and "type" not in body and "text" in body:
        return {**body, "type": None}
    return body


Message = Annotated[
    Annotated[TextMessage, Tag("<text>")]
    | Annotated[ImageMessage, Tag("<image>")]
    | Annotated[VideoMessage, Tag("<video>")]
    | Annotated[AudioMessage, Tag("<audio>")]
    | Annotated[DocumentMessage, Tag("<document>")]
    | Annotated[StickerMessage, Tag("<sticker>")]
    | Annotated[LocationMessage, Tag("<location>")]
    | Annotated[ContactsMessage, Tag("<contacts>")]
    | Annotated[ReactionMessage, Tag("<reaction>")]
    | Annotated[InteractiveMessage, Tag("<interactive>")]
    | Annotated[TemplateMessage, Tag("<template>")]
    | Annotated[ReadReceipt, Tag("<read>")]
    | Annotated[RawMessage, Tag("<as_written>")],
    Discriminator(_choose_tag),
    BeforeValidator(_set_missing_type),
]

# The models hide their inputs in errors, which a union of them does not do by itself: an adapter without
# this config puts texts and phone numbers into its errors.
MESSAGE: TypeAdapter[Any] = TypeAdapter(
    Message, config=ConfigDict(hide_input_in_errors=True)
)


class MessageStatus(OpenEnum):
    """What Meta did with a template message on acceptance; none of them means delivered."""

    ACCEPTED = "accepted"
    HELD_FOR_QUALITY_ASSESSMENT = "held_for_quality_assessment"
    PAUSED = "paused"

    @property
    def is_held(self) -> bool:
        """Meta has not sent the message yet, and may never send it."""
        return self in (MessageStatus.HELD_FOR_QUALITY_ASSESSMENT, MessageStatus.PAUSED)


# Meta has accepted the message: an oddity around its id must not make the outcome unknown.
def _to_text(value: object) -> str | None:
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    return None


def _to_list(value: object) -> list[Any] | None:
    """Return a list, or a dict as the only item of one."""
    if isinstance(value, Mapping):
        return [value]
    if isinstance(value, list):
        return value
    return None


class Contact(ResponseModel):
    """The recipient as WhatsApp knows it; ``wa_id`` may differ from the number that was given."""

    input: Annotated[str | None, BeforeValidator(_to_text), Field(repr=False)] = None
    wa_id: Annotated[str | None, BeforeValidator(_to_text), Field(repr=False)] = None


class AcceptedMessage(ResponseModel):
    """One accepted message; replies and statuses refer to its id, which spells the recipient's number in Base64."""

    id: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1),
        IntIsText,
        Field(repr=False),
    ]
    message_status: MessageStatus | None = None

    @field_validator("message_status", mode="before")
    @classmethod
    def _to_status(cls, value: object) -> str | None:
        # The status is logged, which a line break in it could forge.
        text = _to_text(value)
        if text and text.isprintable():
            return text.lower()
        return None


class SentMessage(ResponseModel):
    """
    Answer to a send: accepted, which is not yet delivered.

    https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages#successful-response
    """

    contacts: list[Contact] = Field(default_factory=list)
    messages: Annotated[list[AcceptedMessage], Field(min_length=1)]

    @field_validator("contacts", mode="before")
    @classmethod
    def _keep_readable(cls, value: object) -> list[Any]:
        return [item for item in _to_list(value) or [] if isinstance(item, Mapping)]

    @field_validator("messages", mode="before")
    @classmethod
    def _keep_first(cls, value: object) -> object:
        found = _to_list(value)
        # Anything but a list is left to the model, whose error names the field.
        if found is None:
            return value
        # One request sends one message: what may stand behind it must not make the response invalid.
        return found[:1]

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
        if not self.contacts:
            return None
        return self.contacts[0].wa_id
