"""
### The life of one message template.

This DAG creates a template for a campaign, waits until Meta has approved it, and deletes it after the campaign.
For templates that stay, `SyncTemplatesOperator` is simpler: the quickstart shows it.

The DAG needs an Airflow connection `maton_default`, which the page "Connection" of the documentation describes.
"""

from __future__ import annotations

from typing import Any

import pendulum
from airflow.sdk import Param, dag, task

from airflow_provider_whatsapp.operators.messages import SendTemplateOperator
from airflow_provider_whatsapp.operators.templates import (
    CreateTemplateOperator,
    DeleteTemplateOperator,
)
from airflow_provider_whatsapp.sensors.templates import TemplateApprovalSensor


@dag(
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    tags=["whatsapp"],
    params={
        "recipient": Param(
            "+1 (650) 555-1234", type="string", description="Country code first"
        )
    },
    doc_md=__doc__,
)
def example_whatsapp_templates() -> None:
    """Create a template, wait for its approval, send it, and delete it."""

    @task
    def campaign(moment: str) -> dict[str, Any]:
        """Return a definition with a unique name: Meta blocks a deleted name for 30 days."""
        return {
            "name": f"campaign_{moment.lower()}",
            "language": "en_US",
            "category": "MARKETING",
            "components": [
                {
                    "type": "BODY",
                    "text": "Hello {{first_name}}, everything in our shop is cheaper this week.",
                    "example": {
                        "body_text_named_params": [
                            {"param_name": "first_name", "example": "Ada"}
                        ]
                    },
                },
                {
                    "type": "BUTTONS",
                    "buttons": [{"type": "QUICK_REPLY", "text": "Stop promotions"}],
                },
            ],
            "parameter_format": "NAMED",
        }

    # [START create_template]
    # The operator does not render Jinja in definitions, because WhatsApp uses double braces as well.
    create = CreateTemplateOperator(
        task_id="create_template",
        template=campaign("{{ dag_run.run_after | ts_nodash }}"),
        multiple_outputs=True,
    )
    # [END create_template]

    approved = TemplateApprovalSensor(
        task_id="wait_for_approval",
        template_name=create.output["name"],
        deferrable=True,
        poke_interval=20,
        timeout=24 * 60 * 60,
    )

    @task
    def category(template_id: str) -> str | None:
        """Return the category, which sets the price: Meta may have changed it."""
        # Imported here, so that parsing the DAG stays cheap.
        from airflow_provider_whatsapp.hooks.maton import MatonHook

        return MatonHook().client.templates.get(template_id).category

    send = SendTemplateOperator(
        task_id="send",
        to="{{ params.recipient }}",
        template_name=create.output["name"],
        body_parameters={"first_name": "Ada"},
        buttons=[{"quick_reply": "stop"}],
    )

    # [START delete_template]
    # With template_id, the operator deletes only this language. As a teardown it runs after a failed send as well,
    # and the run still fails.
    delete = DeleteTemplateOperator(
        task_id="delete_template",
        template_name=create.output["name"],
        template_id=create.output["template_id"],
        ignore_if_missing=True,
    )
    # [END delete_template]

    (
        create
        >> approved
        >> category(create.output["template_id"])
        >> send
        >> delete.as_teardown(setups=create)
    )


example_whatsapp_templates()
