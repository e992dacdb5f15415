"""The only file that does I/O."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidSchema, InvalidURL
from urllib3.exceptions import ConnectTimeoutError, HTTPError, LocationValueError, MaxRetryError, NewConnectionError
from urllib3.exceptions import ProxyError as TunnelError

from airflow_provider_whatsapp.client.answers import outcome_unknown
from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.multipart import MultipartStream
from airflow_provider_whatsapp.client.protocol import Answer, Call, Request
from airflow_provider_whatsapp.exceptions import TransportError, WhatsAppError

# No error of requests and urllib3 but these says that the request cannot have left.
_NOT_SENT = (
    ConnectTimeoutError,
    InvalidSchema,
    InvalidURL,
    LocationValueError,
    NewConnectionError,
    ssl.SSLCertVerificationError,
)
UPLOAD_TIMEOUT = 300.0  # seconds for the answer to an upload
MAX_ANSWER_BYTES = 16 * 1024 * 1024


class Transport:
    """Sends one request and returns one answer; repeats nothing, follows nothing."""

    def __init__(self, config: ClientConfig) -> None:
        """Keep the settings; connections are made on first use, one session a thread."""
        self._config = config
        self._local = threading.local()

    def send(self, request: Request, call: Call) -> Answer:
        """
        Carry out ``request``.

        :raises TransportError: if no connection could be made.
        :raises OutcomeUnknownError: if the connection broke, or stayed silent, after that.
        """
        try:
            with self._session().request(
                request.method,
                request.url,
                params=request.params,
                headers=request.headers,
                data=request.body,
                # The session's own proxies would give way to those of the environment.
                proxies={"http": self._config.proxy, "https": self._config.proxy} if self._config.proxy else None,
                timeout=self._timeout(request),
                allow_redirects=False,
                stream=True,
            ) as response:
                body = response.raw.read(MAX_ANSWER_BYTES, decode_content=True)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status_code, headers, body)
        except (requests.RequestException, HTTPError, OSError) as error:
            failure = _failure(error, call)
        # Raised outside the handler: the library's error holds the URL and may hold the proxy's password.
        raise failure

    def _timeout(self, request: Request) -> tuple[float, float]:
        if not isinstance(request.body, MultipartStream):
            return self._config.connect_timeout, self._config.read_timeout
        # urllib3 applies the first of them to each piece that is sent, too; and a gateway answers only
        # when it has passed all of a file on.
        return self._config.read_timeout, max(self._config.read_timeout, UPLOAD_TIMEOUT)

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = self._new_session()
        session: requests.Session = self._local.session
        return session

    def _new_session(self) -> requests.Session:
        session = _Session()
        # An auth of our own keeps a .netrc file from putting another Authorization in its place.
        session.auth = _bearer(self._config.api_key)
        adapter = HTTPAdapter(max_retries=0)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Find no target: requests parses it even if it doesn't follow, and fails on a malformed one."""


def _bearer(key: str) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
    def add(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {key}"
        return request

    return add


def _failure(error: BaseException, call: Call) -> WhatsAppError:
    kind = type(error).__name__
    if any(isinstance(cause, _NOT_SENT) or _is_refused_tunnel(cause) for cause in _causes(error)):
        return TransportError(
            f"{call.method} {call.path}: no connection could be made ({kind}), so nothing was sent. "
            "Check host, control_url and proxy of the Airflow connection, and this machine's network"
        )
    return outcome_unknown(call, f"{call.method} {call.path}: the connection broke without an answer ({kind})")


def _is_refused_tunnel(error: BaseException) -> bool:
    # urllib3 also calls it a proxy error when the proxy hangs up after it has got the request. Only
    # http.client's refusal of a CONNECT is an OSError pure and simple.
    inner = error.original_error if isinstance(error, TunnelError) else None
    return type(inner) is OSError and inner.errno is None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """
    Yield the error and what requests and urllib3 wrapped in it.

    ``__context__`` is left out: it can be an older error that the caller is just handling.
    """
    yield error
    reason = error.reason if isinstance(error, MaxRetryError) else None
    for inner in (error.__cause__, reason, *error.args):
        if isinstance(inner, BaseException):
            yield from _causes(inner)
