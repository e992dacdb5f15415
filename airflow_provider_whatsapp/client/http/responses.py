"""Turns a response, that is status, headers and body, into data or the one right error. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from pydantic import SecretStr, ValidationError

from airflow_provider_whatsapp.client.http import error_codes
from airflow_provider_whatsapp.client.http.calls import Call, Idempotency, Response
from airflow_provider_whatsapp.client.http.redaction import redact, without_secrets
from airflow_provider_whatsapp.exceptions import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitedError,
    TransientError,
    WhatsAppError,
)
from airflow_provider_whatsapp.models.base import ResponseModel
from airflow_provider_whatsapp.models.validation import MAX_PROBLEMS, printable_key, shorten

R = TypeVar("R", bound=ResponseModel)

MAX_RETRY_AFTER = 60.0  # seconds; a task must not sleep for longer because a server says so

MAX_TEXT_LENGTH = 500  # characters of a message or of details that an error shows; Meta's longest have half of that
MAX_TRACE_LENGTH = 100  # characters of an fbtrace_id
# Meta's subcodes have seven digits. A longer number may be a phone number.
MAX_CODE = 9_999_999

_BY_STATUS: dict[int, type[ApiError]] = {
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    429: RateLimitedError,
}
_GATEWAY_REMEDIES = {
    400: "Most often the account has no ACTIVE WhatsApp Business connection: make one at maton.ai/connections.",
    401: "Check the Maton API key in the password of the Airflow connection (maton.ai/settings shows it).",
    404: "Check maton_connection_id: in the extra of the Airflow connection, or where the task names one.",
    429: "Let all workers share Maton's 10 calls a second: set rate_limit_storage in the connection's extra.",
    500: "The WhatsApp grant may have ended: make a new connection at maton.ai/connections.",
}
_OTHER_GATEWAY_REMEDY = (
    "Check host and control_url of the Airflow connection; redirects are not followed."
)
_NEXT_STEPS = {
    Idempotency.SAFE: "The request may have been processed; another attempt is harmless.",
    Idempotency.TASK_MAY_RETRY: "The request may have been processed; another attempt is harmless.",
    Idempotency.NEVER_RETRY: "Ask the recipient or check the webhooks before you send it again. "
    "The request may have been processed, so it was not retried.",
    Idempotency.AT_LEAST_ONCE: "The request may have been processed, perhaps more than once: "
    "it was retried as requested.",
}
_MEDIA_TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9.+-]{1,80}", re.ASCII | re.IGNORECASE)
_TRACE_ID = re.compile(r"(?=.*[A-Za-z])[\w•-]+")


def parse_response(
    response: Response, call: Call, model: type[R], *, secrets: tuple[SecretStr, ...] = ()
) -> R:
    """
    Return the response's data as a ``model``.

    :param secrets: texts that an error must not contain, even if the server wrote them into its response.
    :raises ApiError: the subclass for what the response says.
    :raises OutcomeUnknownError: if it says nothing readable, and the call is not a safe one.
    """
    data = _json_object(response.body)
    if not 200 <= response.status < 300:
        raise response_error(response, call, data, secrets)
    # What the control plane returns for a deletion is not documented; HTTP's own way is an empty 204.
    if (
        data is None
        and call.control
        and call.method == "DELETE"
        and not response.body.strip()
    ):
        data = {}
    if data is None:
        raise _unreadable(response, call, "is not a JSON object")
    _raise_for_body(response, call, data, secrets)
    try:
        return model.model_validate(data)
    except ValidationError as failure:
        found = failure.errors(include_url=False, include_input=False)
        paths = [".".join(map(str, problem["loc"])) for problem in found[:MAX_PROBLEMS]]
        # Items of a list can lack the same field, which is named once.
        fields = ", ".join(dict.fromkeys(map(printable_key, paths)))
    # Outside the handler: pydantic's error contains the data, and a chained error is logged.
    raise _unreadable(response, call, f"lacks what was expected in {fields}")


def _raise_for_body(
    response: Response, call: Call, data: dict[str, Any], secrets: tuple[SecretStr, ...]
) -> None:
    """Raise the error that a response with a status of success has in its body."""
    error = data.get("error")
    has_failed = data.get("success") is False
    # A message that was accepted and rejected at once: a retry could send a second one.
    if data.get("messages") and (error or has_failed):
        raise _unreadable(response, call, "contains both a message and an error")
    if isinstance(error, dict) and error:
        raise response_error(response, call, data, secrets)
    if has_failed:
        raise BadRequestError(
            "The response says success: false, so the call was not processed",
            status=response.status,
            permanent=False,
            remedy="Try again; if it lasts, check the object in WhatsApp Manager.",
        )


def response_error(
    response: Response,
    call: Call,
    data: dict[str, Any] | None,
    secrets: tuple[SecretStr, ...],
) -> WhatsAppError:
    """Return the error for a response that is not a success."""
    body = data or {}
    if isinstance(body.get("error"), dict):
        body = body["error"]
    # Only Meta's own errors have these; the gateway's have a message at most.
    if body.get("fbtrace_id") or body.get("type") == "OAuthException":
        return _meta_error(response, call, body, secrets)
    remedy = _GATEWAY_REMEDIES.get(response.status, "")
    if response.status >= 500:
        problem = "is a server error of the gateway"
        if remedy:
            problem += f". {remedy.rstrip('.')}"
        return _unreadable(response, call, problem)
    kind = _BY_STATUS.get(response.status, BadRequestError)
    return kind(
        _safe_text(
            body.get("message") or f"The gateway answered HTTP {response.status}",
            call,
            secrets,
        ),
        status=response.status,
        is_gateway=True,
        permanent=kind is not RateLimitedError,
        retry_after=retry_after(response.headers),
        remedy=remedy or _OTHER_GATEWAY_REMEDY,
    )


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """
    Return the seconds that ``Retry-After`` asks to wait, at most 60; ``None`` if it does not ask.

    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after (seconds, or a date)
    """
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return min(float(value), MAX_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    return min(max(seconds, 0.0), MAX_RETRY_AFTER)


def outcome_unknown(call: Call, problem: str) -> OutcomeUnknownError:
    """Return the error for a call that left, and that the server may or may not have processed."""
    return OutcomeUnknownError(
        f"{problem}. {_NEXT_STEPS[call.idempotency]}",
        # A task's retry would send a second message.
        permanent=call.idempotency is Idempotency.NEVER_RETRY,
    )


def _meta_error(
    response: Response, call: Call, body: Mapping[str, Any], secrets: tuple[SecretStr, ...]
) -> WhatsAppError:
    code = _number(body.get("code"))
    # Meta writes a subcode of 0 for none; as a code, 0 is one.
    subcode = _number(body.get("error_subcode")) or None
    trace_id = _trace_id(body, secrets)
    rule = _classify(
        code, subcode, is_transient=bool(body.get("is_transient")), status=response.status
    )
    if rule is None:
        problem = f"is a server error without a reason (code {code}, fbtrace_id {trace_id})"
        return _unreadable(response, call, problem, code=code, fbtrace_id=trace_id)
    titles = [body.get("message"), rule.title]
    if subcode:
        # The messages of template errors are all 'Invalid parameter'; the subcode says what they mean.
        titles.reverse()
    title = next(filter(None, titles), "No reason given")
    details = None
    if isinstance(body.get("error_data"), Mapping):
        details = body["error_data"].get("details")
    # Errors about templates have their explanation there.
    details = details or body.get("error_user_msg") or ""
    return rule.error(
        _safe_text(title, call, secrets),
        status=response.status,
        code=code,
        subcode=subcode,
        details=_safe_text(details, call, secrets) or None,
        fbtrace_id=trace_id,
        permanent=not rule.retry,
        retry_after=retry_after(response.headers),
        remedy=error_codes.remedy(rule.error, code, subcode),
    )


def _classify(
    code: int | None, subcode: int | None, *, is_transient: bool, status: int
) -> error_codes.Code | None:
    """Return what an error of Meta's means, or ``None`` if Meta itself does not know what happened."""
    known = error_codes.find(code, subcode)
    # Code 1 means 'unknown', so what stands beside it says more.
    if known is None or code == 1:
        if is_transient:
            title = ""
            if known is not None:
                title = known.title
            return error_codes.Code(TransientError, title, retry=True)
        # Meta does not say what happened, and may have sent the message.
        if status >= 500:
            return None
    if known is not None:
        return known
    kind = _BY_STATUS.get(status, BadRequestError)
    return error_codes.Code(kind, "", retry=kind is RateLimitedError)


def _unreadable(
    response: Response,
    call: Call,
    problem: str,
    *,
    code: int | None = None,
    fbtrace_id: str | None = None,
) -> WhatsAppError:
    """Return the error for a response that does not say whether the call was processed."""
    kind = "no content type"
    if media_type := _MEDIA_TYPE.match(response.headers.get("content-type", "")):
        kind = media_type[0]
    found = (
        f"{call.method} {call.path}: the response "
        f"(HTTP {response.status}, {kind}, {len(response.body)} bytes) {problem}"
    )
    if call.idempotency is not Idempotency.SAFE:
        return outcome_unknown(call, found)
    # Without an fbtrace_id it may come from a proxy, or from a host that is not the gateway.
    remedy = "Try again; if it lasts, check host and control_url of the Airflow connection."
    if fbtrace_id:
        remedy = error_codes.remedy(TransientError, code, None)
    return TransientError(
        found,
        status=response.status,
        code=code,
        fbtrace_id=fbtrace_id,
        is_gateway=fbtrace_id is None,
        permanent=False,
        retry_after=retry_after(response.headers),
        remedy=remedy,
    )


def _safe_text(value: object, call: Call, secrets: tuple[SecretStr, ...]) -> str:
    """Return a text of the server as an error may show it: redacted before it is cut, so that no half remains."""
    return shorten(redact(_text(value), secrets, call.digits), MAX_TEXT_LENGTH)


def _trace_id(body: Mapping[str, Any], secrets: tuple[SecretStr, ...]) -> str | None:
    text = without_secrets(_text(body.get("fbtrace_id") or ""), secrets)
    # A trace id is a word of letters and digits, which redaction would take for a token.
    if _TRACE_ID.fullmatch(text):
        return shorten(text, MAX_TRACE_LENGTH)
    return redact(text[:MAX_TRACE_LENGTH]) or None


def _text(value: object) -> str:
    try:
        return str(value)
    except RecursionError:  # lists within lists, where a text is expected
        return "?"


def _number(value: object) -> int | None:
    try:
        number = int(_text(value))
    except ValueError:
        return None
    if abs(number) > MAX_CODE:
        return None
    return number


def _json_object(body: bytes) -> dict[str, Any] | None:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    return data
