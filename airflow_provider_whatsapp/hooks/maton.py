"""The hook, and how an Airflow connection becomes a client."""

from __future__ import annotations

import asyncio
import math
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast, overload
from urllib.parse import urlsplit

from airflow.providers.common.compat.connection import (
    get_async_connection,
    get_async_extra_dejson,
)
from airflow.providers.common.compat.sdk import BaseHook, mask_secret
from pydantic import SecretStr

from airflow_provider_whatsapp.client.client import WhatsAppClient
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
from airflow_provider_whatsapp.exceptions import (
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    NotFoundError,
    PermissionDeniedError,
    WhatsAppError,
    without_locals,
)
from airflow_provider_whatsapp.get_provider_info import (
    CONN_FIELDS,
    CONN_TYPE,
    UI_FIELD_BEHAVIOUR,
)
from airflow_provider_whatsapp.models.connections import ConnectionStatus
from airflow_provider_whatsapp.models.json_values import MAX_INTEGER_BITS
from airflow_provider_whatsapp.models.validation import describe, first_of, printable

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Connection

MAX_PORT = 65_535
_DEFAULT_PORTS = {"https": 443, "http": 80}
_HAS_PORT = re.compile(r":\d+$")


class MatonHook(BaseHook):
    """
    Hands out the client for the WhatsApp Business Cloud API through the Maton gateway.

    .. code-block:: python

        for template in MatonHook().client.templates.list():
            print(template.name, template.status)

    :param maton_conn_id: the Airflow connection, of type ``maton``: the API key as password; see
        ``docs/reference/connection.md`` for the other fields.
    """

    conn_name_attr = "maton_conn_id"
    default_conn_name = "maton_default"
    conn_type = CONN_TYPE
    hook_name = "Maton (WhatsApp Business)"

    def __init__(self, maton_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.maton_conn_id = maton_conn_id
        # Not a cached_property: before Python 3.12 that holds a lock, which a fork can leave locked in the child.
        self._client: WhatsAppClient | None = None

    @property
    def client(self) -> WhatsAppClient:
        """
        The client, made on first use. May be used from several threads, and after a fork.

        :raises ConfigurationError: if the connection is not usable, naming the field.
        """
        if self._client is None:
            self._client = self._connected()
        return self._client

    def get_conn(self) -> WhatsAppClient:
        """Return the client."""
        return self.client

    async def get_async_client(self) -> WhatsAppClient:
        """
        Return a client from within an event loop; its calls block, so await them in a thread.

        ``await asyncio.to_thread(client.templates.get, template_id)``
        """
        try:
            return await self._async_client()
        except WhatsAppError as error:
            failure = error
        # The frames below have the connection, which shows its password.
        raise failure.with_traceback(None)

    async def _async_client(self) -> WhatsAppClient:
        connection = await get_async_connection(self.maton_conn_id, hook=self)
        extra = await get_async_extra_dejson(connection)
        if not connection.password and (key := os.environ.get("MATON_API_KEY")):
            try:
                from airflow.sdk.log import amask_secret
            except ImportError:
                # Older triggerers can hang in mask_secret: https://github.com/apache/airflow/issues/71891
                pass
            else:
                await amask_secret(key)
        # In a thread: a rate limit in Redis loads a library, for which the event loop must not stop.
        return await asyncio.to_thread(_client, connection, extra)

    @without_locals  # an Airflow connection shows its password
    def _connected(self) -> WhatsAppClient:
        connection = self.get_connection(self.maton_conn_id)
        if not connection.password and (key := os.environ.get("MATON_API_KEY")):
            mask_secret(key)  # Airflow masks passwords of connections only
        return _client(connection, connection.extra_dejson)

    def test_connection(self) -> tuple[bool, str]:
        """Check key, Maton connection, phone number and business account, with reads only."""
        try:
            return True, _check_account(self.client)
        except AuthenticationError as error:
            # The gateway checks the key, and Meta the grant behind it: a new key would not help with that.
            if error.is_gateway:
                return False, f"The Maton API key is not valid. {error}"
            return False, f"Meta rejects the WhatsApp grant. {error}"
        except WhatsAppError as error:
            return False, str(error)

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        """Return the form's standard fields as Airflow 2.11 to 3.1 read them."""
        # Newer versions read the hyphenated names from the provider's info.
        return {key.replace("-", "_"): value for key, value in UI_FIELD_BEHAVIOUR.items()}

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        """Return the form's own fields as Airflow 2.11 to 3.1 read them."""
        from flask_appbuilder.fieldwidgets import BS3PasswordFieldWidget, BS3TextFieldWidget
        from wtforms import PasswordField, StringField

        def widget(field: dict[str, Any]) -> Any:
            if field["schema"].get("format") == "password":
                return PasswordField(
                    field["label"],
                    widget=BS3PasswordFieldWidget(),
                    description=field["description"],
                )
            return StringField(
                field["label"],
                widget=BS3TextFieldWidget(),
                description=field["description"],
            )

        return {name: widget(field) for name, field in CONN_FIELDS.items()}


@without_locals
def _client(connection: Connection, extra: dict[str, Any]) -> WhatsAppClient:
    config = client_config(
        conn_type=connection.conn_type,
        password=connection.password,
        host=connection.host,
        port=connection.port,
        extra=extra,
        environment=os.environ,
    )
    return WhatsAppClient(config)


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
    base_url = _gateway_url(host, port)
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
        requests_per_second=_number(
            known, "requests_per_second", REQUESTS_PER_SECOND, MAX_REQUESTS_PER_SECOND
        ),
        proxy=_text(known, "proxy"),
        rate_limit_storage=_text(known, "rate_limit_storage"),
        check_numbers=cast("CheckNumbers", _text(known, "check_numbers", "warn")),
        default_country=_text(known, "default_country", "").upper() or None,
    )


def _known_fields(extra: object) -> dict[str, Any]:
    """Return the fields that are set: forms of Airflow write empty ones, too."""
    if not isinstance(extra, Mapping):
        raise ConfigurationError(
            f"extra: must be a JSON object (got {describe(extra)}). Write it as {{}}."
        )
    known = {name: value for name, value in extra.items() if value not in (None, "")}
    unknown = set(known) - set(CONN_FIELDS)
    if unknown:
        names = sorted(f"'{printable(name)}'" for name in unknown)
        raise ConfigurationError(
            f"extra: must have known fields only (got {first_of(names)}). "
            f"Correct or remove them; known fields are {', '.join(CONN_FIELDS)}."
        )
    return known


def _api_key(
    password: str | None, environment: Mapping[str, str], **urls: str
) -> SecretStr:
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


def _gateway_url(host: object, port: object) -> str:
    if host is None or host == "":
        host = GATEWAY_URL
    if not isinstance(host, str):
        raise ConfigurationError(
            f"host: must be text (got {describe(host)}). Write it as {GATEWAY_URL}."
        )
    if port is None:
        port = 0
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= MAX_PORT:
        raise ConfigurationError(
            f"port: must be a number up to {MAX_PORT} (got {describe(port)}). Leave it empty for 443."
        )
    # A host that was copied from an address can end in the app's name, which the client adds itself.
    return _url(host, port).removesuffix("/whatsapp-business")


def _url(value: str, port: int = 0) -> str:
    """Return a URL without a slash at its end; with ``https`` if it names no scheme, and ``port`` if it names none."""
    if "://" not in value:
        scheme = "https"
        # If it is not an address at all, the check of the whole URL says so.
        with suppress(ValueError):
            # A gateway on this machine, such as the sandbox, speaks no https.
            if is_loopback(urlsplit(f"//{value}").hostname or ""):
                scheme = "http"
        value = f"{scheme}://{value}"
    scheme, _, rest = value.rstrip("/").partition("://")
    address, slash, path = rest.partition("/")
    if port and port != _DEFAULT_PORTS.get(scheme) and not _HAS_PORT.search(address):
        address = f"{address}:{port}"
    return f"{scheme}://{address}{slash}{path}"


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
        raise ConfigurationError(
            f"{name}: must be text (got {describe(value)}). Put it in quotes."
        )
    if isinstance(value, int) and value.bit_length() > MAX_INTEGER_BITS:
        raise ConfigurationError(
            f"{name}: must be an id (got {describe(value)}). Copy it again."
        )
    text = str(value).strip()
    if not text and default:
        return default
    # A blank id is returned, too: the check of the id names its field.
    return text


def _number(extra: Mapping[str, Any], name: str, default: float, limit: float) -> float:
    value = extra.get(name, default)
    try:
        # Python counts True as 1.
        if isinstance(value, bool):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError):
        raise ConfigurationError(
            f"{name}: must be a number of seconds or calls (got {describe(value)}). Write it in digits."
        ) from None
    except OverflowError:
        # An int of more than 308 digits: the check of its size names the field.
        number = math.inf
    check_number(name, number, limit)
    return number


def _check_account(client: WhatsAppClient) -> str:
    """Read one thing after the other, so that the first error names its cause."""
    config = client.config
    active = client.connections.list(status=ConnectionStatus.ACTIVE)
    ids = [connection.connection_id for connection in active]
    if not ids:
        raise ConfigurationError(
            "maton_connection_id: must be an ACTIVE WhatsApp Business connection (got none in the account; the key is "
            "valid). Make one at maton.ai/connections and finish it in the browser."
        )
    if config.connection_id and config.connection_id not in ids:
        raise ConfigurationError(
            f"maton_connection_id: must be one of the {len(ids)} ACTIVE WhatsApp Business connections of the account "
            "(got another one; the key is valid). Copy it from maton.ai/connections, or leave it empty."
        )
    found = ["The Maton API key and connection are right"]
    if config.phone_number_id:
        # Few fields: an older API version rejects a call for one that it does not know.
        number = _named(
            "phone_number_id",
            lambda: client.phone_numbers.get(fields=("id", "verified_name")),
        )
        found.append(
            f"the phone number belongs to {number.verified_name or 'a business without a name'}"
        )
    if config.business_account_id:
        _named(
            "business_account_id",
            lambda: next(client.templates.list(fields=["id"], page_size=1), None),
        )
        found.append("the business account's templates can be read")
    return "; ".join(found)


def _named(field: str, read: Any) -> Any:
    try:
        return read()
    except (NotFoundError, PermissionDeniedError, BadRequestError) as error:
        problem = (
            f"{field}: must be an id that this account can use (got an error; the key is valid). "
            f"Copy it again. {error}"
        )
    raise ConfigurationError(problem)
