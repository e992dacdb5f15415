"""Instructions to the sandbox itself: look into it, decide, make it misbehave."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, model_validator

from airflow_provider_whatsapp.models.connections import ConnectionStatus
from airflow_provider_whatsapp.models.templates import TemplateStatus
from airflow_provider_whatsapp.sandbox.errors import MatonError
from airflow_provider_whatsapp.sandbox.fault_store import Fault
from airflow_provider_whatsapp.sandbox.message_statuses import FAILURES, Status
from airflow_provider_whatsapp.sandbox.state import BaseUrl, CurrentSandbox

router = APIRouter(prefix="/sandbox")


class TemplateDecision(BaseModel):
    """What becomes of a template; ``reason`` is for a rejection."""

    model_config = ConfigDict(extra="forbid")

    status: TemplateStatus
    reason: str | None = None


class MessageDecision(BaseModel):
    """What becomes of a message; ``code`` says why it failed."""

    model_config = ConfigDict(extra="forbid")

    status: Status
    code: int | None = None

    @model_validator(mode="after")
    def _code_belongs_to_failure(self) -> MessageDecision:
        if self.status in FAILURES:
            self.code = 131026 if self.code is None else self.code
        elif self.code is not None:
            raise ValueError(f"a code belongs to one of {', '.join(FAILURES)}")
        return self


class ConnectionDecision(BaseModel):
    """What becomes of a connection."""

    model_config = ConfigDict(extra="forbid")

    status: ConnectionStatus


@router.get("/messages")
def list_messages(sandbox: CurrentSandbox) -> list[dict[str, Any]]:
    """Return the messages that were accepted, oldest first."""
    with sandbox.lock:
        return [message.shown() for message in sandbox.messages.listed()]


@router.post("/messages/{message_id}/decision")
def decide_message(sandbox: CurrentSandbox, message_id: str, decision: MessageDecision) -> dict[str, Any]:
    """Put a message into a status, in which it then stays."""
    with sandbox.lock:
        message = sandbox.messages.find(message_id)
        if message is None:
            raise HTTPException(404, "no such message")
        sandbox.messages.decide(message, decision.status, decision.code)
        return message.shown()


@router.get("/read_messages")
def list_read_messages(sandbox: CurrentSandbox) -> list[dict[str, Any]]:
    """Return the messages of people that were marked as read, oldest first."""
    with sandbox.lock:
        return sandbox.read_messages.listed()


@router.get("/templates")
def list_templates(sandbox: CurrentSandbox) -> list[dict[str, Any]]:
    """Return all templates with all fields."""
    with sandbox.lock:
        return [template.node() for template in sandbox.templates.listed()]


@router.post("/templates/{template_id}/decision")
def decide_template(sandbox: CurrentSandbox, template_id: str, decision: TemplateDecision) -> dict[str, Any]:
    """Put a template into a status, in which it then stays."""
    with sandbox.lock:
        template = sandbox.templates.find(template_id)
        if template is None:
            raise HTTPException(404, "no such template")
        rejected = decision.status == TemplateStatus.REJECTED
        reason = decision.reason or ("INVALID_FORMAT" if rejected else "NONE")
        sandbox.templates.decide(template, str(decision.status), reason)
        return template.node()


@router.post("/connections/{connection_id}/decision")
def decide_connection(
    sandbox: CurrentSandbox, base_url: BaseUrl, connection_id: str, decision: ConnectionDecision
) -> dict[str, Any]:
    """Finish the OAuth of a connection, or let it fail."""
    with sandbox.lock:
        try:
            return sandbox.connections.decide(connection_id, str(decision.status)).shown(base_url)
        except MatonError as error:
            raise HTTPException(404, error.message) from None


@router.get("/media")
def list_media(sandbox: CurrentSandbox) -> list[dict[str, Any]]:
    """Return all uploads, the deleted ones included; ``content_base64`` is null for large files."""
    with sandbox.lock:
        return [media.shown() for media in sandbox.media.listed()]


@router.get("/requests")
def list_requests(sandbox: CurrentSandbox) -> list[dict[str, Any]]:
    """Return the books: every call to gateway and control plane, oldest first."""
    return sandbox.requests.listed()


@router.get("/faults")
def list_faults(sandbox: CurrentSandbox) -> list[dict[str, Any]]:
    """Return the faults that are still to come."""
    with sandbox.lock:
        return sandbox.faults.listed()


@router.post("/faults")
def order_fault(sandbox: CurrentSandbox, fault: Fault) -> dict[str, Any]:
    """Order a fault for the next matching calls."""
    with sandbox.lock:
        sandbox.faults.order(fault)
    return fault.model_dump()


@router.delete("/faults")
def clear_faults(sandbox: CurrentSandbox) -> dict[str, Any]:
    """Behave again."""
    with sandbox.lock:
        sandbox.faults.reset()
    return {}


@router.post("/reset")
def reset(sandbox: CurrentSandbox) -> dict[str, Any]:
    """Forget everything but the credentials."""
    with sandbox.lock:
        sandbox.reset()
    return {}
