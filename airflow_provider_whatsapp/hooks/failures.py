"""The one place where errors of the client become errors of a task."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_whatsapp.exceptions import WhatsAppError


@contextmanager
def permanent_errors_fail_the_task() -> Iterator[None]:
    """
    Fail the task without retries where a retry is pointless or could send a message twice.

    Other errors pass through, and Airflow's ``retries`` count.

    :raises AirflowFailException: for every :class:`WhatsAppError` that is permanent.
    """
    try:
        yield
    except WhatsAppError as error:
        if error.permanent:
            raise AirflowFailException(f"{type(error).__name__}: {error}") from error
        raise
