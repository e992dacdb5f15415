"""Arguments with which each operator works."""

from __future__ import annotations

from typing import Any

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
from tests.builders import template_definition

Arguments = dict[type, dict[str, Any]]


def send_arguments(text: str) -> Arguments:
    """Return a message of each send operator, without recipient, which has this text in each place for one."""
    return {
        SendMessageOperator: {"message": {"type": "text", "text": {"body": text}}},
        SendTextOperator: {"body": text},
        SendTemplateOperator: {"template_name": "order_shipped", "body_parameters": [text]},
        SendMediaOperator: {"link": "https://example.com/photo.jpg", "caption": text},
        SendLocationOperator: {
            "latitude": 37.4847,
            "longitude": "-122.1473",
            "name": text,
            "address": text,
        },
        SendContactsOperator: {
            "contacts": [{"name": {"formatted_name": text, "first_name": "Ada"}}]
        },
        SendInteractiveOperator: {"body": text, "buttons": {text: "Again"}},
    }


def operator_arguments() -> Arguments:
    """Return arguments of each operator: it works with them, or at least makes a call."""
    sends = {
        cls: {"to": "16505551234", **arguments}
        for cls, arguments in send_arguments("Hello").items()
    }
    sends[SendTextOperator]["fallback_template"] = {"template_name": "order_shipped"}
    return {
        **sends,
        MarkMessageReadOperator: {"message_id": "wamid.abc"},
        UploadMediaOperator: {"file": __file__, "mime_type": "text/plain"},
        DownloadMediaOperator: {"media_id": "4711", "file": "/no/such/folder/file"},
        DeleteMediaOperator: {"media_id": "4711"},
        SyncTemplatesOperator: {"templates": []},
        CreateTemplateOperator: {"template": template_definition("order_late")},
        DeleteTemplateOperator: {"template_name": "order_shipped"},
        UpdateBusinessProfileOperator: {"about": "We ship."},
    }
