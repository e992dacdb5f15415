"""The tables of 'Error codes', from what the client does."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import count
from typing import Any, NamedTuple

from airflow_provider_whatsapp.client.http import error_codes, retry
from airflow_provider_whatsapp.client.http.calls import Call, Idempotency, Response
from airflow_provider_whatsapp.client.http.responses import parse_response
from airflow_provider_whatsapp.exceptions import ApiError, WhatsAppError
from airflow_provider_whatsapp.models.messages import SentMessage
from scripts.tables import table

CALLS = {
    "a read, a deletion": Call(method="GET", path="1", idempotency=Idempotency.SAFE),
    "an upload, a template change": Call(
        method="POST", path="1/media", idempotency=Idempotency.TASK_MAY_RETRY
    ),
    "a send": Call(method="POST", path="1/messages", idempotency=Idempotency.NEVER_RETRY),
    'a send with `on_unknown_outcome="resend"`': Call(
        method="POST", path="1/messages", idempotency=Idempotency.AT_LEAST_ONCE
    ),
}
SEND = CALLS["a send"]


class Shown(NamedTuple):
    """A response that stands for all that the page describes in these words."""

    words: str
    status: int
    body: bytes = b""


def meta(**fields: Any) -> bytes:
    """Return an error body as Meta writes it."""
    return json.dumps(
        {"error": {"message": "Said", "fbtrace_id": "AbC", **fields}}
    ).encode()


EXAMPLE = meta(
    message="Invalid parameter",
    code=100,
    error_subcode=2388299,
    error_user_msg="As variáveis não podem estar no início ou no fim do modelo.",
    fbtrace_id="AzKEg2kHQ4m8AIWH3EQWj1x",
)
UNKNOWN = (
    Shown("any status, with `is_transient`", 400, meta(code=987654, is_transient=True)),
    Shown("code 1, with `is_transient`", 500, meta(code=1, is_transient=True)),
    Shown("5xx; code 1 at 5xx", 500, meta(code=1)),
    Shown("401", 401, meta(code=987654)),
    Shown("403", 403, meta(code=987654)),
    Shown("404", 404, meta(code=987654)),
    Shown("429", 429, meta(code=987654)),
    Shown("any other", 400, meta(code=987654)),
)
GATEWAY = (
    *(Shown(str(status), status) for status in (400, 401, 403, 404, 429)),
    Shown("any other 3xx or 4xx", 418),
    Shown("500", 500),
    Shown("any other 5xx", 502),
)
UNREADABLE = (
    Shown("no body, HTML, a part of a response, JSON that is not an object", 200),
    Shown("a JSON object without the requested field, such as the message id", 200, b"{}"),
    Shown("`success: false`", 200, b'{"success": false}'),
)


def fragments() -> dict[str, str]:
    """Return each table of the page, and its example, by the name of its file."""
    return {
        "error-codes-example.md": f"```text\n{_error(Shown('', 400, EXAMPLE), SEND)}\n```\n",
        "error-codes-meta.md": table(
            ("code", "title", "class", "permanent", "attempts of the client", "what to do"),
            _code_rows(),
        ),
        "error-codes-others.md": table(("HTTP status", *CALLS), map(_row, UNKNOWN)),
        "error-codes-gateway.md": table(
            ("HTTP status", *CALLS, "what to do"), map(_row_with_remedy, GATEWAY)
        ),
        "error-codes-unreadable.md": table(("body", *CALLS), map(_row, UNREADABLE)),
    }


def _code_rows() -> Iterable[tuple[str, ...]]:
    known = sorted(code for code in error_codes.CODES if code is not None)
    for code in [*known, 299]:
        # Without a message in the body, the error's text is the title.
        error = _error(Shown("", 400, meta(code=code, message=None)), SEND)
        shown, permanent = (
            str(code) if code in known else "201 to 299",
            "yes" if error.permanent else "no",
        )
        yield (
            shown,
            error.args[0],
            _name(error),
            permanent,
            _tries(error, SEND),
            _remedy(error),
        )


def _row(shown: Shown) -> tuple[str, ...]:
    return shown.words, *(_safe_text(_error(shown, call), call) for call in CALLS.values())


def _row_with_remedy(shown: Shown) -> tuple[str, ...]:
    return *_row(shown), _remedy(_error(shown, CALLS["a read, a deletion"]))


def _error(shown: Shown, call: Call) -> WhatsAppError:
    try:
        parse_response(Response(shown.status, {}, shown.body), call, SentMessage)
    except WhatsAppError as error:
        return error
    raise AssertionError(f"parsed as a success: {shown.words}")


def _safe_text(error: WhatsAppError, call: Call) -> str:
    return (
        f"{_name(error)}{', permanent' if error.permanent else ''}; {_tries(error, call)}"
    )


def _name(error: WhatsAppError) -> str:
    return f"`{type(error).__name__}`"


def _remedy(error: WhatsAppError) -> str:
    return error.remedy if isinstance(error, ApiError) else ""


def _tries(error: WhatsAppError, call: Call) -> str:
    """Return how often the client makes a call that ends like this each time, and the seconds between."""
    if not retry.may_retry(error, call):
        return "1"
    waits: list[float] = []
    for tries in count(1):
        pause = retry.delay(error, attempts=tries, elapsed=sum(waits), random=0)
        if pause is None:
            break
        waits.append(pause)
    return (
        f"{len(waits) + 1}: after {', '.join(f'{wait:g}' for wait in waits)} s"
        if waits
        else "1"
    )
