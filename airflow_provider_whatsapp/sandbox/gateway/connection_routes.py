"""The control plane: list, create, read and delete Maton connections, and the page that finishes OAuth."""

from __future__ import annotations

import json

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import PlainTextResponse

from airflow_provider_whatsapp.models.connections import ConnectionStatus
from airflow_provider_whatsapp.sandbox.aliases import Json
from airflow_provider_whatsapp.sandbox.gateway.connections import APP, CONNECT_PATH
from airflow_provider_whatsapp.sandbox.gateway.errors import MatonError
from airflow_provider_whatsapp.sandbox.state import BaseUrl, CurrentSandbox

router = APIRouter(prefix="/connections")
page_router = APIRouter()


@router.get("")
def list_connections(
    sandbox: CurrentSandbox,
    base_url: BaseUrl,
    app: str | None = None,
    status: str | None = None,
) -> Json:
    """Return the connections of an app, in a status."""
    with sandbox.lock:
        found = sandbox.connections.find_all(app=app, status=status)
        return {"connections": [connection.to_json(base_url) for connection in found]}


@router.post("")
async def create(sandbox: CurrentSandbox, base_url: BaseUrl, request: Request) -> Json:
    """Create a PENDING connection. A person then opens its URL to finish OAuth."""
    # Read here, because FastAPI would answer invalid JSON with an error of its own.
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict) or body.get("app") != APP:
        raise MatonError(400, "Invalid app name")
    with sandbox.lock:
        connection = sandbox.connections.create()
        return {"connection": connection.to_json(base_url)}


@router.get("/{connection_id}")
def read(sandbox: CurrentSandbox, base_url: BaseUrl, connection_id: str) -> Json:
    """Return one connection."""
    with sandbox.lock:
        connection = sandbox.connections.get(connection_id)
        return {"connection": connection.to_json(base_url)}


@router.delete("/{connection_id}")
def delete(sandbox: CurrentSandbox, connection_id: str) -> Json:
    """Delete one connection."""
    # An unknown id raises 404, as with the real control plane.
    with sandbox.lock:
        sandbox.connections.delete(connection_id)
    return {}


@page_router.get(CONNECT_PATH)
def finish_oauth(sandbox: CurrentSandbox, session_token: str = "") -> PlainTextResponse:
    """Make a connection ACTIVE, as a person does who logs in with a browser."""
    with sandbox.lock:
        connection = sandbox.connections.find_by_token(session_token)
        if connection is None:
            raise HTTPException(404, "no connection has this session token")
        # The token stays valid, because people reload pages.
        sandbox.connections.set_status(connection.connection_id, ConnectionStatus.ACTIVE)
    return PlainTextResponse("The connection is ACTIVE; you can close this page.\n")
