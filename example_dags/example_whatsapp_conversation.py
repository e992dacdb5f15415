"""
### Reply to a person who has written.

A service that receives the webhooks of the business triggers this DAG with each incoming message. Within 24 hours
of that message the business may send any message. After that, Meta accepts only templates.

The DAG needs an Airflow connection `maton_default`, which the page "Connection" of the documentation describes.
"""

from __future__ import annotations

import pendulum
from airflow.sdk import Param, dag, task

from airflow_provider_whatsapp.operators.messages import (
    MarkMessageReadOperator,
    SendContactsOperator,
    SendLocationOperator,
    SendMessageOperator,
    SendTextOperator,
)
from airflow_provider_whatsapp.operators.templates import SyncTemplatesOperator
from airflow_provider_whatsapp.sensors.templates import TemplateApprovalSensor

ANSWER_READY = {
    "name": "answer_ready",
    "language": "en_US",
    "category": "UTILITY",
    "components": [
        {
            "type": "BODY",
            "text": "We have an answer to your question. Write to us to hear it.",
        }
    ],
}


@dag(
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    tags=["whatsapp"],
    params={
        "sender": Param(
            "+1 (650) 555-1234", type="string", description="Sender of the incoming message"
        ),
        "message_id": Param(
            "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQQ==",
            type="string",
            description="From the webhook",
        ),
    },
    doc_md=__doc__,
)
def example_whatsapp_conversation() -> None:
    """Mark a message as read, reply, and react in several ways."""
    sync = SyncTemplatesOperator(task_id="sync_fallback", templates=[ANSWER_READY])
    approved = TemplateApprovalSensor(
        task_id="wait_for_approval",
        templates=sync.output,
        deferrable=True,
        poke_interval=20,
        timeout=24 * 60 * 60,
    )

    # [START mark_message_read]
    # The sender sees two blue ticks, and "typing…" for up to 25 seconds.
    read = MarkMessageReadOperator(
        task_id="mark_read", message_id="{{ params.message_id }}", typing_indicator=True
    )
    # [END mark_message_read]

    # [START send_text]
    # After the 24 hours, the operator sends the template in place of the text. XCom then has used_fallback: true.
    answer = SendTextOperator(
        task_id="answer",
        to="{{ params.sender }}",
        reply_to_message_id="{{ params.message_id }}",
        body="Our office is open from 9 to 17. See https://example.com/office",
        preview_url=True,
        fallback_template="answer_ready",
        multiple_outputs=True,
    )
    # [END send_text]

    @task.short_circuit
    def window_is_open(*, used_fallback: bool) -> bool:
        """Skip the other messages if Meta accepted only the template: Meta would reject them."""
        return not used_fallback

    # [START send_message]
    # SendMessageOperator sends any message: Meta's body, as a dict or a model. An empty emoji removes the
    # reaction.
    react = SendMessageOperator(
        task_id="react",
        to="{{ params.sender }}",
        message={
            "type": "reaction",
            "reaction": {"message_id": "{{ params.message_id }}", "emoji": "👍"},
        },
    )
    # [END send_message]

    # [START send_location]
    where = SendLocationOperator(
        task_id="send_location",
        to="{{ params.sender }}",
        latitude=37.4847,
        longitude=-122.1473,
        name="Office",
        address="1 Example Way, Menlo Park",
    )
    # [END send_location]

    # [START send_contacts]
    who = SendContactsOperator(
        task_id="send_contact",
        to="{{ params.sender }}",
        contacts=[
            {
                "name": {
                    "formatted_name": "Grace Hopper",
                    "first_name": "Grace",
                    "last_name": "Hopper",
                },
                "phones": [{"phone": "+1 650 555 9876", "type": "WORK"}],
            }
        ],
    )
    # [END send_contacts]

    (
        approved
        >> read
        >> answer
        >> window_is_open(used_fallback=answer.output["used_fallback"])
        >> react
        >> where
        >> who
    )


example_whatsapp_conversation()
