"""The same wait in each of the sensor's modes."""

import pendulum
from airflow.sdk import DAG

from airflow_provider_whatsapp.sensors.templates import TemplateApprovalSensor

MODES = {
    "poke": {"mode": "poke"},
    "reschedule": {"mode": "reschedule"},
    "deferrable": {"deferrable": True},
}

with DAG(
    "modes",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    schedule=None,
    default_args={"retries": 1},
):
    for name, mode in MODES.items():
        TemplateApprovalSensor(
            task_id=name,
            template_name="invoice_ready",
            poke_interval=7,
            timeout=300,
            retry_delay=pendulum.duration(hours=1),
            **mode,
        )
