"""What all sensors share: one outcome, whether they wait in poke, reschedule or deferrable mode."""

from __future__ import annotations

from collections.abc import Sequence
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
from airflow_provider_whatsapp.hooks.failures import fail_on_permanent_error
from airflow_provider_whatsapp.hooks.mapped_data import MappedDataMixin
from airflow_provider_whatsapp.triggers.base import MAX_FAILURES_IN_A_ROW, PollingTrigger

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_whatsapp.client.client import WhatsAppClient
    from airflow_provider_whatsapp.waits.outcome import PollResult

_TIMEOUT_OF_AIRFLOW_2 = "Trigger/execution timeout"


class PollingSensor(MappedDataMixin, BaseSensorOperator):
    """
    Looks again and again until there is a verdict.

    While the API cannot be reached or is unwell it waits on; the fifth look in a row that fails ends the
    wait with that error. (In reschedule mode nothing counts between looks: the timeout ends it.)

    :param maton_conn_id: the Airflow connection. (templated)
    :param deferrable: wait in the triggerer, which takes no worker slot.
    """

    template_fields: Sequence[str] = ("maton_conn_id",)
    ui_color = "#dcf8c6"
    _failures = 0

    def __init__(
        self,
        *,
        maton_conn_id: str = "maton_default",
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.maton_conn_id = maton_conn_id
        self.deferrable = deferrable

    def check_arguments(self) -> None:
        """Refuse what cannot work, before the first look."""
        raise NotImplementedError

    def look(self) -> PollResult:
        """Look once."""
        raise NotImplementedError

    def trigger(self) -> PollingTrigger:
        """Return what waits in the triggerer."""
        raise NotImplementedError

    def when_unavailable(self, message: str) -> bool:
        """End a wait for something that this account cannot look at; ``True`` is a success."""
        raise AirflowFailException(message)

    def client(self) -> WhatsAppClient:
        """Return the client of the connection."""
        from airflow_provider_whatsapp.hooks.maton import MatonHook

        return MatonHook(self.maton_conn_id).client

    def execute(self, context: Context) -> None:
        """Wait here, or in the triggerer."""
        with fail_on_permanent_error():
            # Here and not only in poke, so that soft_fail does not skip over wrong arguments.
            self.check_arguments()
        if not self.deferrable:
            super().execute(context)
        elif not self._first_look(context):
            timeout = timedelta(seconds=self.timeout)
            self.defer(trigger=self.trigger(), method_name="execute_complete", timeout=timeout)

    def poke(self, context: Context) -> bool:
        """Look once; the API may be unwell four times in a row."""
        try:
            with fail_on_permanent_error():
                verdict, message = self.look()
        except WhatsAppError as error:
            self._failures += 1
            self.log.warning("Look %d of %d in a row failed: %s", self._failures, MAX_FAILURES_IN_A_ROW, error)
            if self._failures == MAX_FAILURES_IN_A_ROW:
                raise
            return False
        self._failures = 0
        return self._end(verdict.value, message)

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
        found = event or {}
        status, message = found.get("status"), str(found.get("message"))
        if status == "error":
            raise AirflowFailException(message) if found.get("permanent") else RuntimeError(message)
        if status not in ("done", "refused", "unavailable"):
            raise RuntimeError(f"The trigger ended without a usable event (status {status!r}); clear the task")
        self._end(status, message)

    def _end(self, verdict: str, message: str) -> bool:
        """Return whether the wait is over and well."""
        if verdict == "refused":
            raise AirflowFailException(message)
        if verdict == "unavailable":
            return self.when_unavailable(message)
        self.log.info("%s", message)
        return verdict == "done"

    def _first_look(self, context: Context) -> bool:
        """Spare the triggerer a wait that is over, one way or the other, as a sensor in poke mode would end it."""
        try:
            return self.poke(context)
        except AirflowSkipException:
            raise
        except Exception as error:
            if self.never_fail or (self.soft_fail and isinstance(error, AirflowFailException)):
                raise AirflowSkipException(str(error)) from error
            raise
