"""
Links from a task to the page of WhatsApp Manager that it is about.

The addresses are those that WhatsApp Manager itself shows; Meta does not document them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from airflow.providers.common.compat.sdk import BaseOperatorLink

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import BaseOperator, Context
    from airflow.sdk.types import TaskInstanceKey

MANAGER = "https://business.facebook.com/latest/whatsapp_manager"


class WhatsAppManagerLink(BaseOperatorLink):
    """A page of WhatsApp Manager, about the account that a task has used."""

    page: ClassVar[str]

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the address that the task has kept; empty until then."""
        from airflow.providers.common.compat.sdk import XCom

        return XCom.get_value(ti_key=ti_key, key=f"{self.page}_link") or ""

    @classmethod
    def keep(
        cls,
        context: Context | Mapping[str, Any],
        business_account_id: str | None,
        **more: str,
    ) -> None:
        """Keep the address for the task's page, if the account is known."""
        # A task that a test runs by hand has an empty context.
        if business_account_id and "ti" in context:
            query = urlencode({"asset_id": business_account_id, **more})
            address = f"{MANAGER}/{cls.page}?{query}"
            # Under a key of the page's own, because a task can have several links.
            context["ti"].xcom_push(key=f"{cls.page}_link", value=address)


class TemplatesLink(WhatsAppManagerLink):
    """The account's templates, or one of them."""

    name = "Templates in WhatsApp Manager"
    page = "message_templates"

    @classmethod
    def keep_template(
        cls, context: Context | Mapping[str, Any], account: str | None, template_id: str
    ) -> None:
        """Keep the address of one template."""
        cls.keep(
            context, account, tab="message-templates", childRoute="CAPI", id=template_id
        )


class PhoneNumbersLink(WhatsAppManagerLink):
    """The account's phone numbers, with their quality and limits."""

    name = "Phone number in WhatsApp Manager"
    page = "phone_numbers"
