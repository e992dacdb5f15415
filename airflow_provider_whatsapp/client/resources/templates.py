"""
Message templates.

https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_provider_whatsapp.client.api import Api
from airflow_provider_whatsapp.client.http.calls import Call, Idempotency
from airflow_provider_whatsapp.client.resources.pagination import Page, paginate
from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.base import Success
from airflow_provider_whatsapp.models.ids import TemplateName, graph_id
from airflow_provider_whatsapp.models.json_values import encode_json
from airflow_provider_whatsapp.models.template_definitions import TemplateDefinition
from airflow_provider_whatsapp.models.templates import (
    CreatedTemplate,
    Template,
    TemplateStatus,
)
from airflow_provider_whatsapp.models.validation import describe, validate

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
MAX_IDS = 100


class Templates:
    """``/{business_account_id}/message_templates`` and ``/{template_id}``."""

    def __init__(self, api: Api) -> None:
        """Use ``api``."""
        self._api = api

    def list(
        self,
        *,
        name: str | None = None,
        status: TemplateStatus | str | None = None,
        category: str | None = None,
        language: str | None = None,
        fields: Sequence[str] = FIELDS,
        business_account_id: str | None = None,
        page_size: int = 100,
    ) -> Iterator[Template]:
        """
        Yield every template of the account, page after page.

        :param name: only the templates of exactly this name, in all their languages.
        :param status: only those in this status, such as ``APPROVED``; capitals or not.
        :param category: only those of this category: MARKETING, UTILITY or AUTHENTICATION; capitals or not.
        :param language: only those in this language, such as ``en_US``.
        :param fields: what to return of each; the name comes along if it is asked for.
        :param business_account_id: whose templates, the account's default if absent.
        :param page_size: templates a call.
        """
        owner = self._api.config.business_account_id_of(business_account_id)
        # Meta writes these in capitals: a filter in small letters would find nothing, without an error.
        wanted = {
            "name": name,
            "status": status and status.upper(),
            "category": category and category.upper(),
            "language": language,
        }
        asked = list(fields)
        if name is not None:
            asked.append("name")
        shown = ",".join(dict.fromkeys(asked))

        def fetch(cursor: str | None) -> Page[Template]:
            params: dict[str, str | int | None] = {
                "fields": shown,
                "limit": page_size,
                "after": cursor,
                **wanted,
            }
            call = Call(method="GET", path=f"{owner}/message_templates", params=params)
            return self._api.call(call, Page[Template])

        # The API's filter also finds names that contain this one; and only fields of the response can be compared.
        exact = {
            field: value
            for field, value in wanted.items()
            if value is not None and field in asked
        }
        return (
            template
            for template in paginate(fetch)
            if all(getattr(template, field) == value for field, value in exact.items())
        )

    def get(self, template_id: str, *, fields: Sequence[str] = FIELDS) -> Template:
        """
        Return one template.

        :raises NotFoundError: if there is none of this id.
        """
        path = graph_id(template_id, "template_id")
        call = Call(method="GET", path=path, params={"fields": ",".join(fields)})
        return self._api.call(call, Template)

    def create(
        self, definition: TemplateDefinition, *, business_account_id: str | None = None
    ) -> CreatedTemplate:
        """
        Create a template, which Meta then reviews.

        :raises TemplateError: if the name is taken in this language, or the content breaks a rule.
        """
        owner = self._api.config.business_account_id_of(business_account_id)
        call = Call(
            method="POST",
            path=f"{owner}/message_templates",
            json=definition.encode(),
            idempotency=Idempotency.TASK_MAY_RETRY,
        )
        return self._api.call(call, CreatedTemplate)

    def edit(
        self, template_id: str, definition: TemplateDefinition, *, category: bool = False
    ) -> None:
        """
        Replace the content of a template, which Meta then reviews again.

        :param category: send the category too; Meta rejects that for an approved template.
        :raises TemplateError: if it is in review, or was edited too often (once a day, ten times a month).
        """
        body = definition.wire()
        # Name and language are the template's identity, and Meta rejects them in an edit.
        kept = ["components", "message_send_ttl_seconds"]
        if category:
            kept.append("category")
        call = Call(
            method="POST",
            path=graph_id(template_id, "template_id"),
            json=encode_json({name: body[name] for name in kept if name in body}),
            idempotency=Idempotency.TASK_MAY_RETRY,
        )
        self._api.call(call, Success)

    def delete(
        self,
        name: str,
        *,
        template_id: str | None = None,
        business_account_id: str | None = None,
    ) -> None:
        """
        Delete a template; its name stays blocked for 30 days.

        :param name: alone, deletes all languages.
        :param template_id: only this one; ``name`` must be its name.
        :raises InvalidRequestError: if name or id cannot be one; nothing was sent.
        :raises ApiError: if there is none; Meta documents no code for that.
        """
        owner = self._api.config.business_account_id_of(business_account_id)
        params = {"name": validate(TemplateName, name, field="name")}
        if template_id is not None:
            params["hsm_id"] = graph_id(template_id, "template_id")
        self._api.call(
            Call(method="DELETE", path=f"{owner}/message_templates", params=params), Success
        )

    def delete_many(
        self, template_ids: Sequence[str], *, business_account_id: str | None = None
    ) -> None:
        """
        Delete up to 100 templates, each in one language: all of them or none.

        :param template_ids: ids as a create or list call gives them.
        :raises InvalidRequestError: if they are too many, none, or no ids; nothing was sent.
        :raises ApiError: if one of them does not exist; then none is deleted.
        """
        owner = self._api.config.business_account_id_of(business_account_id)
        # From a template or XCom it can be anything. Text is a sequence, too: of its letters.
        given: object = template_ids
        if (
            isinstance(given, str)
            or not isinstance(given, Sequence)
            or not 1 <= len(given) <= MAX_IDS
        ):
            raise InvalidRequestError(
                f"template_ids: must be a list of 1 to {MAX_IDS} ids (got {describe(given)}). "
                "Wrap it in [ ], or split it."
            )
        ids = [
            graph_id(value, f"template_ids[{place}]") for place, value in enumerate(given)
        ]
        params = {"hsm_ids": f"[{','.join(dict.fromkeys(ids))}]"}
        self._api.call(
            Call(method="DELETE", path=f"{owner}/message_templates", params=params), Success
        )
