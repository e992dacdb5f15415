"""Waits for the approval of message templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from airflow_provider_whatsapp.client.client import WhatsAppClient
from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.ids import LanguageCode, TemplateName
from airflow_provider_whatsapp.models.templates import Template, TemplateKey, TemplateStatus
from airflow_provider_whatsapp.models.validation import describe, validate
from airflow_provider_whatsapp.waits.poll import Outcome, PollResult

_FIELDS = ("id", "name", "language", "status", "rejected_reason")


@dataclass(frozen=True, kw_only=True)
class TemplateWait:
    """
    Waits until all templates are approved.

    :param templates: name and language of each, at least one.
    :param business_account_id: owner of the templates, the client's if absent.
    """

    templates: Sequence[TemplateKey]
    business_account_id: str | None = None

    def poll(self, client: WhatsAppClient) -> PollResult:
        """Ask for the templates' statuses."""
        names = {key.name for key in self.templates}
        name = names.pop() if len(names) == 1 else None
        return approval(self.templates, self.list(client, name=name))

    def list(self, client: WhatsAppClient, *, name: str | None = None) -> list[Template]:
        """Return the account's templates with their statuses, or those of one name."""
        return list(client.templates.list(name=name, fields=_FIELDS, business_account_id=self.business_account_id))


def approval(wanted: Sequence[TemplateKey], found: Iterable[Template]) -> PollResult:
    """Tell whether all ``wanted`` templates are approved, or one of them never will be."""
    by_key = {template.key: template for template in found}
    failed = [reason for key in wanted if (reason := _failure(key, by_key.get(key)))]
    if failed:
        return PollResult(Outcome.FAILED, "; ".join(failed))
    waiting = [key for key in wanted if by_key[key].status is not TemplateStatus.APPROVED]
    if waiting:
        return PollResult(Outcome.WAITING, ", ".join(f"{key} is {by_key[key].status}" for key in waiting))
    return PollResult(Outcome.SUCCESS, f"{', '.join(map(str, wanted))}: approved")


def template_keys(template_name: str | None, templates: Any, language_code: str) -> list[TemplateKey]:
    """
    Return the templates to wait for.

    :param template_name: one name, or
    :param templates: a list of names and of ``{"name", "language"}`` dicts, or the report of a
        ``SyncTemplatesOperator``.
    :param language_code: for names without a language.
    :raises InvalidRequestError: naming the argument and the remedy.
    """
    if (template_name is None) == (templates is None):
        got = "none" if templates is None else "both"
        raise InvalidRequestError(
            f"template_name, templates: must have exactly one of them set (got {got}). Pass one of them."
        )
    if template_name is not None:
        return [_key(template_name, "template_name", language_code)]
    if isinstance(templates, Mapping):
        templates = _entries_of_report(templates)
    if isinstance(templates, str) or not isinstance(templates, Sequence) or not templates:
        raise InvalidRequestError(
            f"templates: must be a list with at least one name or dict (got {describe(templates)}). Wrap it in [ ]."
        )
    return [_key(entry, f"templates[{position}]", language_code) for position, entry in enumerate(templates)]


def _entries_of_report(report: Mapping[str, Any]) -> object:
    """Return all entries in the report of a sync, or another dict as it is, which is then not a list."""
    if not all(isinstance(entries, list) for entries in report.values()):
        return report
    return [entry for entries in report.values() for entry in entries]


def _key(entry: Any, field: str, language_code: str) -> TemplateKey:
    if isinstance(entry, str):
        return TemplateKey(validate(TemplateName, entry, field=field), _language(language_code))
    if not isinstance(entry, Mapping) or "name" not in entry:
        raise InvalidRequestError(
            f"{field}: must be a name, or a dict with name and language (got {describe(entry)}). Name the template."
        )
    name = validate(TemplateName, entry["name"], field=f'{field}["name"]')
    return TemplateKey(name, _language(entry.get("language", language_code), f'{field}["language"]'))


def _language(code: Any, field: str = "language_code") -> str:
    return validate(LanguageCode, code, field=field)


def _failure(key: TemplateKey, template: Template | None) -> str | None:
    if template is None:
        return f"{key} does not exist in this business account: check name and language, or create it first"
    if not template.status.needs_a_person:
        return None
    reason = template.rejected_reason if template.rejected_reason not in (None, "", "NONE") else "none given"
    return f"{key} is {template.status}, Meta's reason: {reason}; change the template, or make one with another name"
