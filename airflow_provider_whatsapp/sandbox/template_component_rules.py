"""
What Meta refuses in the header, body, footer and components of a template.

https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates/components
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from airflow_provider_whatsapp.sandbox import template_text
from airflow_provider_whatsapp.sandbox.errors import MetaError, invalid_parameter, template_error
from airflow_provider_whatsapp.sandbox.template_button_rules import check_buttons

_KINDS = ("HEADER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER", "CALL_PERMISSION_REQUEST")
_MEDIA = ("IMAGE", "VIDEO", "DOCUMENT")


def check_components(components: object, *, category: str, named: bool) -> None:
    """Refuse components that are malformed, that are there twice, or that break a rule of their kind."""
    if not isinstance(components, list) or not components:
        raise invalid_parameter("Param components must be a non-empty array")
    kinds = Counter(_kind(component) for component in components)
    if kinds["BODY"] != 1 or max(kinds.values()) > 1:
        raise _missing("Each template has one BODY, and no component twice.")
    for component in components:
        _check_component(component, category=category, named=named)


def _kind(component: object) -> str:
    kind = component.get("type") if isinstance(component, dict) else None
    if not isinstance(kind, str) or kind.upper() not in _KINDS:
        raise invalid_parameter(f"Param components[].type must be one of {{{', '.join(_KINDS)}}}")
    return kind.upper()


def _check_component(component: dict[str, Any], *, category: str, named: bool) -> None:
    kind = _kind(component)
    if kind == "HEADER":
        _check_header(component, named=named)
    elif kind == "BODY" and category != "AUTHENTICATION":
        _check_body(component, named=named)
    elif kind == "FOOTER" and category != "AUTHENTICATION":
        _check_footer(_text(component, most=60))
    elif kind == "BUTTONS":
        check_buttons(component.get("buttons"), category=category)
    elif kind == "CAROUSEL":
        _check_cards(component.get("cards"), named=named)


def _check_cards(cards: object, *, named: bool) -> None:
    if not isinstance(cards, list) or not 2 <= len(cards) <= 10:
        raise invalid_parameter("Param cards must be an array of 2 to 10 cards")
    for card in cards:
        components = card.get("components") if isinstance(card, dict) else None
        if not isinstance(components, list) or not components:
            raise invalid_parameter("Each card needs components")
        for component in components:
            if _kind(component) == "CAROUSEL":
                raise invalid_parameter("A card has no cards of its own")
            _check_component(component, category="MARKETING", named=named)


def _check_header(header: dict[str, Any], *, named: bool) -> None:
    kind = str(header.get("format", "")).upper()
    if kind in _MEDIA:
        _check_sample(header)
    elif kind == "TEXT":
        _check_header_text(header, named=named)
    elif kind != "LOCATION":
        raise invalid_parameter("Param components[].format must be one of {TEXT, IMAGE, VIDEO, DOCUMENT, LOCATION}")


def _check_sample(header: dict[str, Any]) -> None:
    handles = _example(header).get("header_handle")
    handle = handles[0] if isinstance(handles, list) and handles else None
    # The id of a media upload and a link are what people try first; neither is a handle.
    if not isinstance(handle, str) or not handle or handle.isdecimal() or handle.startswith("http"):
        raise template_error(
            2388273, "Media sample is missing", "A media header needs the handle of an uploaded sample file."
        )


def _check_header_text(header: dict[str, Any], *, named: bool) -> None:
    text = _text(header, most=60)
    plain = template_text.without_variables(text)
    if re.search(r"[\n*~`]", plain) or template_text.emojis(plain):
        raise template_error(
            2388072,
            "Message header format is incorrect",
            "A header has no line breaks, formatting characters, emojis or asterisks.",
        )
    names = _variables(text, named=named, title="Message header format is incorrect")
    if len(names) > 1:
        raise template_error(2388047, "Message header format is incorrect", "A header has at most one variable.")
    example = _example(header)
    samples = _named_samples(example.get("header_text_named_params")) if named else example.get("header_text")
    _check_samples(names, samples, named=named)


def _check_body(body: dict[str, Any], *, named: bool) -> None:
    text = _text(body, most=1024)
    names = _variables(text, named=named, title="Message body format is incorrect")
    _check_body_text(text, names)
    example = _example(body)
    rows = example.get("body_text")
    row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], list) else rows
    samples = _named_samples(example.get("body_text_named_params")) if named else row
    _check_samples(names, samples, named=named)


def _check_body_text(text: str, names: list[str]) -> None:
    if re.search(r"\n{3}", text) or template_text.emojis(text) > 10 or template_text.has_adjacent_variables(text):
        raise template_error(
            2388072,
            "Message body format is incorrect",
            "A body has no more than two line breaks in a row, ten emojis, and no variables side by side.",
        )
    if template_text.begins_or_ends_with_variable(text):
        raise template_error(
            2388299,
            "Leading or trailing variables",
            "Variables cannot stand at the start or the end of the body.",
        )
    # Meta publishes no threshold; this one is lower than any that was reported.
    if template_text.words_besides_variables(text) < len(names):
        raise template_error(2388293, "Too many variables", "The body has too many variables for its length.")


def _check_footer(text: str) -> None:
    if template_text.variables(text):
        raise template_error(2388073, "Message footer format is incorrect", "A footer has no variables.")


def _text(component: dict[str, Any], *, most: int) -> str:
    text = component.get("text")
    if not isinstance(text, str) or not text.strip():
        raise _missing(f"A {component['type'].upper()} component needs its text.")
    if len(text) > most:
        raise template_error(
            2388040,
            "Character limit exceeded",
            f"The {component['type'].upper()} has more than {most} characters.",
        )
    return text


def _variables(text: str, *, named: bool, title: str) -> list[str]:
    names = template_text.variables(text)
    if not (template_text.well_named(names) if named else template_text.well_numbered(names)):
        rule = "lower-case names" if named else "numbers from 1 on, without a gap"
        raise template_error(2388072, title, f"Variables must be {rule}.")
    return names


def _example(component: dict[str, Any]) -> dict[str, Any]:
    example = component.get("example")
    return example if isinstance(example, dict) else {}


def _named_samples(params: object) -> list[str]:
    rows = params if isinstance(params, list) else []
    return [str(row.get("param_name")) for row in rows if isinstance(row, dict) and row.get("example")]


def _check_samples(names: list[str], samples: object, *, named: bool) -> None:
    given = samples if isinstance(samples, list) else []
    if sorted(given) != sorted(names) if named else len(given) != len(names) or not all(given):
        raise _missing("Give one sample value for each variable.")


def _missing(message: str) -> MetaError:
    return template_error(2388043, "Component or example is missing", message)
