"""What has to be done so that the account's templates are what their definitions say. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from airflow_provider_whatsapp.models.template_definitions import TemplateDefinition
from airflow_provider_whatsapp.models.templates import Template, TemplateKey, TemplateStatus
from airflow_provider_whatsapp.templates.compare import find_differences


class Action(StrEnum):
    """What to do with one template."""

    CREATE = "create"
    UPDATE = "update"
    LEAVE = "leave"  # equal, and decided
    WAIT = "wait"  # equal, and in review
    RETRY_LATER = "retry later"  # differs, and Meta takes no edit during a review
    BLOCKED = "blocked"  # only a person can get on


_ANOTHER_NAME = "define it under another name"
_ADVICE = {
    TemplateStatus.ARCHIVED: "un-archive it in WhatsApp Manager",
    TemplateStatus.LIMIT_EXCEEDED: "delete templates that are no longer used, then this one",
}


@dataclass(frozen=True)
class Step:
    """One template's part in the plan; ``template_id`` is empty until it exists."""

    action: Action
    definition: TemplateDefinition
    template_id: str = ""
    status: TemplateStatus = TemplateStatus.PENDING
    reason: str = ""

    @property
    def key(self) -> TemplateKey:
        """Name and language."""
        return self.definition.key

    @property
    def changes_category(self) -> bool:
        """Meta takes another category for a template that it has rejected, and for no other."""
        return self.status is TemplateStatus.REJECTED

    @property
    def is_stuck(self) -> bool:
        """The template differs from its definition, and no edit is possible now."""
        return self.action in (Action.RETRY_LATER, Action.BLOCKED)


def plan(definitions: Iterable[TemplateDefinition], existing: Iterable[Template]) -> list[Step]:
    """Return one step for each definition, in the same order."""
    found = {template.key: template for template in existing}
    return [_make_step(definition, found.get(definition.key)) for definition in definitions]


def _make_step(definition: TemplateDefinition, template: Template | None) -> Step:
    if template is None:
        return Step(Action.CREATE, definition)
    action, reason = _decide(definition, template)
    return Step(action, definition, template.id, template.status, reason)


def _decide(definition: TemplateDefinition, template: Template) -> tuple[Action, str]:
    status = template.status
    if status.needs_a_person and status is not TemplateStatus.REJECTED:
        return Action.BLOCKED, f"it is {status} and cannot be edited; {_ADVICE.get(status, _ANOTHER_NAME)}"
    differing = find_differences(definition, template)
    if "parameter_format" in differing:
        return Action.BLOCKED, f"its parameter_format differs, which Meta does not change; {_ANOTHER_NAME}"
    remark = ""
    if template.category not in (None, definition.category):
        if status is TemplateStatus.REJECTED:
            differing.append("category")
        remark = f"Meta has it as {template.category}, the definition says {definition.category}"
    if differing:
        return _decide_edit(status, ", ".join(differing))
    return (Action.WAIT if status.is_in_review else Action.LEAVE), remark


def _decide_edit(status: TemplateStatus, differing: str) -> tuple[Action, str]:
    if status.is_in_review:
        return Action.RETRY_LATER, f"{differing} differs, and it is {status}: Meta takes no edit now; try again later"
    return Action.UPDATE, f"{differing} differs"
