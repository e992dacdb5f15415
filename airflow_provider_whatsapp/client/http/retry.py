"""
Decides whether and when a call is tried again. Pure; the loop itself is in ``client/api.py``.

The first wait, its growth and the number of attempts are those of the error's row in ``error_codes``. What the response
asks for in ``Retry-After`` goes before them, up to a minute. The rate limiter adds the wait for a slot, up to five
minutes.
"""

from __future__ import annotations

from airflow_provider_whatsapp.client.http import error_codes
from airflow_provider_whatsapp.client.http.calls import Call, Idempotency
from airflow_provider_whatsapp.client.http.responses import MAX_RETRY_AFTER
from airflow_provider_whatsapp.exceptions import (
    ApiError,
    OutcomeUnknownError,
    TransportError,
    WhatsAppError,
)

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


def delay(
    error: WhatsAppError, *, attempts: int, elapsed: float, random: float
) -> float | None:
    """
    Return the seconds to wait before the next attempt, or ``None`` after the last one.

    :param attempts: attempts so far, 1 or more.
    :param elapsed: seconds since the first attempt began.
    :param random: from 0 to 1.
    """
    if attempts >= min(MAX_ATTEMPTS, _code(error).tries):
        return None
    seconds = useful_wait(error, attempts=attempts, random=random)
    # A worker slot is not held for longer: Airflow's own retry can wait without one.
    if elapsed + seconds > RETRY_BUDGET:
        return None
    return seconds


def useful_wait(error: WhatsAppError, *, attempts: int, random: float) -> float:
    """Return the seconds after which another attempt makes sense, whether or not this call makes one."""
    asked: float | None = getattr(error, "retry_after", None)
    if asked is not None:
        return min(asked + _JITTER * random, MAX_RETRY_AFTER)
    code = _code(error)
    seconds = code.wait * code.factor ** (attempts - 1)
    return seconds * (1 + _JITTER * random)


def _code(error: WhatsAppError) -> error_codes.Code:
    """Return the row of the table, or one with its defaults for an error that has no code in it."""
    found = None
    if isinstance(error, ApiError):
        found = error_codes.find(error.code, error.subcode)
    return found or error_codes.Code(ApiError, "")
