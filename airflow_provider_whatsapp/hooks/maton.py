"""The hook that makes a client of an Airflow connection."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.connection import get_async_connection, get_async_extra_dejson
from airflow.providers.common.compat.sdk import BaseHook, mask_secret

from airflow_provider_whatsapp.client.client import WhatsAppClient
from airflow_provider_whatsapp.exceptions import (
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    NotFoundError,
    PermissionDeniedError,
    WhatsAppError,
    without_locals,
)
from airflow_provider_whatsapp.get_provider_info import CONN_FIELDS, CONN_TYPE, UI_FIELD_BEHAVIOUR
from airflow_provider_whatsapp.hooks.connection import client_config
from airflow_provider_whatsapp.models.connections import ConnectionStatus

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Connection


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
        if not connection.password:
            await _mask_key_of_environment()
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
            who = "The Maton API key is not valid" if error.is_gateway else "Meta rejects the WhatsApp grant"
            return False, f"{who}. {error}"
        except WhatsAppError as error:
            return False, str(error)

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        """Return the form's standard fields as Airflow 2.11 to 3.1 read them."""
        return {key.replace("-", "_"): value for key, value in UI_FIELD_BEHAVIOUR.items()}

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        """Return the form's own fields as Airflow 2.11 to 3.1 read them."""
        from flask_appbuilder.fieldwidgets import BS3PasswordFieldWidget, BS3TextFieldWidget
        from wtforms import PasswordField, StringField

        def widget(field: dict[str, Any]) -> Any:
            if field["schema"].get("format") == "password":
                return PasswordField(field["label"], widget=BS3PasswordFieldWidget(), description=field["description"])
            return StringField(field["label"], widget=BS3TextFieldWidget(), description=field["description"])

        return {name: widget(field) for name, field in CONN_FIELDS.items()}


async def _mask_key_of_environment() -> None:
    try:
        from airflow.sdk.log import amask_secret
    except ImportError:
        return  # older triggerers can hang in mask_secret: https://github.com/apache/airflow/issues/71891
    if key := os.environ.get("MATON_API_KEY"):
        await amask_secret(key)


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
        number = _named("phone_number_id", lambda: client.phone_numbers.get(fields=("id", "verified_name")))
        found.append(f"the phone number belongs to {number.verified_name or 'a business without a name'}")
    if config.business_account_id:
        _named("business_account_id", lambda: next(client.templates.list(fields=["id"], page_size=1), None))
        found.append("the business account's templates can be read")
    return "; ".join(found)


def _named(field: str, read: Any) -> Any:
    try:
        return read()
    except (NotFoundError, PermissionDeniedError, BadRequestError) as error:
        problem = (
            f"{field}: must be an id that this account can use (got an error; the key is valid). Copy it again. {error}"
        )
    raise ConfigurationError(problem)
