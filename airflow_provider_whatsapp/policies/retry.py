"""
Decides by the error whether and when Airflow tries a task again.

Airflow has retry policies from 3.3 on. On older ones the operators of this package still fail a permanent error
at once, and for the others ``retries`` and ``retry_delay`` of the task count.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from airflow_provider_whatsapp.exceptions import (
    RateLimitedError,
    TransientError,
    WhatsAppError,
)

try:
    from airflow.providers.common.compat.sdk import RetryDecision, RetryPolicy
except ImportError:
    raise ImportError(
        "WhatsAppRetryPolicy needs Airflow 3.3 or newer. Leave retry_policy out on older ones: there the operators "
        "fail permanent errors at once, and Airflow's retries and retry_delay count for the others"
    ) from None

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

MAX_DELAY = timedelta(minutes=15)


class WhatsAppRetryPolicy(RetryPolicy):
    """
    Fail at once if a retry is useless, and else retry when the response says.

    .. code-block:: python

        @task(retries=3, retry_policy=WhatsAppRetryPolicy())
        def balance(template_id: str) -> str:
            return MatonHook().client.templates.get(template_id).status

    A permanent error fails the task, and so does an unknown outcome of a send. After a throttle or an outage Airflow
    tries again when ``Retry-After`` says. Without it the delay grows from where the client's own attempts ended, up to
    15 minutes. Other errors of the client, such as no connection, are tried again after the task's ``retry_delay``. For
    errors of other code the policy leaves the decision to Airflow. The task's ``retries`` count in any case.

    https://airflow.apache.org/docs/task-sdk/stable/api.html#retry-policies
    """

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,
        context: Context | None = None,
    ) -> RetryDecision:
        """Decide about one failure."""
        if not isinstance(exception, WhatsAppError):
            return RetryDecision.default()
        reason = f"{type(exception).__name__}: {exception}"
        if exception.permanent:
            return RetryDecision.fail(reason)
        if not isinstance(exception, RateLimitedError | TransientError):
            # Without a delay of its own the decision leaves it to the task's ``retry_delay``.
            return RetryDecision.retry(None, reason)
        seconds = exception.retry_after
        if seconds is None:
            # Imported when a task has failed: DAG processors import this module again and again.
            from airflow_provider_whatsapp.client.http.error_codes import Code, find

            code = find(exception.code, exception.subcode) or Code(type(exception), "")
            # The client has made its own attempts in each try of the task.
            seconds = code.wait * code.factor ** (code.tries + try_number - 2)
        return RetryDecision.retry(min(timedelta(seconds=seconds), MAX_DELAY), reason)

    def serialize(self) -> dict[str, str]:
        """Return what tells this policy from others; it has no settings."""
        return {"__type": f"{type(self).__module__}.{type(self).__qualname__}"}

    @classmethod
    def deserialize(cls, data: dict[str, str]) -> WhatsAppRetryPolicy:  # noqa: ARG003 - no setting is in it
        """Return the policy again."""
        return cls()
