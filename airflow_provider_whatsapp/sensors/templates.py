"""Sensors for message templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_whatsapp.sensors.base import PollingSensor
from airflow_provider_whatsapp.triggers.templates import TemplateApprovalTrigger

if TYPE_CHECKING:
    from airflow_provider_whatsapp.waits.templates import TemplateWait


class TemplateApprovalSensor(PollingSensor):
    """
    Wait until Meta has approved one or more message templates.

    Succeeds when all are APPROVED. Fails at once, without retries, when one is missing or will not
    be approved by itself (REJECTED, DISABLED, ARCHIVED, LIMIT_EXCEEDED, being deleted), with Meta's
    reason. Waits on while one is PENDING or IN_APPEAL, and also while one is PAUSED or in a status
    that this version does not know: Meta lifts a pause itself after some hours, and the log names it.

    While the API cannot be reached or is unavailable the wait goes on. The fifth failed poll in a row ends it with
    that error. (In reschedule mode failures are not counted: the timeout ends the wait.)

    With ``deferrable=True`` the wait takes no worker slot, and all sensors of one account in a
    triggerer share their calls.

    :param template_name: one template. (templated)
    :param templates: several: a list of names and of ``{"name", "language"}`` dicts, or the output of
        a ``SyncTemplatesOperator``. (templated)
    :param language_code: the language of names that come without one. (templated)
    :param business_account_id: owner of the templates, the connection's if absent. (templated)
    :param maton_conn_id: the Airflow connection. (templated)
    :param deferrable: wait in the triggerer.

    .. seealso:: https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates
    """

    template_fields: Sequence[str] = (
        "template_name",
        "templates",
        "language_code",
        "business_account_id",
        *PollingSensor.template_fields,
    )

    def __init__(
        self,
        *,
        template_name: str | None = None,
        templates: Sequence[str | Mapping[str, str]] | Mapping[str, Any] | None = None,
        language_code: str = "en_US",
        business_account_id: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.template_name = template_name
        self.templates = templates
        self.language_code = language_code
        self.business_account_id = business_account_id

    def wait(self) -> TemplateWait:
        """Return the wait, with its arguments validated."""
        from airflow_provider_whatsapp.waits.templates import TemplateWait, template_keys

        keys = template_keys(self.template_name, self.templates, self.language_code)
        return TemplateWait(templates=keys, business_account_id=self.business_account_id)

    def trigger(self) -> TemplateApprovalTrigger:
        """Wait for the same templates in the triggerer."""
        return TemplateApprovalTrigger(
            maton_conn_id=self.maton_conn_id,
            business_account_id=self.business_account_id,
            templates=[list(key) for key in self.wait().templates],
            poll_interval=self.poke_interval,
        )
