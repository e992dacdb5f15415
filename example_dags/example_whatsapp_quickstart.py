"""
### Invoices by WhatsApp.

This DAG keeps two message templates in code, waits until Meta has approved them, and sends an invoice as a PDF.

It needs an Airflow connection `maton_default` with the Maton API key, the phone number id and the business account
id. The page "Connection" of the documentation describes it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pendulum
from airflow.sdk import Param, dag, task

from airflow_provider_whatsapp.operators.media import UploadMediaOperator
from airflow_provider_whatsapp.operators.messages import SendTemplateOperator
from airflow_provider_whatsapp.operators.templates import SyncTemplatesOperator
from airflow_provider_whatsapp.sensors.templates import TemplateApprovalSensor


@dag(
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    tags=["whatsapp"],
    params={
        "recipient": Param(
            "+1 (650) 555-1234", type="string", description="Country code first"
        ),
        "customer": Param("Ada Lovelace", type="string"),
        "invoice": Param("INV-2026-001", type="string"),
    },
    doc_md=__doc__,
)
def example_whatsapp_quickstart() -> None:
    """Sync two templates, wait for their approval, and send an invoice."""
    # [START sync_templates]
    # Each file in the folder defines one template. The operator creates missing templates and edits those that
    # differ. A second run changes nothing.
    sync = SyncTemplatesOperator(
        task_id="sync_templates",
        templates=str(Path(__file__).parent / "whatsapp_templates"),
    )
    # [END sync_templates]

    # [START wait_for_approval]
    # Meta reviews new and edited templates, mostly within minutes. A deferrable sensor takes no worker slot.
    # If Meta rejects a template, the sensor fails at once with Meta's reason.
    approved = TemplateApprovalSensor(
        task_id="wait_for_approval",
        templates=sync.output,
        deferrable=True,
        poke_interval=20,
        timeout=24 * 60 * 60,
    )
    # [END wait_for_approval]

    @task
    def write_invoice(invoice: str, customer: str) -> str:
        """Write the PDF to a local folder. With several workers, use object storage instead."""
        path = Path(tempfile.mkdtemp()) / f"{invoice}.pdf"
        path.write_bytes(one_page_pdf(f"Invoice {invoice} for {customer}"))
        return str(path)

    invoice = write_invoice("{{ params.invoice }}", "{{ params.customer }}")

    # [START upload_media]
    # The operator checks type and size before it uploads. Meta keeps the upload for 30 days.
    # With multiple_outputs, later tasks can use parts of the result by name.
    upload = UploadMediaOperator(
        task_id="upload_invoice",
        file=invoice,
        multiple_outputs=True,
    )
    # [END upload_media]

    # [START send_template]
    # If the response to a send is lost, the task fails at once: a retry could send the message twice.
    send = SendTemplateOperator(
        task_id="send_invoice",
        to="{{ params.recipient }}",
        template_name="invoice_ready",
        header={
            "document": {
                "id": upload.output["media_id"],
                "filename": "{{ params.invoice }}.pdf",
            }
        },
        body_parameters=["{{ params.customer }}", "{{ params.invoice }}"],
    )
    # [END send_template]

    approved >> invoice
    upload >> send


def one_page_pdf(line: str) -> bytes:
    """Return a PDF with one line on one page. A real DAG would use a PDF library."""
    text = (
        line.encode("latin-1", "replace")
        .replace(b"\\", b"\\\\")
        .replace(b"(", b"\\(")
        .replace(b")", b"\\)")
    )
    drawing = b"BT /F1 18 Tf 72 720 Td (" + text + b") Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    document, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return document + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, table, len(objects) + 1, len(document))
    )


example_whatsapp_quickstart()
