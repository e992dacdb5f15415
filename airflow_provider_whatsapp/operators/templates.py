"""Operators that sync, create and delete message templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_whatsapp.exceptions import ApiError, InvalidRequestError
from airflow_provider_whatsapp.hooks.failures import fail_on_permanent_error
from airflow_provider_whatsapp.links.whatsapp_manager import TemplatesLink
from airflow_provider_whatsapp.operators.base import WhatsAppOperator, storage_path

if TYPE_CHECKING:
    from pathlib import Path

    from airflow.providers.common.compat.sdk import Context


class DefinitionOperator(WhatsAppOperator):
    """
    The base of operators that get definitions, which Jinja must not render.

    A definition is the body of Meta's create call: ``name``, ``language``, ``category``, ``components``. Its ``{{1}}``
    and ``{{name}}`` are WhatsApp's. Airflow renders the paths of definitions.
    """

    definition_field = "template"
    operator_extra_links = (TemplatesLink(),)

    def render_template(self, content: Any, *args: Any, **kwargs: Any) -> Any:
        """Render a path, and leave definitions as they are."""
        if content is getattr(self, self.definition_field) and isinstance(
            content, Mapping | list | tuple
        ):
            return content
        return super().render_template(content, *args, **kwargs)


class SyncTemplatesOperator(DefinitionOperator):
    """
    Create and edit the account's message templates so that they are what their definitions say.

    The operator creates missing templates, edits those that differ and can be edited, and deletes none. A second run
    changes nothing. If Meta rejects a template, or it cannot be edited (disabled, deleted, or in review with other
    content), the operator applies all others first, and then fails the task with the reason for each.

    A definition is the body of Meta's create call: ``name``, ``language``, ``category``,
    ``components``. A file, YAML or JSON, contains one definition or a list of them. Sample values
    (``example``) are for Meta's reviewers and are not compared.

    :param templates: a folder or a file of definitions (a path, or a URI of Airflow's object
        storage; templated), or a list of dicts, whose text is not rendered.
    :param business_account_id: owner of the templates, the connection's if absent. (templated)
    :param maton_conn_id: the Airflow connection. (templated)
    :return: ``{"created": […], "updated": […], "unchanged": […], "pending": […]}``, each template
        once, as ``{"name", "language", "id", "status"}``. ``pending`` has those that are equal and in review.

    .. seealso:: https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates
    """

    definition_field = "templates"
    template_fields: Sequence[str] = (
        "templates",
        "business_account_id",
        *WhatsAppOperator.template_fields,
    )
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

    def execute(self, context: Context) -> dict[str, list[dict[str, str]]]:
        """Sync the templates, and return a report."""
        from pathlib import Path

        from airflow_provider_whatsapp.templates.apply import raise_if_stuck, report, sync
        from airflow_provider_whatsapp.templates.files import from_dicts, from_files

        with fail_on_permanent_error():
            if isinstance(self.templates, str | Path):
                wanted = from_files(storage_path(self.templates, "templates"))
            else:
                wanted = from_dicts(self.templates)
            results = sync(
                self.client, wanted, business_account_id=self.business_account_id
            )
            # Before the task can fail: the page shows why a template is stuck.
            TemplatesLink.keep(
                context, self.business_account_id or self.client.config.business_account_id
            )
            raise_if_stuck(results)
        return report(results)


class CreateTemplateOperator(DefinitionOperator):
    """
    Create one message template, which Meta then reviews.

    It fails if the account has one of this name and language. A DAG that runs regularly needs a
    :class:`SyncTemplatesOperator`, which leaves equal templates as they are.

    :param template: the definition as a dict, whose text is not rendered, or the path or URI of a file with
        one definition in it. (templated)
    :param business_account_id: owner of the template, the connection's if absent. (templated)
    :param maton_conn_id: the Airflow connection. (templated)
    :return: ``{"template_id", "name", "language", "status", "category"}``. Meta may choose another category than the
        definition's.

    .. seealso:: https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates
    """

    template_fields: Sequence[str] = (
        "template",
        "business_account_id",
        *WhatsAppOperator.template_fields,
    )
    template_fields_renderers = {"template": "json"}

    def __init__(
        self,
        *,
        template: str | Path | Mapping[str, Any],
        business_account_id: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.template = template
        self.business_account_id = business_account_id

    def execute(self, context: Context) -> dict[str, str | None]:
        """Validate the definition, create the template, and return its id."""
        from airflow_provider_whatsapp.templates.files import from_dict, from_files

        with fail_on_permanent_error():
            if isinstance(self.template, Mapping):
                wanted = from_dict(self.template, argument="template")
            else:
                found = from_files(
                    storage_path(self.template, "template"), argument="template"
                )
                if len(found) != 1:
                    raise InvalidRequestError(
                        f"template: must be one definition (got {len(found)}). Use SyncTemplatesOperator for several."
                    )
                wanted = found[0]
            made = self.client.templates.create(
                wanted, business_account_id=self.business_account_id
            )
            account = self.business_account_id or self.client.config.business_account_id
            TemplatesLink.keep_template(context, account, made.id)
        self.log.info(
            "Created template %s (%s) as %s: %s",
            wanted.name,
            wanted.language,
            made.id,
            made.status,
        )
        if made.category not in (None, wanted.category):
            self.log.warning(
                "Meta put %s into the category %s, not %s",
                wanted.name,
                made.category,
                wanted.category,
            )
        return {
            "template_id": made.id,
            "name": wanted.name,
            "language": wanted.language,
            "status": made.status.value,
            "category": made.category,
        }


class DeleteTemplateOperator(WhatsAppOperator):
    """
    Delete message templates. A name that was ever approved cannot be used again for 30 days.

    :param template_name: alone, deletes the template in all its languages. (templated)
    :param template_id: with its name, deletes only this one. (templated)
    :param template_ids: up to 100 ids, in place of both; all of them are deleted, or none. (templated)
    :param ignore_if_missing: succeed if there is no such template, as after a retry. Of ``template_ids``, delete those
        that exist.
    :param business_account_id: owner of the templates, the connection's if absent. (templated)
    :param maton_conn_id: the Airflow connection. (templated)

    .. seealso:: https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates
    """

    template_fields: Sequence[str] = (
        "template_name",
        "template_id",
        "template_ids",
        "business_account_id",
        *WhatsAppOperator.template_fields,
    )
    operator_extra_links = (TemplatesLink(),)

    def __init__(
        self,
        *,
        template_name: str | None = None,
        template_id: str | None = None,
        template_ids: Sequence[str] | None = None,
        ignore_if_missing: bool = False,
        business_account_id: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.template_name = template_name
        self.template_id = template_id
        self.template_ids = template_ids
        self.ignore_if_missing = ignore_if_missing
        self.business_account_id = business_account_id

    def execute(self, context: Context) -> None:
        """Delete them."""
        with fail_on_permanent_error():
            TemplatesLink.keep(
                context, self.business_account_id or self.client.config.business_account_id
            )
            try:
                self._delete(self.template_ids)
            except ApiError as error:
                if not self.ignore_if_missing or not error.permanent:
                    raise
                self._delete_those_left(error)

    def _delete(self, template_ids: Sequence[str] | None) -> None:
        account = self.business_account_id
        if (template_ids is None) == (self.template_name is None) or (
            template_ids and self.template_id
        ):
            raise InvalidRequestError(
                "template_name, template_ids: must have exactly one of them set, and template_id only with the name "
                "(got another combination). Leave the others out."
            )
        if template_ids is not None:
            self.client.templates.delete_many(template_ids, business_account_id=account)
            self.log.info("Deleted %d templates", len(template_ids))
            return
        self.client.templates.delete(
            str(self.template_name),
            template_id=self.template_id,
            business_account_id=account,
        )
        name = str(self.template_name)
        if self.template_id:
            name = f"{name} {self.template_id}"
        self.log.info("Deleted template %s", name)

    def _delete_those_left(self, error: ApiError) -> None:
        """Delete those of the list that exist, or raise ``error`` if none is missing."""
        # Meta rejects an unknown template with the code of any wrong parameter, so only a listing tells.
        found = self.client.templates.list(
            name=self.template_name,
            fields=("id", "name", "status"),
            business_account_id=self.business_account_id,
        )
        # Meta lists deleted templates for some time.
        there = {
            template.id
            for template in found
            if template.status not in ("PENDING_DELETION", "DELETED")
        }
        if self.template_ids is not None:
            wanted = {str(template_id) for template_id in self.template_ids}
        elif self.template_id is not None:
            wanted = {str(self.template_id)}
        else:
            wanted = there
        left = sorted(wanted & there)
        if left and len(left) == len(wanted):
            raise error
        self.log.info("Of the %d templates, %d still exist", len(wanted), len(left))
        if left:
            self._delete(left)
