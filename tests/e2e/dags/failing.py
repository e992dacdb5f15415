"""One task for each kind of failure, so that what errors leave behind can be searched."""

import pendulum
from airflow.sdk import DAG

from airflow_provider_whatsapp.operators.messages import SendTemplateOperator

with DAG(
    "failing",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    schedule=None,
    default_args={"retries": 1, "retry_delay": pendulum.duration(hours=1)},
):
    SendTemplateOperator(
        task_id="wrong_key",
        to="+1 (650) 555-1234",
        template_name="invoice_ready",
        maton_conn_id="maton_wrong_key",
    )
    SendTemplateOperator(
        task_id="no_such_template", to="+1 (650) 555-1234", template_name="no_such_template"
    )
    SendTemplateOperator(
        task_id="wrong_number", to="0049 6505551234", template_name="invoice_ready"
    )
