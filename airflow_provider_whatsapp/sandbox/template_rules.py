"""
What Meta refuses when a template is created or edited.

https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates/components
"""

from __future__ import annotations

import re
from typing import Any

from airflow_provider_whatsapp.models.templates import TemplateStatus
from airflow_provider_whatsapp.sandbox.errors import invalid_parameter, template_error
from airflow_provider_whatsapp.sandbox.template_component_rules import check_components
from airflow_provider_whatsapp.sandbox.templates import StoredTemplate, Templates

_CATEGORIES = ("AUTHENTICATION", "MARKETING", "UTILITY")
_TTL = {"AUTHENTICATION": (30, 900), "UTILITY": (30, 43_200), "MARKETING": (43_200, 2_592_000)}
_EDITABLE = (TemplateStatus.APPROVED, TemplateStatus.REJECTED, TemplateStatus.PAUSED)


def creation(body: dict[str, Any], templates: Templates) -> dict[str, Any]:
    """Return the content of a new template, or refuse it."""
    for name in ("name", "language", "category", "components"):
        if name not in body:
            raise invalid_parameter(f"The parameter {name} is required")
    name, language = _name(body["name"]), _language(body["language"])
    category = _one_of("category", body["category"], _CATEGORIES)
    _check_free(name, language, category, templates)
    return {"name": name, "language": language, **_content(body, category=category)}


def edition(body: dict[str, Any], template: StoredTemplate, templates: Templates) -> dict[str, Any]:
    """Return the changed content of a template, or refuse the change."""
    _check_editable(template, templates)
    category = _one_of("category", body.get("category", template.category), _CATEGORIES)
    if template.status == TemplateStatus.APPROVED and category != template.category:
        raise template_error(
            None, "Category can't be changed", "The category of an approved template cannot be changed."
        )
    present = {
        "components": template.components,
        "parameter_format": template.parameter_format,
        "message_send_ttl_seconds": template.message_send_ttl_seconds,
    }
    return _content({**present, **body}, category=category)


def _content(body: dict[str, Any], *, category: str) -> dict[str, Any]:
    parameter_format = _one_of(
        "parameter_format", body.get("parameter_format") or "POSITIONAL", ("POSITIONAL", "NAMED")
    )
    check_components(body["components"], category=category, named=parameter_format == "NAMED")
    return {
        "category": category,
        "parameter_format": parameter_format,
        "components": body["components"],
        "message_send_ttl_seconds": _ttl(body.get("message_send_ttl_seconds"), category),
    }


def _name(name: object) -> str:
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9_]{1,512}", name, re.ASCII):
        raise template_error(
            2388046,
            "Name format is incorrect",
            "Template names have up to 512 lower-case letters, digits and underscores.",
            blame="name",
        )
    return name


def _language(language: object) -> str:
    if not isinstance(language, str) or not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2,3})?", language, re.ASCII):
        raise invalid_parameter("Param language must be a supported language, for example en_US")
    return language


def _one_of(field: str, value: object, allowed: tuple[str, ...]) -> str:
    found = value.upper() if isinstance(value, str) else ""
    if found not in allowed:
        raise invalid_parameter(f"Param {field} must be one of {{{', '.join(allowed)}}}")
    return found


def _ttl(seconds: object, category: str) -> int | None:
    least, most = _TTL[category]
    if seconds is None:
        return None
    if not isinstance(seconds, int) or not (seconds == -1 or least <= seconds <= most):
        raise invalid_parameter(f"Param message_send_ttl_seconds must be {least} to {most} for {category}")
    return seconds


def _check_free(name: str, language: str, category: str, templates: Templates) -> None:
    if templates.is_blocked(name, language):
        raise template_error(
            2388023,
            "This language is being deleted",
            f"Content in {language} cannot be added while the existing one is being deleted. "
            "Use another name, or try again in 4 weeks.",
        )
    if templates.named(name, language):
        raise template_error(
            2388024,
            "This language exists already",
            f"This template has {language} content already. Change that, or use another name.",
        )
    for sibling in templates.named(name):
        if sibling.category != category:
            raise template_error(
                None,
                "Category does not match",
                f"The category {category} does not match {sibling.category}, which this name already has.",
            )


def _check_editable(template: StoredTemplate, templates: Templates) -> None:
    spent = template.status == TemplateStatus.APPROVED and not templates.may_be_edited(template)
    if template.status not in _EDITABLE or spent:
        raise template_error(
            2388039,
            "Message template can't be changed",
            "An approved template can be edited once a day and ten times in 30 days."
            if spent
            else f"A template that is {template.status} cannot be edited.",
        )
