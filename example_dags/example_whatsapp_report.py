"""
### A report as a PDF, to a list of people.

This DAG uploads the report once, and sends it to each person on a list that an earlier task returns. Each person is
one mapped task. If WhatsApp cannot reach one person, that task fails and the others still send.

The DAG needs an Airflow connection `maton_default`, which the page "Connection" of the documentation describes.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pendulum
from airflow.sdk import Param, dag, task

from airflow_provider_whatsapp.operators.media import UploadMediaOperator
from airflow_provider_whatsapp.operators.messages import SendTemplateOperator
from airflow_provider_whatsapp.operators.templates import SyncTemplatesOperator
from airflow_provider_whatsapp.sensors.templates import TemplateApprovalSensor

# The quickstart keeps its definitions in files, which suits most templates better. Meta requires the handle of a
# resumable upload as the sample document.
REPORT_READY = {
    "name": "report_ready",
    "language": "en_US",
    "category": "UTILITY",
    "components": [
        {"type": "HEADER", "format": "DOCUMENT", "example": {"header_handle": ["4::aW"]}},
        {
            "type": "BODY",
            "text": "Hello {{1}}, here is the sales report of {{2}} that you have subscribed to.",
            "example": {"body_text": [["Ada", "2026-01-01"]]},
        },
    ],
}


@dag(
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    tags=["whatsapp"],
    params={
        "people": Param(
            {"Ada": "+1 (650) 555-1234", "Grace": "+1 650 555 9876"},
            type="object",
            description="First names and phone numbers, country code first",
        ),
    },
    doc_md=__doc__,
)
def example_whatsapp_report() -> None:
    """Send one PDF to many people."""
    sync = SyncTemplatesOperator(task_id="sync_template", templates=[REPORT_READY])
    approved = TemplateApprovalSensor(
        task_id="wait_for_approval",
        templates=sync.output,
        deferrable=True,
        poke_interval=20,
        timeout=24 * 60 * 60,
    )

    @task
    def write_report() -> str:
        """Write the PDF to a local folder. With several workers, use object storage instead."""
        path = Path(tempfile.mkdtemp()) / "sales.pdf"
        path.write_bytes(b"%PDF-1.4\n% A real DAG would use a PDF library.\n%%EOF\n")
        return str(path)

    upload = UploadMediaOperator(
        task_id="upload_report", file=write_report(), multiple_outputs=True
    )

    # [START map_over_rows]
    # The result contains phone numbers, so it stays out of the log.
    @task(show_return_value_in_logs=False)
    def one_message_each(
        media_id: str, day: str, params: dict[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """Return the operator's arguments for each person. A real DAG would read the people from a database."""
        people = (params or {})["people"]
        document = {"document": {"id": media_id, "filename": f"sales-{day}.pdf"}}
        return [
            {"to": number, "header": document, "body_parameters": [name, day]}
            for name, number in people.items()
        ]

    day = "{{ dag_run.run_after | default(dag_run.logical_date) | ds }}"  # Airflow 2 has no run_after

    # The returned rows are data: the operator does not render Jinja in them.
    messages = one_message_each(upload.output["media_id"], day)

    # partial() has the arguments that all messages share, and the rows have the others. Maton allows ten calls a
    # second, so max_active_tis_per_dagrun keeps a long list from filling all worker slots.
    send = SendTemplateOperator.partial(
        task_id="send_report",
        template_name="report_ready",
        map_index_template="{{ task.body_parameters[0] }}",
        max_active_tis_per_dagrun=4,
    ).expand_kwargs(messages)
    # [END map_over_rows]

    approved >> upload
    approved >> send


example_whatsapp_report()
