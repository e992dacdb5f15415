"""
What Meta rejects in a message, by its type.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from typing import Any

from airflow_provider_whatsapp.sandbox.aliases import Json
from airflow_provider_whatsapp.sandbox.graph.errors import (
    invalid_parameter,
    invalid_value,
    messaging_error,
    missing_parameter,
)
from airflow_provider_whatsapp.sandbox.graph.parts import Part, read_parts
from airflow_provider_whatsapp.sandbox.media.store import MediaStore, validate_media
from airflow_provider_whatsapp.sandbox.messages.interactive import validate_interactive

MEDIA_TYPES = ("audio", "document", "image", "sticker", "video")
MAX_CONTACTS = 257
MAX_EMOJI_LENGTH = 20  # code points: families and flags have several
# More than any message needs, and less than what exhausts the stack when it is shown.
MAX_DEPTH = 50

# Fields that only some types of media have.
_TYPES_WITH_FIELD = {
    "caption": ("document", "image", "video"),
    "filename": ("document",),
    "voice": ("audio",),
}

_CONTACT_NAME_FIELDS = ("first_name", "last_name", "middle_name", "suffix", "prefix")
_CONTACT_LISTS = {
    "addresses": ("street", "city", "state", "zip", "country", "country_code", "type"),
    "emails": ("email", "type"),
    "phones": ("phone", "type", "wa_id"),
    "urls": ("url", "type"),
}


def validate_envelope(body: Part) -> None:
    """Reject a body for another product, and fields that all types share if they are malformed."""
    validate_json(body.value)
    if "messaging_product" not in body.value:
        raise invalid_parameter("The parameter messaging_product is required")
    if str(body.value["messaging_product"]).lower() != "whatsapp":
        raise invalid_parameter("Param messaging_product must be one of {WHATSAPP}")
    body.get_optional_text("biz_opaque_callback_data", max_length=512)
    body.get_optional_text("recipient_identity_key_hash")
    if context := body.get_optional_part("context"):
        validate_message_id(context)


def validate_json(body: Json) -> None:
    """Reject a body that the control API could not show."""
    try:
        # Python's parser accepts NaN and lone surrogates, which JSON does not have.
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        raise invalid_parameter(
            "The request body has a number or a character that JSON cannot hold"
        ) from None
    # Level by level instead of by recursion, which is what deep nesting would exhaust.
    level: list[Any] = [body]
    for _ in range(MAX_DEPTH):
        level = [child for value in level for child in _children(value)]
    if level:
        raise invalid_parameter(
            f"The request body is nested more than {MAX_DEPTH} levels deep"
        )


def validate_content(message_type: str, body: Part, *, media: MediaStore) -> None:
    """Reject the content of a message of any type except ``template``."""
    if message_type == "contacts":
        validate_contacts(body.value[message_type])
        return
    content = body.get_part(message_type)
    if message_type == "interactive":
        validate_interactive(content, media)
    elif message_type in MEDIA_TYPES:
        validate_media_message(message_type, content, media)
    else:
        _VALIDATE[message_type](content)


def validate_type(body: Part) -> str:
    """Return the type of a message, or reject an unknown type and one without its content."""
    message_type = str(body.value.get("type", "text"))
    if message_type not in _TYPES:
        raise messaging_error(
            131051,
            "Unsupported message type",
            f"Messages of type {message_type} are not supported",
        )
    if not body.has(message_type):
        raise invalid_parameter(f"The parameter {message_type} is required")
    return message_type


def validate_text(content: Part) -> None:
    """Reject an empty text, and one that is too long."""
    content.get_text("body", max_length=4096)
    content.validate_flag("preview_url")


def validate_media_message(media_type: str, content: Part, media: MediaStore) -> None:
    """Reject an unusable file, and fields that this type of media does not have."""
    for field, types in _TYPES_WITH_FIELD.items():
        if media_type not in types:
            content.reject(field)
    content.get_optional_text("caption", max_length=1024)
    content.get_optional_text("filename")
    content.validate_flag("voice")
    validate_media(media_type, content.value, media)


def validate_location(content: Part) -> None:
    """Reject a location without coordinates, or with coordinates that do not exist."""
    for name, bound in (("latitude", 90), ("longitude", 180)):
        degrees = read_degrees(content, name)
        if not -bound <= degrees <= bound:
            raise invalid_value(
                f"{content.path}.{name} must be -{bound} to {bound} degrees"
            )
    content.get_optional_text("name")
    content.get_optional_text("address")


def read_degrees(content: Part, name: str) -> float:
    """Return a coordinate as a finite number."""
    value = content.value.get(name)
    if value is None or value == "":
        raise missing_parameter(f"{content.path}.{name} is required")
    degrees = math.nan
    # Python counts True as 1. Everything else may be a number or a string: Meta's examples have both.
    if not isinstance(value, bool):
        try:
            degrees = float(value)
        except (TypeError, ValueError, OverflowError):
            degrees = math.nan
    if not math.isfinite(degrees):
        raise invalid_value(f"{content.path}.{name} must be a number of degrees")
    return degrees


def validate_reaction(content: Part) -> None:
    """Reject a reaction that is not an emoji. An empty one removes the reaction."""
    validate_message_id(content)
    emoji = content.get_optional_text("emoji", max_length=MAX_EMOJI_LENGTH)
    if emoji is None:
        raise missing_parameter(f"{content.path}.emoji is required")
    if emoji and emoji.isascii():
        raise invalid_value(
            f"{content.path}.emoji must be one emoji, or empty to take the reaction back"
        )


def validate_message_id(content: Part) -> None:
    """Reject a text that is not a message id."""
    message_id = content.get_text("message_id")
    # Only the format: the sandbox does not know which messages people have sent.
    if not message_id.startswith("wamid."):
        raise invalid_value(
            f"{content.path or 'The body'}: message_id is not the id of a message (wamid.…)"
        )


def validate_contacts(contacts: object) -> None:
    """
    Reject contact cards that are malformed, or that have no name.

    https://developers.facebook.com/docs/whatsapp/cloud-api/messages/contacts-messages
    """
    for contact in read_parts(contacts, "contacts", min_items=1, max_items=MAX_CONTACTS):
        validate_contact_name(contact.get_part("name"))
        for name, fields in _CONTACT_LISTS.items():
            for entry in contact.get_parts(name):
                _validate_texts(entry, fields)
        if organization := contact.get_optional_part("org"):
            _validate_texts(organization, ("company", "department", "title"))
        birthday = contact.get_optional_text("birthday")
        if birthday and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", birthday, re.ASCII):
            raise invalid_value(f"{contact.path}.birthday must be of the form YYYY-MM-DD")


def validate_contact_name(name: Part) -> None:
    """Reject a name that consists of ``formatted_name`` alone."""
    name.get_text("formatted_name")
    _validate_texts(name, _CONTACT_NAME_FIELDS)
    if not any(name.value.get(field) for field in _CONTACT_NAME_FIELDS):
        allowed = ", ".join(_CONTACT_NAME_FIELDS)
        raise invalid_value(f"{name.path} needs one of {allowed} besides formatted_name")


def _validate_texts(part: Part, fields: tuple[str, ...]) -> None:
    for field in fields:
        part.get_optional_text(field)


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, list):
        return value
    return ()


# The types whose rules depend on nothing but their content.
_VALIDATE: dict[str, Callable[[Part], None]] = {
    "text": validate_text,
    "location": validate_location,
    "reaction": validate_reaction,
}
_TYPES = (*_VALIDATE, *MEDIA_TYPES, "contacts", "interactive", "template")
