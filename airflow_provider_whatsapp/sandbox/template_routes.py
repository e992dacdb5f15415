"""
Create, list, edit and delete templates.

https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account/message_templates/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from airflow_provider_whatsapp.models.templates import TemplateStatus
from airflow_provider_whatsapp.sandbox.errors import (
    MetaError,
    invalid_parameter,
    template_error,
    unknown_object,
)
from airflow_provider_whatsapp.sandbox.graph import JsonObject, page, selected
from airflow_provider_whatsapp.sandbox.settings import BUSINESS_ACCOUNT_ID
from airflow_provider_whatsapp.sandbox.state import CurrentSandbox, Sandbox
from airflow_provider_whatsapp.sandbox.template_rules import creation, edition
from airflow_provider_whatsapp.sandbox.templates import StoredTemplate

router = APIRouter()

DEFAULT_FIELDS = ("name", "parameter_format", "components", "language", "status", "category", "id")
# Can be asked for, and no template here has it.
UNSET_FIELDS = ("degrees_of_freedom_spec",)
_MOST_IDS = 100
_MOST_TEMPLATES = 250  # of a business that is not verified


@router.get("/{account_id}/message_templates")
def list_templates(
    *,
    sandbox: CurrentSandbox,
    request: Request,
    account_id: str,
    fields: str | None = None,
    summary: str | None = None,
    limit: str | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    """Return a page of the templates that fit the filters in the query, and a summary if it is asked for."""
    _check_account(account_id, method="get")
    with sandbox.lock:
        nodes = [template.node() for template in sandbox.templates.listed()]
    fitting = [node for node in nodes if _fits(node, request)]
    answer = page(
        fitting,
        path=request.url.path.removeprefix("/whatsapp-business"),
        limit=limit,
        after=after,
        show=lambda node: _selected(node, fields),
    )
    return {**answer, "summary": _summary(summary, found=len(fitting), held=len(nodes))} if summary else answer


@router.post("/{account_id}/message_templates")
def create(sandbox: CurrentSandbox, account_id: str, body: JsonObject) -> dict[str, Any]:
    """Take a new template for review."""
    _check_account(account_id, method="post")
    with sandbox.lock:
        template = sandbox.templates.add(**creation(body, sandbox.templates))
        return {"id": template.id, "status": template.status, "category": template.category}


@router.delete("/{account_id}/message_templates")
def delete(
    *,
    sandbox: CurrentSandbox,
    account_id: str,
    name: str | None = None,
    hsm_id: str | None = None,
    hsm_ids: Annotated[str | None, Query()] = None,
) -> dict[str, Any]:
    """Delete a name in all languages, one template by id and name, or many by their ids: all or none."""
    _check_account(account_id, method="delete")
    with sandbox.lock:
        chosen = _to_delete(sandbox, name, hsm_id, hsm_ids)
        for template in chosen:
            sandbox.templates.remove(template)
    return {"success": True}


def read(template: StoredTemplate, fields: str | None) -> dict[str, Any]:
    """Answer ``GET /{template_id}``."""
    return _selected(template.node(), fields)


def edit(sandbox: Sandbox, template: StoredTemplate, body: dict[str, Any]) -> dict[str, Any]:
    """Answer ``POST /{template_id}``."""
    if not body:
        raise invalid_parameter("Nothing to change: give components, category or message_send_ttl_seconds")
    sandbox.templates.change(template, **edition(body, template, sandbox.templates))
    return {"success": True, "id": template.id, "name": template.name, "category": template.category}


def _selected(node: Mapping[str, Any], fields: str | None) -> dict[str, Any]:
    kind = "WhatsAppMessageTemplate"
    return selected(node, fields, default=DEFAULT_FIELDS, node_type=kind, unset=UNSET_FIELDS)


def _check_account(account_id: str, *, method: str) -> None:
    if account_id != BUSINESS_ACCOUNT_ID:
        raise unknown_object(account_id, method=method)


def _fits(node: dict[str, Any], request: Request) -> bool:
    query = request.query_params
    # Each may be a list.
    same = all(node[name] in query[name].split(",") for name in ("status", "category", "language") if name in query)
    # Meta looks for the name anywhere: asking for "alert" also brings "alert_v2".
    return same and query.get("name", "") in node["name"]


def _summary(names: str, *, found: int, held: int) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "total_count": found,
        "message_template_count": held,
        "message_template_limit": _MOST_TEMPLATES,
        "are_translations_complete": True,
    }
    for name in names.split(","):
        if name not in summary:
            raise invalid_parameter(f"Param summary must be of {{{', '.join(summary)}}}")
    return {name: summary[name] for name in names.split(",")}


def _to_delete(sandbox: Sandbox, name: str | None, hsm_id: str | None, hsm_ids: str | None) -> list[StoredTemplate]:
    if hsm_ids is not None:
        chosen = [sandbox.templates.find(template_id) for template_id in _ids(hsm_ids)]
    elif name is None:
        raise invalid_parameter("The parameter name is required")
    else:
        chosen = [template for template in sandbox.templates.named(name) if hsm_id in (None, template.id)] or [None]
    found = [template for template in chosen if template is not None]
    if len(found) < len(chosen):
        raise _not_found()
    if any(template.status == TemplateStatus.DISABLED for template in found):
        raise template_error(None, "Template can't be deleted", "A disabled template cannot be deleted.")
    return found


def _ids(text: str) -> list[str]:
    try:
        ids = json.loads(text)
    except ValueError:
        ids = None
    if not isinstance(ids, list) or not 1 <= len(ids) <= _MOST_IDS:
        raise invalid_parameter(f"Param hsm_ids must be an array of 1 to {_MOST_IDS} template ids")
    return list(dict.fromkeys(str(template_id) for template_id in ids))


def _not_found() -> MetaError:
    return template_error(None, "Message template not found", "There is no such template.")
