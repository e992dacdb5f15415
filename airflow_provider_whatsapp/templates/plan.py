"""Compares the account's templates with their definitions, and plans what to do about each difference. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from airflow_provider_whatsapp.models.template_definitions import TemplateDefinition
from airflow_provider_whatsapp.models.templates import Template, TemplateKey, TemplateStatus


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

# Samples are for the reviewers, and a media sample comes back as a link that was never sent.
_NOT_COMPARED = {"example"}
# Authors and Meta may write these fields in different ways that mean the same.
_SPELLINGS: dict[str, Callable[[str], str]] = {
    "type": str.upper,
    "format": str.upper,
    "otp_type": str.upper,
    "text": str.strip,
    "phone_number": lambda number: re.sub(r"\D", "", number),
}
_OTP_TYPE = re.compile(r"[?&]otp_type=(\w+)")


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


def plan(
    definitions: Iterable[TemplateDefinition], existing: Iterable[Template]
) -> list[Step]:
    """Return one step for each definition, in the same order."""
    found = {template.key: template for template in existing}
    steps = []
    for definition in definitions:
        template = found.get(definition.key)
        if template is None:
            steps.append(Step(Action.CREATE, definition))
            continue
        action, reason = _decide(definition, template)
        steps.append(Step(action, definition, template.id, template.status, reason))
    return steps


def _decide(definition: TemplateDefinition, template: Template) -> tuple[Action, str]:
    """Return what to do with a template that exists, and why."""
    status = template.status
    # Of the states that last until a person acts, Meta takes an edit only in REJECTED.
    if status.needs_a_person and status is not TemplateStatus.REJECTED:
        return (
            Action.BLOCKED,
            f"it is {status} and cannot be edited; {_ADVICE.get(status, _ANOTHER_NAME)}",
        )
    differing = find_differences(definition, template)
    if "parameter_format" in differing:
        return (
            Action.BLOCKED,
            f"its parameter_format differs, which Meta does not change; {_ANOTHER_NAME}",
        )
    remark = ""
    if template.category not in (None, definition.category):
        remark = (
            f"Meta has it as {template.category}, the definition says {definition.category}"
        )
        # Anywhere else an edit of the category would fail, and the sync with it at every run.
        if status is TemplateStatus.REJECTED:
            differing.append("category")
    names = ", ".join(differing)
    if differing and status.is_in_review:
        return (
            Action.RETRY_LATER,
            f"{names} differs, and it is {status}: Meta takes no edit now; try again later",
        )
    if differing:
        return Action.UPDATE, f"{names} differs"
    if status.is_in_review:
        return Action.WAIT, remark
    return Action.LEAVE, remark


def find_differences(definition: TemplateDefinition, template: Template) -> list[str]:
    """
    Return the names of the parts that differ; empty if none do.

    The category is not one of them: Meta moves templates between categories itself, and does not
    change the category of an approved one.
    """
    wanted = _by_type(definition.wire()["components"])
    found = _by_type(template.components)
    if definition.category == "AUTHENTICATION":
        # Meta writes these texts itself: only what the definition says can differ.
        found = {
            kind: _restrict(part, wanted.get(kind, {})) for kind, part in found.items()
        }
    differing = [
        kind for kind in {**wanted, **found} if wanted.get(kind) != found.get(kind)
    ]
    if _parameter_format(definition) != _parameter_format(template):
        differing.append("parameter_format")
    ttl = definition.message_send_ttl_seconds
    # Meta drops it when it moves a template to another category.
    if ttl is not None and template.message_send_ttl_seconds not in (None, ttl):
        differing.append("message_send_ttl_seconds")
    return differing


def _by_type(components: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    # Meta may return the components in another order.
    return {str(part.get("type")).upper(): _normalize(part) for part in components}


def _parameter_format(template: TemplateDefinition | Template) -> str:
    # Meta takes a template without a format as a positional one.
    return (template.parameter_format or "POSITIONAL").upper()


def _normalize(value: Any, name: str = "") -> Any:
    """Return a component in the spelling in which two can be compared."""
    if isinstance(value, Mapping):
        pairs = {
            key: _normalize(inner, key)
            for key, inner in value.items()
            if key not in _NOT_COMPARED
        }
        # Meta leaves out what is false or empty, or writes it, as it likes.
        return {
            key: inner
            for key, inner in pairs.items()
            if inner is not False and inner not in (None, [], {}, "")
        }
    if isinstance(value, list):
        return [_normalize(inner) for inner in value]
    if isinstance(value, str):
        return _SPELLINGS.get(name, str)(value)
    return value


def _restrict(found: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Return only the fields that the definition has too, with buttons in the definition's form."""
    if not wanted:
        return found
    # The recommendation is always compared: it is a difference if the definition no longer has it.
    compared = {*wanted, "add_security_recommendation"}
    kept = {key: value for key, value in found.items() if key in compared}
    buttons = kept.get("buttons", [])
    if not buttons or len(buttons) != len(wanted.get("buttons", [])):
        return kept
    restored = []
    for shown, written in zip(buttons, wanted["buttons"], strict=True):
        button = dict(shown)
        # Meta makes a URL button of an OTP button, and only the link shows of which kind it was.
        if otp_type := _OTP_TYPE.search(button.get("url", "")):
            button |= {"type": "OTP", "otp_type": otp_type[1].upper()}
        # What Meta does not show, such as autofill_text, counts as equal.
        comparable = {key: value for key, value in button.items() if key in written}
        restored.append({**written, **comparable})
    return {**kept, "buttons": restored}
