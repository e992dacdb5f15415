"""Maton connections: the OAuth grants that the gateway holds for us."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import AliasChoices, Field, SecretStr, model_validator

from airflow_provider_whatsapp.models.base import OpenEnum, ResponseModel


class ConnectionStatus(OpenEnum):
    """PENDING until the user has finished OAuth in a browser."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    FAILED = "FAILED"


class MatonConnection(ResponseModel):
    """
    One OAuth grant.

    ``url`` is where the user finishes OAuth. It holds a session token, so it is a secret:
    ``connection.url.get_secret_value()`` hands it to the person who asked for it.
    """

    connection_id: str = Field(validation_alias=AliasChoices("connection_id", "id"))
    status: ConnectionStatus = ConnectionStatus.PENDING
    app: str = ""
    method: str | None = None
    creation_time: str | None = None
    last_updated_time: str | None = None
    url: SecretStr | None = None
    metadata: dict[str, Any] = Field(default_factory=dict, repr=False)


class MatonConnections(ResponseModel):
    """Answer to the list call."""

    connections: list[MatonConnection]


class MatonConnectionResponse(ResponseModel):
    """Answer to the get and create calls: the connection, within ``connection`` or by itself."""

    connection: MatonConnection

    @model_validator(mode="before")
    @classmethod
    def _flat_is_the_connection(cls, data: Any) -> Any:
        # What a create call answers is not documented.
        if isinstance(data, Mapping) and not isinstance(
            data.get("connection"), MatonConnection | Mapping
        ):
            return {"connection": data}
        return data
