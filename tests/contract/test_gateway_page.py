"""The page of what is covered is true: each of its rows works, by the client and by the operator."""

import re
from operator import attrgetter
from pathlib import Path

import pytest
import requests

from airflow_provider_whatsapp.exceptions import WhatsAppError
from airflow_provider_whatsapp.hooks.maton import MatonHook
from airflow_provider_whatsapp.models.business_profile import BusinessProfileUpdate
from airflow_provider_whatsapp.models.media import MediaFile
from airflow_provider_whatsapp.models.messages import MESSAGE
from airflow_provider_whatsapp.models.template_definitions import TemplateDefinition
from airflow_provider_whatsapp.models.validation import validate
from airflow_provider_whatsapp.operators.business_profile import UpdateBusinessProfileOperator
from airflow_provider_whatsapp.operators.media import DeleteMediaOperator, DownloadMediaOperator, UploadMediaOperator
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
from airflow_provider_whatsapp.operators.templates import (
    CreateTemplateOperator,
    DeleteTemplateOperator,
    SyncTemplatesOperator,
)
from airflow_provider_whatsapp.sensors.connections import MatonConnectionSensor
from airflow_provider_whatsapp.sensors.messages import MessageStatusSensor
from airflow_provider_whatsapp.sensors.templates import TemplateApprovalSensor

PAGE = Path(__file__).parents[2] / "docs" / "gateway.md"
TO = "+1 650 555 1234"
INCOMING = "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQQ=="
LINK = "https://example.com/file"
SECTIONS = [{"title": "Sales", "rows": [{"id": "orders", "title": "Orders"}]}]
CONTACT = {"name": {"formatted_name": "Ada Lovelace", "first_name": "Ada"}}
PLACE = {"latitude": 37.4847, "longitude": -122.1473}


def table(heading, columns):
    """Return the rows of the table below a heading, without the marks of Markdown."""
    section = PAGE.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line.strip()[1:-1].split("|") for line in section.splitlines() if line.startswith("|")]
    rows = [[cell.strip().strip("`") for cell in line] for line in lines[2:]]
    assert {len(row) for row in rows} == {columns}
    return rows


CALLS = {row[0]: row[1:] for row in table("Calls", 5)}


class Account:
    """A business account with one of everything, and short ways to use it."""

    def __init__(self, sandbox, definition, connect, folder):
        self.sandbox = sandbox
        self.definition = definition
        self.connect = connect
        self.folder = folder
        self.ran = []
        self.client = MatonHook().client
        self.template("order_shipped")
        self.media = self.upload()
        self.sent = self.send("text", body="hello").message_id
        self.history = next(self.client.message_history.list(message_id=self.sent)).id
        self.pending = self.client.connections.create().connection_id

    def template(self, name):
        """Create an approved template and return its id."""
        return self.client.templates.create(validate(TemplateDefinition, self.definition(name))).id

    def edited(self, name):
        """Return another definition of a template."""
        return validate(TemplateDefinition, self.definition(name, text="Hello {{1}}, your order is late, sorry."))

    def upload(self):
        """Upload a text and return its id."""
        path = PAGE.parent.parent / "LICENSE"
        with path.open("rb") as content:
            return self.client.media.upload(MediaFile.described("a.txt", path.stat().st_size), content).id

    def send(self, kind, **content):
        """Send a message by the client."""
        return self.client.messages.send(validate(MESSAGE, {"to": TO, "type": kind, kind: content}))

    def run(self, operator, **arguments):
        """Run an operator or sensor, and remember that it was."""
        operator(task_id="task", **arguments).execute({})
        self.ran.append(operator.__name__)


@pytest.fixture
def account(sandbox, definition, connect, tmp_path):
    return Account(sandbox, definition, connect, tmp_path)


def interactive(kind, **action):
    return {"type": kind, "body": {"text": "What now?"}, "action": action}


BUTTONS = interactive("button", buttons=[{"type": "reply", "reply": {"id": "yes", "title": "Yes"}}])
LIST = interactive("list", button="Choose", sections=SECTIONS)
TEMPLATE = {
    "name": "order_shipped",
    "language": {"code": "en_US"},
    "components": [{"type": "body", "parameters": [{"type": "text", "text": "Ada"}]}],
}


def media(ending):
    kind = {"png": "image", "pdf": "document", "mp4": "video", "ogg": "audio", "webp": "sticker"}[ending]
    return (
        lambda a: a.send(kind, link=f"{LINK}.{ending}"),
        lambda a: a.run(SendMediaOperator, to=TO, link=f"{LINK}.{ending}"),
    )


# For each row: the call by the client, and by the operator or sensor.
WAYS = {
    "send a text": (lambda a: a.send("text", body="hello"), lambda a: a.run(SendTextOperator, to=TO, body="hello")),
    "send a template": (
        lambda a: a.send("template", **TEMPLATE),
        lambda a: a.run(SendTemplateOperator, to=TO, template_name="order_shipped", body_parameters=["Ada"]),
    ),
    "send an image": media("png"),
    "send a document": media("pdf"),
    "send a video": media("mp4"),
    "send an audio": media("ogg"),
    "send a sticker": media("webp"),
    "send a location": (lambda a: a.send("location", **PLACE), lambda a: a.run(SendLocationOperator, to=TO, **PLACE)),
    "send contacts": (
        lambda a: a.client.messages.send(validate(MESSAGE, {"to": TO, "type": "contacts", "contacts": [CONTACT]})),
        lambda a: a.run(SendContactsOperator, to=TO, contacts=[CONTACT]),
    ),
    "send a reaction": (
        lambda a: a.send("reaction", message_id=INCOMING, emoji="👍"),
        lambda a: a.run(
            SendMessageOperator,
            to=TO,
            message={"type": "reaction", "reaction": {"message_id": INCOMING, "emoji": ""}},
        ),
    ),
    "send reply buttons": (
        lambda a: a.send("interactive", **BUTTONS),
        lambda a: a.run(SendInteractiveOperator, to=TO, body="What now?", buttons={"yes": "Yes"}),
    ),
    "send a list": (
        lambda a: a.send("interactive", **LIST),
        lambda a: a.run(SendInteractiveOperator, to=TO, body="What now?", button="Choose", sections=SECTIONS),
    ),
    "mark a message as read": (
        lambda a: a.client.messages.mark_read(INCOMING),
        lambda a: a.run(MarkMessageReadOperator, message_id=INCOMING, typing_indicator=True),
    ),
    "upload media": (
        lambda a: a.upload(),
        lambda a: a.run(UploadMediaOperator, file=PAGE.parent.parent / "LICENSE", mime_type="text/plain"),
    ),
    "get a media URL": (
        lambda a: a.client.media.get(a.media),
        lambda a: a.run(DownloadMediaOperator, media_id=a.media, file=a.folder / "copy.txt"),
    ),
    "delete media": (
        lambda a: a.client.media.delete(a.media),
        lambda a: a.run(DeleteMediaOperator, media_id=a.upload()),
    ),
    "list templates": (
        lambda a: list(a.client.templates.list(status="APPROVED", category="UTILITY", language="en_US")),
        lambda a: a.run(TemplateApprovalSensor, template_name="order_shipped"),
    ),
    "create a template": (
        lambda a: a.template("order_late"),
        lambda a: a.run(CreateTemplateOperator, template=a.definition("order_lost", text="Hello {{1}}, it is lost.")),
    ),
    "delete a template": (
        lambda a: a.client.templates.delete("order_shipped"),
        lambda a: a.run(DeleteTemplateOperator, template_ids=[a.template("order_lost")]),
    ),
    "get a template": (lambda a: a.client.templates.get(a.template("order_late")), None),
    "edit a template": (
        lambda a: a.client.templates.edit(a.template("order_late"), a.edited("order_late")),
        lambda a: a.run(
            SyncTemplatesOperator, templates=[a.definition("order_shipped", text="Hello {{1}}, look out.")]
        ),
    ),
    "get a phone number": (lambda a: a.client.phone_numbers.get(), None),
    "list phone numbers": (lambda a: list(a.client.phone_numbers.list()), None),
    "get the business profile": (lambda a: a.client.business_profile.get(), None),
    "update the business profile": (
        lambda a: a.client.business_profile.update(BusinessProfileUpdate(about="Reports")),
        lambda a: a.run(UpdateBusinessProfileOperator, about="Alerts"),
    ),
    "list connections": (
        lambda a: a.client.connections.list(),
        lambda a: (a.connect(extra={"maton_connection_id": ""}), a.run(MatonConnectionSensor)),
    ),
    "create a connection": (lambda a: a.client.connections.create(), None),
    "get a connection": (
        lambda a: a.client.connections.get(a.pending),
        lambda a: a.run(MatonConnectionSensor, maton_connection_id=a.sandbox.connection_id),
    ),
    "delete a connection": (lambda a: a.client.connections.delete(a.pending), None),
    "read the message history": (
        lambda a: list(a.client.message_history.list()),
        lambda a: a.run(MessageStatusSensor, message_id=a.sent, status="SENT"),
    ),
    "read the events of a message": (lambda a: list(a.client.message_history.events(a.history)), None),
}


def books(account, request_line):
    """Return the statuses of the calls that fit a row's request."""
    method, _, path = request_line.partition(" ")
    pattern = re.sub(r"\{\w+\}", r"[\\w-]+", path)
    calls = requests.get(f"{account.sandbox.url}/sandbox/requests", timeout=5).json()
    return [
        call["status"]
        for call in calls
        if call["method"] == method and re.fullmatch(rf"(/whatsapp-business/v[\d.]+)?{pattern}", call["path"])
    ]


def test_the_page_and_the_tests_have_the_same_rows():
    """Each row of the page is called below, and nothing else."""
    assert set(CALLS) == set(WAYS)
    assert {call for call, row in CALLS.items() if row[2]} == {call for call, ways in WAYS.items() if ways[1]}


def client_call(account, call):
    WAYS[call][0](account)


def operator_call(account, call):
    WAYS[call][1](account)
    assert CALLS[call][2] in account.ran


@pytest.mark.parametrize(
    ("way", "call"),
    [(client_call, call) for call in CALLS] + [(operator_call, call) for call, row in CALLS.items() if row[2]],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_a_row_works(account, way, call):
    """The client's method, and the operator or sensor, make the call that the row names, and it succeeds."""
    request, method = CALLS[call][:2]
    assert callable(attrgetter(method)(account.client))
    before = len(books(account, request))
    way(account, call)
    statuses = books(account, request)[before:]
    assert statuses
    assert set(statuses) == {200}


@pytest.mark.parametrize("call", [call for call, row in CALLS.items() if row[3]])
def test_a_row_is_shown(call):
    """The example DAG of a row uses its operator, or the client where there is none."""
    _request, method, operator, example = CALLS[call]
    path = PAGE.parent / re.fullmatch(r"\[\w+\]\((.+)\)", example)[1]
    assert (operator or method) in path.read_text()


ERRORS = {int(row[0]): row for row in table("Errors of the gateway", 3)}


@pytest.mark.parametrize("status", ERRORS)
def test_an_error_of_the_gateway_is_told(account, status, monkeypatch):
    """Each status of the gateway's own is the error that the page names, for a read and for a send."""
    monkeypatch.setattr("airflow_provider_whatsapp.client.http.retry.MAX_ATTEMPTS", 1)
    for path, call in (("/phone_numbers$", "list phone numbers"), ("/messages$", "send a text")):
        fault = {"path": path, "status": status, "body": {"error": {"message": "no", "code": status}}, "times": 1}
        requests.post(f"{account.sandbox.url}/sandbox/faults", json=fault, timeout=5).raise_for_status()
        with pytest.raises(WhatsAppError) as caught:
            client_call(account, call)
        _status, error, permanent = ERRORS[status]
        assert type(caught.value).__name__ in error
        sends = call == "send a text"
        assert caught.value.permanent is {"yes": True, "no": False, "for a send": sends}[permanent]
