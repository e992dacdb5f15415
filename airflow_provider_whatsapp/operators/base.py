"""The bases of all operators: the connection, and the one ``execute`` of those that send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from airflow.providers.common.compat.sdk import AirflowSkipException, BaseOperator

from airflow_provider_whatsapp.exceptions import InvalidRequestError, OutcomeUnknownError
from airflow_provider_whatsapp.hooks.failures import fail_on_permanent_error
from airflow_provider_whatsapp.hooks.mapped_data import MappedDataMixin
from airflow_provider_whatsapp.links.whatsapp_manager import (
    PhoneNumbersLink,
    WhatsAppManagerLink,
)

if TYPE_CHECKING:
    from pathlib import Path

    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_whatsapp.client.client import WhatsAppClient
    from airflow_provider_whatsapp.models.media import MediaFile
    from airflow_provider_whatsapp.models.messages import Envelope, PreparedMessage
    from airflow_provider_whatsapp.models.validation import FieldPath


OnUnknownOutcome = Literal["fail", "resend", "skip"]
OnHeld = Literal["warn", "fail"]


class WhatsAppOperator(MappedDataMixin, BaseOperator):
    """
    An operator that calls WhatsApp Business through a Maton connection.

    The rows that a mapped task gets from XCom are data: Jinja in them is sent as it is written, and never rendered.

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
    The base of operators that send a message.

    A subclass says in ``content`` what it sends, and only if it differs from others in ``deliver`` how, and in
    ``identity`` what makes it the same message.

    The operator validates the message against Meta's limits, and sends it once. On Airflow 3.3 and newer a retry of a
    task that has sent the message returns the first result and sends nothing, and a cleared task sends again. Older
    versions store nothing between tries: with ``retries=0`` a worker that dies after a send leads to no second message.

    :param to: one recipient, country code first: ``"+1 (650) 555-1234"`` or ``"16505551234"``; a national number
        if the connection has a ``default_country``; a group's id with ``recipient_type="group"``. For several
        recipients, map the task: ``.expand(to=[...])``. Airflow shows it in the task's rendered fields. (templated)
    :param recipient_type: ``"individual"``, which is the default, or ``"group"``. (templated)
    :param reply_to_message_id: the message that this one replies to; WhatsApp shows it above this one. (templated)
    :param biz_opaque_callback_data: text of up to 512 characters that comes back in the webhooks about
        this message. (templated)
    :param phone_number_id: the number that sends, the connection's if absent. (templated)
    :param on_unknown_outcome: what happens if it is not known whether the message was sent, because the response was
        lost or an earlier try was interrupted. ``"fail"`` fails the task without retries. ``"resend"`` sends the
        message again, in up to five attempts a try, so that it arrives at least once. ``"skip"`` skips the task.
    :param on_held: what happens if Meta accepts a template message but holds it (``message_status`` is
        ``held_for_quality_assessment`` or ``paused``), so that it may arrive late or never. ``"warn"`` writes a warning
        to the log, and ``"fail"`` fails the task without retries.
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
        on_unknown_outcome: OnUnknownOutcome = "fail",
        on_held: OnHeld = "warn",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.to = to
        self.recipient_type = recipient_type
        self.reply_to_message_id = reply_to_message_id
        self.biz_opaque_callback_data = biz_opaque_callback_data
        self.phone_number_id = phone_number_id
        self.on_unknown_outcome = on_unknown_outcome
        self.on_held = on_held

    def content(self) -> Mapping[str, Any]:
        """Return what is sent, the part of the message that is of its type: ``{"type": "text", "text": {…}}``."""
        raise NotImplementedError

    def deliver(self, client: WhatsAppClient, message: PreparedMessage) -> dict[str, Any]:
        """Send the message with ``client``, which notes each attempt in the task's record, and return its ids."""
        from airflow_provider_whatsapp.sending.delivery import deliver

        return deliver(client, message, **self.delivery_options)

    def identity(self, message: PreparedMessage) -> bytes:
        """Return what makes it the same message: a retry that finds another one in its record does not send."""
        from airflow_provider_whatsapp.models.validation import printable

        return b"\0".join((message.body, printable(self.phone_number_id).encode()))

    @property
    def delivery_options(self) -> dict[str, Any]:
        """The arguments of this task for :func:`~airflow_provider_whatsapp.sending.delivery.deliver`."""
        return {
            "phone_number_id": self.phone_number_id,
            "retry_unknown_outcome": self.on_unknown_outcome == "resend",
        }

    def execute(self, context: Context) -> dict[str, Any]:
        """Validate the message, send it once, and return its ids."""
        from airflow_provider_whatsapp.sending.delivery import check_held
        from airflow_provider_whatsapp.sending.send_record import SendRecord

        with fail_on_permanent_error():
            self._validate_choices()
            message = self.build_message(self.content())
            # A task has one record: an operator that another task or a callback runs with its context has none.
            own: Mapping[str, Any] = {}
            if getattr(context.get("task"), "task_id", self.task_id) == self.task_id:
                own = context
            # Before the send: if Airflow cannot keep them, nothing has been sent yet, and a retry is harmless.
            for link in self.operator_extra_links:
                link.keep(own, self.client.config.business_account_id)
            record = SendRecord(
                own,
                retries=self.retries or 0,
                api_key=self.client.config.api_key,
                recipient=message.recipient,
                content=self.identity(message),
            )
            try:
                result = record.send_once(
                    self.client,
                    partial(self.deliver, message=message),
                    retry_unknown_outcome=self.on_unknown_outcome == "resend",
                )
            except OutcomeUnknownError as error:
                # A lost response to an upload before the send does not count: the next try may repeat the upload.
                if self.on_unknown_outcome != "skip" or not error.permanent:
                    raise
                reason = f"on_unknown_outcome='skip': {error}"
            else:
                check_held(result, fail=self.on_held == "fail")
                return result
        raise AirflowSkipException(reason)

    def build_message(self, content: Mapping[str, Any]) -> PreparedMessage:
        """
        Return the message around ``content``, ready to be sent.

        :raises InvalidRequestError: if it breaks one of Meta's limits.
        """
        from airflow_provider_whatsapp.models.messages import MESSAGE
        from airflow_provider_whatsapp.models.validation import validate

        message: Envelope = validate(
            MESSAGE, self.body_of(content), arguments=self.argument_paths()
        )
        return message.prepare()

    def argument_paths(self) -> dict[FieldPath, FieldPath]:
        """Return where the fields of the message come from, for errors."""
        return {
            ("context",): ("reply_to_message_id",),
            ("context", "message_id"): ("reply_to_message_id",),
        }

    def body_of(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """Return the body of the message around ``content``, its recipient in international form."""
        body = {**content, **self.envelope()}
        # The models reject a national number, so it becomes an international one before they see it.
        if body.get("to") is not None and body.get("recipient_type") != "group":
            body["to"] = self.client.messages.international_number(body["to"])
        return body

    def envelope(self) -> dict[str, Any]:
        """Return the fields of the message that all types share."""
        context = None
        if self.reply_to_message_id is not None:
            context = {"message_id": self.reply_to_message_id}
        fields = {
            "to": self.to,
            "recipient_type": self.recipient_type,
            "context": context,
            "biz_opaque_callback_data": self.biz_opaque_callback_data,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def _validate_choices(self) -> None:
        from airflow_provider_whatsapp.models.validation import describe

        # Before the send: a misspelt choice would else be found only after a response was lost.
        options = {
            "on_unknown_outcome": get_args(OnUnknownOutcome),
            "on_held": get_args(OnHeld),
        }
        for name, choices in options.items():
            value = getattr(self, name)
            if value not in choices:
                raise InvalidRequestError(
                    f"{name}: must be one of {', '.join(choices)} (got {describe(value)}). Choose one."
                )


def storage_path(location: object, field: str) -> Path:
    """
    Return a local path, or an object storage path for a URI such as ``s3://conn_id@bucket/key``.

    :param field: the argument that ``location`` came with.
    :raises InvalidRequestError: if it is neither.
    """
    from pathlib import Path

    if not isinstance(location, str | Path) or not str(location).strip():
        raise InvalidRequestError(
            f"{field}: must be a path or a URI (got {type(location).__name__}). Check the task or XCom it comes from."
        )
    if "://" not in str(location):
        return Path(location)
    from airflow.providers.common.compat.sdk import ObjectStoragePath

    try:
        path = ObjectStoragePath(str(location))
        path.fs  # noqa: B018 - only this finds that a package is missing
    except (ImportError, ValueError) as error:
        raise InvalidRequestError(
            f"{field}: must be a URI that Airflow's object storage can open on this worker "
            f"(got {str(location).partition('://')[0]}://: {error}). "
            "Check the URI, and install the Airflow provider for it."
        ) from error
    return cast("Path", path)  # it has all methods of one


def stored_file(
    location: object, field: str, mime_type: str | None
) -> tuple[Path, MediaFile]:
    """
    Return the path of a file, and its name, type and size for WhatsApp.

    :param location: see :func:`storage_path`.
    :param mime_type: overrides the type that the file's name tells.
    :raises InvalidRequestError: if there is no such file, or WhatsApp does not accept it.
    """
    from airflow_provider_whatsapp.models.media import MediaFile
    from airflow_provider_whatsapp.models.validation import (
        MAX_PATH_LENGTH,
        describe,
        printable,
    )

    if not isinstance(mime_type, str | None):
        raise InvalidRequestError(
            f"mime_type: must be text such as 'image/png' (got {describe(mime_type)}). Correct it."
        )
    path = storage_path(location, field)
    shown = printable(path, MAX_PATH_LENGTH)
    try:
        if path.is_file():
            return path, MediaFile.described(path.name, path.stat().st_size, mime_type)
        problem = "does not exist"
        if path.exists():
            problem = "is a folder or a device"
    except (PermissionError, ValueError) as error:
        # A folder above it can be closed to this user, and a path can contain a null byte.
        problem = f"cannot be opened: {type(error).__name__}"
    raise InvalidRequestError(
        f"{field}: must be a file on this worker (got {shown}, which {problem}). "
        "Pass one file that every worker can read, for example in object storage."
    )
