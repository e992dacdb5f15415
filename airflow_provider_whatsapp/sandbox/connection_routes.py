"""The control plane: list, make, look at and delete Maton connections; and the page that finishes one."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import PlainTextResponse

from airflow_provider_whatsapp.models.connections import ConnectionStatus
from airflow_provider_whatsapp.sandbox.connections import APP, CONNECT_PATH
from airflow_provider_whatsapp.sandbox.errors import MatonError
from airflow_provider_whatsapp.sandbox.state import BaseUrl, CurrentSandbox

router = APIRouter(prefix="/connections")
page_router = APIRouter()


@router.get("")
def list_connections(
    sandbox: CurrentSandbox, base_url: BaseUrl, app: str | None = None, status: str | None = None
) -> dict[str, Any]:
    """Return the connections of an app, in a status."""
    with sandbox.lock:
        found = sandbox.connections.listed(app=app, status=status)
        return {"connections": [connection.shown(base_url) for connection in found]}


@router.post("")
async def create(sandbox: CurrentSandbox, base_url: BaseUrl, request: Request) -> dict[str, Any]:
    """Begin a connection; somebody would now open its url to finish OAuth."""
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict) or body.get("app") != APP:
        raise MatonError(400, "Invalid app name")
    with sandbox.lock:
        return {"connection": sandbox.connections.create().shown(base_url)}


@router.get("/{connection_id}")
def read(sandbox: CurrentSandbox, base_url: BaseUrl, connection_id: str) -> dict[str, Any]:
    """Return one."""
    with sandbox.lock:
        return {"connection": sandbox.connections.get(connection_id).shown(base_url)}


@router.delete("/{connection_id}")
def delete(sandbox: CurrentSandbox, connection_id: str) -> dict[str, Any]:
    """Delete one."""
    with sandbox.lock:
        sandbox.connections.delete(connection_id)
    return {}


@page_router.get(CONNECT_PATH)
def finish(sandbox: CurrentSandbox, session_token: str = "") -> PlainTextResponse:
    """Finish OAuth, as somebody in a browser would."""
    with sandbox.lock:
        connection = sandbox.connections.of_session(session_token)
        if connection is None:
            raise HTTPException(404, "no connection has this session token")
        sandbox.connections.decide(connection.connection_id, ConnectionStatus.ACTIVE)
    return PlainTextResponse("The connection is ACTIVE; you can close this page.\n")
