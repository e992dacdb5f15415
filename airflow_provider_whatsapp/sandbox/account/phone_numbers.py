"""
The business account and its one phone number.

https://developers.facebook.com/docs/whatsapp/business-management-api/manage-phone-numbers
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from airflow_provider_whatsapp.sandbox.aliases import Json
from airflow_provider_whatsapp.sandbox.graph.fields import select_fields
from airflow_provider_whatsapp.sandbox.settings import (
    BUSINESS_ACCOUNT_ID,
    DISPLAY_PHONE_NUMBER,
    PHONE_NUMBER_ID,
)

DEFAULT_FIELDS = ("verified_name", "display_phone_number", "quality_rating", "id")
DEFAULT_LIST_FIELDS = ("verified_name", "code_verification_status", *DEFAULT_FIELDS[1:])
DEFAULT_ACCOUNT_FIELDS = ("id", "name", "timezone_id", "message_template_namespace")

# Fields that Meta knows, so asking for them is valid, but that this number and account do not have.
_UNSET_FIELDS = (
    "certificate", "conversational_automation", "country_code", "country_dial_code",
    "eligibility_for_api_business_global_search", "is_on_biz_app", "is_pin_enabled", "is_preverified_number",
    "last_onboarded_time", "new_certificate", "new_name_status", "quality_score", "search_visibility",
    "webhook_configuration",
)  # fmt: skip
_UNSET_ACCOUNT_FIELDS = (
    "account_review_status", "business_verification_status", "country", "disable_marketing_messages_on_cloud_api",
    "is_enabled_for_insights", "marketing_messages_lite_api_status", "marketing_messages_onboarding_status",
    "on_behalf_of_business_info", "owner_business_info", "ownership_type", "status", "subscribed_apps",
)  # fmt: skip

# All nodes that take part in sending. Each of them can keep a message from being sent.
_ENTITIES = {
    "PHONE_NUMBER": PHONE_NUMBER_ID,
    "WABA": BUSINESS_ACCOUNT_ID,
    "BUSINESS": "900000000000001",
    "APP": "900000000000002",
}


class PhoneNumbers:
    """The number and the account. They never change, so there is no state to reset."""

    def owns(self, node_id: str) -> bool:
        """Whether this is the id of the account's phone number."""
        return node_id == PHONE_NUMBER_ID

    def phone_number(self) -> Json:
        """Return all fields of the number."""
        return {
            "id": PHONE_NUMBER_ID,
            "display_phone_number": DISPLAY_PHONE_NUMBER,
            "verified_name": "Sandbox",
            "quality_rating": "GREEN",
            "code_verification_status": "VERIFIED",
            "name_status": "APPROVED",
            "status": "CONNECTED",
            "throughput": {"level": "STANDARD"},
            "platform_type": "CLOUD_API",
            "account_mode": "SANDBOX",
            "is_official_business_account": False,
            "messaging_limit_tier": "TIER_250",
            "whatsapp_business_manager_messaging_limit": "TIER_250",
            "health_status": _health_status(*_ENTITIES),
        }

    def account(self) -> Json:
        """Return all fields of the business account."""
        # The health of an account is that of the nodes above its numbers.
        entity_types = [name for name in _ENTITIES if name != "PHONE_NUMBER"]
        return {
            "id": BUSINESS_ACCOUNT_ID,
            "name": "Sandbox account",
            "timezone_id": "1",
            "message_template_namespace": "sandbox_namespace",
            "currency": "USD",
            "health_status": _health_status(*entity_types),
        }


def select_phone_number_fields(
    number: Mapping[str, Any],
    fields: str | None,
    *,
    default: Sequence[str],
) -> Json:
    """Return the fields of a number that a call asks for."""
    return select_fields(
        number,
        fields,
        default=default,
        node_type="WhatsAppBusinessPhoneNumber",
        unset=_UNSET_FIELDS,
    )


def select_account_fields(account: Mapping[str, Any], fields: str | None) -> Json:
    """Return the fields of the business account that a call asks for."""
    return select_fields(
        account,
        fields,
        default=DEFAULT_ACCOUNT_FIELDS,
        node_type="WhatsAppBusinessAccount",
        unset=_UNSET_ACCOUNT_FIELDS,
    )


def sender_digits() -> str:
    """Return the digits of the sender's number."""
    return re.sub(r"\D", "", DISPLAY_PHONE_NUMBER)


def _health_status(*entity_types: str) -> Json:
    entities = []
    for entity_type in entity_types:
        entity = {
            "entity_type": entity_type,
            "id": _ENTITIES[entity_type],
            "can_send_message": "AVAILABLE",
        }
        entities.append(entity)
    return {"can_send_message": "AVAILABLE", "entities": entities}
