"""The ids that a call leaves out are those of the account."""

from __future__ import annotations

from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.protocol import graph_id
from airflow_provider_whatsapp.exceptions import ConfigurationError


def phone_number_id_of(config: ClientConfig, given: str | None) -> str:
    """
    Return the id of the number that sends.

    :raises ConfigurationError: if neither the call nor the account names one.
    """
    return _id_of("phone_number_id", given, config.phone_number_id)


def business_account_id_of(config: ClientConfig, given: str | None) -> str:
    """
    Return the id of the account that owns the templates.

    :raises ConfigurationError: if neither the call nor the account names one.
    """
    return _id_of("business_account_id", given, config.business_account_id)


def _id_of(name: str, given: str | None, default: str | None) -> str:
    if given is None and default is None:
        raise ConfigurationError(
            f"{name}: not given. Pass it, or put it into the extra of the Airflow connection; "
            "WhatsApp Manager shows it under API setup"
        )
    return graph_id(default if given is None else given, name)
