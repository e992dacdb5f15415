"""From (status, headers, body) to data or the one right error. Pure."""

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
from airflow_provider_whatsapp.exceptions import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitedError,
    TransientError,
)
from airflow_provider_whatsapp.models.base import ResponseModel
from airflow_provider_whatsapp.models.validation import MAX_PROBLEMS, printable_key, shorten

R = TypeVar("R", bound=ResponseModel)

MAX_RETRY_AFTER = 60.0  # seconds; nobody wants a task to sleep for longer because a server says so

MAX_TEXT_LENGTH = 500  # characters of a message or of details that an error repeats; Meta's longest have half of that
MAX_TRACE_LENGTH = 100  # characters of an fbtrace_id
MAX_CODE = 9_999_999  # Meta's subcodes have seven digits; more may be a phone number

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
_ADVICE = {
    Idempotency.SAFE: "The request may have been processed; another attempt is harmless.",
    Idempotency.TASK_MAY_RETRY: "The request may have been processed; another attempt is harmless.",
    Idempotency.NEVER_RETRY: "Ask the recipient or check the webhooks before you send it again. "
    "The request may have been processed, so it was not retried.",
    Idempotency.AT_LEAST_ONCE: "The request may have been processed, perhaps more than once: "
    "it was retried as requested.",
}
# What people, and programs that format, put between the digits of a phone number. A comma before a blank separates
# two numbers of a list.
_SEPARATOR = r"(?:[\s()./*_\u2010-\u2015\u2212-]|,(?!\s))"
_DIGIT_RUN = re.compile(rf"\+?\d(?:{_SEPARATOR}{{0,3}}\d){{6,}}")
# A limit such as 2592000 (seconds) or 104,857,600 (bytes), or a date.
_NO_PHONE_NUMBER = re.compile(r"\d{7,9}|\d{1,3}(,\d{3}){2}|\d{4}-\d{2}-\d{2}")
_MESSAGE_ID = re.compile(
    r"wamid(?:\.|%2E)[\w+/=%-]+|\bHBg[LMN][\w+/=-]{8,}", re.IGNORECASE
)  # spells the recipient's number in Base64
_MEDIA_TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9.+-]{1,80}", re.ASCII | re.IGNORECASE)
_TOKEN_RUN = re.compile(r"[A-Za-z0-9_\-.]{32,}")
_TRACE = re.compile(r"(?=.*[A-Za-z])[\w•-]+")
# Of words as long as people write them; what is longer may be a token after a prefix.
_TEMPLATE_NAME = re.compile(r"[a-z0-9]{1,20}(_[a-z0-9]{1,20})+\.?")


def parse_response(response: Response, call: Call, model: type[R], *, secrets: tuple[SecretStr, ...] = ()) -> R:
    """
    Return the answer's data as a ``model``.

    :param secrets: texts that must not stand in an error, whoever wrote them into the answer.
    :raises ApiError: the subclass for what the answer says.
    :raises OutcomeUnknownError: if it says nothing readable and the call was not a harmless one.
    """
    data = _json_object(response.body)
    is_success = 200 <= response.status < 300
    if is_success and data and _is_contradictory(data):
        raise _unreadable(response, call, "holds a message and a refusal")
    if not is_success or (data and isinstance(data.get("error"), dict) and data["error"]):
        raise response_error(response, call, data, secrets)
    if data is None and _may_be_empty(call) and not response.body.strip():
        data = {}
    if data is None:
        raise _unreadable(response, call, "is not a JSON object")
    if data.get("success") is False:
        raise BadRequestError(
            "The call was answered with success: false, so it was not carried out",
            status=response.status,
            permanent=False,
            remedy="Try again; if it lasts, look at the object in WhatsApp Manager.",
        )
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        fields = ", ".join(dict.fromkeys(printable_key(".".join(map(str, one["loc"]))) for one in found[:MAX_PROBLEMS]))
    raise _unreadable(response, call, f"lacks what was expected in {fields}")


def _is_contradictory(data: dict[str, Any]) -> bool:
    """Tell whether an answer names an accepted message and refuses it as well: a retry could send a second one."""
    return bool(data.get("messages")) and (bool(data.get("error")) or data.get("success") is False)


def _may_be_empty(call: Call) -> bool:
    # What the control plane answers to a deletion is not documented; HTTP's own way is an empty 204.
    return call.control and call.method == "DELETE"


def response_error(
    response: Response, call: Call, data: dict[str, Any] | None, secrets: tuple[SecretStr, ...]
) -> Exception:
    """Return the error for an answer that is not a success."""
    body = _error_body(data)
    if body.get("fbtrace_id") or body.get("type") == "OAuthException":
        return _meta_refusal(response, call, body, secrets)
    return _gateway_refusal(response, call, body, secrets)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """
    Return the seconds that ``Retry-After`` asks to wait, at most 60; ``None`` if it doesn't ask.

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


def redact(text: str, secrets: tuple[SecretStr, ...] = (), recipient: str = "") -> str:
    """
    Return ``text`` without secrets, long tokens, message ids, and the middles of phone numbers and ids.

    :param recipient: digits of the number that the call was about; it is found in every spelling.
    """
    text = _MESSAGE_ID.sub("wamid.•••", _without(text, secrets))
    text = _TOKEN_RUN.sub(lambda run: run[0] if _TEMPLATE_NAME.fullmatch(run[0]) else "•••", text)
    if recipient:
        text = re.sub(r"[\W_]{0,3}".join(recipient), _middle_hidden, text)
    return _DIGIT_RUN.sub(lambda run: run[0] if _NO_PHONE_NUMBER.fullmatch(run[0]) else _middle_hidden(run), text)


def _middle_hidden(run: re.Match[str]) -> str:
    return f"{run[0][:3]}•••{run[0][-2:]}"


def _without(text: str, secrets: tuple[SecretStr, ...]) -> str:
    for secret in secrets:
        text = text.replace(secret.get_secret_value(), "•••")
    # JSON can hold half a surrogate pair, which no log can write.
    return text.encode(errors="replace").decode()


def _meta_refusal(response: Response, call: Call, body: dict[str, Any], secrets: tuple[SecretStr, ...]) -> Exception:
    # A subcode of 0 is none; as a code, 0 is one.
    code, subcode = _number(body.get("code")), _number(body.get("error_subcode")) or None
    known = error_codes.find(code, subcode)
    transient = bool(body.get("is_transient"))
    if code == 1 and transient:
        known = error_codes.Code(TransientError, "API Unknown", retry=True)
    if (known is None or code == 1) and not transient and response.status >= 500:
        # Meta itself does not know what happened.
        trace = _trace(body, secrets)
        problem = f"is a server error without a reason (code {code}, fbtrace_id {trace})"
        return _unreadable(response, call, problem, code=code, fbtrace_id=trace)
    kind = known.error if known else TransientError if transient else _BY_STATUS.get(response.status, BadRequestError)
    retry = known.retry if known else transient or kind is RateLimitedError
    # Template refusals all say 'Invalid parameter'; what they mean is in the subcode.
    said = known.title if known and subcode else body.get("message") or (known and known.title)
    return kind(
        _safe_text(said or "No reason given", call, secrets),
        status=response.status,
        code=code,
        subcode=subcode,
        details=_safe_text(_details(body), call, secrets) or None,
        fbtrace_id=_trace(body, secrets),
        permanent=not retry,
        retry_after=retry_after(response.headers),
        remedy=error_codes.remedy(kind, code, subcode),
    )


def _gateway_refusal(response: Response, call: Call, body: dict[str, Any], secrets: tuple[SecretStr, ...]) -> Exception:
    if response.status >= 500:
        hint = f". {_GATEWAY_REMEDIES[response.status].rstrip('.')}" if response.status in _GATEWAY_REMEDIES else ""
        return _unreadable(response, call, f"is a server error of the gateway{hint}")
    kind = _BY_STATUS.get(response.status, BadRequestError)
    return kind(
        _safe_text(body.get("message") or f"The gateway answered HTTP {response.status}", call, secrets),
        status=response.status,
        is_gateway=True,
        permanent=kind is not RateLimitedError,
        retry_after=retry_after(response.headers),
        remedy=_GATEWAY_REMEDIES.get(
            response.status, "Check host and control_url of the Airflow connection; redirects are not followed."
        ),
    )


def _unreadable(
    response: Response, call: Call, problem: str, *, code: int | None = None, fbtrace_id: str | None = None
) -> Exception:
    media_type = _MEDIA_TYPE.match(response.headers.get("content-type", ""))
    kind = media_type[0] if media_type else "no content type"
    found = (
        f"{call.method} {call.path}: the answer (HTTP {response.status}, {kind}, {len(response.body)} bytes) {problem}"
    )
    if call.idempotency is Idempotency.SAFE:
        return TransientError(
            found,
            status=response.status,
            code=code,
            fbtrace_id=fbtrace_id,
            is_gateway=fbtrace_id is None,
            permanent=False,
            retry_after=retry_after(response.headers),
            remedy=error_codes.remedy(TransientError, code, None)
            if fbtrace_id
            else "Try again; if it lasts, check host and control_url of the Airflow connection.",
        )
    return outcome_unknown(call, found)


def outcome_unknown(call: Call, found: str) -> OutcomeUnknownError:
    """Return the error for a call that left and may or may not have been carried out."""
    return OutcomeUnknownError(
        f"{found}. {_ADVICE[call.idempotency]}", permanent=call.idempotency is Idempotency.NEVER_RETRY
    )


def _safe_text(value: object, call: Call, secrets: tuple[SecretStr, ...]) -> str:
    """Return what the answer says as an error may repeat it: redacted before it is cut, so that no half is left."""
    return shorten(redact(_text(value), secrets, call.digits), MAX_TEXT_LENGTH)


def _trace(body: Mapping[str, Any], secrets: tuple[SecretStr, ...]) -> str | None:
    text = _without(_text(body.get("fbtrace_id") or ""), secrets)
    # A trace id is a word of letters and digits; what is none may be anything.
    return shorten(text, MAX_TRACE_LENGTH) if _TRACE.fullmatch(text) else redact(text[:MAX_TRACE_LENGTH]) or None


def _text(value: object) -> str:
    try:
        return str(value)
    except RecursionError:  # lists in lists, where a text is expected
        return "?"


def _details(body: Mapping[str, Any]) -> object:
    data = body.get("error_data")
    details = data.get("details") if isinstance(data, Mapping) else None
    return details or body.get("error_user_msg") or ""


def _error_body(data: dict[str, Any] | None) -> dict[str, Any]:
    if data is None:
        return {}
    inner = data.get("error")
    return inner if isinstance(inner, dict) else data


def _json_object(body: bytes) -> dict[str, Any] | None:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _number(value: object) -> int | None:
    try:
        number = int(_text(value))
    except ValueError:
        return None
    return number if abs(number) <= MAX_CODE else None
