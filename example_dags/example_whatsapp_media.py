"""
### Media from object storage.

Sends a chart out of object storage, waits until it has been delivered, and cleans up.

Media reaches people who have written to the business within the last 24 hours; a template with an image
in its header reaches everybody. Needs an Airflow connection `maton_default`; the README shows how to make
one.
"""

from __future__ import annotations

import base64
import tempfile

import pendulum
from airflow.sdk import ObjectStoragePath, Param, dag, task

from airflow_provider_whatsapp.operators.media import DeleteMediaOperator, DownloadMediaOperator
from airflow_provider_whatsapp.operators.messages import SendMediaOperator
from airflow_provider_whatsapp.sensors.messages import MessageStatusSensor

# One dark pixel, which stands for what a plotting library would draw.
CHART = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@dag(
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    tags=["whatsapp"],
    params={
        "recipient": Param("+1 (650) 555-1234", type="string", description="Country code first"),
        "storage": Param(
            f"file://{tempfile.gettempdir()}/whatsapp-example",
            type="string",
            description="Folder that all workers reach, for example s3://aws_default@bucket/charts",
        ),
    },
    doc_md=__doc__,
)
def example_whatsapp_media() -> None:
    """Send a file out of object storage and see it arrive."""

    @task
    def draw_chart(storage: str, day: str) -> str:
        """Draw a chart and return its URI."""
        folder = ObjectStoragePath(storage)
        folder.mkdir(parents=True, exist_ok=True)
        chart = folder / f"sales-{day}.png"
        chart.write_bytes(CHART)
        return str(chart)

    # Every run has a run_after; ds is missing in those that are triggered without a logical date.
    chart = draw_chart("{{ params.storage }}", "{{ dag_run.run_after | ds }}")

    # The ending tells that it is an image. To send it again later, use the media_id that is returned:
    # it is good for 30 days. A public link (link=…) needs no upload at all.
    send = SendMediaOperator(
        task_id="send_chart",
        to="{{ params.recipient }}",
        file=chart,
        caption="Sales of {{ dag_run.run_after | ds }}",
        multiple_outputs=True,
    )

    # Accepted is not yet delivered. Meta's message history is not open to every account: without it, the
    # task is skipped.
    delivered = MessageStatusSensor(
        task_id="wait_until_delivered",
        message_id=send.output["message_id"],
        status="DELIVERED",
        on_unavailable="skip",
        deferrable=True,
        poke_interval=20,
        timeout=60 * 60,
    )

    # Media lies on a host of Meta's that asks for Meta's own token, which Maton keeps: against the live
    # service this probably fails. It works against the sandbox.
    keep = DownloadMediaOperator(
        task_id="keep_a_copy",
        media_id=send.output["media_id"],
        file="{{ params.storage }}/sent-{{ dag_run.run_after | ds }}.png",
    )

    # People keep what they were sent. After a retry there may be nothing left to delete.
    clean_up = DeleteMediaOperator(
        task_id="delete_upload",
        media_id=send.output["media_id"],
        ignore_if_missing=True,
        trigger_rule="none_failed",
    )

    delivered >> keep >> clean_up


example_whatsapp_media()
