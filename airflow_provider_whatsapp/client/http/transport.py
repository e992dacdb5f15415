"""Sends requests. This is the only file that does HTTP."""

from __future__ import annotations

import http.client
import io
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NamedTuple, Self, cast

import requests
from requests.adapters import HTTPAdapter
from requests.utils import default_headers
from urllib3 import HTTPConnectionPool, Retry, Timeout
from urllib3.exceptions import MaxRetryError

from airflow_provider_whatsapp.client.config import READ_TIMEOUT, ClientConfig
from airflow_provider_whatsapp.client.http.calls import Call, Request, Response
from airflow_provider_whatsapp.client.http.multipart import MultipartStream
from airflow_provider_whatsapp.client.http.responses import outcome_unknown
from airflow_provider_whatsapp.exceptions import TransportError, WhatsAppError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from urllib3 import BaseHTTPResponse

UPLOAD_TIMEOUT = 300.0  # seconds for the response to an upload
MAX_RESPONSE_BYTES = 16 * 1024 * 1024
CHUNK_BYTES = 256 * 1024
MAX_HOSTS = 10  # that a thread keeps connections to
# A whole response may take this many read timeouts, and a second more for each of so many bytes. A server that sends
# one byte at a time would stay below every single timeout.
MAX_TIMEOUTS = 4
MIN_BYTES_PER_SECOND = 65_536

_ACCEPT_ENCODING = default_headers()["Accept-Encoding"]


class _DeadlineReader(io.RawIOBase):
    """
    Reads a response from its socket, and gives up when the whole response takes too long.

    Only the time within a read counts: a slow disk is not the server's fault.
    """

    def __init__(self, raw: io.RawIOBase, connection: socket.socket) -> None:
        self._raw = raw
        self._socket = connection
        self._timeout = connection.gettimeout() or READ_TIMEOUT
        self._left = MAX_TIMEOUTS * self._timeout
        # Headers are short, and a server can send interim responses without end, so only the body gets more time.
        self.is_body = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        if self._left <= 0:
            raise TimeoutError
        begun = time.monotonic()
        self._socket.settimeout(min(self._left, self._timeout))
        count = self._raw.readinto(buffer)
        # The next request on this connection has its full timeout again.
        self._socket.settimeout(self._timeout)
        self._left -= time.monotonic() - begun
        if self.is_body:
            self._left += (count or 0) / MIN_BYTES_PER_SECOND
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _DeadlineResponse(http.client.HTTPResponse):
    """A response with a deadline; urllib3 sets the socket's timeout right before it makes one."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._reader = _DeadlineReader(self.fp.detach(), sock)
        self.fp = io.BufferedReader(self._reader)

    def begin(self) -> None:
        """Read status and headers."""
        super().begin()
        self._reader.is_body = True


class _Connection:
    """Notes when the first byte of a request leaves: an error before that has sent nothing. A base beside urllib3's."""

    response_class = _DeadlineResponse

    def connect(self) -> None:
        try:
            super().connect()  # type: ignore[misc] # of the class that this one is put before
        finally:
            # What asks a proxy for a tunnel is not the request yet.
            _in_a_call.has_left = False

    def send(self, data: Any) -> None:
        if self.sock is None:  # type: ignore[attr-defined] # as above; http.client would connect after this
            self.connect()
        _in_a_call.has_left = True
        super().send(data)  # type: ignore[misc]


_in_a_call = threading.local()


# urllib3 logs whole URLs: a message id in them spells a phone number, and a media URL contains a token. Its records
# about requests of other code pass.
for _name in (
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.response",
    "urllib3.util.retry",
):
    logging.getLogger(_name).addFilter(lambda _: not getattr(_in_a_call, "is_true", False))


class Transport:
    """
    Sends one request and returns one response, without retries, redirects and cookies.

    ``requests`` finds what depends on the environment, such as proxies and certificates, once for each host. The
    requests themselves use urllib3's connection pool beneath it, which costs about half as much CPU.
    """

    def __init__(self, config: ClientConfig) -> None:
        """Keep the settings. Each thread of each process makes its own connections, on first use."""
        self._config = config
        self._local = threading.local()

    def send(self, request: Request, call: Call) -> Response:
        """
        Carry out ``request``.

        :raises TransportError: if no connection could be made.
        :raises OutcomeUnknownError: if the connection broke, or stayed silent, after that.
        """
        with _CatchFailure(call) as caught, self._open(request, with_key=True) as response:
            return _to_response(
                response, response.read(MAX_RESPONSE_BYTES, decode_content=True)
            )
        raise caught.failure

    def fetch(
        self,
        request: Request,
        call: Call,
        write: Callable[[bytes], object],
        *,
        with_key: bool,
    ) -> Response:
        """
        Carry out ``request``, and hand the body of a success to ``write`` in chunks; any other body is returned.

        :param with_key: send the Maton key. Any host but the gateway would learn it.
        :raises TransportError: if no connection could be made.
        :raises OutcomeUnknownError: if the connection broke, or stayed silent, after that.
        """
        caught = _CatchFailure(call)
        with caught:
            response = self._open(request, with_key=with_key)
        if caught.has_failed:
            raise caught.failure
        with response:
            is_success = 200 <= response.status < 300
            # An error is short, and is returned whole.
            size = CHUNK_BYTES
            if not is_success:
                size = MAX_RESPONSE_BYTES
            while True:
                with caught:
                    chunk = response.read(size, decode_content=True)
                if caught.has_failed:
                    raise caught.failure
                if not is_success or not chunk:
                    return _to_response(response, chunk)
                # An error of the writer's, such as a full disk, is not one of the connection.
                write(chunk)

    def _open(self, request: Request, *, with_key: bool) -> BaseHTTPResponse:
        _in_a_call.has_left = False
        address = requests.PreparedRequest()
        address.prepare_url(request.url, request.params)
        url = str(address.url)
        route = self._route(url)
        headers = {"Accept-Encoding": _ACCEPT_ENCODING, **request.headers}
        if with_key:
            headers["Authorization"] = f"Bearer {self._config.api_key.get_secret_value()}"
        if request.body is not None:
            # A file would be sent in chunks without it.
            headers["Content-Length"] = str(len(request.body))
        connect, read = self._timeout(request)
        return route.pool.urlopen(
            request.method,
            address.path_url,
            body=request.body,  # type: ignore[arg-type]  # of a file, urllib3 needs nothing but read
            headers=headers,
            retries=route.retries,
            redirect=False,
            assert_same_host=False,
            timeout=Timeout(connect=connect, read=read),
            preload_content=False,
            decode_content=False,
        )

    def _timeout(self, request: Request) -> tuple[float, float]:
        if not isinstance(request.body, MultipartStream):
            return self._config.connect_timeout, self._config.read_timeout
        # urllib3 uses the first timeout for each chunk that is sent, too, and the gateway responds only when it has
        # passed the whole file on.
        return self._config.read_timeout, max(self._config.read_timeout, UPLOAD_TIMEOUT)

    def _route(self, url: str) -> _Route:
        # A forked child must not use the parent's connections: two processes on one connection would read each other's
        # responses.
        if getattr(self._local, "process", None) != os.getpid():
            self._local.process = os.getpid()
            self._local.routes = {}
        routes: dict[str, _Route] = self._local.routes
        scheme, _, rest = url.partition("://")
        host = f"{scheme}://{rest.partition('/')[0]}"
        if host not in routes:
            # Media lies on many hosts of Meta's, and a thread would keep a connection to each of them.
            if len(routes) >= MAX_HOSTS:
                routes.clear()
            routes[host] = _route(f"{host}/", self._config.proxy)
        return routes[host]


class _Route(NamedTuple):
    """The connections to a host, by way of a proxy or direct."""

    pool: HTTPConnectionPool
    retries: Retry


def _route(url: str, proxy: str | None) -> _Route:
    # Unencrypted requests go to loopback hosts only (see ClientConfig), and never through a proxy: they carry the key.
    is_direct = url.startswith("http:")
    with requests.Session() as session:
        session.trust_env = not is_direct
        given = {}
        if proxy and not is_direct:
            # The connection's proxy overrides the environment's.
            given["https"] = proxy
        settings = session.merge_environment_settings(
            url, given, stream=True, verify=None, cert=None
        )
    verify = settings["verify"]
    # One adapter for all hosts would close the pool of the host that was used least.
    adapter = HTTPAdapter(max_retries=0)
    address = requests.Request("GET", url).prepare()
    pool = cast(
        "HTTPConnectionPool",
        adapter.get_connection_with_tls_context(
            address, verify, proxies=settings["proxies"]
        ),
    )
    adapter.cert_verify(pool, url, verify, None)  # type: ignore[no-untyped-call]
    # Made here, because the pool of a SOCKS proxy has another class than the others.
    pool.ConnectionCls = type("Connection", (_Connection, pool.ConnectionCls), {})
    return _Route(pool, adapter.max_retries)


def _to_response(response: BaseHTTPResponse, body: bytes) -> Response:
    # A header that comes twice is joined only where it is asked for by its name.
    headers = {name.lower(): response.headers[name] for name in response.headers}
    return Response(response.status, headers, body)


class _CatchFailure(AbstractContextManager["_CatchFailure"]):
    """
    Catches an error of the HTTP libraries, and keeps the error of ours that it becomes.

    It is raised after the block: the library's error contains the URL and may contain the proxy's password, and Python
    would chain it to an error that is raised within the block.
    """

    failure: WhatsAppError
    has_failed = False

    def __init__(self, call: Call) -> None:
        self._call = call

    def __enter__(self) -> Self:
        _in_a_call.is_true = True
        return self

    def __exit__(
        self, kind: object, error: BaseException | None, traceback: object
    ) -> bool:
        _in_a_call.is_true = False
        # Every Exception: even one that no library should raise may come after the request has left.
        if not isinstance(error, Exception):
            return self.has_failed
        self.has_failed = True
        reason: object = error
        if isinstance(error, MaxRetryError):
            # urllib3 wraps what happened in this one even where it must not retry.
            reason = error.reason or error
        kind = type(reason).__name__
        call = f"{self._call.method} {self._call.path}"
        if _in_a_call.has_left:
            problem = f"{call}: the connection broke without a response ({kind})"
            self.failure = outcome_unknown(self._call, problem)
        else:
            self.failure = TransportError(
                f"{call}: no connection could be made ({kind}), so nothing was sent. "
                "Check host, control_url and proxy of the Airflow connection, and this machine's network, proxies and "
                "certificates (HTTPS_PROXY, REQUESTS_CA_BUNDLE)"
            )
        return True
