"""
The protocol, without any I/O: a call becomes a request, an answer becomes data or the right error.

https://developers.facebook.com/docs/whatsapp/cloud-api and https://docs.maton.ai describe both ends.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

from airflow_provider_whatsapp import __version__
from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.http.multipart import MultipartStream
from airflow_provider_whatsapp.exceptions import InvalidRequestError

USER_AGENT = f"airflow-provider-whatsapp/{__version__}"


class Idempotency(Enum):
    """What repeating a call does when it is not known whether the first one was carried out."""

    SAFE = "harmless"  # reads, deletes, and writes that set a state: the client repeats them
    TASK_MAY_RETRY = "wasteful"  # uploads, template changes: not by the client, but a task may
    NEVER_RETRY = "harmful"  # messages: a second one on somebody's phone
    AT_LEAST_ONCE = "wanted"  # messages that must arrive, at the price of arriving twice: the client repeats them


@dataclass(frozen=True, kw_only=True)
class Call:
    """
    One call, not yet tied to an account.

    :param method: HTTP method.
    :param path: below ``/whatsapp-business/{version}``, or below the control plane's root.
    :param params: query; absent (``None``) values are left out.
    :param json: body, if it is JSON.
    :param stream: body, if it is a file.
    :param control: goes to the control plane instead of the gateway.
    :param repeat: see :class:`Repeat`.
    :param sender: id of the number that sends, if the call is a message.
    :param recipient: whom a message goes to.
    """

    method: str
    path: str
    params: Mapping[str, str | int | None] = field(default_factory=dict, repr=False)
    json: Mapping[str, Any] | None = field(default=None, repr=False)
    stream: MultipartStream | None = field(default=None, repr=False)
    control: bool = False
    idempotency: Idempotency = Idempotency.SAFE
    sender: str | None = None
    recipient: str | None = field(default=None, repr=False)

    @property
    def digits(self) -> str:
        """The recipient's phone number; empty for a group, a user id, and calls that are no message."""
        return self.recipient if self.recipient and self.recipient.isdecimal() else ""


class Request(NamedTuple):
    """What the transport sends, to the letter."""

    method: str
    url: str
    params: dict[str, str | int]
    headers: dict[str, str]
    body: bytes | MultipartStream | None

    def __repr__(self) -> str:
        """Show the method only: address and body contain ids, phone numbers and texts."""
        return f"Request({self.method})"


class Response(NamedTuple):
    """What came back, to the letter; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        """Show status and length only: the body contains phone numbers."""
        return f"Answer({self.status}, {len(self.body)} bytes)"


def build_request(call: Call, config: ClientConfig) -> Request:
    """Return the request for ``call`` on the account of ``config``; the key is the transport's to add."""
    if call.control:
        url = f"{config.control_url.rstrip('/')}/{call.path}"
    else:
        url = f"{config.base_url.rstrip('/')}/whatsapp-business/{config.api_version}/{call.path}"
    headers = {"Accept": "application/json", "User-Agent": USER_AGENT}
    if config.connection_id and not call.control:
        headers["Maton-Connection"] = config.connection_id
    body: bytes | MultipartStream | None = call.stream
    if call.json is not None:
        body = _encoded(call.json)
        headers["Content-Type"] = "application/json"
    elif call.stream is not None:
        headers["Content-Type"] = call.stream.content_type
    params = {name: value for name, value in call.params.items() if value is not None}
    return Request(call.method, url, params, headers, body)


def _encoded(data: Mapping[str, Any]) -> bytes:
    """
    Return a body as JSON.

    :raises InvalidRequestError: if something in it has become a value that JSON lacks after it was checked.
    """
    try:
        return json.dumps(data, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        pass
    raise InvalidRequestError("body: must be data that JSON can hold (found other values in it); check its parts")
