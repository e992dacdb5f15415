"""Operators that send messages, and the one that marks incoming ones as read."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow_provider_whatsapp.exceptions import ApiError, InvalidRequestError
from airflow_provider_whatsapp.hooks.failures import fail_on_permanent_error
from airflow_provider_whatsapp.links.whatsapp_manager import TemplatesLink
from airflow_provider_whatsapp.operators.base import (
    SendOperator,
    WhatsAppOperator,
    stored_file,
)

if TYPE_CHECKING:
    from pathlib import Path

    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_whatsapp.client.client import WhatsAppClient
    from airflow_provider_whatsapp.models.media import MediaFile
    from airflow_provider_whatsapp.models.messages import Envelope, PreparedMessage
    from airflow_provider_whatsapp.models.validation import FieldPath
    from airflow_provider_whatsapp.sending.template_arguments import InvalidText

OUTSIDE_THE_WINDOW = 131047  # Meta's code if the person has not written within 24 hours

_INTERACTIVE_ARGUMENTS = (
    "body",
    "header",
    "footer",
    "buttons",
    "button",
    "sections",
    "url",
    "display_text",
    "interactive",
)
_TEMPLATE_ARGUMENTS = (
    "template_name",
    "language_code",
    "body_parameters",
    "header",
    "buttons",
    "components",
    "invalid_text",
)


class SendMessageOperator(SendOperator):
    """
    Send any message by Meta's own body, for everything that the other operators do not cover.

    .. code-block:: python

        SendMessageOperator(
            task_id="thumbs_up",
            to="+1 650 555 1234",
            message={"type": "reaction", "reaction": {"message_id": "{{ params.message_id }}", "emoji": "👍"}},
        )

    :param message: the body, as a dict or as one of :mod:`airflow_provider_whatsapp.models.messages`. The operator's
        other arguments override its fields. (templated, inner texts too)
    :param unchecked: send the message as it is written, with fields that this version does not know. The operator then
        validates only the recipient and the fields that all messages share.

    .. seealso:: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
    """

    template_fields: Sequence[str] = ("message", *SendOperator.template_fields)
    template_fields_renderers = {"message": "json"}

    def __init__(
        self,
        *,
        message: Mapping[str, Any] | Envelope,
        unchecked: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.message = message
        self.unchecked = unchecked

    def render_template(self, content: Any, *args: Any, **kwargs: Any) -> Any:
        """Render the texts of a model, too, which Airflow would not."""
        return super().render_template(_as_dict(content), *args, **kwargs)

    def content(self) -> Mapping[str, Any]:
        """Return the body as it was given."""
        body = _as_dict(self.message)
        if not isinstance(body, Mapping):
            raise InvalidRequestError(
                f"message: must be a dict or a model (got {type(body).__name__}). Check the XCom it comes from."
            )
        return body

    def build_message(self, content: Mapping[str, Any]) -> PreparedMessage:
        """Return the message, validated in all its parts, or with ``unchecked`` in its envelope only."""
        from airflow_provider_whatsapp.models.messages import RawMessage
        from airflow_provider_whatsapp.models.validation import validate

        # Meta takes read receipts at the same address: one would send nothing, and the task would succeed.
        if "status" in content and content.get("type") is None:
            raise InvalidRequestError(
                "message: must be a message (got a read receipt). Use MarkMessageReadOperator instead."
            )
        if self.unchecked:
            return validate(
                RawMessage, self.body_of(content), arguments=self.argument_paths()
            ).prepare()
        return super().build_message(content)

    def argument_paths(self) -> dict[FieldPath, FieldPath]:
        """Return where the fields of the message come from: other arguments take the place of what it says itself."""
        others: dict[FieldPath, FieldPath] = {(name,): (name,) for name in self.envelope()}
        # An error about a recipient that the body names shows its place in the body.
        if "to" not in self.content():
            others[("to",)] = ("to",)
        if self.reply_to_message_id is not None:
            others |= super().argument_paths()
        return {(): ("message",), **others}


class SendTextOperator(SendOperator):
    """
    Send a text to a person who has written within the last 24 hours.

    Outside that window Meta rejects every text (131047), and the operator sends ``fallback_template`` instead. Meta can
    also accept the text first and fail it later: only the message's status tells.

    :param body: the text, up to 4096 characters. (templated)
    :param preview_url: show a preview of the first link in it.
    :param fallback_template: name of the template, or the arguments of a :class:`SendTemplateOperator` as a
        dict, such as ``{"template_name": "task_failed", "body_parameters": ["{{ ti.task_id }}"]}``. (templated)
    :return: ``{"message_id", "wa_id", "message_status", "used_fallback"}``.

    .. seealso:: https://developers.facebook.com/docs/whatsapp/cloud-api/messages/text-messages
    """

    template_fields: Sequence[str] = (
        "body",
        "fallback_template",
        *SendOperator.template_fields,
    )
    template_fields_renderers = {"fallback_template": "json"}

    def __init__(
        self,
        *,
        body: str,
        preview_url: bool | None = None,
        fallback_template: str | Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.body = body
        self.preview_url = preview_url
        self.fallback_template = fallback_template

    def content(self) -> Mapping[str, Any]:
        """Return the text."""
        from airflow_provider_whatsapp.models.messages import Text
        from airflow_provider_whatsapp.models.validation import validate

        text = validate(Text, _given(body=self.body, preview_url=self.preview_url))
        return {"type": "text", "text": text}

    def deliver(self, client: WhatsAppClient, message: PreparedMessage) -> dict[str, Any]:
        """Send the text, or the template if Meta accepts no text now."""
        from airflow_provider_whatsapp.sending.delivery import deliver

        # Built first, so that an invalid fallback fails the task before the text is sent.
        fallback = None
        arguments = self.fallback_template
        if isinstance(arguments, str):
            arguments = {"template_name": arguments}
        if arguments is not None:
            fallback = self.build_message(_template(arguments, ("fallback_template",)))
        try:
            return {
                **deliver(client, message, **self.delivery_options),
                "used_fallback": False,
            }
        except ApiError as error:
            # After this code no text has been sent, so the template is not a second message.
            if error.code != OUTSIDE_THE_WINDOW or fallback is None:
                raise
        self.log.info(
            "The 24-hour window is closed (%d): sending the template instead",
            OUTSIDE_THE_WINDOW,
        )
        return {**deliver(client, fallback, **self.delivery_options), "used_fallback": True}


class SendTemplateOperator(SendOperator):
    """
    Send a message from an approved template. Only such a message may open a conversation.

    :param template_name: name of the template. (templated)
    :param language_code: a language that the template exists in. (templated)
    :param body_parameters: a list for the variables ``{{1}}``, ``{{2}}``, or a dict for named ones.
        (templated)
    :param header: a text, or ``{"document": {"id" or "link": …, "filename": …}}``, and likewise
        ``image``, ``video`` and ``location``. (templated)
    :param buttons: one entry a button, in the template's order: ``{"url": …}``,
        ``{"quick_reply": …}``, ``{"copy_code": …}``, or ``None`` for a button without parameter.
        (templated)
    :param components: Meta's own list of components, in place of the three above. (templated)
    :param invalid_text: Meta rejects line breaks, tabs and long gaps in text parameters. ``"fix"`` turns them into a
        space, and percent-encodes URL button values. ``"fail"`` fails the task.

    .. seealso:: https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates
    """

    template_fields: Sequence[str] = (
        "template_name",
        "language_code",
        "body_parameters",
        "header",
        "buttons",
        "components",
        *SendOperator.template_fields,
    )
    template_fields_renderers = {"body_parameters": "json", "components": "json"}
    operator_extra_links = (TemplatesLink(), *SendOperator.operator_extra_links)

    def __init__(
        self,
        *,
        template_name: str,
        language_code: str = "en_US",
        body_parameters: Sequence[Any] | Mapping[str, Any] | None = None,
        header: str | Mapping[str, Any] | None = None,
        buttons: Sequence[Mapping[str, str] | None] | None = None,
        components: Sequence[Mapping[str, Any]] | None = None,
        invalid_text: InvalidText = "fix",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.template_name = template_name
        self.language_code = language_code
        self.body_parameters = body_parameters
        self.header = header
        self.buttons = buttons
        self.components = components
        self.invalid_text = invalid_text

    def content(self) -> Mapping[str, Any]:
        """Return the template and its parameters."""
        return _template({name: getattr(self, name) for name in _TEMPLATE_ARGUMENTS})


class SendMediaOperator(SendOperator):
    """
    Send an image, video, audio, document or sticker.

    :param media_id: id of an upload. (templated)
    :param link: a public link, which Meta fetches (and keeps for 10 minutes). (templated)
    :param file: a local path or a URI of Airflow's object storage, which the operator uploads first. If Meta then
        rejects the message, the upload stays for 30 days. Every file that the worker's user may read can be sent: do
        not build the path from data that other people write. (templated)
    :param media_type: ``"image"``, ``"video"``, ``"audio"``, ``"document"`` or ``"sticker"``. By default the type of
        the file or upload decides, or the ending of the link. (templated)
    :param caption: text below it, up to 1024 characters; not for audio and stickers. (templated)
    :param filename: the name that WhatsApp shows for a document; by default that of ``file``. (templated)
    :param voice: show an audio (OGG with Opus) as a voice message.
    :param mime_type: overrides the type that the name of ``file`` tells. (templated)
    :return: ``{"message_id", "wa_id", "message_status", "media_id"}``; no ``media_id`` for a link.

    .. seealso:: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages#media-object
    """

    template_fields: Sequence[str] = (
        "media_id",
        "link",
        "file",
        "media_type",
        "caption",
        "filename",
        "mime_type",
        *SendOperator.template_fields,
    )

    def __init__(
        self,
        *,
        media_id: str | None = None,
        link: str | None = None,
        file: str | Path | None = None,
        media_type: str | None = None,
        caption: str | None = None,
        filename: str | None = None,
        voice: bool | None = None,
        mime_type: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.media_id = media_id
        self.link = link
        self.file = file
        self.media_type = media_type
        self.caption = caption
        self.filename = filename
        self.voice = voice
        self.mime_type = mime_type

    def content(self) -> Mapping[str, Any]:
        """Return the reference to the file; one that is uploaded later has the id 0 until then."""
        given = [
            name for name in ("media_id", "link", "file") if getattr(self, name) is not None
        ]
        if len(given) != 1:
            raise InvalidRequestError(
                f"media_id, link, file: must have exactly one of them set (got {' and '.join(given) or 'none'}). "
                "Check the tasks and XComs that they come from."
            )
        if self.file is not None:
            # Its kind and caption are checked before anything is uploaded.
            return self._content_of_upload("0")
        return self._content(self._kind(), id=self.media_id, link=self.link)

    def identity(self, message: PreparedMessage) -> bytes:
        """Return what makes it the same message: each upload has an id of its own, so the file stands for it."""
        if self.file is None:
            return super().identity(message)
        path, file = self._stored_file
        # A path can contain bytes that are not UTF-8.
        location = os.fsencode(str(path))
        size = str(file.size).encode()
        return b"\0".join((super().identity(message), location, size))

    def deliver(self, client: WhatsAppClient, message: PreparedMessage) -> dict[str, Any]:
        """Upload the file if there is one, and send the message that refers to it."""
        from airflow_provider_whatsapp.sending.delivery import deliver

        media_id = self.media_id and str(self.media_id)
        if self.file is not None:
            # An invalid number fails the task before the upload. A mere warning comes once, at the send.
            if client.config.check_numbers == "fail":
                client.messages.check_number(message)
            path, file = self._stored_file
            with path.open("rb") as opened:
                media_id = client.media.upload(
                    file, opened, phone_number_id=self.phone_number_id
                ).id
            self.log.info(
                "Uploaded a file of type %s (%d bytes) as media %s",
                file.mime_type,
                file.size,
                media_id,
            )
            message = self.build_message(self._content_of_upload(media_id))
        return {**deliver(client, message, **self.delivery_options), "media_id": media_id}

    @cached_property
    def _stored_file(self) -> tuple[Path, MediaFile]:
        return stored_file(self.file, "file", self.mime_type)

    def _content_of_upload(self, media_id: str) -> Mapping[str, Any]:
        file = self._stored_file[1]
        kind = self._kind(file.kind)
        filename = self.filename
        if kind == "document":
            # By default people see the name of the file that was sent.
            filename = filename or file.name
        return self._content(kind, id=media_id, filename=filename)

    def _kind(self, file_kind: str | None = None) -> str:
        """Return the message type: what is asked for, if the file can be sent so, or what the file tells."""
        from airflow_provider_whatsapp.models.ids import MediaId
        from airflow_provider_whatsapp.models.media import (
            MediaKind,
            media_kind,
            media_kind_of_link,
        )
        from airflow_provider_whatsapp.models.validation import describe, validate

        if self.media_type is None and file_kind is None:
            # The file is not fetched for it: Meta does that, and this worker may have no way to that host.
            if self.link is not None:
                return media_kind_of_link(validate(str, self.link, field="link"))
            media_id = validate(MediaId, self.media_id, field="media_id")
            return media_kind(self.client.media.get(media_id).mime_type, "media_id")
        # Any file can be sent as a document.
        possible = [
            kind.value
            for kind in MediaKind
            if file_kind in (None, kind.value) or kind is MediaKind.DOCUMENT
        ]
        if self.media_type is not None and self.media_type not in possible:
            raise InvalidRequestError(
                f"media_type: must be one of {', '.join(possible)} for this file (got {describe(self.media_type)}). "
                "Choose one."
            )
        return self.media_type or str(file_kind)

    def _content(self, kind: str, **reference: str | None) -> Mapping[str, Any]:
        from airflow_provider_whatsapp.models.media import REFERENCES, MediaKind
        from airflow_provider_whatsapp.models.validation import validate

        fields = {
            "caption": self.caption,
            "filename": self.filename,
            "voice": self.voice,
            **reference,
        }
        arguments: dict[FieldPath, FieldPath] = {("id",): ("media_id",)}
        reference_model = REFERENCES[MediaKind(kind)]
        return {
            "type": kind,
            kind: validate(reference_model, _given(**fields), arguments=arguments),
        }


class SendLocationOperator(SendOperator):
    """
    Send a place on the map.

    :param latitude: decimal degrees, -90 to 90. (templated)
    :param longitude: decimal degrees, -180 to 180. (templated)
    :param name: of the place. (templated)
    :param address: of the place. (templated)

    .. seealso:: https://developers.facebook.com/docs/whatsapp/cloud-api/messages/location-messages
    """

    template_fields: Sequence[str] = (
        "latitude",
        "longitude",
        "name",
        "address",
        *SendOperator.template_fields,
    )

    def __init__(
        self,
        *,
        latitude: float | str,
        longitude: float | str,
        name: str | None = None,
        address: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.latitude = latitude
        self.longitude = longitude
        self.name = name
        self.address = address

    def content(self) -> Mapping[str, Any]:
        """Return the place."""
        from airflow_provider_whatsapp.models.locations import Location
        from airflow_provider_whatsapp.models.validation import validate

        place = _given(
            latitude=self.latitude,
            longitude=self.longitude,
            name=self.name,
            address=self.address,
        )
        return {"type": "location", "location": validate(Location, place)}


class SendContactsOperator(SendOperator):
    """
    Send one or more contact cards.

    :param contacts: cards in Meta's form, such as ``[{"name": {"formatted_name": "Ada Lovelace",
        "first_name": "Ada"}, "phones": [{"phone": "+44 20 7946 0000"}]}]``. (templated)

    .. seealso:: https://developers.facebook.com/docs/whatsapp/cloud-api/messages/contacts-messages
    """

    template_fields: Sequence[str] = ("contacts", *SendOperator.template_fields)

    def __init__(self, *, contacts: Sequence[Mapping[str, Any]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.contacts = contacts

    def content(self) -> Mapping[str, Any]:
        """Return the cards."""
        from airflow_provider_whatsapp.models.contacts import CONTACT_CARDS
        from airflow_provider_whatsapp.models.validation import validate

        return {
            "type": "contacts",
            "contacts": validate(CONTACT_CARDS, self.contacts, field="contacts"),
        }


class SendInteractiveOperator(SendOperator):
    """
    Send a text with buttons, a list or a link, to a person who has written within the last 24 hours.

    .. code-block:: python

        SendInteractiveOperator(
            task_id="ask",
            to="+1 650 555 1234",
            body="The load of {{ ds }} failed. Run it again?",
            buttons={"retry": "Run it again", "leave": "Leave it"},
        )

    :param body: the text. (templated)
    :param header: a line above it, or ``{"image": {"id" or "link": …}}``, and likewise ``video`` and
        ``document``; a line only above a list. (templated)
    :param footer: a small line below it. (templated)
    :param buttons: up to 3 reply buttons, ``{id: title}`` or ``[{"id", "title"}]``. The id comes back when the person
        taps the button. (templated)
    :param button: the text that opens a list. (templated)
    :param sections: the list, up to 10 rows in all: ``[{"title": …, "rows": {id: title}}]``, rows also as
        ``[{"id", "title", "description"}]``. (templated)
    :param url: the page that a link button opens. (templated)
    :param display_text: the text on the link button. (templated)
    :param interactive: Meta's own object, for flows, products, carousels and the rest, instead of all these.
        (templated)

    .. seealso:: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages#interactive-object
    """

    template_fields: Sequence[str] = (
        *_INTERACTIVE_ARGUMENTS,
        *SendOperator.template_fields,
    )
    template_fields_renderers = {
        "buttons": "json",
        "sections": "json",
        "interactive": "json",
    }

    def __init__(
        self,
        *,
        body: str | None = None,
        header: str | Mapping[str, Any] | None = None,
        footer: str | None = None,
        buttons: Mapping[str, str] | Sequence[Mapping[str, Any]] | None = None,
        button: str | None = None,
        sections: Sequence[Mapping[str, Any]] | None = None,
        url: str | None = None,
        display_text: str | None = None,
        interactive: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.body = body
        self.header = header
        self.footer = footer
        self.buttons = buttons
        self.button = button
        self.sections = sections
        self.url = url
        self.display_text = display_text
        self.interactive = interactive

    def content(self) -> Mapping[str, Any]:
        """Return the text and its buttons, list or link."""
        from airflow_provider_whatsapp.sending.interactive_arguments import (
            build_interactive,
        )

        arguments = {name: getattr(self, name) for name in _INTERACTIVE_ARGUMENTS}
        return {"type": "interactive", "interactive": build_interactive(**arguments)}


class MarkMessageReadOperator(WhatsAppOperator):
    """
    Mark an incoming message, and those before it, as read: its sender sees two blue ticks.

    :param message_id: of the incoming message, from its webhook. (templated)
    :param typing_indicator: also show that a reply is being written, until it comes, or for 25 seconds.
    :param phone_number_id: the number that received it, the connection's if absent. (templated)
    :param maton_conn_id: the Airflow connection. (templated)

    .. seealso:: https://developers.facebook.com/docs/whatsapp/cloud-api/guides/mark-message-as-read
    """

    template_fields: Sequence[str] = (
        "message_id",
        "phone_number_id",
        *WhatsAppOperator.template_fields,
    )

    def __init__(
        self,
        *,
        message_id: str,
        typing_indicator: bool = False,
        phone_number_id: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.message_id = message_id
        self.typing_indicator = typing_indicator
        self.phone_number_id = phone_number_id

    def execute(self, context: Context) -> None:
        """Mark it."""
        from airflow_provider_whatsapp.models.ids import shorten_message_id

        with fail_on_permanent_error():
            self.client.messages.mark_read(
                self.message_id,
                typing_indicator=self.typing_indicator,
                phone_number_id=self.phone_number_id,
            )
            self.log.info("Marked message %s as read", shorten_message_id(self.message_id))


def _template(arguments: Any, path: FieldPath = ()) -> Mapping[str, Any]:
    """Return the template part of a message from the arguments of a :class:`SendTemplateOperator` at ``path``."""
    from airflow_provider_whatsapp.models.validation import spell_path
    from airflow_provider_whatsapp.sending.template_arguments import build_template

    field = spell_path(path)
    if not isinstance(arguments, Mapping) or "template_name" not in arguments:
        raise InvalidRequestError(
            f"{field}: must be a template's name, or a dict with template_name in it (got {type(arguments).__name__}). "
            "Add template_name."
        )
    if unknown := sorted(set(arguments) - set(_TEMPLATE_ARGUMENTS)):
        raise InvalidRequestError(
            f"{field}: must have known arguments only (got {', '.join(map(str, unknown))}). "
            f"Remove or correct them; known arguments are {', '.join(_TEMPLATE_ARGUMENTS)}."
        )
    # A fallback may leave the language out, as the operator's own arguments may.
    given = {"language_code": "en_US", **arguments}
    return {
        "type": "template",
        "template": build_template(name=given.pop("template_name"), path=path, **given),
    }


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _as_dict(message: Any) -> Any:
    """Return a model's body as a dict; anything else as it is."""
    # Asked for its method and not for its class, so that a dict loads no models.
    dump = getattr(message, "model_dump", None)
    if dump is None:
        return message
    return dump(mode="json", by_alias=True, exclude_none=True)
