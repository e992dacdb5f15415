"""Operators for message templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_whatsapp.exceptions import BadRequestError, TemplateError
from airflow_provider_whatsapp.hooks.failures import permanent_errors_fail_the_task
from airflow_provider_whatsapp.operators.base import WhatsAppOperator, storage_path

if TYPE_CHECKING:
    from pathlib import Path

    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_whatsapp.models.template_definitions import TemplateDefinition
    from airflow_provider_whatsapp.template_sync.plan import Step


class SyncTemplatesOperator(WhatsAppOperator):
    """
    Bring the account's message templates to what their definitions say.

    Creates what is missing, edits what differs and may be edited, and leaves the rest alone; nothing
    is ever deleted. Running it again changes nothing. Where a template stands in the way (refused,
    disabled, deleted, or in review with other content), everything else is done first and then the
    task fails, naming each of them.

    A definition is the body of Meta's create call: ``name``, ``language``, ``category``,
    ``components``. A file, YAML or JSON, holds one definition or a list of them. Sample values
    (``example``) are for Meta's reviewers and are not compared.

    :param templates: a folder or a file of definitions (a path, or a URI of Airflow's object
        storage; templated), or a list of dicts, whose text is not rendered.
    :param business_account_id: owner of the templates, the connection's if absent. (templated)
    :param maton_conn_id: the Airflow connection. (templated)
    :return: ``{"created": […], "updated": […], "unchanged": […], "pending": […]}``, each template
        once, as ``{"name", "language", "id", "status"}``; ``pending`` are those equal and in review.

    .. seealso:: https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates
    """

    template_fields: Sequence[str] = ("templates", "business_account_id", *WhatsAppOperator.template_fields)
    template_fields_renderers = {"templates": "json"}

    def __init__(
        self,
        *,
        templates: str | Path | Sequence[Mapping[str, Any]],
        business_account_id: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.templates = templates
        self.business_account_id = business_account_id

    def render_template(self, content: Any, *args: Any, **kwargs: Any) -> Any:
        """Render a path, but no definitions: their ``{{1}}`` and ``{{name}}`` are WhatsApp's, not Jinja's."""
        if content is self.templates and isinstance(content, list | tuple):
            return content
        return super().render_template(content, *args, **kwargs)

    def execute(self, context: Context) -> dict[str, list[dict[str, str]]]:
        """Compare, create, edit, and report."""
        from airflow_provider_whatsapp.template_sync.plan import plan, raise_if_stuck, report

        with permanent_errors_fail_the_task():
            definitions = self._definitions()
            existing = list(self.client.templates.list(business_account_id=self.business_account_id))
            steps = [self._carried_out(step) for step in plan(definitions, existing)]
            raise_if_stuck(steps)
        return report(steps)

    def _definitions(self) -> list[TemplateDefinition]:
        from pathlib import Path

        from airflow_provider_whatsapp.template_sync.definitions import from_dicts, from_files

        if isinstance(self.templates, str | Path):
            return from_files(storage_path(self.templates, "templates"))
        return from_dicts(self.templates)

    def _carried_out(self, step: Step) -> Step:
        """Let a template that is refused not keep the others from being synced."""
        try:
            return self._carry_out(step)
        except (TemplateError, BadRequestError) as error:
            if not error.permanent:
                raise
            return step.refused(str(error))

    def _carry_out(self, step: Step) -> Step:
        from airflow_provider_whatsapp.template_sync.plan import Action

        self.log.info("Template %s: %s%s", step.key, step.action, f" ({step.reason})" if step.reason else "")
        if step.action is Action.CREATE:
            made = self.client.templates.create(step.definition, business_account_id=self.business_account_id)
            return step.done(made.id, made.status)
        if step.action is Action.UPDATE:
            self.client.templates.edit(step.template_id, step.definition, category=step.changes_category)
            return step.done(step.template_id)
        return step
