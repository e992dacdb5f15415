"""
What Meta refuses when a template is sent.

https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_whatsapp.models.templates import TemplateStatus
from airflow_provider_whatsapp.sandbox.errors import messaging_error
from airflow_provider_whatsapp.sandbox.template_component_parameters import check_components
from airflow_provider_whatsapp.sandbox.template_readback import read_back
from airflow_provider_whatsapp.sandbox.templates import StoredTemplate

if TYPE_CHECKING:
    from airflow_provider_whatsapp.sandbox.state import Sandbox


def check_template(sandbox: Sandbox, content: dict[str, Any], *, has_wa_id: bool = True) -> dict[str, Any]:
    """Check a template message and return what its acceptance says; a user id has no ``wa_id``."""
    template = _usable(sandbox, *_name_and_language(content))
    if template.category == "AUTHENTICATION" and not has_wa_id:
        raise messaging_error(131062, "Recipient must be a phone number", "A user id takes no authentication template")
    components = read_back(template.components, category=template.category, template_id=template.id)
    named = template.parameter_format == "NAMED"
    check_components(components, content.get("components") or [], named=named, media=sandbox.media)
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
