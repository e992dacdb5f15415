"""A send of every kind, and waits for one of them. Number and text come from variables that no database keeps."""

import logging
from pathlib import Path

import pendulum
import requests
from airflow.sdk import DAG, task

from airflow_provider_whatsapp.operators.messages import (
    MarkMessageReadOperator,
    SendContactsOperator,
    SendInteractiveOperator,
    SendLocationOperator,
    SendMediaOperator,
    SendMessageOperator,
    SendTemplateOperator,
    SendTextOperator,
)
from airflow_provider_whatsapp.operators.templates import CreateTemplateOperator
from airflow_provider_whatsapp.sensors.messages import MessageStatusSensor

CONNECTION = "maton_without_key"
WORDS, INCOMING = "{{ var.value.words }}", "{{ var.value.incoming }}"
SENT = "{{ ti.xcom_pull('text')['message_id'] }}"
TEMPLATE = {
    "name": "kinds",
    "language": "en_US",
    "category": "UTILITY",
    "components": [
        {
            "type": "BODY",
            "text": "Hello {{1}}, it is done.",
            "example": {"body_text": [["Ada"]]},
        }
    ],
}

log = logging.getLogger(__name__)

with DAG(
    "kinds",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    schedule=None,
    default_args={"maton_conn_id": CONNECTION, "to": "{{ var.value.person }}"},
):
    template = SendTemplateOperator(
        task_id="template", template_name="kinds", body_parameters=[WORDS]
    )
    CreateTemplateOperator(task_id="create", template=TEMPLATE) >> template
    SendTemplateOperator(
        task_id="rejected", template_name="no_such_template", body_parameters=[WORDS]
    )
    SendMediaOperator(
        task_id="document", file=str(Path(__file__).with_name("note.txt")), caption=WORDS
    )
    SendLocationOperator(task_id="location", latitude=51.5, longitude=0, name=WORDS)
    SendContactsOperator(
        task_id="contacts",
        contacts=[{"name": {"formatted_name": WORDS, "first_name": "Ada"}}],
    )
    SendInteractiveOperator(task_id="interactive", body=WORDS, buttons={"yes": "Yes"})
    reaction = {"type": "reaction", "reaction": {"message_id": INCOMING, "emoji": "👍"}}
    SendMessageOperator(task_id="reaction", message=reaction)
    MarkMessageReadOperator(task_id="mark_read", message_id=INCOMING)

    text = SendTextOperator(task_id="text", body=WORDS, reply_to_message_id=INCOMING)
    # So long that Airflow has stored the end of the task before the trigger fires; otherwise it fails the task.
    waits = [
        MessageStatusSensor(
            task_id="poke", message_id=SENT, status="READ", poke_interval=1
        ),
        MessageStatusSensor(
            task_id="deferrable",
            message_id=SENT,
            status="READ",
            poke_interval=7,
            deferrable=True,
        ),
    ]
    text >> waits

    @task
    def careless():
        """Log the key, and make a request without the client: what the logs of this package must not rely on."""
        from airflow_provider_whatsapp.hooks.maton import MatonHook

        config = MatonHook(CONNECTION).client.config
        log.info("The key is %s", config.api_key.get_secret_value())
        requests.get(f"{config.base_url}/sandbox/faults", timeout=30).raise_for_status()

    careless()
