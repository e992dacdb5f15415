"""Message templates as WhatsApp keeps them."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import Field

from airflow_provider_whatsapp.models.base import OpenEnum, ResponseModel


class TemplateKey(NamedTuple):
    """What identifies a template: the same name in two languages is two templates."""

    name: str
    language: str

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


class TemplateStatus(OpenEnum):
    """
    Where a template stands with Meta.

    https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates
    """

    APPROVED = "APPROVED"
    PENDING = "PENDING"
    IN_APPEAL = "IN_APPEAL"
    REJECTED = "REJECTED"
    PAUSED = "PAUSED"
    DISABLED = "DISABLED"
    PENDING_DELETION = "PENDING_DELETION"
    DELETED = "DELETED"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    ARCHIVED = "ARCHIVED"

    @property
    def is_in_review(self) -> bool:
        """Meta has not decided yet; most decisions take minutes, some a day."""
        return self in (TemplateStatus.PENDING, TemplateStatus.IN_APPEAL)

    @property
    def needs_a_person(self) -> bool:
        """It will not become APPROVED by itself, however long one waits."""
        return self in _NEED_A_PERSON


_NEED_A_PERSON = {
    TemplateStatus.REJECTED,
    TemplateStatus.DISABLED,
    TemplateStatus.PENDING_DELETION,
    TemplateStatus.DELETED,
    TemplateStatus.LIMIT_EXCEEDED,
    TemplateStatus.ARCHIVED,
}


class Template(ResponseModel):
    """
    One template in one language.

    Every field but ``id`` can be absent, because the caller chooses which ones the API returns.
    """

    id: str
    name: str = ""
    language: str = ""
    status: TemplateStatus = TemplateStatus("UNKNOWN")
    category: str | None = None
    parameter_format: str | None = None
    components: list[dict[str, Any]] = Field(default_factory=list)
    message_send_ttl_seconds: int | None = None
    rejected_reason: str | None = None

    @property
    def key(self) -> TemplateKey:
        """Name and language."""
        return TemplateKey(self.name, self.language)


class CreatedTemplate(ResponseModel):
    """Answer to a create; Meta may have put the template into another category than asked for."""

    id: str
    status: TemplateStatus = TemplateStatus.PENDING
    category: str | None = None
