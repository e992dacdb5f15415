"""
What Meta refuses in texts, media, places and reactions.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
"""

from __future__ import annotations

import math

from airflow_provider_whatsapp.sandbox.media import MediaStore
from airflow_provider_whatsapp.sandbox.message_nodes import Node, missing, not_valid
from airflow_provider_whatsapp.sandbox.template_parameters import check_media

MEDIA = ("audio", "document", "image", "sticker", "video")

# Keys that only some kinds of media have.
_ONLY_ON = {
    "caption": ("document", "image", "video"),
    "filename": ("document",),
    "voice": ("audio",),
}
_LONGEST_EMOJI = 20


def check_text(content: Node) -> None:
    """Refuse an empty text, and one over 4096 characters."""
    content.text("body", most=4096)
    content.check_flag("preview_url")


def check_media_message(kind: str, content: Node, media: MediaStore) -> None:
    """Refuse a file that can't be used, and what this kind of media doesn't have."""
    content.unexpected(*(key for key, kinds in _ONLY_ON.items() if kind not in kinds))
    content.optional_text("caption", most=1024)
    content.optional_text("filename")
    content.check_flag("voice")
    check_media(kind, content.value, media)


def check_location(content: Node) -> None:
    """Refuse a place without coordinates, or with ones that are nowhere on earth."""
    for name, bound in (("latitude", 90), ("longitude", 180)):
        degrees = _degrees(content, name)
        if not -bound <= degrees <= bound:
            raise not_valid(f"{content.path}.{name} must be -{bound} to {bound} degrees")
    for name in ("name", "address"):
        content.optional_text(name)


def check_reaction(content: Node) -> None:
    """Refuse a reaction to nothing, and one that is no emoji; an empty one takes the reaction back."""
    check_message_id(content)
    emoji = content.optional_text("emoji", most=_LONGEST_EMOJI)
    if emoji is None:
        raise missing(f"{content.path}.emoji")
    if emoji and emoji.isascii():
        raise not_valid(f"{content.path}.emoji must be one emoji, or empty to take the reaction back")


def check_message_id(content: Node) -> None:
    """Refuse what cannot be the id of a message; which ones people have sent is not known here."""
    message_id = content.text("message_id")
    if not message_id.startswith("wamid."):
        raise not_valid(f"{content.path or 'The body'}: message_id is not the id of a message (wamid.…)")


def _degrees(content: Node, name: str) -> float:
    value = content.value.get(name)
    if value is None or value == "":
        raise missing(f"{content.path}.{name}")
    try:
        # Meta's own examples have numbers in some places and strings in others.
        degrees = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        degrees = math.nan
    if not math.isfinite(degrees):
        raise not_valid(f"{content.path}.{name} must be a number of degrees")
    return degrees
