"""The way every call takes: pace, request, transport, answer, and again if that is safe."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from airflow_provider_whatsapp.client import retry
from airflow_provider_whatsapp.client.answers import read_answer
from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.protocol import Call, build_request
from airflow_provider_whatsapp.client.rate_limit import Pace
from airflow_provider_whatsapp.client.transport import Transport
from airflow_provider_whatsapp.exceptions import WhatsAppError
from airflow_provider_whatsapp.models.base import ResponseModel

R = TypeVar("R", bound=ResponseModel)

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
    ) -> None:
        """Tie calls to an account; ``transport``, ``sleep`` and ``jitter`` are seams for tests."""
        self.config = config
        self._transport = transport or Transport(config)
        self._pace = Pace.of_account(config.api_key, config.base_url, config.requests_per_second)
        self._sleep = sleep
        self._jitter = jitter

    def call(self, call: Call, model: type[R]) -> R:
        """
        Carry out ``call``, repeating it where that can do no harm.

        :raises WhatsAppError: the last attempt's error.
        """
        tries, waited, begun = 1, 0.0, time.monotonic()
        while True:
            try:
                return self._once(call, model)
            except WhatsAppError as error:
                elapsed = max(waited, time.monotonic() - begun)
                pause = retry.delay(error, tries=tries, elapsed=elapsed, random=self._jitter())
                if pause is None or not retry.may_repeat(error, call):
                    raise
                log.warning("Attempt %d failed, the next is in %.1f s: %s", tries, pause, error)
            self._sleep(pause)
            tries, waited = tries + 1, waited + pause

    def _once(self, call: Call, model: type[R]) -> R:
        self._sleep(self._pace.reserve())
        if call.stream is not None:
            call.stream.rewind()
        answer = self._transport.send(build_request(call, self.config), call)
        return read_answer(answer, call, model, secrets=(self.config.api_key,))
