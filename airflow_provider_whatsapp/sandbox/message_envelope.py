"""What all messages share besides their recipient."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from airflow_provider_whatsapp.sandbox.errors import invalid_parameter
from airflow_provider_whatsapp.sandbox.message_contents import check_message_id
from airflow_provider_whatsapp.sandbox.message_nodes import Node

# Beyond anything that a message needs, and far from what exhausts the stack when it is shown.
_DEEPEST = 50


def check_envelope(body: Node) -> None:
    """Refuse a body for another product, and marks that are malformed."""
    _check_can_be_shown(body.value)
    if "messaging_product" not in body.value:
        raise invalid_parameter("The parameter messaging_product is required")
    if str(body.value["messaging_product"]).lower() != "whatsapp":
        raise invalid_parameter("Param messaging_product must be one of {WHATSAPP}")
    body.optional_text("biz_opaque_callback_data", most=512)
    body.optional_text("recipient_identity_key_hash")
    if context := body.optional_node("context"):
        check_message_id(context)


def _check_can_be_shown(body: dict[str, Any]) -> None:
    """Refuse what JSON has no name for (Python's parser lets half a surrogate pair and NaN through), or no end."""
    try:
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        raise invalid_parameter("The request body has a number or a character that JSON cannot hold") from None
    level: list[Any] = [body]
    for _ in range(_DEEPEST):
        level = [inner for part in level for inner in _parts(part)]
    if level:
        raise invalid_parameter(f"The request body is nested more than {_DEEPEST} levels deep")


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
