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
from airflow_provider_whatsapp.sandbox.aliases import Json
from airflow_provider_whatsapp.sandbox.graph.calls import CurrentPage, JsonBody, build_page
from airflow_provider_whatsapp.sandbox.graph.errors import (
    MetaError,
    invalid_parameter,
    template_error,
    unknown_object,
)
from airflow_provider_whatsapp.sandbox.graph.fields import select_fields
from airflow_provider_whatsapp.sandbox.settings import BUSINESS_ACCOUNT_ID
from airflow_provider_whatsapp.sandbox.state import CurrentSandbox, Sandbox
from airflow_provider_whatsapp.sandbox.templates.definitions import (
    read_changed_template,
    read_new_template,
)
from airflow_provider_whatsapp.sandbox.templates.store import StoredTemplate, Templates

router = APIRouter()

DEFAULT_FIELDS = (
    "name",
    "parameter_format",
    "components",
    "language",
    "status",
    "category",
    "id",
)
MAX_IDS = 100  # in one call that deletes by id
MAX_TEMPLATES = 250  # of a business that Meta has not verified

# Fields that Meta knows, so asking for them is valid, but that templates here do not have.
_UNSET_FIELDS = ("degrees_of_freedom_spec",)
_FILTERS = ("status", "category", "language")


@router.get("/{account_id}/message_templates")
def list_templates(
    *,
    sandbox: CurrentSandbox,
    request: Request,
    page: CurrentPage,
    account_id: str,
    fields: str | None = None,
    summary: str | None = None,
) -> Json:
    """Return a page of the templates that match the filters in the query, and a summary if asked for."""
    validate_account(account_id, method="get")
    with sandbox.lock:
        nodes = [template.to_node() for template in sandbox.templates.find_all()]
    matching = [node for node in nodes if matches_filters(node, request.query_params)]
    response = build_page(matching, page, show=lambda node: _select(node, fields))
    if summary:
        response["summary"] = build_summary(
            summary, matching=len(matching), total=len(nodes)
        )
    return response


@router.post("/{account_id}/message_templates")
def create(sandbox: CurrentSandbox, account_id: str, body: JsonBody) -> Json:
    """Create a template and start its review."""
    validate_account(account_id, method="post")
    with sandbox.lock:
        content = read_new_template(body, sandbox.templates)
        template = sandbox.templates.add(**content)
        return {
            "id": template.id,
            "status": template.status,
            "category": template.category,
        }


@router.delete("/{account_id}/message_templates")
def delete(
    *,
    sandbox: CurrentSandbox,
    account_id: str,
    name: str | None = None,
    hsm_id: str | None = None,
    hsm_ids: Annotated[str | None, Query()] = None,
) -> Json:
    """Delete a name in all languages, one template by id and name, or many by their ids."""
    validate_account(account_id, method="delete")
    with sandbox.lock:
        if hsm_ids is not None:
            found = find_by_ids(sandbox.templates, hsm_ids)
        elif name is not None:
            found = find_by_name(sandbox.templates, name, hsm_id)
        else:
            raise invalid_parameter("The parameter name is required")
        # Before the first one is deleted, because Meta deletes all of them or none.
        for template in found:
            if template.status == TemplateStatus.DISABLED:
                raise template_error(
                    None,
                    "Template can't be deleted",
                    "A disabled template cannot be deleted.",
                )
        for template in found:
            sandbox.templates.delete(template)
    return {"success": True}


def read(template: StoredTemplate, fields: str | None) -> Json:
    """Answer ``GET /{template_id}``."""
    return _select(template.to_node(), fields)


def edit(sandbox: Sandbox, template: StoredTemplate, body: Json) -> Json:
    """Answer ``POST /{template_id}``."""
    if not body:
        raise invalid_parameter(
            "Nothing to change: give components, category or message_send_ttl_seconds"
        )
    content = read_changed_template(body, template, sandbox.templates)
    sandbox.templates.change(template, **content)
    return {
        "success": True,
        "id": template.id,
        "name": template.name,
        "category": template.category,
    }


def validate_account(account_id: str, *, method: str) -> None:
    """Reject the id of another account."""
    if account_id != BUSINESS_ACCOUNT_ID:
        raise unknown_object(account_id, method=method)


def matches_filters(node: Json, query: Mapping[str, str]) -> bool:
    """Whether a template has the values that the query asks for."""
    for name in _FILTERS:
        # Each filter may be a list.
        if name in query and node[name] not in query[name].split(","):
            return False
    # Meta finds a name anywhere: asking for "alert" also returns "alert_v2".
    return query.get("name", "") in node["name"]


def build_summary(names: str, *, matching: int, total: int) -> Json:
    """Return the parts of the summary that a call asks for."""
    summary: Json = {
        "total_count": matching,
        "message_template_count": total,
        "message_template_limit": MAX_TEMPLATES,
        "are_translations_complete": True,
    }
    for name in names.split(","):
        if name not in summary:
            raise invalid_parameter(f"Param summary must be of {{{', '.join(summary)}}}")
    return {name: summary[name] for name in names.split(",")}


def find_by_ids(templates: Templates, hsm_ids: str) -> list[StoredTemplate]:
    """Return the templates with the ids in a JSON array, all of which must exist."""
    try:
        ids = json.loads(hsm_ids)
    except ValueError:
        ids = None
    if not isinstance(ids, list) or not 1 <= len(ids) <= MAX_IDS:
        raise invalid_parameter(
            f"Param hsm_ids must be an array of 1 to {MAX_IDS} template ids"
        )
    found = []
    # An id that is there twice counts once.
    for template_id in dict.fromkeys(str(one) for one in ids):
        template = templates.find(template_id)
        if template is None:
            raise _not_found()
        found.append(template)
    return found


def find_by_name(
    templates: Templates, name: str, hsm_id: str | None
) -> list[StoredTemplate]:
    """Return the templates with a name, or the one of them that also has an id."""
    found = [
        template
        for template in templates.find_by_name(name)
        if hsm_id in (None, template.id)
    ]
    if not found:
        raise _not_found()
    return found


def _select(node: Mapping[str, Any], fields: str | None) -> Json:
    return select_fields(
        node,
        fields,
        default=DEFAULT_FIELDS,
        node_type="WhatsAppMessageTemplate",
        unset=_UNSET_FIELDS,
    )


def _not_found() -> MetaError:
    return template_error(None, "Message template not found", "There is no such template.")
