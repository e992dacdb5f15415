"""
What Meta refuses when a template is sent.

https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_whatsapp.models.templates import TemplateStatus
from airflow_provider_whatsapp.sandbox import template_text
from airflow_provider_whatsapp.sandbox.errors import invalid_parameter, messaging_error
from airflow_provider_whatsapp.sandbox.template_button_parameters import check_button_parameters
from airflow_provider_whatsapp.sandbox.template_parameters import check_header, check_texts, mismatch
from airflow_provider_whatsapp.sandbox.template_readback import read_back
from airflow_provider_whatsapp.sandbox.templates import StoredTemplate

if TYPE_CHECKING:
    from airflow_provider_whatsapp.sandbox.state import Sandbox

_KINDS = ("header", "body", "button", "carousel", "limited_time_offer", "order_status")
_BODY_WITH_OTHERS = 1024
_BODY_ALONE = 32_768


def check_template(sandbox: Sandbox, content: dict[str, Any]) -> dict[str, Any]:
    """Check a template message and return what its acceptance says."""
    template = _usable(sandbox, *_name_and_language(content))
    given = _components(content.get("components") or [])
    parts = {
        part["type"].lower(): part
        for part in read_back(template.components, category=template.category, template_id=template.id)
    }
    named = template.parameter_format == "NAMED"
    check_header(parts.get("header"), _parameters(given, "header"), named=named, media=sandbox.media)
    _check_body(parts, _parameters(given, "body"), named=named)
    buttons = [component for component in given if component["type"].lower() == "button"]
    check_button_parameters(parts.get("buttons", {}).get("buttons", []), buttons)
    return {"message_status": "accepted"}


def _name_and_language(content: dict[str, Any]) -> tuple[str, str]:
    language = content.get("language")
    code = language.get("code") if isinstance(language, dict) else None
    for path, value in (("template.name", content.get("name")), ("template.language.code", code)):
        if not isinstance(value, str) or not value:
            raise messaging_error(131008, "Required parameter is missing", f"{path} is required")
    return str(content["name"]), str(code)


def _usable(sandbox: Sandbox, name: str, language: str) -> StoredTemplate:
    """Return the template if it can be sent; one that is in review or rejected counts as absent."""
    found = sandbox.templates.named(name, language)
    status = found[0].status if found else None
    if status == TemplateStatus.APPROVED:
        return found[0]
    if status == TemplateStatus.PAUSED:
        raise messaging_error(132015, "Template is paused", f"{name} ({language}) is paused for low quality")
    if status == TemplateStatus.DISABLED:
        raise messaging_error(132016, "Template is disabled", f"{name} ({language}) is disabled for good")
    raise messaging_error(
        132001,
        "No such template in this language",
        f"No approved {name} in {language}",
        status=404,
    )


def _components(components: object) -> list[dict[str, Any]]:
    if not isinstance(components, list):
        raise invalid_parameter("Param template.components must be an array")
    for component in components:
        kind = component.get("type") if isinstance(component, dict) else None
        if not isinstance(kind, str) or kind.lower() not in _KINDS:
            raise invalid_parameter(f"Param template.components[].type must be one of {{{', '.join(_KINDS)}}}")
    return components


def _parameters(components: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    found = [component for component in components if component["type"].lower() == kind]
    if len(found) > 1:
        raise invalid_parameter(f"template.components has more than one {kind}")
    parameters = (found[0].get("parameters") or []) if found else []
    if not isinstance(parameters, list) or not all(isinstance(parameter, dict) for parameter in parameters):
        raise invalid_parameter(f"The parameters of the {kind} must be an array of objects")
    return parameters


def _check_body(parts: dict[str, dict[str, Any]], parameters: list[dict[str, Any]], *, named: bool) -> None:
    text = parts["body"]["text"]
    for parameter in parameters:
        if parameter.get("type") not in ("text", "currency", "date_time"):
            raise mismatch("body", "text, currency or date_time", parameter.get("type"))
    values = check_texts("body", text, parameters, named=named)
    longest = _BODY_ALONE if set(parts) == {"body"} else _BODY_WITH_OTHERS
    if len(template_text.filled_in(text, values)) > longest:
        raise messaging_error(132005, "Text is too long once filled in", f"The body has more than {longest} characters")
