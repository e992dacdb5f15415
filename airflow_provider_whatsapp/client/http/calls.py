"""
What a call is, and how it becomes a request. Pure.

https://developers.facebook.com/docs/whatsapp/cloud-api and https://docs.maton.ai describe both ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from airflow_provider_whatsapp import __version__
from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.http.multipart import MultipartStream

USER_AGENT = f"airflow-provider-whatsapp/{__version__}"


class Idempotency(Enum):
    """What may be retried when it is not known whether the server has processed a call."""

    SAFE = "safe"
    """Reads, deletes, and writes that set a state: the client retries them."""
    TASK_MAY_RETRY = "task may retry"
    """Uploads and template changes: a second one wastes an upload or an edit, so only a task retries them."""
    NEVER_RETRY = "never retry"
    """Messages: a second attempt can put a second message on a phone."""
    AT_LEAST_ONCE = "at least once"
    """Messages that must arrive, even if they arrive twice: the client retries them."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """
    One call, not yet tied to an account.

    :param method: HTTP method.
    :param path: below ``/whatsapp-business/{version}``, or below the control plane's root.
    :param params: query; ``None`` values are left out.
    :param json: body, if it is JSON: already encoded.
    :param stream: body, if it is a file.
    :param control: goes to the control plane instead of the gateway.
    :param idempotency: see :class:`Idempotency`.
    :param sender: id of the number that sends, if the call is a message.
    :param recipient: whom a message goes to.
    """

    method: str
    path: str
    params: Mapping[str, str | int | None] = field(default_factory=dict, repr=False)
    json: bytes | None = field(default=None, repr=False)
    stream: MultipartStream | None = field(default=None, repr=False)
    control: bool = False
    idempotency: Idempotency = Idempotency.SAFE
    sender: str | None = None
    recipient: str | None = field(default=None, repr=False)

    @property
    def is_message(self) -> bool:
        """The call sends a message, which cannot be taken back."""
        return self.idempotency in (Idempotency.NEVER_RETRY, Idempotency.AT_LEAST_ONCE)

    @property
    def digits(self) -> str:
        """The recipient's phone number; empty for a group, a user id, and calls that are no message."""
        if self.recipient and self.recipient.isdecimal():
            return self.recipient
        return ""


class Request(NamedTuple):
    """What the transport sends, unchanged."""

    method: str
    url: str
    params: dict[str, str | int]
    headers: dict[str, str]
    body: bytes | MultipartStream | None

    def __repr__(self) -> str:
        """Show the method only: address and body contain ids, phone numbers and texts."""
        return f"Request({self.method})"


class Response(NamedTuple):
    """What came back, unchanged but for header names, which are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        """Show status and length only: the body contains phone numbers."""
        return f"Response({self.status}, {len(self.body)} bytes)"


def build_request(call: Call, config: ClientConfig) -> Request:
    """Return the request for ``call`` on the account of ``config``; the key is the transport's to add."""
    if call.control:
        url = f"{config.control_url.rstrip('/')}/{call.path}"
    else:
        url = f"{config.base_url.rstrip('/')}/whatsapp-business/{config.api_version}/{call.path}"
    headers = {"Accept": "application/json", "User-Agent": USER_AGENT}
    # The control plane is about all connections of the account, so only the gateway is told which one to use.
    if config.connection_id and not call.control:
        headers["Maton-Connection"] = config.connection_id
    body: bytes | MultipartStream | None = call.stream
    if call.json is not None:
        body = call.json
        headers["Content-Type"] = "application/json"
    elif call.stream is not None:
        headers["Content-Type"] = call.stream.content_type
    params = {name: value for name, value in call.params.items() if value is not None}
    return Request(call.method, url, params, headers, body)
