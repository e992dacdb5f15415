"""The control API: what tests read from a sandbox, and what they make it do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, model_validator

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.connections import ConnectionStatus
from airflow_provider_whatsapp.models.templates import TemplateStatus
from airflow_provider_whatsapp.models.validation import FieldPath, describe, validate
from airflow_provider_whatsapp.sandbox.aliases import Json
from airflow_provider_whatsapp.sandbox.faults.store import Behaviour, Fault
from airflow_provider_whatsapp.sandbox.gateway.errors import MatonError
from airflow_provider_whatsapp.sandbox.messages.store import FAILURE_STATUSES, Status
from airflow_provider_whatsapp.sandbox.settings import CONNECTION_ID
from airflow_provider_whatsapp.sandbox.state import Sandbox

T = TypeVar("T")

DEFAULT_FAILURE_CODE = 131026  # the message is undeliverable
DEFAULT_REJECTED_REASON = "INVALID_FORMAT"


class UnknownIdError(InvalidRequestError):
    """An id that the sandbox does not have."""


class TemplateStatusChange(BaseModel):
    """A new status of a template. ``reason`` is Meta's word for why it is rejected."""

    model_config = ConfigDict(extra="forbid")

    status: TemplateStatus
    reason: str | None = None


class MessageStatusChange(BaseModel):
    """A new status of a message. ``code`` is Meta's error code of a failure."""

    model_config = ConfigDict(extra="forbid")

    status: Status
    code: int | None = None

    @model_validator(mode="after")
    def _code_belongs_to_failure(self) -> MessageStatusChange:
        if self.status in FAILURE_STATUSES:
            self.code = DEFAULT_FAILURE_CODE if self.code is None else self.code
        elif self.code is not None:
            raise ValueError(
                f"must have a code only if the status is {' or '.join(FAILURE_STATUSES)}"
            )
        return self


class ConnectionStatusChange(BaseModel):
    """A new status of a Maton connection."""

    model_config = ConfigDict(extra="forbid")

    status: ConnectionStatus


@dataclass(frozen=True, kw_only=True)
class SandboxControl:
    """
    Reads and changes the state of a sandbox.

    The HTTP routes under ``/sandbox`` call these methods, so both do the same. All results are
    plain JSON. Times are seconds since the epoch.
    """

    state: Sandbox

    def sent_messages(self) -> list[Json]:
        """
        Return the messages that the sandbox has accepted, oldest first.

        Each one has ``id``, ``to`` (digits), ``body`` (as the call sent it), ``timestamp``,
        ``connection_id``, ``phone_number_id`` and its newest ``status``.
        """
        with self.state.lock:
            return [message.to_json() for message in self.state.messages.find_all()]

    def read_messages(self) -> list[Json]:
        """
        Return the messages of people that were marked as read, oldest first.

        Each one has ``message_id``, ``typing_indicator`` (an object, or None) and ``timestamp``.
        """
        with self.state.lock:
            return self.state.read_messages.to_json()

    def requests(self) -> list[Json]:
        """
        Return the request log: all calls to the gateway and its control plane, oldest first.

        Each one has ``method``, ``path`` (without the query), ``timestamp`` and ``status``, which is None
        while the call runs, and if its connection was dropped.
        """
        # Without the lock, so that a test can see a call that holds it.
        return self.state.requests.to_json()

    def templates(self) -> list[Json]:
        """Return all templates with all fields, oldest first, as the Cloud API shows them."""
        with self.state.lock:
            return [template.to_node() for template in self.state.templates.find_all()]

    def media(self) -> list[Json]:
        """
        Return all uploads, oldest first, the ``deleted`` ones included.

        ``content_base64`` is None for files of more than 64 KiB; ``file_size`` is in bytes.
        """
        with self.state.lock:
            return [media.to_json() for media in self.state.media.find_all()]

    def fault(
        self,
        *,
        path: str,
        method: str | None = None,
        times: int = 1,
        status: int | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        behaviour: Behaviour | None = None,
        seconds: float | None = None,
    ) -> Json:
        """
        Make the next matching calls go wrong, and return the fault.

        :param path: a regular expression that may match anywhere in the path of a call.
        :param method: an HTTP method; None matches all.
        :param times: how many calls go wrong.
        :param status: HTTP status of the response, 200 to 599. Give either this or ``behaviour``.
        :param body: the response: a str as plain text, everything else as JSON.
        :param headers: more headers of the response.
        :param behaviour: ``drop`` closes the connection before the call is carried out, ``drop_after``
            afterwards; ``hang`` keeps the caller waiting.
        :param seconds: how long ``hang`` waits before the call is carried out; None waits until the
            caller gives up. For the others, a delay.
        :raises InvalidRequestError: if a value is invalid.
        """
        # Through the model, so that both entry points have the same rules.
        given = {
            "path": path,
            "method": method,
            "times": times,
            "status": status,
            "body": body,
            "headers": dict(headers or {}),
            "behaviour": behaviour,
            "seconds": seconds,
        }
        return self.add_fault(_from_arguments(Fault, given, whole="fault"))

    def add_fault(self, fault: Fault) -> Json:
        """Add a fault that is already validated, as the HTTP route does."""
        with self.state.lock:
            self.state.faults.add(fault)
            return fault.model_dump()

    def faults(self) -> list[Json]:
        """Return the faults that are still to come, with the ``times`` that are left."""
        with self.state.lock:
            return self.state.faults.to_json()

    def clear_faults(self) -> None:
        """Forget all faults that are still to come. Calls that hang continue to hang."""
        with self.state.lock:
            self.state.faults.reset()

    def set_template_status(
        self, *, template_id: str, status: str, reason: str | None = None
    ) -> Json:
        """
        Change the status of a template, which then stays as it is, and return the template.

        :param status: such as ``APPROVED``, ``REJECTED`` or ``PAUSED``; unknown ones are kept as they are.
        :param reason: the ``rejected_reason``; without it a rejected template has ``INVALID_FORMAT``.
        :raises InvalidRequestError: if a value is invalid.
        :raises UnknownIdError: if there is no such template.
        """
        given = {"status": status, "reason": reason}
        change = _from_arguments(TemplateStatusChange, given, whole="template")
        new_reason = change.reason or "NONE"
        if change.status == TemplateStatus.REJECTED:
            new_reason = change.reason or DEFAULT_REJECTED_REASON
        with self.state.lock:
            template = self.state.templates.find(template_id)
            if template is None:
                raise _unknown_id(
                    "template_id", template_id, noun="template", remedy="templates()"
                )
            self.state.templates.set_status(template, str(change.status), new_reason)
            return template.to_node()

    def set_message_status(
        self, *, message_id: str, status: str, code: int | None = None
    ) -> Json:
        """
        Change the status of a message, which then stays as it is, and return the message.

        :param status: ``ACCEPTED``, ``SENT``, ``DELIVERED``, ``READ``, ``FAILED``, ``ERROR`` or ``DELETED``.
        :param code: Meta's error code, for ``FAILED`` and ``ERROR`` only; without it they have 131026.
        :raises InvalidRequestError: if a value is invalid.
        :raises UnknownIdError: if there is no such message.
        """
        given = {"status": status, "code": code}
        change = _from_arguments(MessageStatusChange, given, whole="message")
        with self.state.lock:
            message = self.state.messages.find(message_id)
            if message is None:
                raise _unknown_id(
                    "message_id", message_id, noun="message", remedy="sent_messages()"
                )
            self.state.messages.set_status(message, change.status, change.code)
            return message.to_json()

    def set_connection_status(
        self,
        *,
        status: str,
        connection_id: str = CONNECTION_ID,
        base_url: str = "",
    ) -> Json:
        """
        Change the status of a Maton connection, as finished or failed OAuth does, and return the connection.

        :param status: ``PENDING``, ``ACTIVE`` or ``FAILED``; unknown ones are kept as they are.
        :param connection_id: the sandbox's first connection if it is left out.
        :param base_url: where the caller reaches the sandbox, for the ``url`` of the connection.
        :raises InvalidRequestError: if a value is invalid.
        :raises UnknownIdError: if there is no such connection.
        """
        change = _from_arguments(
            ConnectionStatusChange, {"status": status}, whole="connection"
        )
        with self.state.lock:
            try:
                connection = self.state.connections.set_status(
                    connection_id, str(change.status)
                )
            except MatonError:
                connection = None
            if connection is None:
                raise _unknown_id(
                    "connection_id",
                    connection_id,
                    noun="connection",
                    remedy="GET /connections",
                )
            return connection.to_json(base_url)

    def reset(self) -> None:
        """Forget everything except the settings and the credentials. Ids are not used again."""
        with self.state.lock:
            self.state.reset()


def _from_arguments(kind: type[T], given: Mapping[str, Any], *, whole: str) -> T:
    """Validate a method's arguments, so that an error names the argument, or ``whole`` if it is about several."""
    arguments: dict[FieldPath, FieldPath] = {
        (): (whole,),
        **{(name,): (name,) for name in given},
    }
    return validate(kind, given, arguments=arguments)


def _unknown_id(field: str, value: object, *, noun: str, remedy: str) -> UnknownIdError:
    # Without the id itself: a message id contains a phone number.
    return UnknownIdError(
        f"{field}: must be the id of a {noun} in the sandbox (got {describe(value)}). Take one from {remedy}."
    )
