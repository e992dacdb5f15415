"""What Meta refuses in the header of an interactive message or of a card."""

from __future__ import annotations

from airflow_provider_whatsapp.sandbox.media import MediaStore
from airflow_provider_whatsapp.sandbox.message_nodes import Node, not_valid
from airflow_provider_whatsapp.sandbox.template_parameters import check_media


def check_header(header: Node, allowed: tuple[str, ...], media: MediaStore) -> str:
    """Check a header and return its type: a text of up to 60 characters, or one file."""
    kind = header.text("type")
    if kind not in allowed:
        raise not_valid(f"{header.path}.type must be one of {', '.join(allowed) or 'none: it has no header'}")
    if kind == "text":
        header.text("text", most=60)
    else:
        check_media(kind, header.node(kind).value, media)
    return kind
