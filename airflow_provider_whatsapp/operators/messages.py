"""Operators that send messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_whatsapp.hooks.failures import permanent_errors_fail_the_task
from airflow_provider_whatsapp.operators.base import WhatsAppOperator

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_whatsapp.models.template_shorthand import UnfitText


class SendTemplateOperator(WhatsAppOperator):
    """
    Send a message from an approved template: the only kind that may open a conversation.

    Whether a send whose answer was lost was carried out cannot be known: the task then fails without
    using its retries, so that nobody gets a message twice by accident.

    :param to: the recipient, country code first: ``"+1 (650) 555-1234"`` or ``"16505551234"``. It
        shows in the task's rendered fields, as all templated fields do. (templated)
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
    :param unfit_text: ``"mend"`` turns line breaks, tabs and long gaps in text parameters, which Meta
        refuses, into a space, and percent-encodes URL button values; ``"refuse"`` fails the task.
    :param phone_number_id: the number that sends, the connection's if absent. (templated)
    :param maton_conn_id: the Airflow connection. (templated)
    :return: ``{"message_id", "wa_id", "message_status"}``. Accepted is not yet delivered.

    .. seealso:: https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates
    """

    template_fields: Sequence[str] = (
        "to",
        "template_name",
        "language_code",
        "body_parameters",
        "header",
        "buttons",
        "components",
        "phone_number_id",
        *WhatsAppOperator.template_fields,
    )
    template_fields_renderers = {"body_parameters": "json", "components": "json"}

    def __init__(
        self,
        *,
        to: str,
        template_name: str,
        language_code: str = "en_US",
        body_parameters: Sequence[Any] | Mapping[str, Any] | None = None,
        header: str | Mapping[str, Any] | None = None,
        buttons: Sequence[Mapping[str, str] | None] | None = None,
        components: Sequence[Mapping[str, Any]] | None = None,
        unfit_text: UnfitText = "mend",
        phone_number_id: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.to = to
        self.template_name = template_name
        self.language_code = language_code
        self.body_parameters = body_parameters
        self.header = header
        self.buttons = buttons
        self.components = components
        self.unfit_text = unfit_text
        self.phone_number_id = phone_number_id

    def execute(self, context: Context) -> dict[str, str | None]:
        """Check the message, send it once, and return its ids."""
        from airflow_provider_whatsapp.models.base import checked
        from airflow_provider_whatsapp.models.messages import TemplateMessage
        from airflow_provider_whatsapp.models.recipients import shorten_phone_number
        from airflow_provider_whatsapp.models.template_shorthand import template_content

        with permanent_errors_fail_the_task():
            content = template_content(
                name=self.template_name,
                language_code=self.language_code,
                body_parameters=self.body_parameters,
                header=self.header,
                buttons=self.buttons,
                components=self.components,
                unfit_text=self.unfit_text,
            )
            message = checked(TemplateMessage, {"to": self.to, "template": content})
            sent = self.client.messages.send(message, phone_number_id=self.phone_number_id)
        status = sent.message_status and sent.message_status.value
        self.log.info(
            "WhatsApp accepted template %s (%s) for %s as message %s, status %s",
            content.name,
            content.language.code,
            shorten_phone_number(message.to),
            sent.message_id,
            status,
        )
        return {"message_id": sent.message_id, "wa_id": sent.wa_id, "message_status": status}
