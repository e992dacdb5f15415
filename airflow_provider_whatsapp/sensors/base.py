"""What all sensors share: one outcome, whether they wait in poke, reschedule or deferrable mode."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
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
from airflow_provider_whatsapp.triggers.base import PollingTrigger
from airflow_provider_whatsapp.waits.poll import FailureCount

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_whatsapp.client.client import WhatsAppClient
    from airflow_provider_whatsapp.waits.poll import Wait

_TIMEOUT_OF_AIRFLOW_2 = "Trigger/execution timeout"


class PollingSensor(MappedDataMixin, BaseSensorOperator):
    """
    Polls until the wait is over.

    While the API cannot be reached or is unavailable the wait goes on. The fifth failed poll in a row ends it with
    that error. (In reschedule mode failures are not counted, because each poll has a process of its own: the timeout
    ends the wait.)

    :param maton_conn_id: the Airflow connection. (templated)
    :param deferrable: wait in the triggerer, which takes no worker slot.
    """

    template_fields: Sequence[str] = ("maton_conn_id",)
    ui_color = "#dcf8c6"

    def __init__(
        self,
        *,
        maton_conn_id: str = "maton_default",
        deferrable: bool = conf.getboolean(
            "operators", "default_deferrable", fallback=False
        ),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.maton_conn_id = maton_conn_id
        self.deferrable = deferrable

    def wait(self) -> Wait:
        """
        Return what is waited for.

        :raises InvalidRequestError: if an argument is not valid.
        """
        raise NotImplementedError

    def trigger(self) -> PollingTrigger:
        """Return the trigger of the same wait."""
        raise NotImplementedError

    def when_unavailable(self, message: str) -> bool:
        """End a wait for something that this account cannot see; ``True`` is a success."""
        raise AirflowFailException(message)

    @cached_property
    def client(self) -> WhatsAppClient:
        """The client of the connection."""
        from airflow_provider_whatsapp.hooks.maton import MatonHook

        return MatonHook(self.maton_conn_id).client

    @cached_property
    def _failures(self) -> FailureCount:
        return FailureCount()

    def execute(self, context: Context) -> None:
        """Wait here, or in the triggerer."""
        with fail_on_permanent_error():
            # Here and not only in poke, so that soft_fail does not skip a task whose arguments are wrong.
            self.wait()
        if not self.deferrable:
            super().execute(context)
            return
        # The first poll is made here: a wait that is over spares the triggerer. It ends as in poke mode.
        try:
            is_over = self.poke(context)
        except AirflowSkipException:
            raise
        except Exception as error:
            if self.never_fail or (
                self.soft_fail and isinstance(error, AirflowFailException)
            ):
                raise AirflowSkipException(str(error)) from error
            raise
        if not is_over:
            timeout = timedelta(seconds=self.timeout)
            self.defer(
                trigger=self.trigger(), method_name="execute_complete", timeout=timeout
            )

    def poke(self, context: Context) -> bool:
        """Poll once; four polls in a row may fail."""
        try:
            with fail_on_permanent_error():
                outcome, message = self.wait().poll(self.client)
        except WhatsAppError as error:
            if self._failures.is_last(error):
                raise
            return False
        self._failures.reset()
        return self._end(outcome.value, message)

    def resume_execution(
        self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context
    ) -> Any:
        """End a wait in the triggerer as Airflow ends one in a worker, which it does not in all its versions."""
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except AirflowSkipException:
            raise
        except Exception as error:
            if self.never_fail:
                raise AirflowSkipException(str(error)) from error
            # Airflow 2 raises another error for it than in a worker, and would retry and wait anew.
            if (next_kwargs or {}).get("error") == _TIMEOUT_OF_AIRFLOW_2:
                raise AirflowSensorTimeout(str(error)) from error
            raise

    def execute_complete(
        self, context: Context, event: dict[str, Any] | None = None
    ) -> None:
        """Turn the trigger's event into the outcome of the task."""
        found = event or {}
        status = found.get("status")
        message = str(found.get("message"))
        if status == "error":
            if found.get("permanent"):
                raise AirflowFailException(message)
            # Of any kind that leaves the retries to Airflow.
            raise RuntimeError(message)
        if status not in ("success", "failed", "unavailable"):
            raise RuntimeError(
                f"The trigger ended without a usable event (status {status!r}); clear the task"
            )
        self._end(status, message)

    def _end(self, outcome: str, message: str) -> bool:
        """Return whether the wait is over and well."""
        if outcome == "failed":
            raise AirflowFailException(message)
        if outcome == "unavailable":
            return self.when_unavailable(message)
        self.log.info("%s", message)
        return outcome == "success"
