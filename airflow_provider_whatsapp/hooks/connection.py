"""One pure function from the fields of an Airflow connection to the client's settings."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from airflow_provider_whatsapp.client.config import (
    API_VERSION,
    CONNECT_TIMEOUT,
    CONTROL_URL,
    GATEWAY_URL,
    READ_TIMEOUT,
    REQUESTS_PER_SECOND,
    ClientConfig,
    is_loopback,
)
from airflow_provider_whatsapp.exceptions import ConfigurationError
from airflow_provider_whatsapp.get_provider_info import CONN_FIELDS
from airflow_provider_whatsapp.models.base import shape

_DEFAULT_PORTS = {"https": 443, "http": 80}
_HAS_PORT = re.compile(r":\d+$")


def client_config(
    *,
    password: str | None,
    host: str | None,
    port: int | None,
    extra: Mapping[str, Any],
    environment: Mapping[str, str],
) -> ClientConfig:
    """
    Return the settings that a connection of type ``maton`` stands for.

    :param password: the Maton API key; ``MATON_API_KEY`` of ``environment`` if empty.
    :param host: base URL of the gateway.
    :param port: of the gateway, unless ``host`` says it.
    :param extra: see the connection's form; anything else in it is an error.
    :raises ConfigurationError: naming the field and the remedy.
    """
    known = {name: value for name, value in extra.items() if value not in (None, "")}
    if unknown := sorted(set(known) - set(CONN_FIELDS)):
        raise ConfigurationError(
            f"The extra of the Airflow connection has unknown fields: {', '.join(unknown)}. "
            f"Known are: {', '.join(CONN_FIELDS)}. Correct or remove them"
        )
    timeout = _number(known, "timeout", READ_TIMEOUT)
    return ClientConfig(
        api_key=(password or "").strip() or environment.get("MATON_API_KEY", "").strip(),
        base_url=_url(host or GATEWAY_URL, port).removesuffix("/whatsapp-business"),
        control_url=_url(_text(known, "control_url") or CONTROL_URL),
        connection_id=_text(known, "maton_connection_id"),
        phone_number_id=_text(known, "phone_number_id"),
        business_account_id=_text(known, "business_account_id"),
        api_version=_text(known, "api_version") or API_VERSION,
        connect_timeout=min(timeout, CONNECT_TIMEOUT),
        read_timeout=timeout,
        requests_per_second=_number(known, "requests_per_second", REQUESTS_PER_SECOND),
        proxy=_text(known, "proxy"),
        rate_limit_storage=_text(known, "rate_limit_storage"),
    )


def _url(value: str, port: int | None = None) -> str:
    if "://" not in value:
        local = is_loopback(urlsplit(f"//{value}").hostname or "")
        value = f"{'http' if local else 'https'}://{value}"
    scheme, _, rest = value.rstrip("/").partition("://")
    address, slash, path = rest.partition("/")
    if port and port != _DEFAULT_PORTS.get(scheme) and not _HAS_PORT.search(address):
        address = f"{address}:{port}"
    return f"{scheme}://{address}{slash}{path}"


def _text(extra: Mapping[str, Any], name: str) -> str | None:
    value = extra.get(name)
    if value is None:
        return None
    # Ids are often written as JSON numbers.
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ConfigurationError(f"{name}: must be text (found {shape(value)}); put it in quotes")
    return str(value).strip()


def _number(extra: Mapping[str, Any], name: str, default: float) -> float:
    value = extra.get(name, default)
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ConfigurationError(f"{name}: must be a number of seconds or calls (found {shape(value)})") from None
    if not 0 < number < math.inf:
        raise ConfigurationError(
            f"{name}: must be a finite number above 0 (found {number}); leave it out for the default"
        )
    return number
