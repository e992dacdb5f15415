from __future__ import annotations

import pytest

from airflow_provider_whatsapp.models.phone_numbers import (
    BusinessPhoneNumber,
    MessagingLimit,
    ThroughputLevel,
)

BODY = {
    "id": "106540352242922",
    "display_phone_number": "+1 650-555-1234",
    "verified_name": "Pipelines Inc.",
    "quality_rating": "NA",
    "status": "CONNECTED",
    "name_status": "AVAILABLE_WITHOUT_REVIEW",
    "code_verification_status": "EXPIRED",
    "throughput": {"level": "HIGH"},
    "messaging_limit_tier": "TIER_1K",
    "account_mode": "LIVE",
    "platform_type": "CLOUD_API",
    "is_official_business_account": False,
}


def test_all_fields():
    """Every field that was asked for is there by its name, and the number itself stays out of the logs."""
    number = BusinessPhoneNumber.model_validate(BODY)
    assert number.throughput.level is ThroughputLevel.HIGH
    assert (number.status, number.account_mode, number.platform_type) == (
        "CONNECTED",
        "LIVE",
        "CLOUD_API",
    )
    assert (number.name_status, number.code_verification_status) == (
        "AVAILABLE_WITHOUT_REVIEW",
        "EXPIRED",
    )
    assert number.is_official_business_account is False
    assert number.display_phone_number == "+1 650-555-1234"
    assert "1234" not in repr(number)


@pytest.mark.parametrize(
    "body", [{"id": "1"}, dict.fromkeys(BODY) | {"id": "1"}], ids=["absent", "null"]
)
def test_least_answer(body):
    """A number of which only the id was asked for has no more than that."""
    number = BusinessPhoneNumber.model_validate(body)
    assert (
        number.quality_rating,
        number.status,
        number.throughput,
        number.health_status,
    ) == (
        "UNKNOWN",
        None,
        None,
        None,
    )
    assert number.messaging_limit is None


@pytest.mark.parametrize(
    "field",
    ["quality_rating", "status", "name_status", "messaging_limit_tier", "platform_type"],
)
def test_new_values(field):
    """A value that is not known yet is kept as it came."""
    assert (
        getattr(BusinessPhoneNumber.model_validate({**BODY, field: "NEW"}), field) == "NEW"
    )


@pytest.mark.parametrize(
    ("newer", "older", "limit"),
    [
        ("TIER_10K", "TIER_1K", "TIER_10K"),
        (None, "TIER_1K", "TIER_1K"),
        ("TIER_10K", None, "TIER_10K"),
    ],
    ids=["both", "older", "newer"],
)
def test_messaging_limit(newer, older, limit):
    """The limit of the portfolio goes before the number's own, which is deprecated."""
    body = {
        "id": "1",
        "messaging_limit_tier": older,
        "whatsapp_business_manager_messaging_limit": newer,
    }
    assert BusinessPhoneNumber.model_validate(body).messaging_limit is MessagingLimit(limit)
