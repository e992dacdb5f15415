"""
Read and change the business profile.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/business-profiles
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from airflow_provider_whatsapp.sandbox.errors import invalid_parameter, unknown_object
from airflow_provider_whatsapp.sandbox.graph import JsonObject
from airflow_provider_whatsapp.sandbox.state import CurrentSandbox

router = APIRouter(prefix="/{phone_number_id}/whatsapp_business_profile")


@router.get("")
def read(sandbox: CurrentSandbox, phone_number_id: str, fields: str | None = None) -> dict[str, Any]:
    """Return the chosen fields of the profile, in a list of one."""
    if not sandbox.phone_numbers.owns(phone_number_id):
        raise unknown_object(phone_number_id)
    with sandbox.lock:
        return {"data": [sandbox.business_profile.shown(fields)]}


@router.post("")
def update(sandbox: CurrentSandbox, phone_number_id: str, body: JsonObject) -> dict[str, Any]:
    """Change the fields that are given."""
    if not sandbox.phone_numbers.owns(phone_number_id):
        raise unknown_object(phone_number_id, method="post")
    if "messaging_product" not in body:
        raise invalid_parameter("The parameter messaging_product is required")
    if body["messaging_product"] != "whatsapp":
        raise invalid_parameter("Param messaging_product must be one of {WHATSAPP}")
    with sandbox.lock:
        sandbox.business_profile.update({name: body[name] for name in body if name != "messaging_product"})
    return {"success": True}
