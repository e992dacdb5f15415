from __future__ import annotations

import pytest
from pydantic import ValidationError

from airflow_provider_whatsapp.models.connections import (
    ConnectionStatus,
    MatonConnection,
    MatonConnectionResponse,
    MatonConnections,
)

LINK = "https://connect.maton.ai/?session_token=SECRET"
BODY = {
    "connection_id": "21fd90f9-5935-43cd-b6c8-bde9d915ca80",
    "status": "ACTIVE",
    "creation_time": "2025-12-08T07:20:53.488460Z",
    "last_updated_time": "2026-01-31T20:03:32.593153Z",
    "url": LINK,
    "app": "whatsapp-business",
    "metadata": {},
}


def test_list_and_get():
    """The list call and the get call hold the same connection."""
    (listed,) = MatonConnections.model_validate({"connections": [BODY]}).connections
    assert MatonConnectionResponse.model_validate({"connection": BODY}).connection == listed
    assert (listed.connection_id, listed.status) == (
        BODY["connection_id"],
        ConnectionStatus.ACTIVE,
    )
    assert MatonConnections.model_validate({"connections": []}).connections == []


def test_link_is_a_secret():
    """The link with its session token is in no text of the connection, and handed out when asked for."""
    connection = MatonConnection.model_validate(BODY)
    for text in (repr(connection), str(connection), connection.model_dump_json()):
        assert "SECRET" not in text
    assert connection.url.get_secret_value() == LINK


def test_metadata_is_not_shown():
    """Metadata can hold anything, and stays out of the logs."""
    connection = MatonConnection.model_validate(
        {**BODY, "metadata": {"email": "someone@example.com"}}
    )
    assert connection.metadata == {"email": "someone@example.com"}
    assert "someone" not in repr(connection)


def test_unknown_fields_are_not_shown():
    """A field that is not known yet is kept, and shown nowhere: it could hold the token."""
    connection = MatonConnection.model_validate({**BODY, "redirect_url": LINK})
    assert connection.redirect_url == LINK
    assert "SECRET" not in f"{connection} {connection!r}"
    assert BODY["connection_id"] in repr(connection)


@pytest.mark.parametrize(
    "body",
    [{"connection_id": "1"}, {"id": "1"}, {"id": "1", "metadata": None, "url": None}],
)
def test_least_answer(body):
    """An answer with no more than an id, under either name, is a connection that waits for its user."""
    connection = MatonConnection.model_validate(body)
    assert (connection.connection_id, connection.status) == ("1", "PENDING")
    assert (connection.metadata, connection.url) == ({}, None)


def test_new_status():
    """A status that is not known yet is kept."""
    assert MatonConnection.model_validate({**BODY, "status": "REVOKED"}).status == "REVOKED"


@pytest.mark.parametrize(
    "body",
    [
        {"connection": BODY},
        BODY,
        {**BODY, "connection": None},
        {"connection": MatonConnection.model_validate(BODY)},
    ],
    ids=["nested", "flat", "flat with null", "model"],
)
def test_answer_shapes(body):
    """A single connection is read within its name or by itself."""
    assert MatonConnectionResponse.model_validate(
        body
    ).connection == MatonConnection.model_validate(BODY)


@pytest.mark.parametrize(
    "body", [{}, {"connection": {}}, {"status": "PENDING"}, []], ids=str
)
def test_answer_without_id(body):
    """What has no id is no connection."""
    with pytest.raises(ValidationError):
        MatonConnectionResponse.model_validate(body)
