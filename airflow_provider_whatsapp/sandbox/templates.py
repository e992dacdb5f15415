"""
Templates and their life: PENDING, then APPROVED or REJECTED, then whatever one decides.

https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from airflow_provider_whatsapp.models.templates import TemplateStatus
from airflow_provider_whatsapp.sandbox.template_readback import read_back

DAY = 24 * 3600
NAME_BLOCKED_FOR = 30 * DAY


@dataclass(kw_only=True)
class StoredTemplate:
    """One template in one language."""

    id: str
    name: str
    language: str
    category: str
    parameter_format: str
    components: list[dict[str, Any]]
    message_send_ttl_seconds: int | None
    status: str = TemplateStatus.PENDING
    submitted: float = 0.0
    rejected_reason: str = "NONE"
    review_ends: float | None = None
    was_approved: bool = False
    edits_while_approved: list[float] = field(default_factory=list)

    def node(self) -> dict[str, Any]:
        """Return all fields as the Cloud API reads them back."""
        return {
            "name": self.name,
            "parameter_format": self.parameter_format,
            "components": read_back(self.components, category=self.category, template_id=self.id),
            "language": self.language,
            "status": self.status,
            "category": self.category,
            "id": self.id,
            "rejected_reason": self.rejected_reason,
            "quality_score": {"score": "UNKNOWN", "date": int(self.submitted)},
            "message_send_ttl_seconds": self.message_send_ttl_seconds,
            "previous_category": None,
            "correct_category": None,
            "sub_category": None,
            "library_template_name": None,
            "cta_url_link_tracking_opted_out": False,
        }


class Templates:
    """All templates of the account; one whose review has ended is decided when somebody looks."""

    def __init__(self, *, clock: Callable[[], float], numbers: Iterator[int], approve_after: float) -> None:
        self._clock = clock
        self._numbers = numbers
        self._approve_after = approve_after
        self._by_id: dict[str, StoredTemplate] = {}
        self._blocked_until: dict[tuple[str, str], float] = {}

    def reset(self) -> None:
        """Forget them all, and which names are blocked."""
        self._by_id = {}
        self._blocked_until = {}

    def add(self, **content: Any) -> StoredTemplate:
        """Remember a new template and begin its review."""
        template = StoredTemplate(id=f"5{next(self._numbers):014d}", **content)
        self._by_id[template.id] = template
        self._submit(template)
        return template

    def change(self, template: StoredTemplate, **content: Any) -> None:
        """Put in new content and begin another review."""
        if template.status == TemplateStatus.APPROVED:
            template.edits_while_approved.append(self._clock())
        for name, value in content.items():
            setattr(template, name, value)
        self._submit(template)

    def remove(self, template: StoredTemplate) -> None:
        """Delete one; the name of one that was ever approved can't be used again for 30 days."""
        del self._by_id[template.id]
        if template.was_approved:
            self._blocked_until[template.name, template.language] = self._clock() + NAME_BLOCKED_FOR

    def decide(self, template: StoredTemplate, status: str, reason: str = "NONE") -> None:
        """Put one into a status, in which it then stays."""
        template.status = status
        template.rejected_reason = reason
        template.review_ends = None
        template.was_approved |= status == TemplateStatus.APPROVED

    def listed(self) -> list[StoredTemplate]:
        """Return all of them, oldest first."""
        for template in self._by_id.values():
            self._end_review(template)
        return list(self._by_id.values())

    def find(self, template_id: str) -> StoredTemplate | None:
        """Return one by its id."""
        return next((template for template in self.listed() if template.id == template_id), None)

    def named(self, name: str, language: str | None = None) -> list[StoredTemplate]:
        """Return those of exactly this name, in one language or in all."""
        return [
            template for template in self.listed() if template.name == name and language in (None, template.language)
        ]

    def is_blocked(self, name: str, language: str) -> bool:
        """Whether a template of this name and language was deleted too recently."""
        return self._clock() < self._blocked_until.get((name, language), float("-inf"))

    def may_be_edited(self, template: StoredTemplate) -> bool:
        """Whether an approved template has edits left: one a day, ten in thirty days."""
        ages = [self._clock() - moment for moment in template.edits_while_approved]
        return all(age >= DAY for age in ages) and sum(age < 30 * DAY for age in ages) < 10

    def _submit(self, template: StoredTemplate) -> None:
        template.status = TemplateStatus.PENDING
        template.rejected_reason = "NONE"
        template.submitted = self._clock()
        template.review_ends = template.submitted + self._approve_after

    def _end_review(self, template: StoredTemplate) -> None:
        if template.review_ends is None or self._clock() < template.review_ends:
            return
        if "reject" in template.name:
            self.decide(template, TemplateStatus.REJECTED, "INVALID_FORMAT")
        else:
            self.decide(template, TemplateStatus.APPROVED)
