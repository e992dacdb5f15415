"""Maton connections: which WhatsApp Business grants the account holds."""

from __future__ import annotations

from collections.abc import Sequence

from airflow_provider_whatsapp.client.api import Api
from airflow_provider_whatsapp.client.http.calls import Call, Idempotency
from airflow_provider_whatsapp.models.base import ResponseModel
from airflow_provider_whatsapp.models.connections import (
    ConnectionStatus,
    MatonConnection,
    MatonConnectionResponse,
    MatonConnections,
)
from airflow_provider_whatsapp.models.ids import ConnectionId
from airflow_provider_whatsapp.models.json_values import encode_json
from airflow_provider_whatsapp.models.validation import validate

APP = "whatsapp-business"


class Connections:
    """``/connections`` of Maton's control plane."""

    def __init__(self, api: Api) -> None:
        """Use ``api``."""
        self._api = api

    def list(
        self, *, status: ConnectionStatus | str | None = None
    ) -> Sequence[MatonConnection]:
        """
        Return the WhatsApp Business connections of the account.

        :param status: only those in this status.
        :raises AuthenticationError: if the key is not valid.
        """
        params = {"app": APP, "status": status}
        call = Call(method="GET", path="connections", params=params, control=True)
        return self._api.call(call, MatonConnections).connections

    def get(self, maton_connection_id: str) -> MatonConnection:
        """
        Return one connection.

        :raises NotFoundError: if the account has none of this id.
        """
        call = Call(method="GET", path=_path(maton_connection_id), control=True)
        return self._api.call(call, MatonConnectionResponse).connection

    def create(self) -> MatonConnection:
        """
        Create a connection, which is PENDING until a person has finished OAuth in a browser.

        Its ``url`` is the page for that, and a secret: ``connection.url.get_secret_value()``. If the
        response has none, :meth:`get` has.

        :raises AuthenticationError: if the key is not valid.
        :raises OutcomeUnknownError: if the response was lost; a second connection is harmless.
        """
        call = Call(
            method="POST",
            path="connections",
            json=encode_json({"app": APP}),
            control=True,
            idempotency=Idempotency.TASK_MAY_RETRY,
        )
        return self._api.call(call, MatonConnectionResponse).connection

    def delete(self, maton_connection_id: str) -> None:
        """
        Delete one connection; calls that go through it then fail.

        :raises NotFoundError: if the account has none of this id.
        """
        call = Call(method="DELETE", path=_path(maton_connection_id), control=True)
        self._api.call(call, ResponseModel)


def _path(maton_connection_id: object) -> str:
    # An id that reaches us from a template or XCom must not lead to another endpoint.
    return (
        f"connections/{validate(ConnectionId, maton_connection_id, field='connection_id')}"
    )
