"""One pure function from the fields of an Airflow connection to the client's settings."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, cast, overload
from urllib.parse import urlsplit

from pydantic import SecretStr

from airflow_provider_whatsapp.client.config import (
    API_VERSION,
    CONNECT_TIMEOUT,
    CONTROL_URL,
    GATEWAY_URL,
    MAX_REQUESTS_PER_SECOND,
    MAX_TIMEOUT,
    READ_TIMEOUT,
    REQUESTS_PER_SECOND,
    CheckNumbers,
    ClientConfig,
    check_number,
    is_loopback,
    is_maton_or_loopback,
)
from airflow_provider_whatsapp.exceptions import ConfigurationError, without_locals
from airflow_provider_whatsapp.get_provider_info import CONN_FIELDS, CONN_TYPE
from airflow_provider_whatsapp.models.json_values import MAX_INTEGER_BITS
from airflow_provider_whatsapp.models.validation import describe, first_of, printable

MAX_PORT = 65_535
_DEFAULT_PORTS = {"https": 443, "http": 80}
_HAS_PORT = re.compile(r":\d+$")


@without_locals
def client_config(
    *,
    conn_type: str | None,
    password: str | None,
    host: str | None,
    port: int | None,
    extra: Mapping[str, Any],
    environment: Mapping[str, str],
) -> ClientConfig:
    """
    Return the settings that a connection of type ``maton`` stands for.

    :param conn_type: must be ``maton``: the password of a database must not go out as a key.
    :param password: the Maton API key; ``MATON_API_KEY`` of ``environment`` if empty, which goes to Maton and to this
        machine only.
    :param host: base URL of the gateway.
    :param port: of the gateway, unless ``host`` says it.
    :param extra: see the connection's form; anything else in it is an error.
    :raises ConfigurationError: naming the field and the remedy.
    """
    if conn_type != CONN_TYPE:
        raise ConfigurationError(
            f"conn_type: must be {CONN_TYPE} (got {conn_type or 'none'}). Name a connection of that type in "
            "maton_conn_id, or correct the type of this one."
        )
    known = _known_fields(extra)
    timeout = _number(known, "timeout", READ_TIMEOUT, MAX_TIMEOUT)
    base_url = _url(_host(host), _port(port)).removesuffix("/whatsapp-business")
    control_url = _url(_text(known, "control_url", CONTROL_URL))
    return ClientConfig(
        api_key=_api_key(password, environment, host=base_url, control_url=control_url),
        base_url=base_url,
        control_url=control_url,
        connection_id=_text(known, "maton_connection_id"),
        phone_number_id=_text(known, "phone_number_id"),
        business_account_id=_text(known, "business_account_id"),
        api_version=_text(known, "api_version", API_VERSION),
        connect_timeout=min(timeout, CONNECT_TIMEOUT),
        read_timeout=timeout,
        requests_per_second=_number(known, "requests_per_second", REQUESTS_PER_SECOND, MAX_REQUESTS_PER_SECOND),
        proxy=_text(known, "proxy"),
        rate_limit_storage=_text(known, "rate_limit_storage"),
        check_numbers=cast("CheckNumbers", _text(known, "check_numbers", "warn")),
        default_country=_text(known, "default_country", "").upper() or None,
    )


def _known_fields(extra: object) -> dict[str, Any]:
    """Return the fields that are set: forms of Airflow write empty ones, too."""
    if not isinstance(extra, Mapping):
        raise ConfigurationError(f"extra: must be a JSON object (got {describe(extra)}). Write it as {{}}.")
    known = {name: value for name, value in extra.items() if value not in (None, "")}
    if unknown := sorted(f"'{printable(name)}'" for name in set(known) - set(CONN_FIELDS)):
        raise ConfigurationError(
            f"extra: must have known fields only (got {first_of(unknown)}). "
            f"Correct or remove them; known fields are {', '.join(CONN_FIELDS)}."
        )
    return known


def _api_key(password: str | None, environment: Mapping[str, str], **urls: str) -> SecretStr:
    key = (password or "").strip()
    if key:
        return SecretStr(key)
    # Every connection without a password uses the key of the environment: it must not go to another host.
    for field, url in urls.items():
        if not is_maton_or_loopback(url):
            raise ConfigurationError(
                f"{field}: must be Maton's own or this machine where the key comes from MATON_API_KEY (got another "
                "host). Put the key for this host into the password of the Airflow connection."
            )
    return SecretStr(environment.get("MATON_API_KEY", "").strip())


def _url(value: str, port: int | None = None) -> str:
    if "://" not in value:
        value = f"{'http' if _is_local(value) else 'https'}://{value}"
    scheme, _, rest = value.rstrip("/").partition("://")
    address, slash, path = rest.partition("/")
    if port and port != _DEFAULT_PORTS.get(scheme) and not _HAS_PORT.search(address):
        address = f"{address}:{port}"
    return f"{scheme}://{address}{slash}{path}"


def _is_local(address: str) -> bool:
    try:
        return is_loopback(urlsplit(f"//{address}").hostname or "")
    except ValueError:
        return False  # no address at all, which the check of the whole URL says


def _host(host: object) -> str:
    if host is None or host == "":
        return GATEWAY_URL
    if not isinstance(host, str):
        raise ConfigurationError(f"host: must be text (got {describe(host)}). Write it as {GATEWAY_URL}.")
    return host


def _port(port: object) -> int | None:
    if port is None:
        return None
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= MAX_PORT:
        raise ConfigurationError(
            f"port: must be a number up to {MAX_PORT} (got {describe(port)}). Leave it empty for 443."
        )
    return port


@overload
def _text(extra: Mapping[str, Any], name: str, default: str) -> str: ...
@overload
def _text(extra: Mapping[str, Any], name: str, default: None = None) -> str | None: ...
def _text(extra: Mapping[str, Any], name: str, default: str | None = None) -> str | None:
    value = extra.get(name)
    if value is None:
        return default
    # Ids are often written as JSON numbers.
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ConfigurationError(f"{name}: must be text (got {describe(value)}). Put it in quotes.")
    if isinstance(value, int) and value.bit_length() > MAX_INTEGER_BITS:
        raise ConfigurationError(f"{name}: must be an id (got {describe(value)}). Copy it again.")
    text = str(value).strip()
    if not text and default:
        return default
    return text  # a blank id too: the check of the id names its field


def _number(extra: Mapping[str, Any], name: str, default: float, limit: float) -> float:
    value = extra.get(name, default)
    try:
        if isinstance(value, bool):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError):
        raise ConfigurationError(
            f"{name}: must be a number of seconds or calls (got {describe(value)}). Write it in digits."
        ) from None
    except OverflowError:
        number = math.inf
    check_number(name, number, limit)
    return number
