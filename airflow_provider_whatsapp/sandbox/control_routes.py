"""
The control API over HTTP, for tests in other processes and for curl.

Each route calls the method of :class:`SandboxControl` that has its name.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException

from airflow_provider_whatsapp.sandbox.aliases import Json
from airflow_provider_whatsapp.sandbox.control import (
    ConnectionStatusChange,
    MessageStatusChange,
    SandboxControl,
    TemplateStatusChange,
    UnknownIdError,
)
from airflow_provider_whatsapp.sandbox.faults.store import Fault
from airflow_provider_whatsapp.sandbox.state import BaseUrl, CurrentSandbox

router = APIRouter(prefix="/sandbox")


def get_control(sandbox: CurrentSandbox) -> SandboxControl:
    """Return the control API of the sandbox that serves a request."""
    return SandboxControl(state=sandbox)


# The routes need no lock, because the methods take it.
Control = Annotated[SandboxControl, Depends(get_control)]


@router.get("/messages")
def sent_messages(control: Control) -> list[Json]:
    """Return the messages that the sandbox has accepted."""
    return control.sent_messages()


@router.post("/messages/{message_id}/status")
def set_message_status(
    control: Control, message_id: str, change: MessageStatusChange
) -> Json:
    """Change the status of a message."""
    try:
        return control.set_message_status(
            message_id=message_id,
            status=change.status,
            code=change.code,
        )
    except UnknownIdError as error:
        raise HTTPException(404, str(error)) from None


@router.get("/read_messages")
def read_messages(control: Control) -> list[Json]:
    """Return the messages of people that were marked as read."""
    return control.read_messages()


@router.get("/templates")
def templates(control: Control) -> list[Json]:
    """Return all templates with all fields."""
    return control.templates()


@router.post("/templates/{template_id}/status")
def set_template_status(
    control: Control, template_id: str, change: TemplateStatusChange
) -> Json:
    """Change the status of a template."""
    try:
        return control.set_template_status(
            template_id=template_id,
            status=change.status,
            reason=change.reason,
        )
    except UnknownIdError as error:
        raise HTTPException(404, str(error)) from None


@router.post("/connections/{connection_id}/status")
def set_connection_status(
    control: Control,
    base_url: BaseUrl,
    connection_id: str,
    change: ConnectionStatusChange,
) -> Json:
    """Change the status of a Maton connection."""
    try:
        return control.set_connection_status(
            connection_id=connection_id,
            status=change.status,
            base_url=base_url,
        )
    except UnknownIdError as error:
        raise HTTPException(404, str(error)) from None


@router.get("/media")
def media(control: Control) -> list[Json]:
    """Return all uploads."""
    return control.media()


@router.get("/requests")
def requests(control: Control) -> list[Json]:
    """Return the request log."""
    return control.requests()


@router.get("/faults")
def faults(control: Control) -> list[Json]:
    """Return the faults that are still to come."""
    return control.faults()


@router.post("/faults")
def fault(control: Control, fault: Fault) -> Json:
    """Make the next matching calls go wrong."""
    return control.add_fault(fault)


@router.delete("/faults")
def clear_faults(control: Control) -> Json:
    """Forget all faults that are still to come."""
    control.clear_faults()
    return {}


@router.post("/reset")
def reset(control: Control) -> Json:
    """Forget everything except the settings and the credentials."""
    control.reset()
    return {}
