"""
List the account's phone numbers; read and change the business profile.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/business-profiles
"""

from __future__ import annotations

from fastapi import APIRouter

from airflow_provider_whatsapp.sandbox.account.phone_numbers import (
    DEFAULT_LIST_FIELDS,
    select_phone_number_fields,
)
from airflow_provider_whatsapp.sandbox.aliases import Json
from airflow_provider_whatsapp.sandbox.graph.calls import CurrentPage, JsonBody, build_page
from airflow_provider_whatsapp.sandbox.graph.errors import invalid_parameter, unknown_object
from airflow_provider_whatsapp.sandbox.settings import BUSINESS_ACCOUNT_ID
from airflow_provider_whatsapp.sandbox.state import CurrentSandbox

router = APIRouter()


@router.get("/{account_id}/phone_numbers")
def list_phone_numbers(
    sandbox: CurrentSandbox,
    page: CurrentPage,
    account_id: str,
    fields: str | None = None,
) -> Json:
    """Return the account's numbers."""
    if account_id != BUSINESS_ACCOUNT_ID:
        raise unknown_object(account_id)
    return build_page(
        [sandbox.phone_numbers.phone_number()],
        page,
        show=lambda number: select_phone_number_fields(
            number, fields, default=DEFAULT_LIST_FIELDS
        ),
    )


@router.get("/{phone_number_id}/whatsapp_business_profile")
def read_profile(
    sandbox: CurrentSandbox, phone_number_id: str, fields: str | None = None
) -> Json:
    """Return the fields of the profile that a call asks for, in a list of one."""
    if not sandbox.phone_numbers.owns(phone_number_id):
        raise unknown_object(phone_number_id)
    # A list, although a number has one profile: Meta returns it as an edge.
    with sandbox.lock:
        profile = sandbox.business_profile.to_json(fields)
    return {"data": [profile]}


@router.post("/{phone_number_id}/whatsapp_business_profile")
def update_profile(sandbox: CurrentSandbox, phone_number_id: str, body: JsonBody) -> Json:
    """Change the fields of the profile that are given."""
    if not sandbox.phone_numbers.owns(phone_number_id):
        raise unknown_object(phone_number_id, method="post")
    changes = dict(body)
    if "messaging_product" not in changes:
        raise invalid_parameter("The parameter messaging_product is required")
    if changes.pop("messaging_product") != "whatsapp":
        raise invalid_parameter("Param messaging_product must be one of {WHATSAPP}")
    with sandbox.lock:
        sandbox.business_profile.update(changes)
    return {"success": True}
