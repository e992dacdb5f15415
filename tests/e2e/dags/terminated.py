"""A send that a test sends signals to while it awaits the response."""

import pendulum
from airflow.sdk import DAG

from airflow_provider_whatsapp.operators.messages import SendTextOperator

with DAG("terminated", start_date=pendulum.datetime(2026, 1, 1, tz="UTC"), schedule=None):
    SendTextOperator(
        task_id="send",
        to="{{ var.value.person }}",
        body="what only Robert may read",
        biz_opaque_callback_data="{{ run_id }}",
        maton_conn_id="maton_without_key",
        retries=2,
        retry_delay=pendulum.duration(seconds=1),
    )
