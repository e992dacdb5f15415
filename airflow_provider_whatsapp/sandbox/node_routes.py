"""
Calls on a bare id: the Graph API looks up what kind of thing it is.

https://developers.facebook.com/docs/graph-api/overview#nodes
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request

from airflow_provider_whatsapp.sandbox import media_routes, template_routes
from airflow_provider_whatsapp.sandbox.errors import unknown_object
from airflow_provider_whatsapp.sandbox.graph import JsonObject, page, selected
from airflow_provider_whatsapp.sandbox.phone_numbers import (
    ACCOUNT_FIELDS,
    DEFAULT_FIELDS,
    LIST_FIELDS,
    UNSET_ACCOUNT_FIELDS,
    UNSET_FIELDS,
)
from airflow_provider_whatsapp.sandbox.settings import BUSINESS_ACCOUNT_ID
from airflow_provider_whatsapp.sandbox.state import BaseUrl, CurrentSandbox

router = APIRouter()


@router.get("/{account_id}/phone_numbers")
def list_phone_numbers(
    *,
    sandbox: CurrentSandbox,
    request: Request,
    account_id: str,
    fields: str | None = None,
    limit: str | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    """Return the account's numbers."""
    if account_id != BUSINESS_ACCOUNT_ID:
        raise unknown_object(account_id)
    return page(
        [sandbox.phone_numbers.phone_number()],
        path=request.url.path.removeprefix("/whatsapp-business"),
        limit=limit,
        after=after,
        show=lambda node: _phone_number(node, fields, default=LIST_FIELDS),
    )


@router.get("/{node_id}")
def read(
    sandbox: CurrentSandbox,
    base_url: BaseUrl,
    node_id: str,
    fields: str | None = None,
    phone_number_id: str | None = None,
) -> dict[str, Any]:
    """Return a phone number, the account, a template, or what is known about a media file."""
    with sandbox.lock:
        if template := sandbox.templates.find(node_id):
            return template_routes.read(template, fields)
        if media := sandbox.media.find(node_id):
            return media_routes.read(sandbox, media, phone_number_id, base_url)
    if sandbox.phone_numbers.owns(node_id):
        return _phone_number(sandbox.phone_numbers.phone_number(), fields, default=DEFAULT_FIELDS)
    if node_id == BUSINESS_ACCOUNT_ID:
        return _account(sandbox.phone_numbers.account(), fields)
    raise unknown_object(node_id)


@router.post("/{node_id}")
def change(sandbox: CurrentSandbox, node_id: str, body: JsonObject) -> dict[str, Any]:
    """Edit a template."""
    with sandbox.lock:
        if template := sandbox.templates.find(node_id):
            return template_routes.edit(sandbox, template, body)
    raise unknown_object(node_id, method="post")


@router.delete("/{node_id}")
def delete(sandbox: CurrentSandbox, node_id: str, phone_number_id: str | None = None) -> dict[str, Any]:
    """Delete a media file."""
    with sandbox.lock:
        if media := sandbox.media.find(node_id):
            return media_routes.delete(media, phone_number_id)
    raise unknown_object(node_id, method="delete")


def _phone_number(node: Mapping[str, Any], fields: str | None, *, default: Sequence[str]) -> dict[str, Any]:
    return selected(node, fields, default=default, node_type="WhatsAppBusinessPhoneNumber", unset=UNSET_FIELDS)


def _account(node: Mapping[str, Any], fields: str | None) -> dict[str, Any]:
    kind = "WhatsAppBusinessAccount"
    return selected(node, fields, default=ACCOUNT_FIELDS, node_type=kind, unset=UNSET_ACCOUNT_FIELDS)
