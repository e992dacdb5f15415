"""
The business's own phone numbers.

https://developers.facebook.com/docs/whatsapp/business-management-api/manage-phone-numbers
"""

from __future__ import annotations

from pydantic import Field

from airflow_provider_whatsapp.models.base import OpenEnum, ResponseModel


class QualityRating(OpenEnum):
    """What recipients think of the number; RED comes before a restriction."""

    GREEN = "GREEN"
    YELLOW = "YELLOW"
    RED = "RED"
    NA = "NA"
    UNKNOWN = "UNKNOWN"


class PhoneNumberStatus(OpenEnum):
    """Whether the number is connected; only a CONNECTED one sends."""

    CONNECTED = "CONNECTED"
    PENDING = "PENDING"
    FLAGGED = "FLAGGED"
    RESTRICTED = "RESTRICTED"
    BANNED = "BANNED"
    DISCONNECTED = "DISCONNECTED"
    MIGRATED = "MIGRATED"


class NameStatus(OpenEnum):
    """What Meta's review of the display name came to."""

    APPROVED = "APPROVED"
    AVAILABLE_WITHOUT_REVIEW = "AVAILABLE_WITHOUT_REVIEW"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    NONE = "NONE"
    PENDING_REVIEW = "PENDING_REVIEW"


class CodeVerificationStatus(OpenEnum):
    """Whether the number's owner has proved it with a code."""

    VERIFIED = "VERIFIED"
    NOT_VERIFIED = "NOT_VERIFIED"
    UNVERIFIED = "UNVERIFIED"
    EXPIRED = "EXPIRED"


class ThroughputLevel(OpenEnum):
    """Messages a second: STANDARD is 80, HIGH 1,000."""

    STANDARD = "STANDARD"
    HIGH = "HIGH"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class MessagingLimit(OpenEnum):
    """How many people the business may write to first within 24 hours."""

    TIER_50 = "TIER_50"
    TIER_250 = "TIER_250"
    TIER_1K = "TIER_1K"
    TIER_2K = "TIER_2K"
    TIER_10K = "TIER_10K"
    TIER_100K = "TIER_100K"
    TIER_UNLIMITED = "TIER_UNLIMITED"


class AccountMode(OpenEnum):
    """SANDBOX is a number that Meta lends for tests."""

    LIVE = "LIVE"
    SANDBOX = "SANDBOX"


class PlatformType(OpenEnum):
    """Where the number is registered; this API serves CLOUD_API."""

    CLOUD_API = "CLOUD_API"
    ON_PREMISE = "ON_PREMISE"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class Throughput(ResponseModel):
    """How fast the number may send."""

    level: ThroughputLevel | None = None


class BusinessPhoneNumber(ResponseModel):
    """
    A number that sends; ``id`` is the *phone number id* of every call.

    Every field but ``id`` can be absent, because the caller chooses which ones the API returns.
    """

    id: str
    display_phone_number: str = Field(default="", repr=False)
    verified_name: str = ""
    quality_rating: QualityRating = QualityRating.UNKNOWN
    status: PhoneNumberStatus | None = None
    name_status: NameStatus | None = None
    code_verification_status: CodeVerificationStatus | None = None
    throughput: Throughput | None = None
    messaging_limit_tier: MessagingLimit | None = None
    whatsapp_business_manager_messaging_limit: MessagingLimit | None = None
    account_mode: AccountMode | None = None
    platform_type: PlatformType | None = None
    is_official_business_account: bool | None = None
    health_status: HealthStatus | None = None

    @property
    def messaging_limit(self) -> MessagingLimit | None:
        """The limit of the business portfolio; the number's own, which Meta has deprecated, where that is absent."""
        return self.whatsapp_business_manager_messaging_limit or self.messaging_limit_tier


class CanSendMessage(OpenEnum):
    """LIMITED works, but not for all messages; see the errors of the entity."""

    AVAILABLE = "AVAILABLE"
    LIMITED = "LIMITED"
    BLOCKED = "BLOCKED"
    UNKNOWN = "UNKNOWN"


class HealthError(ResponseModel):
    """One reason why an entity is not AVAILABLE, and what Meta says would help."""

    error_code: int | None = None
    error_description: str = ""
    possible_solution: str = ""


class HealthEntity(ResponseModel):
    """One part of the account: PHONE_NUMBER, MESSAGE_TEMPLATE, WABA, BUSINESS or APP."""

    entity_type: str = ""
    id: str = ""
    can_send_message: CanSendMessage = CanSendMessage.UNKNOWN
    errors: list[HealthError] = Field(default_factory=list)
    additional_info: list[str] = Field(default_factory=list)


class HealthStatus(ResponseModel):
    """The health of all parts together, which is that of the worst one."""

    can_send_message: CanSendMessage = CanSendMessage.UNKNOWN
    entities: list[HealthEntity] = Field(default_factory=list)
