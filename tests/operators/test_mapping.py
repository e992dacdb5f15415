"""One task for each row: operators that are mapped."""

import json
from types import SimpleNamespace

import pendulum
import pytest
from airflow.providers.common.compat.sdk import DAG, AirflowFailException, TaskGroup

from airflow_provider_whatsapp.operators.media import UploadMediaOperator
from airflow_provider_whatsapp.operators.messages import (
    SendMessageOperator,
    SendTemplateOperator,
    SendTextOperator,
)
from airflow_provider_whatsapp.sensors.messages import MessageStatusSensor

ROWS = [
    {"to": "16505551234", "body_parameters": ["Ada"]},
    {"to": "15550131026", "body_parameters": ["Unreachable"]},
    {
        "to": "16505559876",
        "body_parameters": ["Grace"],
        "biz_opaque_callback_data": "{{ ds }}",
    },
]


def unmapped(mapped, row, index=0):
    """Return the task of one row, as Airflow makes it when it runs."""
    task = mapped.unmap(row)
    context = {
        "ds": "2026-11-22",
        "params": {"name": "order_shipped"},
        "ti": SimpleNamespace(map_index=index),
    }
    task.render_template_fields(context)
    return task


@pytest.fixture
def mapped():
    """A task that sends a template to each row."""
    with DAG("orders", start_date=pendulum.datetime(2026, 1, 1), schedule=None):
        return SendTemplateOperator.partial(
            task_id="send", template_name="{{ params.name }}"
        ).expand_kwargs(ROWS)


def outcome(task):
    try:
        return task.execute({})["wa_id"]
    except AirflowFailException as error:
        return str(error).partition(":")[0]


def test_each_row_is_a_message_of_its_own(template, mapped):
    """Each row is rendered and sent in its own task: one unreachable recipient fails one mapped task."""
    assert [outcome(unmapped(mapped, row)) for row in ROWS] == [
        "16505551234",
        "RecipientError",
        "16505559876",
    ]
    first, second = template.sent_messages()
    names = [
        message["body"]["template"]["components"][0]["parameters"][0]["text"]
        for message in (first, second)
    ]
    assert names == ["Ada", "Grace"]
    assert second["body"]["biz_opaque_callback_data"] == "2026-11-22"


def test_a_list_of_recipients_is_mapped(sandbox):
    """The remedy of the error about a list in `to` works: each recipient gets the message from its own task."""
    people = ["+1 650 555 1234", "+1 650 555 9876"]
    with pytest.raises(
        AirflowFailException, match=r"map the task with \.expand\(to=\[\.\.\.\]\)"
    ):
        SendTextOperator(task_id="send", body="hi", to=people).execute({})
    with DAG("orders", start_date=pendulum.datetime(2026, 1, 1), schedule=None):
        mapped = SendTextOperator.partial(task_id="send", body="hi").expand(to=people)
    assert [outcome(unmapped(mapped, {"to": to})) for to in people] == [
        "16505551234",
        "16505559876",
    ]


def test_a_row_can_come_from_a_task_before(sandbox, tmp_path):
    """The result of an upload can be mapped, together with the rest of the message."""
    file = tmp_path / "invoice.pdf"
    file.write_bytes(b"%PDF-1.4 one page")
    with DAG("orders", start_date=pendulum.datetime(2026, 1, 1), schedule=None):
        upload = UploadMediaOperator(task_id="upload", file=str(file))
        send = SendMessageOperator.partial(task_id="send", to="16505551234").expand(
            message=upload.output.map(
                lambda media: {"type": "document", "document": {"id": media["media_id"]}}
            )
        )
    media_id = upload.execute({})["media_id"]
    task = unmapped(send, {"message": {"type": "document", "document": {"id": media_id}}})
    assert task.execute({})["wa_id"] == "16505551234"
    assert sandbox.sent_messages()[0]["body"]["document"] == {"id": media_id}


JINJA = "{{ ds }}"
WRITTEN = "written in the DAG on 2026-11-22"


@pytest.fixture
def rows():
    """The result of an earlier task, in a DAG with Jinja in its default arguments."""
    defaults = {"biz_opaque_callback_data": f"written in the DAG on {JINJA}"}
    with DAG(
        "orders",
        start_date=pendulum.datetime(2026, 1, 1),
        schedule=None,
        default_args=defaults,
    ):
        yield UploadMediaOperator(task_id="rows", file="rows.csv").output


def text(**arguments):
    return SendTextOperator.partial(task_id="send", **arguments)


DATA = {
    "expand_kwargs": lambda rows: text(to="+1").expand_kwargs(rows),
    "expand_kwargs with map": lambda rows: text(to="+1").expand_kwargs(rows.map(dict)),
    "a list of outputs": lambda rows: text(to="+1").expand_kwargs(
        [rows.map(dict), {"body": "literal"}]
    ),
    "expand": lambda rows: text(to="+1").expand(body=rows),
    "a field that partial has, too": lambda rows: text(to="+1", body="other").expand_kwargs(
        rows, strict=False
    ),
}


@pytest.mark.parametrize("mapped", DATA.values(), ids=DATA)
def test_a_row_from_a_task_is_data(mapped, rows):
    """Jinja in what a task before returned is not rendered, and that in default arguments is."""
    task = unmapped(mapped(rows), {"body": JINJA})
    assert (task.body, task.biz_opaque_callback_data) == (JINJA, WRITTEN)


def test_data_is_left_alone_at_any_depth(rows):
    """Nested rows stay as they came, and the fields of ``partial`` beside them are rendered."""
    mapped = SendTemplateOperator.partial(
        task_id="send", to="+1", template_name="{{ params.name }}"
    ).expand_kwargs(rows)
    row = {"body_parameters": {"name": JINJA}, "buttons": [{"url": JINJA}, None]}
    task = unmapped(mapped, row)
    assert task.template_name == "order_shipped"
    assert {"body_parameters": task.body_parameters, "buttons": task.buttons} == row


LITERAL = {
    "expand_kwargs": lambda rows: text(to="+1").expand_kwargs([{"body": JINJA}]),
    "expand": lambda rows: text(to="+1").expand(body=[JINJA]),
    "expand beside an output": lambda rows: text().expand(body=[JINJA], to=rows),
    "a list with an output": lambda rows: text(to="+1").expand_kwargs(
        [{"body": JINJA}, rows.map(dict)]
    ),
}


@pytest.mark.parametrize("mapped", LITERAL.values(), ids=LITERAL)
def test_a_row_of_the_dag_file_is_rendered(mapped, rows):
    """Jinja that the author of the DAG wrote is still rendered."""
    assert unmapped(mapped(rows), {"body": JINJA}).body == "2026-11-22"


class Greeting(SendTextOperator):
    """A user's own operator, with Jinja in an argument that it sets itself."""

    def __init__(self, *, reply_to_message_id="from {{ ds }}", **kwargs):
        super().__init__(reply_to_message_id=reply_to_message_id, **kwargs)
        self.phone_number_id = JINJA


@pytest.mark.parametrize(
    "expanded",
    [
        lambda task, rows: task.expand_kwargs(rows),
        lambda task, rows: task.expand(body=rows),
    ],
)
def test_what_a_subclass_fills_in_is_rendered(rows, expanded):
    """A default of a constructor, and what it assigns, stand in code and in no row."""
    task = unmapped(
        expanded(Greeting.partial(task_id="send", to="+1"), rows),
        {"body": json.loads('"{{ ds }}"')},
    )
    assert (task.body, task.phone_number_id) == (JINJA, "2026-11-22")


def test_the_default_arguments_of_a_group_are_rendered(rows):
    """They stand in the DAG file, even where the rest of the task comes from a row."""
    with TaskGroup("group", default_args={"phone_number_id": JINJA}):
        mapped = text(to="+1").expand_kwargs(rows)
    assert unmapped(mapped, {"body": "Hello"}).phone_number_id == "2026-11-22"


def test_sensors_leave_data_alone_as_well(rows):
    """A message id of a row is not rendered either."""
    mapped = MessageStatusSensor.partial(task_id="wait").expand_kwargs(rows)
    assert unmapped(mapped, {"message_id": JINJA}).message_id == JINJA
