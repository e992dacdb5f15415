"""Turns errors of the client into errors of a task, in one place."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType

from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_whatsapp.exceptions import WhatsAppError


class fail_on_permanent_error(AbstractContextManager[None]):  # noqa: N801 - reads as a sentence after ``with``
    """
    Fail the task without retries where a retry is useless or could send a message twice.

    Other errors pass through, and Airflow's ``retries`` count. Tracebacks begin at the task: error trackers upload the
    local variables of the frames below, which contain phone numbers and texts. (A generator with ``contextlib`` could
    not remove these frames: it restores the traceback of an error that passes through.)

    :raises AirflowFailException: for every :class:`WhatsAppError` that is permanent.
    """

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Translate an error."""
        if not isinstance(error, WhatsAppError):
            return
        failure = error.with_traceback(None)
        if failure.permanent:
            raise AirflowFailException(f"{type(failure).__name__}: {failure}") from failure
        raise failure
