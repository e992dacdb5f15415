"""What Airflow reads about this provider: strings only, so that reading it costs nothing."""

from __future__ import annotations

from typing import Any

from airflow_provider_whatsapp import __version__

PACKAGE = "airflow_provider_whatsapp"
INTEGRATION = "WhatsApp Business"
CONN_TYPE = "maton"

# The connection form. Airflow 3.2 and newer read this; MatonHook builds the forms of older ones from it.
CONN_FIELDS: dict[str, dict[str, Any]] = {
    "phone_number_id": {
        "label": "Phone number ID",
        "description": "Sends when a task names no other. Digits; WhatsApp Manager shows it under API setup.",
        "schema": {"type": ["string", "null"]},
    },
    "business_account_id": {
        "label": "Business account ID",
        "description": "Owns the templates (WABA ID). Digits; WhatsApp Manager shows it under API setup.",
        "schema": {"type": ["string", "null"]},
    },
    "maton_connection_id": {
        "label": "Maton connection ID",
        "description": "Which of the account's WhatsApp connections to use; empty for the oldest active one.",
        "schema": {"type": ["string", "null"]},
    },
    "api_version": {
        "label": "API version",
        "description": "Graph API version, for example v25.0, which is the default.",
        "schema": {"type": ["string", "null"]},
    },
    "timeout": {
        "label": "Timeout",
        "description": "Seconds to wait for a response, 30 by default, 3600 at most.",
        "schema": {"type": ["number", "null"]},
    },
    "requests_per_second": {
        "label": "Requests per second",
        "description": "Of this account, evenly spaced; 10 by default, which is Maton's limit.",
        "schema": {"type": ["number", "null"]},
    },
    "rate_limit_storage": {
        "label": "Rate limit shared by",
        "description": "Empty: threads of a process; machine: its processes; redis://…: all workers; off: no limit.",
        # The URL can hold a password.
        "schema": {"type": ["string", "null"], "format": "password"},
    },
    "check_numbers": {
        "label": "Check numbers",
        "description": "Recipients that libphonenumber calls invalid: warn, which is the default, fail, or off.",
        "schema": {"type": ["string", "null"]},
    },
    "default_country": {
        "label": "Default country",
        "description": "For example DE: national numbers are read as those of this country; empty: none are.",
        "schema": {"type": ["string", "null"]},
    },
    "control_url": {
        "label": "Control plane URL",
        "description": "Default https://ctrl.maton.ai.",
        "schema": {"type": ["string", "null"]},
    },
    "proxy": {
        "label": "Proxy",
        "description": "URL of an HTTP or SOCKS proxy for all calls, with its scheme.",
        "schema": {"type": ["string", "null"], "format": "password"},
    },
}

UI_FIELD_BEHAVIOUR: dict[str, Any] = {
    "hidden-fields": ["login", "schema", "extra"],
    "relabeling": {"password": "Maton API key", "host": "Gateway URL"},
    "placeholders": {
        "password": "from maton.ai/settings",
        "host": "https://gateway.maton.ai",
        # Shown, because the Test button of Airflow 3.3.2 rejects every stored connection that has no port.
        "port": "443",
    },
}


def get_provider_info() -> dict[str, Any]:
    """
    Return the provider's metadata.

    https://airflow.apache.org/docs/apache-airflow-providers/howto/create-custom-providers.html
    """
    return {
        "package-name": "airflow-provider-whatsapp",
        "name": INTEGRATION,
        "description": "Messages, media and message templates of WhatsApp Business, through the Maton gateway.",
        "versions": [__version__],
        "integrations": [
            {
                "integration-name": INTEGRATION,
                "external-doc-url": "https://developers.facebook.com/docs/whatsapp/cloud-api",
                "tags": ["service"],
            }
        ],
        "hooks": _modules("hooks.maton"),
        "operators": _modules(
            "operators.messages",
            "operators.media",
            "operators.templates",
            "operators.business_profile",
        ),
        "sensors": _modules("sensors.templates", "sensors.messages", "sensors.connections"),
        "triggers": _modules(
            "triggers.templates", "triggers.messages", "triggers.connections"
        ),
        "extra-links": [
            f"{PACKAGE}.links.whatsapp_manager.PhoneNumbersLink",
            f"{PACKAGE}.links.whatsapp_manager.TemplatesLink",
        ],
        "connection-types": [
            {
                "connection-type": CONN_TYPE,
                "hook-class-name": f"{PACKAGE}.hooks.maton.MatonHook",
                "hook-name": "Maton (WhatsApp Business)",
                "ui-field-behaviour": UI_FIELD_BEHAVIOUR,
                "conn-fields": CONN_FIELDS,
            }
        ],
    }


def _modules(*names: str) -> list[dict[str, Any]]:
    return [
        {
            "integration-name": INTEGRATION,
            "python-modules": [f"{PACKAGE}.{name}" for name in names],
        }
    ]
