"""
How one message is delivered, and what comes of it, as plain JSON.

A send takes one path: the message is prepared, a :class:`SendRecord` goes around it, and :func:`deliver` hands it to
the client.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from airflow_provider_whatsapp.client.client import WhatsAppClient
from airflow_provider_whatsapp.exceptions import TemplateError
from airflow_provider_whatsapp.models.ids import shorten_message_id, shorten_phone_number
from airflow_provider_whatsapp.models.messages import MessageStatus, PreparedMessage

log = logging.getLogger(__name__)


def deliver(
    client: WhatsAppClient,
    message: PreparedMessage,
    *,
    phone_number_id: str | None = None,
    retry_unknown_outcome: bool = False,
) -> dict[str, Any]:
    """
    Send ``message`` and return ``{"message_id", "wa_id", "message_status"}``; accepted is not yet delivered.

    :param client: the client that the record has bound to its notes, see :meth:`SendRecord.send_once`.
    :param phone_number_id: the number that sends, the account's if absent.
    :param retry_unknown_outcome: send it again if it is not known whether it was sent.
    :raises WhatsAppError: as :meth:`Messages.send`.
    """
    # Before the send: an error after it would make Airflow's retry a second message.
    recipient = shorten_phone_number(message.digits)
    sent = client.messages.send(
        message,
        phone_number_id=phone_number_id,
        retry_unknown_outcome=retry_unknown_outcome,
    )
    status = sent.message_status and sent.message_status.value
    name = shorten_message_id(sent.message_id)
    log.info(
        "WhatsApp accepted %s for %s as message %s", message.description, recipient, name
    )
    return {"message_id": sent.message_id, "wa_id": sent.wa_id, "message_status": status}


def check_held(result: Mapping[str, Any], *, fail: bool) -> None:
    """
    Warn if Meta has accepted the message but holds it, so that it may arrive late or never.

    :param result: of :func:`deliver`.
    :param fail: raise an error instead of the warning.
    :raises TemplateError: if the message is held, and ``fail`` is set.
    """
    status = result["message_status"]
    if status is None or not MessageStatus(status).is_held:
        return
    held = f"Meta accepted message {shorten_message_id(result['message_id'])} and holds it ({status})"
    remedy = "It may arrive late or never. Check the template's quality in WhatsApp Manager before you send it again"
    if fail:
        raise TemplateError(held, remedy=remedy)
    log.warning("%s. %s", held, remedy)
