"""One task for each row: operators that are mapped."""

import pendulum
import pytest
from airflow.providers.common.compat.sdk import DAG, AirflowFailException

from airflow_provider_whatsapp.operators.media import UploadMediaOperator
from airflow_provider_whatsapp.operators.messages import SendMessageOperator, SendTemplateOperator

ROWS = [
    {"to": "16505551234", "body_parameters": ["Ada"]},
    {"to": "15550131026", "body_parameters": ["Nobody"]},
    {"to": "16505559876", "body_parameters": ["Grace"], "biz_opaque_callback_data": "{{ ds }}"},
]


def unmapped(mapped, row):
    """Return the task of one row, as Airflow makes it when it runs."""
    task = mapped.unmap(row)
    task.render_template_fields({"ds": "2026-11-22", "params": {"name": "order_shipped"}})
    return task


@pytest.fixture
def mapped():
    """A task that sends a template to each row."""
    with DAG("orders", start_date=pendulum.datetime(2026, 1, 1), schedule=None):
        return SendTemplateOperator.partial(task_id="send", template_name="{{ params.name }}").expand_kwargs(ROWS)


def outcome(task):
    try:
        return task.execute({})["wa_id"]
    except AirflowFailException as error:
        return str(error).partition(":")[0]


def test_each_row_is_a_message_of_its_own(template, mapped):
    """Each row is rendered and sent by itself: one person who can't be reached fails one mapped task."""
    assert [outcome(unmapped(mapped, row)) for row in ROWS] == ["16505551234", "RecipientError", "16505559876"]
    first, second = template.sent_messages()
    names = [message["body"]["template"]["components"][0]["parameters"][0]["text"] for message in (first, second)]
    assert names == ["Ada", "Grace"]
    assert second["body"]["biz_opaque_callback_data"] == "2026-11-22"


def test_a_row_can_come_from_a_task_before(sandbox, tmp_path):
    """What an upload returns can be mapped over, with the rest of the message beside it."""
    file = tmp_path / "invoice.pdf"
    file.write_bytes(b"%PDF-1.4 one page")
    with DAG("orders", start_date=pendulum.datetime(2026, 1, 1), schedule=None):
        upload = UploadMediaOperator(task_id="upload", file=str(file))
        send = SendMessageOperator.partial(task_id="send", to="16505551234").expand(
            message=upload.output.map(lambda media: {"type": "document", "document": {"id": media["media_id"]}})
        )
    media_id = upload.execute({})["media_id"]
    task = unmapped(send, {"message": {"type": "document", "document": {"id": media_id}}})
    assert task.execute({})["wa_id"] == "16505551234"
    assert sandbox.sent_messages()[0]["body"]["document"] == {"id": media_id}
