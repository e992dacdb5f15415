"""
### Media from object storage.

This DAG sends a chart from object storage, waits until WhatsApp has delivered it, and deletes the upload.

Media reaches only people who have written to the business within the last 24 hours. A template with an image in
its header reaches everyone. The DAG needs an Airflow connection `maton_default`, which the page "Connection" of the
documentation describes.
"""

from __future__ import annotations

import base64
import tempfile

import pendulum
from airflow.sdk import ObjectStoragePath, Param, dag, task

from airflow_provider_whatsapp.operators.media import (
    DeleteMediaOperator,
    DownloadMediaOperator,
)
from airflow_provider_whatsapp.operators.messages import SendMediaOperator
from airflow_provider_whatsapp.sensors.messages import MessageStatusSensor

# One dark pixel stands for the chart of a plotting library.
CHART = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@dag(
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    tags=["whatsapp"],
    params={
        "recipient": Param(
            "+1 (650) 555-1234", type="string", description="Country code first"
        ),
        "storage": Param(
            f"file://{tempfile.gettempdir()}/whatsapp-example",
            type="string",
            description="Folder that all workers reach, for example s3://aws_default@bucket/charts",
        ),
    },
    doc_md=__doc__,
)
def example_whatsapp_media() -> None:
    """Send a file from object storage and wait for its delivery."""

    @task
    def draw_chart(storage: str, day: str) -> str:
        """Draw a chart and return its URI."""
        folder = ObjectStoragePath(storage)
        folder.mkdir(parents=True, exist_ok=True)
        chart = folder / f"sales-{day}.png"
        chart.write_bytes(CHART)
        return str(chart)

    # A run that is triggered without a logical date has no ds, so this uses run_after.
    chart = draw_chart("{{ params.storage }}", "{{ dag_run.run_after | ds }}")

    # [START send_media]
    # The operator reads the media type from the file's ending, uploads the file, and returns its media_id.
    # Meta keeps an upload for 30 days. A public link (link=…) needs no upload.
    send = SendMediaOperator(
        task_id="send_chart",
        to="{{ params.recipient }}",
        file=chart,
        caption="Sales of {{ dag_run.run_after | ds }}",
        multiple_outputs=True,
    )
    # [END send_media]

    # [START wait_until_delivered]
    # Meta may deny an account the message history. on_unavailable="skip" then skips this task.
    delivered = MessageStatusSensor(
        task_id="wait_until_delivered",
        message_id=send.output["message_id"],
        status="DELIVERED",
        on_unavailable="skip",
        deferrable=True,
        poke_interval=20,
        timeout=60 * 60,
    )
    # [END wait_until_delivered]

    # [START download_media]
    # Meta's media host requires Meta's token, which Maton does not hand out. So this download works against the
    # sandbox, and probably fails with the live service.
    keep = DownloadMediaOperator(
        task_id="keep_a_copy",
        media_id=send.output["media_id"],
        file="{{ params.storage }}/sent-{{ dag_run.run_after | ds }}.png",
    )
    # [END download_media]

    # [START delete_media]
    # The recipient keeps the message. On a retry the upload may already be deleted.
    clean_up = DeleteMediaOperator(
        task_id="delete_upload",
        media_id=send.output["media_id"],
        ignore_if_missing=True,
        trigger_rule="none_failed",
    )
    # [END delete_media]

    delivered >> keep >> clean_up


example_whatsapp_media()
