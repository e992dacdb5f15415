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
        # Meta finds the templates of one name, in all languages; for several names all of the account are read.
        names = {key.name for key in self.templates}
        name = None
        if len(names) == 1:
            name = names.pop()
        return approval(self.templates, self.list(client, name=name))

    def list(self, client: WhatsAppClient, *, name: str | None = None) -> list[Template]:
        """Return the account's templates with their statuses, or those of one name."""
        return list(
            client.templates.list(
                name=name, fields=_FIELDS, business_account_id=self.business_account_id
            )
        )


def approval(wanted: Sequence[TemplateKey], found: Iterable[Template]) -> PollResult:
    """Tell whether all ``wanted`` templates are approved, or one of them never will be."""
    by_key = {template.key: template for template in found}
    failed, waiting = [], []
    for key in wanted:
        template = by_key.get(key)
        if template is None:
            failed.append(
                f"{key} does not exist in this business account: check name and language, or create it first"
            )
        elif template.status.needs_a_person:
            reason = template.rejected_reason
            # Meta writes NONE in place of a reason.
            if reason in (None, "", "NONE"):
                reason = "none given"
            failed.append(
                f"{key} is {template.status}, Meta's reason: {reason}; "
                "change the template, or make one with another name"
            )
        elif template.status is not TemplateStatus.APPROVED:
            waiting.append(f"{key} is {template.status}")
    # A failure ends the wait at once: the others would be waited for in vain.
    if failed:
        return PollResult(Outcome.FAILED, "; ".join(failed))
    if waiting:
        return PollResult(Outcome.WAITING, ", ".join(waiting))
    return PollResult(Outcome.SUCCESS, f"{', '.join(map(str, wanted))}: approved")


def template_keys(
    template_name: str | None, templates: Any, language_code: str
) -> list[TemplateKey]:
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
    return [
        _key(entry, f"templates[{position}]", language_code)
        for position, entry in enumerate(templates)
    ]


def _entries_of_report(report: Mapping[str, Any]) -> object:
    """Return all entries in the report of a sync, or another dict as it is, which is then not a list."""
    if not all(isinstance(entries, list) for entries in report.values()):
        return report
    return [entry for entries in report.values() for entry in entries]


def _key(entry: Any, field: str, language_code: str) -> TemplateKey:
    if isinstance(entry, str):
        return TemplateKey(
            validate(TemplateName, entry, field=field), _language(language_code)
        )
    if not isinstance(entry, Mapping) or "name" not in entry:
        raise InvalidRequestError(
            f"{field}: must be a name, or a dict with name and language (got {describe(entry)}). Name the template."
        )
    name = validate(TemplateName, entry["name"], field=f'{field}["name"]')
    language = entry.get("language", language_code)
    return TemplateKey(name, _language(language, f'{field}["language"]'))


def _language(code: Any, field: str = "language_code") -> str:
    return validate(LanguageCode, code, field=field)
