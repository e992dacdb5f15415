"""
The business account and its one phone number.

https://developers.facebook.com/docs/whatsapp/business-management-api/manage-phone-numbers
"""

from __future__ import annotations

import re
from typing import Any

from airflow_provider_whatsapp.sandbox.settings import (
    BUSINESS_ACCOUNT_ID,
    DISPLAY_PHONE_NUMBER,
    PHONE_NUMBER_ID,
)

DEFAULT_FIELDS = ("verified_name", "display_phone_number", "quality_rating", "id")
LIST_FIELDS = ("verified_name", "code_verification_status", *DEFAULT_FIELDS[1:])
ACCOUNT_FIELDS = ("id", "name", "timezone_id", "message_template_namespace")
# Fields of Meta's that may be asked for, and that this number and this account have not.
UNSET_FIELDS = (
    "certificate", "conversational_automation", "country_code", "country_dial_code",
    "eligibility_for_api_business_global_search", "is_on_biz_app", "is_pin_enabled", "is_preverified_number",
    "last_onboarded_time", "new_certificate", "new_name_status", "quality_score", "search_visibility",
    "webhook_configuration",
)  # fmt: skip
UNSET_ACCOUNT_FIELDS = (
    "account_review_status", "business_verification_status", "country", "disable_marketing_messages_on_cloud_api",
    "is_enabled_for_insights", "marketing_messages_lite_api_status", "marketing_messages_onboarding_status",
    "on_behalf_of_business_info", "owner_business_info", "ownership_type", "status", "subscribed_apps",
)  # fmt: skip

_ENTITIES = {
    "PHONE_NUMBER": PHONE_NUMBER_ID,
    "WABA": BUSINESS_ACCOUNT_ID,
    "BUSINESS": "900000000000001",
    "APP": "900000000000002",
}


class PhoneNumbers:
    """Answers what is asked about the number and the account; neither ever changes."""

    def owns(self, node_id: str) -> bool:
        """Whether this is the phone number's id."""
        return node_id == PHONE_NUMBER_ID

    def phone_number(self) -> dict[str, Any]:
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
            "health_status": _health("PHONE_NUMBER"),
        }

    def account(self) -> dict[str, Any]:
        """Return all fields of the business account."""
        return {
            "id": BUSINESS_ACCOUNT_ID,
            "name": "Sandbox account",
            "timezone_id": "1",
            "message_template_namespace": "sandbox_namespace",
            "currency": "USD",
            "health_status": _health("WABA"),
        }


def digits_of_sender() -> str:
    """Return the sender's number, digits only."""
    return re.sub(r"\D", "", DISPLAY_PHONE_NUMBER)


def _health(asked: str) -> dict[str, Any]:
    kinds = [kind for kind in _ENTITIES if kind == asked or kind != "PHONE_NUMBER"]
    entities = [{"entity_type": kind, "id": _ENTITIES[kind], "can_send_message": "AVAILABLE"} for kind in kinds]
    return {"can_send_message": "AVAILABLE", "entities": entities}
