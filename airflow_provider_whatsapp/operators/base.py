"""What all operators share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from airflow.providers.common.compat.sdk import BaseOperator

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.hooks.failures import permanent_errors_fail_the_task
from airflow_provider_whatsapp.links.whatsapp_manager import PhoneNumbersLink, WhatsAppManagerLink

if TYPE_CHECKING:
    from pathlib import Path

    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_whatsapp.client.client import WhatsAppClient
    from airflow_provider_whatsapp.models.media import MediaFile
    from airflow_provider_whatsapp.models.messages import Envelope


class WhatsAppOperator(BaseOperator):
    """
    An operator that talks to WhatsApp Business through a Maton connection.

    :param maton_conn_id: the Airflow connection, of type ``maton``. (templated)
    """

    template_fields: Sequence[str] = ("maton_conn_id",)
    ui_color = "#dcf8c6"

    def __init__(self, *, maton_conn_id: str = "maton_default", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.maton_conn_id = maton_conn_id

    @cached_property
    def client(self) -> WhatsAppClient:
        """The client of the connection."""
        # Imported when a task runs: DAG processors import this module again and again.
        from airflow_provider_whatsapp.hooks.maton import MatonHook

        return MatonHook(self.maton_conn_id).client


class SendOperator(WhatsAppOperator):
    """
    What all operators that send a message share; each says in ``content`` what it sends.

    The message is checked against Meta's limits before anything is sent, and sent once: whether a send
    whose answer was lost was carried out cannot be known, so the task then fails without using its
    retries, and nobody gets a message twice by accident.

    :param to: the recipient, country code first: ``"+1 (650) 555-1234"`` or ``"16505551234"``; a group's
        id with ``recipient_type="group"``. It shows in the task's rendered fields. (templated)
    :param recipient_type: ``"individual"``, which is the default, or ``"group"``. (templated)
    :param reply_to_message_id: the message that this one answers, which is then shown above it. (templated)
    :param biz_opaque_callback_data: text of up to 512 characters that comes back in the webhooks about
        this message. (templated)
    :param phone_number_id: the number that sends, the connection's if absent. (templated)
    :param maton_conn_id: the Airflow connection. (templated)
    :return: ``{"message_id", "wa_id", "message_status"}``. Accepted is not yet delivered.
    """

    template_fields: Sequence[str] = (
        "to",
        "recipient_type",
        "reply_to_message_id",
        "biz_opaque_callback_data",
        "phone_number_id",
        *WhatsAppOperator.template_fields,
    )
    operator_extra_links: Sequence[WhatsAppManagerLink] = (PhoneNumbersLink(),)

    def __init__(
        self,
        *,
        to: str | None = None,
        recipient_type: str | None = None,
        reply_to_message_id: str | None = None,
        biz_opaque_callback_data: str | None = None,
        phone_number_id: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.to = to
        self.recipient_type = recipient_type
        self.reply_to_message_id = reply_to_message_id
        self.biz_opaque_callback_data = biz_opaque_callback_data
        self.phone_number_id = phone_number_id

    def content(self) -> Mapping[str, Any]:
        """Return the part of the message that is of its type: ``{"type": "text", "text": {…}}``."""
        raise NotImplementedError

    def execute(self, context: Context) -> dict[str, Any]:
        """Check the message, send it once, and return its ids."""
        with permanent_errors_fail_the_task():
            return self.send(self.checked_message(self.content()), context)

    def checked_message(self, content: Mapping[str, Any]) -> Envelope:
        """Return the message around ``content``, with every limit of Meta's checked."""
        from airflow_provider_whatsapp.models.base import checked
        from airflow_provider_whatsapp.models.messages import MESSAGE

        message: Envelope = checked(MESSAGE, {**content, **self.envelope()})
        return message

    def envelope(self) -> dict[str, Any]:
        """Return the fields of the message that do not depend on its type."""
        fields = {
            "to": self.to,
            "recipient_type": self.recipient_type,
            "context": None if self.reply_to_message_id is None else {"message_id": self.reply_to_message_id},
            "biz_opaque_callback_data": self.biz_opaque_callback_data,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def send(self, message: Envelope, context: Context) -> dict[str, Any]:
        """Send a checked message and return its ids."""
        from airflow_provider_whatsapp.models.recipients import shorten_phone_number

        # Before the send: if Airflow cannot keep them, nothing has been sent yet, and a retry does no harm.
        for link in self.operator_extra_links:
            link.keep(context, self.client.config.business_account_id)
        # This, too: what raises after the send makes Airflow's retry a second message.
        described, recipient = _described(message), shorten_phone_number(message.digits or "")
        sent = self.client.messages.send(message, phone_number_id=self.phone_number_id)
        status = sent.message_status and sent.message_status.value
        self.log.info("WhatsApp accepted %s for %s as message %s", described, recipient, sent.message_id)
        return {"message_id": sent.message_id, "wa_id": sent.wa_id, "message_status": status}


def storage_path(location: object, field: str) -> Path:
    """
    Return a local path, or an object storage path for a URI such as ``s3://conn_id@bucket/key``.

    :param field: the argument that ``location`` came with.
    :raises InvalidRequestError: if it is neither.
    """
    from pathlib import Path

    if not isinstance(location, str | Path) or not str(location).strip():
        raise InvalidRequestError(
            f"{field}: must be a path or a URI (found {type(location).__name__}); check the task or XCom it comes from"
        )
    if "://" not in str(location):
        return Path(location)
    from airflow.providers.common.compat.sdk import ObjectStoragePath

    try:
        path = ObjectStoragePath(str(location))
        path.fs  # noqa: B018 - found on first use, which is when a missing package shows
    except (ImportError, ValueError) as error:
        raise InvalidRequestError(
            f"{field}: Airflow's object storage cannot open {str(location).partition('://')[0]}:// here "
            f"({error}); check the URI, and install the Airflow provider for it"
        ) from error
    return cast("Path", path)  # which it is in all that it can do


def stored_file(location: object, field: str, mime_type: str | None) -> tuple[Path, MediaFile]:
    """
    Return where a file is, and what WhatsApp needs to know about it.

    :param location: see :func:`storage_path`.
    :param mime_type: overrules the type that the file's name tells.
    :raises InvalidRequestError: if there is none, or WhatsApp does not take it.
    """
    from airflow_provider_whatsapp.models.base import shape
    from airflow_provider_whatsapp.models.media import MediaFile

    if not isinstance(mime_type, str | None):
        raise InvalidRequestError(f"mime_type: must be text such as 'image/png' (found {shape(mime_type)}); correct it")
    path = storage_path(location, field)
    if not path.is_file():
        problem = "is a folder" if path.exists() else "does not exist, as this worker sees it"
        raise InvalidRequestError(
            f"{field}: {path} {problem}; pass one file that every worker can read, for example in object storage"
        )
    return path, MediaFile.described(path.name, path.stat().st_size, mime_type)


def _described(message: Envelope) -> str:
    from airflow_provider_whatsapp.models.messages import TemplateMessage

    if isinstance(message, TemplateMessage):
        return f"template {message.template.name} ({message.template.language.code})"
    return f"a message of type {getattr(message, 'type', None) or 'text'}"
