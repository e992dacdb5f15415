"""
What Meta refuses in interactive messages.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages#interactive-object
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from airflow_provider_whatsapp.sandbox import interactive_actions as actions
from airflow_provider_whatsapp.sandbox import interactive_products as products
from airflow_provider_whatsapp.sandbox.interactive_carousel import check_carousel
from airflow_provider_whatsapp.sandbox.interactive_header import check_header
from airflow_provider_whatsapp.sandbox.media import MediaStore
from airflow_provider_whatsapp.sandbox.message_nodes import Node, missing

_ANY_HEADER = ("text", "image", "video", "document")


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """What an interactive type may consist of besides its action."""

    check_action: Callable[[Node, MediaStore], None]
    headers: tuple[str, ...] = _ANY_HEADER
    needs_header: bool = False
    needs_body: bool = True
    longest_body: int = 1024


def _of(check: Callable[[Node], None]) -> Callable[[Node, MediaStore], None]:
    return lambda action, _media: check(action)


_KINDS: Mapping[str, _Kind] = {
    "button": _Kind(check_action=_of(actions.check_reply_buttons)),
    "list": _Kind(check_action=_of(actions.check_list), headers=("text",), longest_body=4096),
    "cta_url": _Kind(check_action=_of(actions.check_cta_url)),
    "location_request_message": _Kind(check_action=_of(actions.check_location_request)),
    "flow": _Kind(check_action=_of(actions.check_flow)),
    "address_message": _Kind(check_action=_of(actions.check_address)),
    "voice_call": _Kind(check_action=_of(actions.check_voice_call)),
    "product": _Kind(check_action=_of(products.check_product), headers=(), needs_body=False),
    "product_list": _Kind(check_action=_of(products.check_product_list), headers=("text",), needs_header=True),
    "catalog_message": _Kind(check_action=_of(products.check_catalog), headers=()),
    "carousel": _Kind(check_action=check_carousel, headers=()),
}


def check_interactive(content: Node, media: MediaStore) -> None:
    """Refuse an unknown type, an action that isn't complete, and texts that are too long."""
    kind = _KINDS[content.choice("type", tuple(_KINDS))]
    header = content.optional_node("header")
    if header is not None:
        check_header(header, kind.headers, media)
    elif kind.needs_header:
        raise missing("interactive.header")
    body = content.node("body") if kind.needs_body else content.optional_node("body")
    if body is not None:
        body.text("text", most=kind.longest_body)
    if footer := content.optional_node("footer"):
        footer.text("text", most=60)
    kind.check_action(content.node("action"), media)
