"""
Calls on a bare id: the Graph API looks up what kind of node it is.

https://developers.facebook.com/docs/graph-api/overview#nodes
"""

from __future__ import annotations

from fastapi import APIRouter

from airflow_provider_whatsapp.sandbox.account.phone_numbers import (
    DEFAULT_FIELDS,
    select_account_fields,
    select_phone_number_fields,
)
from airflow_provider_whatsapp.sandbox.aliases import Json
from airflow_provider_whatsapp.sandbox.graph.calls import JsonBody
from airflow_provider_whatsapp.sandbox.graph.errors import unknown_object
from airflow_provider_whatsapp.sandbox.media import routes as media_routes
from airflow_provider_whatsapp.sandbox.settings import BUSINESS_ACCOUNT_ID
from airflow_provider_whatsapp.sandbox.state import BaseUrl, CurrentSandbox
from airflow_provider_whatsapp.sandbox.templates import routes as template_routes

router = APIRouter()


@router.get("/{node_id}")
def read(
    sandbox: CurrentSandbox,
    base_url: BaseUrl,
    node_id: str,
    fields: str | None = None,
    phone_number_id: str | None = None,
) -> Json:
    """Return a template, a media file's metadata, the phone number, or the business account."""
    # Ids of different types never collide, because they start with different digits.
    with sandbox.lock:
        if template := sandbox.templates.find(node_id):
            return template_routes.read(template, fields)
        if media := sandbox.media.find(node_id):
            return media_routes.read(sandbox, media, phone_number_id, base_url)
    if sandbox.phone_numbers.owns(node_id):
        number = sandbox.phone_numbers.phone_number()
        return select_phone_number_fields(number, fields, default=DEFAULT_FIELDS)
    if node_id == BUSINESS_ACCOUNT_ID:
        return select_account_fields(sandbox.phone_numbers.account(), fields)
    raise unknown_object(node_id)


@router.post("/{node_id}")
def edit(sandbox: CurrentSandbox, node_id: str, body: JsonBody) -> Json:
    """Edit a template."""
    with sandbox.lock:
        if template := sandbox.templates.find(node_id):
            return template_routes.edit(sandbox, template, body)
    # All other nodes exist, but cannot be edited here. Meta has the same error for both.
    raise unknown_object(node_id, method="post")


@router.delete("/{node_id}")
def delete(
    sandbox: CurrentSandbox, node_id: str, phone_number_id: str | None = None
) -> Json:
    """Delete a media file."""
    with sandbox.lock:
        if media := sandbox.media.find(node_id):
            return media_routes.delete(media, phone_number_id)
    # Templates are deleted at the account, by name or ids.
    raise unknown_object(node_id, method="delete")
