"""Decides whether and when a call is tried again. Pure; the table in ``error_codes`` has the facts."""

from __future__ import annotations

from airflow_provider_whatsapp.client.http import error_codes
from airflow_provider_whatsapp.client.http.calls import Call, Idempotency
from airflow_provider_whatsapp.client.http.responses import MAX_RETRY_AFTER
from airflow_provider_whatsapp.exceptions import ApiError, OutcomeUnknownError, TransportError, WhatsAppError

MAX_ATTEMPTS = 5
RETRY_BUDGET = 120.0  # seconds after which a call makes no further attempt
_JITTER = 0.25  # so that workers that were throttled together do not come back together


def may_retry(error: WhatsAppError, call: Call) -> bool:
    """
    Tell whether the client may retry ``call`` after ``error`` without being asked.

    It may if no connection was made, if the response says 'throttled' or 'temporary', or if the response was lost and
    a second attempt is harmless or wanted.
    """
    if isinstance(error, OutcomeUnknownError):
        return call.idempotency in (Idempotency.SAFE, Idempotency.AT_LEAST_ONCE)
    if isinstance(error, TransportError):
        return True
    if not isinstance(error, ApiError) or error.permanent:
        return False
    # A 2xx that is not a success, such as success: false, says nothing about when to come back.
    return call.idempotency is Idempotency.SAFE or not 200 <= error.status < 300


def delay(error: WhatsAppError, *, attempts: int, elapsed: float, random: float) -> float | None:
    """
    Return the seconds to wait before the next attempt, or ``None`` after the last one.

    :param attempts: attempts so far, 1 or more.
    :param elapsed: seconds since the first attempt began.
    :param random: from 0 to 1.
    """
    code = _code(error)
    if attempts >= min(MAX_ATTEMPTS, code.tries if code else MAX_ATTEMPTS):
        return None
    seconds = pause(error, attempts=attempts, random=random)
    return seconds if elapsed + seconds <= RETRY_BUDGET else None


def pause(error: WhatsAppError, *, attempts: int, random: float) -> float:
    """Return the seconds after which another attempt makes sense, whether or not this call makes one."""
    code = _code(error)
    asked: float | None = getattr(error, "retry_after", None)
    if asked is not None:
        return min(asked + _JITTER * random, MAX_RETRY_AFTER)
    first, factor = (code.wait, code.factor) if code else (1.0, 2.0)
    return first * factor ** (attempts - 1) * (1 + _JITTER * random)


def _code(error: WhatsAppError) -> error_codes.Code | None:
    return error_codes.find(error.code, error.subcode) if isinstance(error, ApiError) else None
