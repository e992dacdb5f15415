"""May this be tried again, and after how long? Pure; the table in ``error_codes`` has the facts."""

from __future__ import annotations

from airflow_provider_whatsapp.client.http import error_codes
from airflow_provider_whatsapp.client.http.calls import Call, Idempotency
from airflow_provider_whatsapp.client.http.responses import MAX_RETRY_AFTER
from airflow_provider_whatsapp.exceptions import ApiError, OutcomeUnknownError, TransportError, WhatsAppError

MAX_TRIES = 5
RETRY_BUDGET = 120.0  # seconds after which no further attempt joins the line of those who wait for a turn
_JITTER = 0.25  # so that workers that were throttled together don't come back together


def may_retry(error: WhatsAppError, call: Call) -> bool:
    """
    Tell whether the client may repeat ``call`` after ``error`` without being asked.

    Safe are: no connection was made; a refusal that says 'throttled' or 'for now'; a lost answer to
    a call that does no harm twice, or is wanted at least once.
    """
    if isinstance(error, OutcomeUnknownError):
        return call.idempotency in (Idempotency.SAFE, Idempotency.AT_LEAST_ONCE)
    if isinstance(error, TransportError):
        return True
    if not isinstance(error, ApiError) or error.permanent:
        return False
    # A 2xx that is no success, such as success: false, says nothing about when to come back.
    return call.idempotency is Idempotency.SAFE or not 200 <= error.status < 300


def delay(error: WhatsAppError, *, tries: int, elapsed: float, random: float) -> float | None:
    """
    Return the seconds to wait before the next attempt, or ``None`` to give up.

    :param tries: attempts so far, 1 or more.
    :param elapsed: seconds since the first attempt began.
    :param random: from 0 to 1.
    """
    code = _code(error)
    if tries >= min(MAX_TRIES, code.tries if code else MAX_TRIES):
        return None
    seconds = pause(error, tries=tries, random=random)
    return seconds if elapsed + seconds <= RETRY_BUDGET else None


def pause(error: WhatsAppError, *, tries: int, random: float) -> float:
    """Return the seconds after which another attempt makes sense, whether or not there will be one."""
    code = _code(error)
    asked: float | None = getattr(error, "retry_after", None)
    if asked is not None:
        return min(asked + _JITTER * random, MAX_RETRY_AFTER)
    first, factor = (code.wait, code.factor) if code else (1.0, 2.0)
    return first * factor ** (tries - 1) * (1 + _JITTER * random)


def _code(error: WhatsAppError) -> error_codes.Code | None:
    return error_codes.find(error.code, error.subcode) if isinstance(error, ApiError) else None
