"""
Templates and their statuses: PENDING, then APPROVED or REJECTED, then what a test sets.

https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from airflow_provider_whatsapp.models.templates import TemplateStatus
from airflow_provider_whatsapp.sandbox.aliases import Clock, Json

DAY = 24 * 3600  # seconds
NAME_BLOCKED_FOR = 30 * DAY
MAX_EDITS_IN_30_DAYS = 10

_OTP_URL = "https://www.whatsapp.com/otp/code/?otp_type={otp_type}&code=otp"


@dataclass(kw_only=True)
class StoredTemplate:
    """
    One template in one language. Times are seconds since the epoch.

    :param components: as they were sent, which is not how Meta shows them.
    :param review_ends: None if no review is pending.
    """

    id: str
    name: str
    language: str
    category: str
    parameter_format: str
    components: list[Json]
    message_send_ttl_seconds: int | None
    status: str = TemplateStatus.PENDING
    submitted: float = 0.0
    rejected_reason: str = "NONE"
    review_ends: float | None = None
    was_approved: bool = False
    edits_while_approved: list[float] = field(default_factory=list)

    def to_node(self) -> Json:
        """Return all fields as the Cloud API shows them."""
        return {
            "name": self.name,
            "parameter_format": self.parameter_format,
            "components": self.read_back(),
            "language": self.language,
            "status": self.status,
            "category": self.category,
            "id": self.id,
            "rejected_reason": self.rejected_reason,
            "quality_score": {"score": "UNKNOWN", "date": int(self.submitted)},
            "message_send_ttl_seconds": self.message_send_ttl_seconds,
            # No values, because the sandbox changes no category and has no library of templates.
            "previous_category": None,
            "correct_category": None,
            "sub_category": None,
            "library_template_name": None,
            "cta_url_link_tracking_opted_out": False,
        }

    def read_back(self) -> list[Json]:
        """
        Return the components as the Cloud API shows them.

        https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates/components
        """
        shown = [_read_back_component(component, self.id) for component in self.components]
        if self.category != "AUTHENTICATION":
            return shown
        return [_add_authentication_texts(component) for component in shown]


class Templates:
    """All templates of the account, oldest first."""

    def __init__(
        self, *, clock: Clock, numbers: Iterator[int], approve_after: float
    ) -> None:
        self._clock = clock
        self._numbers = numbers
        self._approve_after = approve_after
        self._by_id: dict[str, StoredTemplate] = {}
        # By name and language.
        self._blocked_until: dict[tuple[str, str], float] = {}

    def reset(self) -> None:
        """Forget all templates, and which names are blocked."""
        self._by_id = {}
        self._blocked_until = {}

    def add(self, **content: Any) -> StoredTemplate:
        """Store a new template and start its review."""
        template = StoredTemplate(id=f"5{next(self._numbers):014d}", **content)
        self._by_id[template.id] = template
        self._start_review(template)
        return template

    def change(self, template: StoredTemplate, **content: Any) -> None:
        """Change the content of a template and start another review."""
        # Meta limits how often an approved template may be edited.
        if template.status == TemplateStatus.APPROVED:
            template.edits_while_approved.append(self._clock())
        for name, value in content.items():
            setattr(template, name, value)
        self._start_review(template)

    def delete(self, template: StoredTemplate) -> None:
        """Delete a template."""
        del self._by_id[template.id]
        # Meta blocks the name, because messages with the deleted template may still be on their way.
        if template.was_approved:
            key = (template.name, template.language)
            self._blocked_until[key] = self._clock() + NAME_BLOCKED_FOR

    def set_status(
        self, template: StoredTemplate, status: str, reason: str = "NONE"
    ) -> None:
        """Change the status of a template."""
        template.status = status
        template.rejected_reason = reason
        # The review is over. Otherwise its end would undo what a test has set.
        template.review_ends = None
        if status == TemplateStatus.APPROVED:
            template.was_approved = True

    def find_all(self) -> list[StoredTemplate]:
        """Return all templates, with the statuses that they have by now."""
        # A review ends when someone reads the templates: a timer would need a thread of its own.
        for template in self._by_id.values():
            self._end_review(template)
        return list(self._by_id.values())

    def find(self, template_id: str) -> StoredTemplate | None:
        """Return the template with this id."""
        for template in self.find_all():
            if template.id == template_id:
                return template
        return None

    def find_by_name(self, name: str, language: str | None = None) -> list[StoredTemplate]:
        """Return the templates with exactly this name, in one language or in all."""
        found = []
        for template in self.find_all():
            if template.name == name and language in (None, template.language):
                found.append(template)  # noqa: PERF401 - shorter than it would be as a comprehension
        return found

    def is_blocked(self, name: str, language: str) -> bool:
        """Whether a template of this name and language was deleted too recently."""
        blocked_until = self._blocked_until.get((name, language), float("-inf"))
        return self._clock() < blocked_until

    def can_be_edited(self, template: StoredTemplate) -> bool:
        """Whether an approved template has edits left: one a day, ten in thirty days."""
        now = self._clock()
        ages = [now - moment for moment in template.edits_while_approved]
        if any(age < DAY for age in ages):
            return False
        recent = [age for age in ages if age < 30 * DAY]
        return len(recent) < MAX_EDITS_IN_30_DAYS

    def _start_review(self, template: StoredTemplate) -> None:
        template.status = TemplateStatus.PENDING
        template.rejected_reason = "NONE"
        template.submitted = self._clock()
        template.review_ends = template.submitted + self._approve_after

    def _end_review(self, template: StoredTemplate) -> None:
        if template.review_ends is None or self._clock() < template.review_ends:
            return
        # The name decides, so that a test can have a template rejected without the control API.
        if "reject" in template.name:
            self.set_status(template, TemplateStatus.REJECTED, "INVALID_FORMAT")
        else:
            self.set_status(template, TemplateStatus.APPROVED)


def _read_back_component(component: Json, template_id: str) -> Json:
    shown = {**component, "type": component["type"].upper()}
    if "format" in shown:
        shown["format"] = shown["format"].upper()
    example = shown.get("example") or {}
    if "header_handle" in example:
        # A handle cannot be used twice. Meta shows the sample as a link to its content network.
        link = f"https://scontent.whatsapp.net/v/t61.29466-34/{template_id}_n.bin?ccb=1-7&oe=SANDBOX"
        shown["example"] = {**example, "header_handle": [link]}
    if "buttons" in shown:
        shown["buttons"] = [_read_back_button(button) for button in shown["buttons"]]
    if "cards" in shown:
        shown["cards"] = [_read_back_card(card, template_id) for card in shown["cards"]]
    return shown


def _read_back_card(card: Json, template_id: str) -> Json:
    components = [
        _read_back_component(component, template_id) for component in card["components"]
    ]
    return {**card, "components": components}


def _read_back_button(button: Json) -> Json:
    shown = {**button, "type": button["type"].upper()}
    # Meta accepts one example as a text, and always shows a list.
    if isinstance(shown.get("example"), str):
        shown["example"] = [shown["example"]]
    return shown


def _add_authentication_texts(component: Json) -> Json:
    """Add the fixed texts that Meta writes into authentication templates."""
    if component["type"] == "BODY":
        text = "*{{1}}* is your verification code."
        if component.get("add_security_recommendation"):
            text += " For your security, do not share this code."
        return {
            **component,
            "text": text,
            "example": {"body_text": [["123456"]]},
        }
    if component["type"] == "FOOTER" and "code_expiration_minutes" in component:
        minutes = component["code_expiration_minutes"]
        return {**component, "text": f"This code expires in {minutes} minutes."}
    if component["type"] == "BUTTONS":
        buttons = [_replace_otp_button(button) for button in component["buttons"]]
        return {**component, "buttons": buttons}
    return component


def _replace_otp_button(button: Json) -> Json:
    """Return the URL button that Meta makes of an OTP button."""
    if button["type"] != "OTP":
        return button
    otp_type = str(button.get("otp_type", "COPY_CODE")).upper()
    url = _OTP_URL.format(otp_type=otp_type)
    return {
        "type": "URL",
        "text": button.get("text") or "Copy code",
        "url": f"{url}{{{{1}}}}",
        "example": [f"{url}123456"],
    }
