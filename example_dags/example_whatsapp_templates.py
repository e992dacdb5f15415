"""
### The life of one message template.

Creates a template for a campaign, waits until Meta has approved it, and deletes it when the campaign is
over. For templates that stay, `SyncTemplatesOperator` is simpler: see the quickstart.

Needs an Airflow connection `maton_default`; the README shows how to make one.
"""

from __future__ import annotations

from typing import Any

import pendulum
from airflow.sdk import Param, dag, task

from airflow_provider_whatsapp.operators.messages import SendTemplateOperator
from airflow_provider_whatsapp.operators.templates import CreateTemplateOperator, DeleteTemplateOperator
from airflow_provider_whatsapp.sensors.templates import TemplateApprovalSensor


@dag(
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    tags=["whatsapp"],
    params={"recipient": Param("+1 (650) 555-1234", type="string", description="Country code first")},
    doc_md=__doc__,
)
def example_whatsapp_templates() -> None:
    """Create, approve, send, delete."""

    @task
    def campaign(moment: str) -> dict[str, Any]:
        """Return a definition with a name that no other run has: a deleted name stays blocked for 30 days."""
        return {
            "name": f"campaign_{moment.lower()}",
            "language": "en_US",
            "category": "MARKETING",
            "components": [
                {
                    "type": "BODY",
                    "text": "Hello {{first_name}}, everything in our shop is cheaper this week.",
                    "example": {"body_text_named_params": [{"param_name": "first_name", "example": "Ada"}]},
                },
                {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Stop promotions"}]},
            ],
            "parameter_format": "NAMED",
        }

    # Jinja leaves definitions alone: their double braces are WhatsApp's.
    create = CreateTemplateOperator(
        task_id="create_template", template=campaign("{{ dag_run.run_after | ts_nodash }}"), multiple_outputs=True
    )

    approved = TemplateApprovalSensor(
        task_id="wait_for_approval",
        template_name=create.output["name"],
        deferrable=True,
        poke_interval=20,
        timeout=24 * 60 * 60,
    )

    @task
    def category(template_id: str) -> str | None:
        """Return the category, on which the price depends: Meta may have chosen another one."""
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

    # With its id, only this language is deleted. As a teardown it runs even if nothing could be sent, and that
    # still fails the run.
    delete = DeleteTemplateOperator(
        task_id="delete_template",
        template_name=create.output["name"],
        template_id=create.output["template_id"],
        ignore_if_missing=True,
    )

    create >> approved >> category(create.output["template_id"]) >> send >> delete.as_teardown(setups=create)


example_whatsapp_templates()
