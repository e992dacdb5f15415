"""
Message templates.

https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_provider_whatsapp.client.account import business_account_id_of
from airflow_provider_whatsapp.client.api import Api
from airflow_provider_whatsapp.client.pagination import Page, items
from airflow_provider_whatsapp.client.protocol import Call, Repeat, graph_id
from airflow_provider_whatsapp.models.base import checked
from airflow_provider_whatsapp.models.template_definitions import TemplateDefinition
from airflow_provider_whatsapp.models.templates import CreatedTemplate, Success, Template, TemplateName

FIELDS = (
    "id",
    "name",
    "language",
    "status",
    "category",
    "parameter_format",
    "components",
    "message_send_ttl_seconds",
    "rejected_reason",
)


class Templates:
    """``/{business_account_id}/message_templates`` and ``/{template_id}``."""

    def __init__(self, api: Api) -> None:
        """Use ``api``."""
        self._api = api

    def list(
        self,
        *,
        name: str | None = None,
        fields: Sequence[str] = FIELDS,
        business_account_id: str | None = None,
        page_size: int = 100,
    ) -> Iterator[Template]:
        """
        Yield every template of the account, page after page.

        :param name: only the templates of exactly this name, in all their languages.
        :param fields: what to return of each.
        :param business_account_id: whose templates, the account's default if absent.
        :param page_size: templates a call.
        """
        owner = business_account_id_of(self._api.config, business_account_id)

        def fetch(cursor: str | None) -> Page[Template]:
            params: dict[str, str | int | None] = {
                "fields": ",".join(fields),
                "limit": page_size,
                "name": name,
                "after": cursor,
            }
            call = Call(method="GET", path=f"{owner}/message_templates", params=params)
            return self._api.call(call, Page[Template])

        # The API's filter also finds names that contain this one.
        return (template for template in items(fetch) if name in (None, template.name))

    def get(self, template_id: str, *, fields: Sequence[str] = FIELDS) -> Template:
        """
        Return one template.

        :raises NotFoundError: if there is none of this id.
        """
        path = graph_id(template_id, "template_id")
        return self._api.call(Call(method="GET", path=path, params={"fields": ",".join(fields)}), Template)

    def create(self, definition: TemplateDefinition, *, business_account_id: str | None = None) -> CreatedTemplate:
        """
        Create a template, which Meta then reviews.

        :raises TemplateError: if the name is taken in this language, or the content breaks a rule.
        """
        owner = business_account_id_of(self._api.config, business_account_id)
        call = Call(method="POST", path=f"{owner}/message_templates", json=definition.wire(), repeat=Repeat.WASTEFUL)
        return self._api.call(call, CreatedTemplate)

    def edit(self, template_id: str, definition: TemplateDefinition, *, category: bool = False) -> None:
        """
        Replace the content of a template, which Meta then reviews again.

        :param category: send the category too; Meta refuses that for an approved template.
        :raises TemplateError: if it is in review, or was edited too often (once a day, ten times a month).
        """
        body = definition.wire()
        kept = ("components", "message_send_ttl_seconds", *(("category",) if category else ()))
        call = Call(
            method="POST",
            path=graph_id(template_id, "template_id"),
            json={name: body[name] for name in kept if name in body},
            repeat=Repeat.WASTEFUL,
        )
        self._api.call(call, Success)

    def delete(self, name: str, *, template_id: str | None = None, business_account_id: str | None = None) -> None:
        """
        Delete a template; its name stays blocked for 30 days.

        :param name: alone, deletes all languages.
        :param template_id: only this one; ``name`` must be its name.
        :raises NotFoundError: if there is none.
        """
        owner = business_account_id_of(self._api.config, business_account_id)
        params = {"name": checked(TemplateName, name, field="name")}
        if template_id is not None:
            params["hsm_id"] = graph_id(template_id, "template_id")
        self._api.call(Call(method="DELETE", path=f"{owner}/message_templates", params=params), Success)
