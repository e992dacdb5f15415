"""The way every call takes: pace, request, transport, answer, and again if that is safe."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.http import retry
from airflow_provider_whatsapp.client.http.calls import Call, build_request
from airflow_provider_whatsapp.client.http.responses import outcome_unknown, parse_response
from airflow_provider_whatsapp.client.http.transport import Transport
from airflow_provider_whatsapp.client.rate_limit.limiter import RateLimiter
from airflow_provider_whatsapp.client.resources.download import FileRequest, raise_for_response
from airflow_provider_whatsapp.exceptions import RateLimitedError, WhatsAppError, without_locals
from airflow_provider_whatsapp.models.base import ResponseModel

T = TypeVar("T")
# Makes a sink for one attempt; the block ends with an error unless the file came whole.
Sinks = Callable[[], AbstractContextManager[Callable[[bytes], object]]]
R = TypeVar("R", bound=ResponseModel)
# Made for each attempt, and entered while it is not known what becomes of it.
Flight = Callable[[], AbstractContextManager[object]]

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
        pace: RateLimiter | None = None,
    ) -> None:
        """Tie calls to an account; ``transport``, ``sleep``, ``jitter`` and ``pace`` are seams for tests."""
        self.config = config
        self._transport = transport or Transport(config)
        self._rate_limiter = pace or RateLimiter(config)
        self._sleep = sleep
        self._jitter = jitter

    @without_locals
    def call(self, call: Call, model: type[R], *, in_flight: Flight = nullcontext) -> R:
        """
        Carry out ``call``, repeating it where that can do no harm.

        :param in_flight: makes what is entered right before an attempt leaves, when its turn has come, and left
            when its answer has been read.
        :raises WhatsAppError: the last attempt's error.
        """
        return self._repeated(lambda: self._once(call, model, in_flight), call)

    @without_locals
    def fetch(self, source: FileRequest, call: Call, begin: Sinks) -> None:
        """
        Fetch a file, repeating it where that can do no harm.

        :param call: what the file belongs to, for errors.
        :param begin: makes a sink for each attempt.
        :raises WhatsAppError: the last attempt's error.
        """
        self._repeated(lambda: self._fetch_once(source, call, begin), call)

    def _repeated(self, attempt: Callable[[], T], call: Call) -> T:
        tries, waited, begun = 1, 0.0, 0.0
        last: WhatsAppError | None = None
        while True:
            try:
                self._rate_limiter.take(call, self._sleep)
            except RateLimitedError:
                if last is not None:
                    raise last from None  # it says what is known of the call
                raise
            # The wait for the first turn is no fault of anybody's.
            begun = begun or time.monotonic()
            try:
                return attempt()
            except WhatsAppError as error:
                last = error
                elapsed, jitter = max(waited, time.monotonic() - begun), self._jitter()
                self._rate_limiter.pause(error, call, retry.pause(error, tries=tries, random=jitter))
                pause = retry.delay(error, tries=tries, elapsed=elapsed, random=jitter)
                if pause is None or not retry.may_retry(error, call):
                    raise
                log.warning("Attempt %d failed, the next is in %.1f s: %s", tries, pause, error)
            self._sleep(pause)
            tries, waited = tries + 1, waited + pause

    def _once(self, call: Call, model: type[R], in_flight: Flight) -> R:
        if call.stream is not None:
            call.stream.rewind()
        request = build_request(call, self.config)
        with in_flight():
            response = self._transport.send(request, call)
            log.debug("%s %s: HTTP %d, %d bytes", call.method, call.path, response.status, len(response.body))
            try:
                return parse_response(response, call, model, secrets=(self.config.api_key,))
            except WhatsAppError:
                raise
            except Exception as error:  # noqa: BLE001 - a fault of ours must not look as if nothing had been sent
                found = f"{call.method} {call.path}: the answer cannot be read ({type(error).__name__})"
            raise outcome_unknown(call, found)

    def _fetch_once(self, source: FileRequest, call: Call, begin: Sinks) -> None:
        with begin() as sink:
            response = self._transport.fetch(source.request, call, sink, with_key=source.is_gateway)
            raise_for_response(response, source, call, secrets=(self.config.api_key,))
