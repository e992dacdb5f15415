from __future__ import annotations

import json

import pytest

from airflow_provider_whatsapp.client.resources.connections import Connections
from airflow_provider_whatsapp.exceptions import (
    AuthenticationError,
    InvalidRequestError,
    NotFoundError,
    OutcomeUnknownError,
)
from airflow_provider_whatsapp.models.connections import ConnectionStatus

ID = "21fd90f9-5935-43cd-b6c8-bde9d915ca80"


@pytest.mark.parametrize(
    ("status", "params"),
    [
        (None, {"app": "whatsapp-business"}),
        ("ACTIVE", {"app": "whatsapp-business", "status": "ACTIVE"}),
        (ConnectionStatus.PENDING, {"app": "whatsapp-business", "status": "PENDING"}),
    ],
    ids=["all", "text", "enum"],
)
def test_list(api, response, status, params):
    """The account's WhatsApp connections come from the control plane, all or those in one status."""
    carrier = api(response(200, "connections"), connection_id="another")
    (connection,) = Connections(carrier).list(status=status)
    assert (connection.connection_id, connection.status) == (ID, ConnectionStatus.ACTIVE)
    (request,) = carrier.transport.requests
    assert (request.method, request.url, request.params) == (
        "GET",
        "https://ctrl.maton.ai/connections",
        params,
    )


def test_session_token(api, response):
    """The address to finish OAuth at is a secret in logs, and readable for who asks."""
    (connection,) = Connections(api(response(200, "connections"))).list()
    assert "session_token" not in f"{connection} {connection!r}"
    assert (
        connection.url.get_secret_value()
        == "https://connect.maton.ai/?session_token=SECRET"
    )


def test_get(api, response, payload):
    """One connection is read by its id."""
    (found,) = json.loads(payload("connections"))["connections"]
    carrier = api(response(200, {"connection": found}))
    assert Connections(carrier).get(ID).connection_id == ID
    assert carrier.transport.requests[0].url == f"https://ctrl.maton.ai/connections/{ID}"


def test_wrong_key(api, response):
    """A wrong key has an error of its own, which says where to find the key."""
    with pytest.raises(
        AuthenticationError, match=r"Invalid API key.*maton\.ai/settings"
    ) as caught:
        Connections(api(response(401, "maton_unauthorized"))).list()
    assert caught.value.is_gateway


def test_unknown(api, response):
    """An unknown connection is not found, and the error names the setting."""
    with pytest.raises(NotFoundError, match="maton_connection_id"):
        Connections(api(response(404, "maton_no_such_connection"))).get(ID)


def test_not_an_id(api, response):
    """An invalid connection id reaches no endpoint."""
    carrier = api(response(200, "connections"))
    with pytest.raises(InvalidRequestError):
        Connections(carrier).get("../triggers")
    assert carrier.transport.requests == []


@pytest.mark.parametrize("nested", [True, False], ids=["nested", "flat"])
def test_create(api, response, payload, nested):
    """A connection is created, and the page to finish it is returned, for each form of the response."""
    (found,) = json.loads(payload("connections"))["connections"]
    carrier = api(response(201, {"connection": found} if nested else found))
    connection = Connections(carrier).create()
    assert connection.connection_id == ID
    assert connection.url.get_secret_value().endswith("session_token=SECRET")
    (request,) = carrier.transport.requests
    assert (request.method, request.url) == ("POST", "https://ctrl.maton.ai/connections")
    assert json.loads(request.body) == {"app": "whatsapp-business"}


def test_create_with_a_bare_id(api, response):
    """A response with only an id is a connection that waits for its user."""
    connection = Connections(api(response(200, {"connection_id": ID}))).create()
    assert (connection.connection_id, connection.status, connection.url) == (
        ID,
        "PENDING",
        None,
    )


def test_lost_creation(api, response):
    """The client does not retry a create after a lost response, because a retry could create a second connection."""
    carrier = api(response(502, b""))
    with pytest.raises(OutcomeUnknownError) as caught:
        Connections(carrier).create()
    assert (len(carrier.transport.requests), caught.value.permanent) == (1, False)


@pytest.mark.parametrize(
    "body", [b"", {}, {"message": "deleted"}], ids=["empty", "object", "words"]
)
def test_delete(api, response, body):
    """A connection is deleted by its id, also if the response has other fields."""
    carrier = api(response(200, body))
    assert Connections(carrier).delete(ID) is None
    (request,) = carrier.transport.requests
    assert (request.method, request.url) == (
        "DELETE",
        f"https://ctrl.maton.ai/connections/{ID}",
    )


def test_delete_unknown(api, response):
    """An unknown connection cannot be deleted, and an invalid id reaches no endpoint."""
    carrier = api(response(404, "maton_no_such_connection"))
    with pytest.raises(NotFoundError):
        Connections(carrier).delete(ID)
    with pytest.raises(InvalidRequestError):
        Connections(carrier).delete("")
    assert len(carrier.transport.requests) == 1


@pytest.mark.parametrize(
    "value", [None, 5, "", "a/b", "..", "a?b", "a b", "a\n", "é", "a" * 129], ids=ascii
)
def test_what_is_no_id_reaches_no_endpoint(api, response, value):
    """An id that could lead to another endpoint is an error."""
    carrier = api(response(200, b""))
    for call in (Connections(carrier).get, Connections(carrier).delete):
        with pytest.raises(InvalidRequestError, match=r"^connection_id: "):
            call(value)
    assert carrier.transport.requests == []
