"""The control plane: list, make, look at and delete Maton connections."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request

from airflow_provider_whatsapp.sandbox.connections import APP
from airflow_provider_whatsapp.sandbox.errors import MatonError
from airflow_provider_whatsapp.sandbox.state import CurrentSandbox

router = APIRouter(prefix="/connections")


@router.get("")
def list_connections(sandbox: CurrentSandbox, app: str | None = None, status: str | None = None) -> dict[str, Any]:
    """Return the connections of an app, in a status."""
    with sandbox.lock:
        found = sandbox.connections.listed(app=app, status=status)
        return {"connections": [connection.shown() for connection in found]}


@router.post("")
async def create(sandbox: CurrentSandbox, request: Request) -> dict[str, Any]:
    """Begin a connection; somebody would now open its url to finish OAuth."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        body = None
    if not isinstance(body, dict) or body.get("app") != APP:
        raise MatonError(400, "Invalid app name")
    with sandbox.lock:
        return {"connection": sandbox.connections.create().shown()}


@router.get("/{connection_id}")
def read(sandbox: CurrentSandbox, connection_id: str) -> dict[str, Any]:
    """Return one."""
    with sandbox.lock:
        return {"connection": sandbox.connections.get(connection_id).shown()}


@router.delete("/{connection_id}")
def delete(sandbox: CurrentSandbox, connection_id: str) -> dict[str, Any]:
    """Delete one."""
    with sandbox.lock:
        sandbox.connections.delete(connection_id)
    return {}
