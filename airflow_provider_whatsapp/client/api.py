"""
One call: a slot of the rate limiter, attempts at the request, and the response as data or the right error.

The retry loop is here; ``http/retry.py`` decides for it.
"""

from __future__ import annotations

import copy
import logging
import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import count
from typing import Self, TypeVar

from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.http import retry
from airflow_provider_whatsapp.client.http.calls import Call, Request, build_request
from airflow_provider_whatsapp.client.http.responses import outcome_unknown, parse_response
from airflow_provider_whatsapp.client.http.transport import Transport
from airflow_provider_whatsapp.client.rate_limit.limiter import RateLimiter
from airflow_provider_whatsapp.exceptions import (
    RateLimitedError,
    WhatsAppError,
    without_locals,
)
from airflow_provider_whatsapp.models.base import ResponseModel

T = TypeVar("T")
R = TypeVar("R", bound=ResponseModel)
# Makes a context manager for one attempt to send a message: entered right before the request leaves, in its slot, and
# left when the response has been read.
AroundAttempt = Callable[[], AbstractContextManager[object]]

log = logging.getLogger(__name__)


class Api:
    """Carries out calls for the resources."""

    def __init__(
        self,
        config: ClientConfig,
        transport: Transport | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        rate_limiter: RateLimiter | None = None,
    ) -> None:
        """Tie calls to an account; tests replace ``transport``, ``sleep``, ``jitter`` and ``rate_limiter``."""
        self.config = config
        self._transport = transport or Transport(config)
        self._rate_limiter = rate_limiter or RateLimiter(config)
        self._sleep = sleep
        self._jitter = jitter
        self._around_attempt: AroundAttempt = nullcontext

    def with_around_attempt(self, around_attempt: AroundAttempt) -> Self:
        """Return a copy that enters ``around_attempt()`` for each attempt to send a message."""
        bound = copy.copy(self)
        bound._around_attempt = around_attempt  # noqa: SLF001 - a copy of this object
        return bound

    @without_locals
    def call(self, call: Call, model: type[R]) -> R:
        """
        Carry out ``call``, retry it where a second attempt is harmless, and return the response as a ``model``.

        :raises WhatsAppError: the last attempt's error.
        """
        request = build_request(call, self.config)
        return self._run_with_retries(call, partial(self._exchange, call, request, model))

    @without_locals
    def download(self, call: Call, attempt: Callable[[Transport], T]) -> T:
        """
        Carry out ``attempt`` with the transport, and retry it as any read.

        :param call: what the file belongs to, for errors.
        :raises WhatsAppError: the last attempt's error.
        """
        return self._run_with_retries(call, partial(attempt, self._transport))

    def _run_with_retries(self, call: Call, attempt: Callable[[], T]) -> T:
        waited = 0.0
        started = 0.0
        last: WhatsAppError | None = None
        for attempts in count(1):
            try:
                self._rate_limiter.acquire(call, self._sleep)
            except RateLimitedError:
                if last is not None:
                    raise last from None  # it says what happened to the call
                raise
            # The wait for the first slot takes nothing from the time for retries.
            started = started or time.monotonic()
            try:
                return attempt()
            except WhatsAppError as error:
                last = error
                jitter = self._jitter()
                # Tests do not really sleep, so that the clock alone would not tell.
                elapsed = max(waited, time.monotonic() - started)
                # Other calls of the bucket would be throttled as well, even if this one is not tried again.
                seconds = retry.useful_wait(error, attempts=attempts, random=jitter)
                self._rate_limiter.pause(error, call, seconds)
                delay = retry.delay(
                    error, attempts=attempts, elapsed=elapsed, random=jitter
                )
                if delay is None or not retry.may_retry(error, call):
                    raise
                log.warning(
                    "Attempt %d failed, the next is in %.1f s: %s", attempts, delay, error
                )
            self._sleep(delay)
            waited += delay
        raise AssertionError  # pragma: no cover - count() has no end

    def _exchange(self, call: Call, request: Request, model: type[R]) -> R:
        if call.stream is not None:
            # An earlier attempt may have read a part of the file.
            call.stream.rewind()
        around_attempt: AroundAttempt = nullcontext
        if call.is_message:
            around_attempt = self._around_attempt
        with around_attempt():
            response = self._transport.send(request, call)
            log.debug(
                "%s %s: HTTP %d, %d bytes",
                call.method,
                call.path,
                response.status,
                len(response.body),
            )
            try:
                return parse_response(response, call, model, secrets=(self.config.api_key,))
            except WhatsAppError:
                raise
            except Exception as error:  # noqa: BLE001 - a bug of ours must not read as 'nothing was sent'
                problem = f"{call.method} {call.path}: the response cannot be read ({type(error).__name__})"
            raise outcome_unknown(call, problem)
