"""What the gateway of the chaos test does to a request, and what a sender may conclude from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

HTML = b"<html><body>Bad gateway</body></html>"


class Meaning(Enum):
    """The knowledge after a response, or without one."""

    SENT = "sent"
    PASSING = "not sent; another try may succeed"
    REJECTED = "not sent, and never will be"
    LOST = "unknown"


class Fault(NamedTuple):
    """
    One way to treat a request.

    :param write: from the response that a good gateway would give to what is written before the connection ends;
        ``None`` keeps it open and sends nothing.
    :param unread: the request is not read before the connection breaks.
    :param breaks: the connection is reset instead of closed.
    """

    name: str
    meaning: Meaning
    error: str
    write: Callable[[bytes], bytes] | None
    unread: bool = False
    breaks: bool = False


def response(status: int, body: object, headers: str = "") -> bytes:
    """Return an HTTP response, after which the connection is kept."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return (
        f"HTTP/1.1 {status} X\r\n{headers}Content-Length: {len(content)}\r\n\r\n".encode()
        + content
    )


def meta(code: int, **fields: object) -> dict[str, object]:
    """Return an error body of Meta's."""
    return {
        "error": {
            "message": "(#0) No",
            "type": "OAuthException",
            "code": code,
            "fbtrace_id": "AbC",
            **fields,
        }
    }


def _passing(name: str, error: str, status: int, body: object, headers: str = "") -> Fault:
    return Fault(name, Meaning.PASSING, error, lambda _: response(status, body, headers))


def _rejected(name: str, error: str, status: int, body: object) -> Fault:
    return Fault(name, Meaning.REJECTED, error, lambda _: response(status, body))


def _lost(
    name: str,
    write: Callable[[bytes], bytes] | None,
    *,
    unread: bool = False,
    breaks: bool = False,
) -> Fault:
    return Fault(name, Meaning.LOST, "OutcomeUnknownError", write, unread, breaks)


_SLOW_DOWN = {"error": {"message": "Rate limit exceeded", "code": 429}}

NONE = Fault("none", Meaning.SENT, "", lambda good: good)
PASSING = (
    _passing("429", "RateLimitedError", 429, _SLOW_DOWN),
    _passing("429, at once", "RateLimitedError", 429, _SLOW_DOWN, "Retry-After: 0\r\n"),
    _passing("429, in a second", "RateLimitedError", 429, _SLOW_DOWN, "Retry-After: 1\r\n"),
    _passing("429 of HTML", "RateLimitedError", 429, HTML),
    _passing("code 4", "RateLimitedError", 400, meta(4)),
    _passing("code 80007", "RateLimitedError", 400, meta(80007)),
    _passing("code 130429", "RateLimitedError", 400, meta(130429, error_subcode=2494055)),
    _passing("code 131056", "RateLimitedError", 400, meta(131056)),
    _passing("code 2", "TransientError", 503, meta(2)),
    _passing("code 131000", "TransientError", 500, meta(131000)),
    _passing("code 131016", "TransientError", 500, meta(131016)),
    _passing("code 133004", "TransientError", 503, meta(133004)),
    _passing("code 1, transient", "TransientError", 500, meta(1, is_transient=True)),
    _passing(
        "an unknown code, transient", "TransientError", 500, meta(987654, is_transient=True)
    ),
    _passing("success: false", "BadRequestError", 200, {"success": False}),
)
REJECTED = (
    _rejected("code 131026", "RecipientError", 400, meta(131026)),
    _rejected("code 132001", "TemplateError", 404, meta(132001)),
    _rejected("code 190", "AuthenticationError", 401, meta(190, error_subcode=463)),
    _rejected("code 131031", "AccountError", 403, meta(131031)),
    _rejected("code 3 at 500", "PermissionDeniedError", 500, meta(3)),
    _rejected("code 131048", "RateLimitedError", 400, meta(131048)),
    _rejected("an unknown code", "BadRequestError", 400, meta(987654)),
    _rejected(
        "400 of the gateway",
        "BadRequestError",
        400,
        {"error": {"message": "no connection", "code": 400}},
    ),
    _rejected(
        "401 of the gateway",
        "AuthenticationError",
        401,
        {"error": {"message": "no", "code": 401}},
    ),
    _rejected(
        "404 of the gateway",
        "NotFoundError",
        404,
        {"message": "not found", "type": "Not Found", "code": 404},
    ),
)
LOST = (
    _lost("reset before the request is read", lambda _: b"", unread=True, breaks=True),
    _lost("reset after it was read", lambda _: b"", breaks=True),
    _lost("closed after it was read", lambda _: b""),
    _lost("silence", None),
    _lost("half a header", lambda good: good[:9]),
    _lost("half a body", lambda good: good[:-9]),
    _lost("reset in the body", lambda good: good[:-9], breaks=True),
    _lost("no HTTP", lambda _: b"hello\r\n\r\n"),
    _lost("HTML", lambda _: response(200, HTML)),
    _lost("a list", lambda _: response(200, [])),
    _lost("an empty 200", lambda _: response(200, b"")),
    _lost("a 200 without an id", lambda _: response(200, {"messages": []})),
    _lost(
        "500 of the gateway",
        lambda _: response(500, {"error": {"message": "oops", "code": 500}}),
    ),
    _lost("502", lambda _: response(502, HTML)),
    _lost("503", lambda _: response(503, b"", "Retry-After: 1\r\n")),
    _lost("504", lambda _: response(504, b"")),
    _lost("code 1 at 500", lambda _: response(500, meta(1))),
    _lost("an unknown code at 500", lambda _: response(500, meta(987654))),
)
ALL = (NONE, *PASSING, *REJECTED, *LOST)
