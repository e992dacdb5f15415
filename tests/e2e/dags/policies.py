"""Tasks that would be tried again in an hour, if it were not for their retry policy."""

import pendulum
from airflow.sdk import DAG, task

from airflow_provider_whatsapp.operators.messages import SendTextOperator
from airflow_provider_whatsapp.policies.retry import WhatsAppRetryPolicy

with DAG(
    "policies",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    schedule=None,
    default_args={
        "retries": 3,
        "retry_delay": pendulum.duration(hours=1),
        "retry_policy": WhatsAppRetryPolicy(),
    },
):
    SendTextOperator(task_id="throttled", to="+1 650 555 6001", body="The load has failed.")

    @task
    def permanent():
        """Ask for a template that does not exist, with the client itself."""
        from airflow_provider_whatsapp.hooks.maton import MatonHook

        MatonHook().client.templates.get("404")

    permanent()
