"""Sensors for message templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import (
    AirflowFailException,
    AirflowSensorTimeout,
    AirflowSkipException,
    BaseSensorOperator,
    conf,
)

from airflow_provider_whatsapp.exceptions import WhatsAppError
from airflow_provider_whatsapp.hooks.failures import permanent_errors_fail_the_task
from airflow_provider_whatsapp.triggers.templates import MAX_FAILURES_IN_A_ROW, TemplateApprovalTrigger

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_whatsapp.models.template_approval import Approval
    from airflow_provider_whatsapp.models.templates import TemplateKey

_TIMEOUT_OF_AIRFLOW_2 = "Trigger/execution timeout"


class TemplateApprovalSensor(BaseSensorOperator):
    """
    Wait until Meta has approved one or more message templates.

    Succeeds when all are APPROVED. Fails at once, without retries, when one is missing or will not
    be approved by itself (REJECTED, DISABLED, ARCHIVED, LIMIT_EXCEEDED, being deleted), with Meta's
    reason. Waits on while one is PENDING or IN_APPEAL, and also while one is PAUSED or in a status
    that this version does not know: Meta lifts a pause itself after some hours, and the log names it.

    While the API cannot be reached or is unwell it waits on, too; the fifth look in a row that fails
    ends the wait with that error. (In reschedule mode nothing counts between looks: the timeout ends it.)

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
        "maton_conn_id",
    )
    ui_color = "#dcf8c6"
    _failures = 0

    def __init__(
        self,
        *,
        template_name: str | None = None,
        templates: Sequence[str | Mapping[str, str]] | Mapping[str, Any] | None = None,
        language_code: str = "en_US",
        business_account_id: str | None = None,
        maton_conn_id: str = "maton_default",
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.template_name = template_name
        self.templates = templates
        self.language_code = language_code
        self.business_account_id = business_account_id
        self.maton_conn_id = maton_conn_id
        self.deferrable = deferrable

    def execute(self, context: Context) -> None:
        """Wait here, or in the triggerer."""
        with permanent_errors_fail_the_task():
            # Here and not only in poke, so that soft_fail does not skip over wrong arguments.
            wanted = self._wanted()
        if not self.deferrable:
            super().execute(context)
        elif not self._first_look(context):
            self.defer(
                trigger=TemplateApprovalTrigger(
                    maton_conn_id=self.maton_conn_id,
                    business_account_id=self.business_account_id,
                    templates=[list(key) for key in wanted],
                    poll_interval=self.poke_interval,
                ),
                method_name="execute_complete",
                timeout=timedelta(seconds=self.timeout),
            )

    def poke(self, context: Context) -> bool:
        """Look once; the API may be unwell four times in a row."""
        from airflow_provider_whatsapp.models.template_approval import Verdict

        try:
            with permanent_errors_fail_the_task():
                verdict, message = self._look()
        except WhatsAppError as error:
            self._failures += 1
            self.log.warning("Look %d of %d in a row failed: %s", self._failures, MAX_FAILURES_IN_A_ROW, error)
            if self._failures == MAX_FAILURES_IN_A_ROW:
                raise
            return False
        self._failures = 0
        self.log.info("%s", message)
        if verdict is Verdict.REFUSED:
            raise AirflowFailException(message)
        return verdict is Verdict.APPROVED

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context) -> Any:
        """End a wait in the triggerer as Airflow ends one in a worker, which it does not in all its versions."""
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except AirflowSkipException:
            raise
        except Exception as error:
            if self.never_fail:
                raise AirflowSkipException(str(error)) from error
            if (next_kwargs or {}).get("error") == _TIMEOUT_OF_AIRFLOW_2:
                raise AirflowSensorTimeout(str(error)) from error
            raise

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> None:
        """Turn the trigger's event into the outcome of the task."""
        status, message = (event or {}).get("status"), (event or {}).get("message")
        if status == "approved":
            self.log.info("%s", message)
        elif status == "refused" or (status == "error" and (event or {}).get("permanent")):
            raise AirflowFailException(message)
        elif status == "error":
            raise RuntimeError(message)
        else:
            raise RuntimeError(f"The trigger ended without a usable event (status {status!r}); clear the task")

    def _first_look(self, context: Context) -> bool:
        """Spare the triggerer a wait that is over, one way or the other, as a sensor in poke mode would end it."""
        try:
            return self.poke(context)
        except AirflowFailException as error:
            if self.soft_fail or self.never_fail:
                raise AirflowSkipException(str(error)) from error
            raise

    def _look(self) -> Approval:
        from airflow_provider_whatsapp.hooks.maton import MatonHook
        from airflow_provider_whatsapp.models.template_approval import approval

        wanted = self._wanted()
        names = {key.name for key in wanted}
        found = MatonHook(self.maton_conn_id).client.templates.list(
            name=names.pop() if len(names) == 1 else None,
            fields=("id", "name", "language", "status", "rejected_reason"),
            business_account_id=self.business_account_id,
        )
        return approval(wanted, found)

    def _wanted(self) -> list[TemplateKey]:
        from airflow_provider_whatsapp.models.template_approval import wanted_templates

        return wanted_templates(self.template_name, self.templates, self.language_code)
