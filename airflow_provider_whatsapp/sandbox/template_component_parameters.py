"""What Meta refuses in the components of a template message: those of the template, and of its cards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow_provider_whatsapp.sandbox import template_text
from airflow_provider_whatsapp.sandbox.errors import invalid_parameter, messaging_error
from airflow_provider_whatsapp.sandbox.media import MediaStore
from airflow_provider_whatsapp.sandbox.template_button_parameters import check_button_parameters
from airflow_provider_whatsapp.sandbox.template_offer_parameters import check_offer
from airflow_provider_whatsapp.sandbox.template_parameters import check_header, check_texts, mismatch

_KINDS = (
    "header",
    "body",
    "button",
    "carousel",
    "limited_time_offer",
    "order_status",
    "tap_target_configuration",
)
_KINDS_OF_CARDS = ("header", "body", "button")
_BODY_WITH_OTHERS = 1024
_BODY_ALONE = 32_768


def check_components(components: Sequence[dict[str, Any]], given: object, *, named: bool, media: MediaStore) -> None:
    """Check what is given for the components of a template, as it reads them back."""
    parts = {part["type"].lower(): part for part in components}
    found = _components(given, _KINDS, "template.components")
    _check_shared(parts, found, named=named, media=media)
    check_offer(parts.get("limited_time_offer"), _parameters(found, "limited_time_offer"))
    _check_cards(parts.get("carousel"), _one(found, "carousel"), named=named, media=media)


def _check_shared(
    parts: dict[str, dict[str, Any]], given: list[dict[str, Any]], *, named: bool, media: MediaStore
) -> None:
    """Check header, body and buttons, which templates and cards both have."""
    check_header(parts.get("header"), _parameters(given, "header"), named=named, media=media)
    _check_body(parts, _parameters(given, "body"), named=named)
    buttons = [component for component in given if component["type"].lower() == "button"]
    check_button_parameters(parts.get("buttons", {}).get("buttons", []), buttons)


def _components(components: object, kinds: tuple[str, ...], path: str) -> list[dict[str, Any]]:
    if not isinstance(components, list):
        raise invalid_parameter(f"Param {path} must be an array")
    for component in components:
        kind = component.get("type") if isinstance(component, dict) else None
        if not isinstance(kind, str) or kind.lower() not in kinds:
            raise invalid_parameter(f"Param {path}[].type must be one of {{{', '.join(kinds)}}}")
    return components


def _one(components: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    found = [component for component in components if component["type"].lower() == kind]
    if len(found) > 1:
        raise invalid_parameter(f"template.components has more than one {kind}")
    return found[0] if found else {}


def _parameters(components: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    parameters = _one(components, kind).get("parameters") or []
    if not isinstance(parameters, list) or not all(isinstance(parameter, dict) for parameter in parameters):
        raise invalid_parameter(f"The parameters of the {kind} must be an array of objects")
    return parameters


def _check_body(parts: dict[str, dict[str, Any]], parameters: list[dict[str, Any]], *, named: bool) -> None:
    text = parts["body"]["text"] if "body" in parts else ""
    for parameter in parameters:
        if parameter.get("type") not in ("text", "currency", "date_time"):
            raise mismatch("body", "text, currency or date_time", parameter.get("type"))
    values = check_texts("body", text, parameters, named=named)
    longest = _BODY_ALONE if set(parts) == {"body"} else _BODY_WITH_OTHERS
    if len(template_text.filled_in(text, values)) > longest:
        raise messaging_error(132005, "Text is too long once filled in", f"The body has more than {longest} characters")


def _check_cards(carousel: dict[str, Any] | None, given: dict[str, Any], *, named: bool, media: MediaStore) -> None:
    """Check that each card of the template gets its parameters, in any order."""
    cards = carousel["cards"] if carousel else []
    found = given.get("cards") or []
    if not isinstance(found, list) or not all(isinstance(card, dict) for card in found):
        raise invalid_parameter("Param template.components[carousel].cards must be an array of objects")
    indexes = [str(card.get("card_index")) for card in found]
    if sorted(indexes) != [str(index) for index in range(len(cards))]:
        raise mismatch("carousel", f"{len(cards)} cards, with card_index from 0 on", f"{len(found)} cards")
    for index, card in zip(indexes, found, strict=True):
        parts = {part["type"].lower(): part for part in cards[int(index)]["components"]}
        components = _components(card.get("components") or [], _KINDS_OF_CARDS, "cards[].components")
        _check_shared(parts, components, named=named, media=media)
