"""Is what exists what the definition says? Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from airflow_provider_whatsapp.models.template_definitions import TemplateDefinition
from airflow_provider_whatsapp.models.templates import Template

# Samples are for the reviewers, and a media sample comes back as a link that was never sent.
_NOT_COMPARED = {"example"}
_UPPER_CASE = {"type", "format", "otp_type"}
_OTP_TYPE = re.compile(r"[?&]otp_type=(\w+)")


def differences(definition: TemplateDefinition, template: Template) -> list[str]:
    """
    Return what differs, as names of parts; empty if nothing does.

    The category is not among them: Meta moves templates between categories itself, and refuses to
    change it on an approved one.
    """
    wanted = {str(part["type"]).upper(): _normal(part) for part in definition.wire()["components"]}
    found = {str(part.get("type")).upper(): _normal(part) for part in template.components}
    if definition.category == "AUTHENTICATION":
        # Meta writes these texts itself: only what the definition says can differ.
        found = {kind: _restricted(part, wanted.get(kind, {})) for kind, part in found.items()}
    differing = [kind for kind in {**wanted, **found} if wanted.get(kind) != found.get(kind)]
    if (definition.parameter_format or "POSITIONAL") != (template.parameter_format or "POSITIONAL").upper():
        differing.append("parameter_format")
    ttl = definition.message_send_ttl_seconds
    # Meta forgets it when it moves a template to another category.
    if ttl is not None and template.message_send_ttl_seconds not in (None, ttl):
        differing.append("message_send_ttl_seconds")
    return differing


def _normal(value: Any, name: str = "") -> Any:
    """Bring a component to the one spelling in which two can be compared."""
    if isinstance(value, Mapping):
        pairs = ((key, _normal(inner, key)) for key, inner in value.items() if key not in _NOT_COMPARED)
        return {key: inner for key, inner in pairs if inner is not False and inner not in (None, [], {}, "")}
    if isinstance(value, list):
        return [_normal(inner) for inner in value]
    if isinstance(value, str) and name in _UPPER_CASE:
        return value.upper()
    if isinstance(value, str) and name == "text":
        return value.strip()
    if isinstance(value, str) and name == "phone_number":
        return re.sub(r"\D", "", value)
    return value


def _restricted(found: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Keep what the definition says too, with the buttons as it says them."""
    said = {*wanted, "add_security_recommendation"}
    kept = {key: value for key, value in found.items() if key in said} if wanted else found
    buttons = kept.get("buttons", []), wanted.get("buttons", [])
    if wanted and buttons[0] and len(buttons[0]) == len(buttons[1]):
        return {**kept, "buttons": [_as_sent(*pair) for pair in zip(*buttons, strict=True)]}
    return kept


def _as_sent(found: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Undo what Meta makes of an OTP button: a URL button, whose link alone tells the kind."""
    if otp_type := _OTP_TYPE.search(found.get("url", "")):
        found = {**found, "type": "OTP", "otp_type": otp_type[1].upper()}
    return {**wanted, **{key: value for key, value in found.items() if key in wanted}}
