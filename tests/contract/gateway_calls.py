"""
Every call of the gateway, how the client and the operators make it, and how the gateway's own errors end.

``scripts/gateway_calls.py`` writes the tables of the page 'Gateway calls' from these rows.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

from airflow_provider_whatsapp.hooks.maton import MatonHook
from airflow_provider_whatsapp.models.business_profile import BusinessProfileUpdate
from airflow_provider_whatsapp.models.media import MediaFile
from airflow_provider_whatsapp.models.messages import MESSAGE
from airflow_provider_whatsapp.models.template_definitions import TemplateDefinition
from airflow_provider_whatsapp.models.validation import validate
from airflow_provider_whatsapp.operators.business_profile import (
    UpdateBusinessProfileOperator,
)
from airflow_provider_whatsapp.operators.media import (
    DeleteMediaOperator,
    DownloadMediaOperator,
    UploadMediaOperator,
)
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
from tests.builders import (
    body_component,
    list_message,
    reaction,
    reply_buttons,
    template_content,
    template_definition,
)

REPOSITORY = Path(__file__).parents[2]
LICENSE = REPOSITORY / "LICENSE"
TO = "+1 650 555 1234"
INCOMING = "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQQ=="
LINK = "https://example.com/file"
SECTIONS = [{"title": "Sales", "rows": [{"id": "orders", "title": "Orders"}]}]
CONTACT = {"name": {"formatted_name": "Ada Lovelace", "first_name": "Ada"}}
PLACE = {"latitude": 37.4847, "longitude": -122.1473}


class Call(NamedTuple):
    """
    One call of the gateway, as the page shows it, and the two ways to make it.

    :param name: what it does.
    :param request: its method and path.
    :param method: of the client.
    :param operator: the operator or sensor that makes it.
    :param example: the example DAG that shows it, without ``example_whatsapp_``.
    :param by_client: makes it on an :class:`Account`.
    :param by_operator: as ``by_client``, with the operator.
    """

    name: str
    request: str
    method: str
    operator: str | None
    example: str | None
    by_client: Callable[[Account], object]
    by_operator: Callable[[Account], object] | None


class GatewayError(NamedTuple):
    """A status of the gateway's own: the error of a read and of a send, and which of the two fail at once."""

    status: int
    read: str
    send: str
    fails_at_once: Literal["yes", "no", "sends only"]


class Account:
    """A business account with one of everything, and short ways to use it."""

    def __init__(self, sandbox, connect, folder):
        self.sandbox = sandbox
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
        return self.client.templates.create(
            validate(TemplateDefinition, template_definition(name))
        ).id

    def edited(self, name):
        """Return another definition of a template."""
        return validate(
            TemplateDefinition,
            template_definition(name, text="Hello {{1}}, your order is late, sorry."),
        )

    def upload(self):
        """Upload a text and return its id."""
        path = LICENSE
        with path.open("rb") as content:
            return self.client.media.upload(
                MediaFile.described("a.txt", path.stat().st_size), content
            ).id

    def send(self, kind, **content):
        """Send a message by the client."""
        return self.client.messages.send(
            validate(MESSAGE, {"to": TO, "type": kind, kind: content})
        )

    def run(self, operator, **arguments):
        """Run an operator or sensor, and remember that it was."""
        operator(task_id="task", **arguments).execute({})
        self.ran.append(operator.__name__)


BUTTONS = reply_buttons({"yes": "Yes"})
LIST = list_message(SECTIONS)
TEMPLATE = template_content(body_component("Ada"))


def media(ending):
    """Return both ways to send a file by its link."""
    kind = {
        "png": "image",
        "pdf": "document",
        "mp4": "video",
        "ogg": "audio",
        "webp": "sticker",
    }[ending]
    return (
        lambda a: a.send(kind, link=f"{LINK}.{ending}"),
        lambda a: a.run(SendMediaOperator, to=TO, link=f"{LINK}.{ending}"),
    )


CALLS = (
    Call(
        "send a text",
        "POST /{phone_number_id}/messages",
        "messages.send",
        "SendTextOperator",
        "conversation",
        lambda a: a.send("text", body="hello"),
        lambda a: a.run(SendTextOperator, to=TO, body="hello"),
    ),
    Call(
        "send a template",
        "POST /{phone_number_id}/messages",
        "messages.send",
        "SendTemplateOperator",
        "quickstart",
        lambda a: a.send("template", **TEMPLATE),
        lambda a: a.run(
            SendTemplateOperator,
            to=TO,
            template_name="order_shipped",
            body_parameters=["Ada"],
        ),
    ),
    Call(
        "send an image",
        "POST /{phone_number_id}/messages",
        "messages.send",
        "SendMediaOperator",
        "media",
        *media("png"),
    ),
    Call(
        "send a document",
        "POST /{phone_number_id}/messages",
        "messages.send",
        "SendMediaOperator",
        "media",
        *media("pdf"),
    ),
    Call(
        "send a video",
        "POST /{phone_number_id}/messages",
        "messages.send",
        "SendMediaOperator",
        "media",
        *media("mp4"),
    ),
    Call(
        "send an audio",
        "POST /{phone_number_id}/messages",
        "messages.send",
        "SendMediaOperator",
        "media",
        *media("ogg"),
    ),
    Call(
        "send a sticker",
        "POST /{phone_number_id}/messages",
        "messages.send",
        "SendMediaOperator",
        "media",
        *media("webp"),
    ),
    Call(
        "send a location",
        "POST /{phone_number_id}/messages",
        "messages.send",
        "SendLocationOperator",
        "conversation",
        lambda a: a.send("location", **PLACE),
        lambda a: a.run(SendLocationOperator, to=TO, **PLACE),
    ),
    Call(
        "send contacts",
        "POST /{phone_number_id}/messages",
        "messages.send",
        "SendContactsOperator",
        "conversation",
        lambda a: a.client.messages.send(
            validate(MESSAGE, {"to": TO, "type": "contacts", "contacts": [CONTACT]})
        ),
        lambda a: a.run(SendContactsOperator, to=TO, contacts=[CONTACT]),
    ),
    Call(
        "send a reaction",
        "POST /{phone_number_id}/messages",
        "messages.send",
        "SendMessageOperator",
        "conversation",
        lambda a: a.send("reaction", message_id=INCOMING, emoji="👍"),
        lambda a: a.run(
            SendMessageOperator,
            to=TO,
            message=reaction(INCOMING, emoji=""),
        ),
    ),
    Call(
        "send reply buttons",
        "POST /{phone_number_id}/messages",
        "messages.send",
        "SendInteractiveOperator",
        "buttons",
        lambda a: a.send("interactive", **BUTTONS),
        lambda a: a.run(
            SendInteractiveOperator, to=TO, body="What now?", buttons={"yes": "Yes"}
        ),
    ),
    Call(
        "send a list",
        "POST /{phone_number_id}/messages",
        "messages.send",
        "SendInteractiveOperator",
        "buttons",
        lambda a: a.send("interactive", **LIST),
        lambda a: a.run(
            SendInteractiveOperator,
            to=TO,
            body="What now?",
            button="Choose",
            sections=SECTIONS,
        ),
    ),
    Call(
        "mark a message as read",
        "POST /{phone_number_id}/messages",
        "messages.mark_read",
        "MarkMessageReadOperator",
        "conversation",
        lambda a: a.client.messages.mark_read(INCOMING),
        lambda a: a.run(
            MarkMessageReadOperator, message_id=INCOMING, typing_indicator=True
        ),
    ),
    Call(
        "upload media",
        "POST /{phone_number_id}/media",
        "media.upload",
        "UploadMediaOperator",
        "report",
        lambda a: a.upload(),
        lambda a: a.run(UploadMediaOperator, file=LICENSE, mime_type="text/plain"),
    ),
    Call(
        "get a media URL",
        "GET /{media_id}",
        "media.get",
        "DownloadMediaOperator",
        "media",
        lambda a: a.client.media.get(a.media),
        lambda a: a.run(
            DownloadMediaOperator, media_id=a.media, file=a.folder / "copy.txt"
        ),
    ),
    Call(
        "delete media",
        "DELETE /{media_id}",
        "media.delete",
        "DeleteMediaOperator",
        "media",
        lambda a: a.client.media.delete(a.media),
        lambda a: a.run(DeleteMediaOperator, media_id=a.upload()),
    ),
    Call(
        "list templates",
        "GET /{business_account_id}/message_templates",
        "templates.list",
        "TemplateApprovalSensor",
        "quickstart",
        lambda a: list(
            a.client.templates.list(status="APPROVED", category="UTILITY", language="en_US")
        ),
        lambda a: a.run(TemplateApprovalSensor, template_name="order_shipped"),
    ),
    Call(
        "create a template",
        "POST /{business_account_id}/message_templates",
        "templates.create",
        "CreateTemplateOperator",
        "templates",
        lambda a: a.template("order_late"),
        lambda a: a.run(
            CreateTemplateOperator,
            template=template_definition("order_lost", text="Hello {{1}}, it is lost."),
        ),
    ),
    Call(
        "delete a template",
        "DELETE /{business_account_id}/message_templates",
        "templates.delete",
        "DeleteTemplateOperator",
        "templates",
        lambda a: a.client.templates.delete("order_shipped"),
        lambda a: a.run(DeleteTemplateOperator, template_ids=[a.template("order_lost")]),
    ),
    Call(
        "get a template",
        "GET /{template_id}",
        "templates.get",
        None,
        "templates",
        lambda a: a.client.templates.get(a.template("order_late")),
        None,
    ),
    Call(
        "edit a template",
        "POST /{template_id}",
        "templates.edit",
        "SyncTemplatesOperator",
        "quickstart",
        lambda a: a.client.templates.edit(a.template("order_late"), a.edited("order_late")),
        lambda a: a.run(
            SyncTemplatesOperator,
            templates=[template_definition("order_shipped", text="Hello {{1}}, look out.")],
        ),
    ),
    Call(
        "get a phone number",
        "GET /{phone_number_id}",
        "phone_numbers.get",
        None,
        "connection",
        lambda a: a.client.phone_numbers.get(),
        None,
    ),
    Call(
        "list phone numbers",
        "GET /{business_account_id}/phone_numbers",
        "phone_numbers.list",
        None,
        "connection",
        lambda a: list(a.client.phone_numbers.list()),
        None,
    ),
    Call(
        "get the business profile",
        "GET /{phone_number_id}/whatsapp_business_profile",
        "business_profile.get",
        None,
        "connection",
        lambda a: a.client.business_profile.get(),
        None,
    ),
    Call(
        "update the business profile",
        "POST /{phone_number_id}/whatsapp_business_profile",
        "business_profile.update",
        "UpdateBusinessProfileOperator",
        "connection",
        lambda a: a.client.business_profile.update(BusinessProfileUpdate(about="Reports")),
        lambda a: a.run(UpdateBusinessProfileOperator, about="Alerts"),
    ),
    Call(
        "list connections",
        "GET /connections",
        "connections.list",
        "MatonConnectionSensor",
        "connection",
        lambda a: a.client.connections.list(),
        lambda a: (
            a.connect(extra={"maton_connection_id": ""}),
            a.run(MatonConnectionSensor),
        ),
    ),
    Call(
        "create a connection",
        "POST /connections",
        "connections.create",
        None,
        "connection",
        lambda a: a.client.connections.create(),
        None,
    ),
    Call(
        "get a connection",
        "GET /connections/{connection_id}",
        "connections.get",
        "MatonConnectionSensor",
        "connection",
        lambda a: a.client.connections.get(a.pending),
        lambda a: a.run(MatonConnectionSensor, maton_connection_id=a.sandbox.connection_id),
    ),
    Call(
        "delete a connection",
        "DELETE /connections/{connection_id}",
        "connections.delete",
        None,
        "connection",
        lambda a: a.client.connections.delete(a.pending),
        None,
    ),
    Call(
        "read the message history",
        "GET /{phone_number_id}/message_history",
        "message_history.list",
        "MessageStatusSensor",
        "media",
        lambda a: list(a.client.message_history.list()),
        lambda a: a.run(MessageStatusSensor, message_id=a.sent, status="SENT"),
    ),
    Call(
        "read the events of a message",
        "GET /{history_id}/events",
        "message_history.events",
        None,
        None,
        lambda a: list(a.client.message_history.events(a.history)),
        None,
    ),
)

ERRORS = (
    GatewayError(400, "BadRequestError", "BadRequestError", "yes"),
    GatewayError(401, "AuthenticationError", "AuthenticationError", "yes"),
    GatewayError(404, "NotFoundError", "NotFoundError", "yes"),
    GatewayError(429, "RateLimitedError", "RateLimitedError", "no"),
    GatewayError(500, "TransientError", "OutcomeUnknownError", "sends only"),
)
