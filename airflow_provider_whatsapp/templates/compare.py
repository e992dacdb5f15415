"""Compares a template with its definition. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from airflow_provider_whatsapp.models.template_definitions import TemplateDefinition
from airflow_provider_whatsapp.models.templates import Template

# Samples are for the reviewers, and a media sample comes back as a link that was never sent.
_NOT_COMPARED = {"example"}
_UPPER_CASE = {"type", "format", "otp_type"}
_OTP_TYPE = re.compile(r"[?&]otp_type=(\w+)")


def find_differences(definition: TemplateDefinition, template: Template) -> list[str]:
    """
    Return the names of the parts that differ; empty if none do.

    The category is not one of them: Meta moves templates between categories itself, and does not
    change the category of an approved one.
    """
    wanted = _by_type(definition.wire()["components"])
    found = _by_type(template.components)
    if definition.category == "AUTHENTICATION":
        # Meta writes these texts itself: only what the definition says can differ.
        found = {kind: _restrict(part, wanted.get(kind, {})) for kind, part in found.items()}
    differing = [kind for kind in {**wanted, **found} if wanted.get(kind) != found.get(kind)]
    if _parameter_format(definition) != _parameter_format(template):
        differing.append("parameter_format")
    ttl = definition.message_send_ttl_seconds
    # Meta drops it when it moves a template to another category.
    if ttl is not None and template.message_send_ttl_seconds not in (None, ttl):
        differing.append("message_send_ttl_seconds")
    return differing


def _by_type(components: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {str(part.get("type")).upper(): _normalize(part) for part in components}


def _parameter_format(template: TemplateDefinition | Template) -> str:
    return (template.parameter_format or "POSITIONAL").upper()


def _normalize(value: Any, name: str = "") -> Any:
    """Return a component in the spelling in which two can be compared."""
    if isinstance(value, Mapping):
        pairs = {key: _normalize(inner, key) for key, inner in value.items() if key not in _NOT_COMPARED}
        # Meta leaves out what is false or empty, or writes it, as it likes.
        return {key: inner for key, inner in pairs.items() if inner is not False and inner not in (None, [], {}, "")}
    if isinstance(value, list):
        return [_normalize(inner) for inner in value]
    if isinstance(value, str):
        return _normalize_text(value, name)
    return value


def _normalize_text(text: str, name: str) -> str:
    if name in _UPPER_CASE:
        return text.upper()
    if name == "text":
        return text.strip()
    if name == "phone_number":
        return re.sub(r"\D", "", text)
    return text


def _restrict(found: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Return only the fields that the definition has too, with buttons in the definition's form."""
    if not wanted:
        return found
    kept = {key: value for key, value in found.items() if key in {*wanted, "add_security_recommendation"}}
    buttons = kept.get("buttons", [])
    if buttons and len(buttons) == len(wanted.get("buttons", [])):
        kept["buttons"] = [_undo_otp_button(*pair) for pair in zip(buttons, wanted["buttons"], strict=True)]
    return kept


def _undo_otp_button(found: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Return an OTP button as it was sent: Meta makes a URL button of it, and only the link shows the kind."""
    if otp_type := _OTP_TYPE.search(found.get("url", "")):
        found = {**found, "type": "OTP", "otp_type": otp_type[1].upper()}
    return {**wanted, **{key: value for key, value in found.items() if key in wanted}}
