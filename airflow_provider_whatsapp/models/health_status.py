"""
Whether messages can be sent, and which part of the account stands in the way.

https://developers.facebook.com/docs/whatsapp/cloud-api/support/health-status
"""

from __future__ import annotations

from pydantic import Field

from airflow_provider_whatsapp.models.base import OpenEnum, ResponseModel


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
