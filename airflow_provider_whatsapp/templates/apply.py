"""
Brings the account's templates to what their definitions say.

The operator calls it, and a script can: it needs a client and no Airflow.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from airflow_provider_whatsapp.client.client import WhatsAppClient
from airflow_provider_whatsapp.exceptions import BadRequestError, TemplateError
from airflow_provider_whatsapp.models.template_definitions import TemplateDefinition
from airflow_provider_whatsapp.models.templates import TemplateStatus
from airflow_provider_whatsapp.templates.plan import Action, Step, plan

# Other actions leave a problem, which the report does not have: it is in the error of the task.
_REPORTED = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.LEAVE: "unchanged",
    Action.WAIT: "pending",
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """
    What came of one step.

    :param template_id: empty if the template does not exist.
    :param status: of the template afterwards.
    :param rejection: why Meta rejected the change; empty if it did not.
    """

    step: Step
    template_id: str
    status: TemplateStatus
    rejection: str = ""

    @property
    def problem(self) -> str:
        """Why the template is not what its definition says; empty if it is."""
        if self.rejection or not self.step.is_stuck:
            return self.rejection
        return self.step.reason


def sync(
    client: WhatsAppClient,
    definitions: Iterable[TemplateDefinition],
    *,
    business_account_id: str | None = None,
) -> list[StepResult]:
    """
    Plan and apply: create what is missing, edit what differs, and delete nothing.

    :param business_account_id: owner of the templates, the client's if absent.
    :raises WhatsAppError: if the account's templates cannot be read, or a change fails for another reason than its
        content. The templates before it are done, and another call does the rest.
    """
    existing = list(client.templates.list(business_account_id=business_account_id))
    return apply(
        client, plan(definitions, existing), business_account_id=business_account_id
    )


def apply(
    client: WhatsAppClient, steps: Iterable[Step], *, business_account_id: str | None = None
) -> list[StepResult]:
    """Carry out each step. A template that Meta rejects keeps no other from being applied."""
    return [_apply_step(client, step, business_account_id) for step in steps]


def raise_if_stuck(results: Sequence[StepResult]) -> None:
    """
    Name the templates that are not what their definitions say.

    :raises TemplateError: not permanent if it is enough to wait for the end of a review.
    """
    stuck = [result for result in results if result.problem]
    if stuck:
        raise TemplateError(
            "; ".join(f"{result.step.key}: {result.problem}" for result in stuck),
            permanent=any(result.step.action is not Action.RETRY_LATER for result in stuck),
        )


def report(results: Iterable[StepResult]) -> dict[str, list[dict[str, str]]]:
    """Return as plain JSON what was done; each template that has no problem is in it once."""
    # A DAG can rely on each of the lists, even if it is empty.
    reported: dict[str, list[dict[str, str]]] = {name: [] for name in _REPORTED.values()}
    for result in results:
        if result.problem or result.step.action not in _REPORTED:
            continue
        entry = {
            "name": result.step.key.name,
            "language": result.step.key.language,
            "id": result.template_id,
            "status": result.status.value,
        }
        reported[_REPORTED[result.step.action]].append(entry)
    return reported


def _apply_step(
    client: WhatsAppClient, step: Step, business_account_id: str | None
) -> StepResult:
    reason = f" ({step.reason})" if step.reason else ""
    log.info("Template %s: %s%s", step.key, step.action, reason)
    try:
        if step.action is Action.CREATE:
            made = client.templates.create(
                step.definition, business_account_id=business_account_id
            )
            return StepResult(step=step, template_id=made.id, status=made.status)
        if step.action is Action.UPDATE:
            client.templates.edit(
                step.template_id, step.definition, category=step.changes_category
            )
            # Meta reviews an edited template again.
            return StepResult(
                step=step, template_id=step.template_id, status=TemplateStatus.PENDING
            )
    except (TemplateError, BadRequestError) as error:
        # An error that passes ends the sync: the next try does this template and the rest.
        if not error.permanent:
            raise
        return StepResult(
            step=step,
            template_id=step.template_id,
            status=step.status,
            rejection=str(error),
        )
    return StepResult(step=step, template_id=step.template_id, status=step.status)
