"""What all triggers share: sleep, poll, and again, until the wait is over."""

from __future__ import annotations

import asyncio
import contextvars
import os
import random
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_provider_whatsapp.exceptions import AuthenticationError
from airflow_provider_whatsapp.waits.poll import (
    FailureCount,
    Outcome,
    PollResult,
    Wait,
    error_event,
    event,
)

if TYPE_CHECKING:
    from airflow_provider_whatsapp.client.client import WhatsAppClient
    from airflow_provider_whatsapp.hooks.maton import MatonHook

T = TypeVar("T")

THREADS_PER_CONNECTION = 4


class PollingTrigger(BaseTrigger):
    """
    Polls until the wait is over, and fires once.

    Its event is ``{"status": "success" | "failed" | "unavailable" | "error", "message": …, "permanent": …}``.

    :param maton_conn_id: the Airflow connection.
    :param poll_interval: seconds between two polls.
    """

    # Names of the constructor's arguments. Airflow stores their values in plain text: ids and names only.
    arguments: ClassVar[tuple[str, ...]] = ("maton_conn_id", "poll_interval")

    def __init__(self, *, maton_conn_id: str, poll_interval: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # of Airflow
        self.maton_conn_id = maton_conn_id
        self.poll_interval = poll_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what Airflow stores."""
        path = f"{type(self).__module__}.{type(self).__qualname__}"
        return path, {name: getattr(self, name) for name in self.arguments}

    def wait(self) -> Wait:
        """Return what is waited for, as the sensor does."""
        raise NotImplementedError

    async def poll(self, client: WhatsAppClient) -> PollResult:
        """Poll once."""
        return await self.in_thread(self.wait().poll, client)

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Sleep, poll, and again; give up after five failed polls in a row."""
        client: WhatsAppClient | None = None
        failures = FailureCount()
        has_polled = False
        while True:
            # The sensor has just polled. Sleeps differ, so that triggers that started together do not stay together.
            await asyncio.sleep(self.poll_interval * random.uniform(0.9, 1.1))  # noqa: S311 - guards no secret
            try:
                if client is None:
                    hook = await self.in_thread(_hook, self.maton_conn_id)
                    client = await hook.get_async_client()
                result = await self.poll(client)
            except Exception as error:  # noqa: BLE001 - a poll that fails once must not end a wait of days
                # The key may have been replaced since the client was made, so the next poll makes a new one.
                is_outdated = has_polled and isinstance(error, AuthenticationError)
                client = None
                has_polled = False
                if is_outdated or not failures.is_last(error):
                    continue
                yield TriggerEvent(error_event(error))  # type: ignore[no-untyped-call] # of Airflow
                return
            failures.reset()
            has_polled = True
            self.log.info("%s", result.message)
            if result.outcome is not Outcome.WAITING:
                yield TriggerEvent(event(result))  # type: ignore[no-untyped-call] # of Airflow
                return

    async def in_thread(self, function: Callable[..., T], *arguments: Any) -> T:
        """
        Return ``function(*arguments)``, called in a thread that only triggers of this connection use.

        A poll can wait minutes for a slot of the rate limit. In asyncio's own pool of a few threads it would delay the
        triggers of other packages, and in one pool for all connections those of another account.
        """
        # After a fork the threads of the parent's pool do not exist in the child.
        key = (self.maton_conn_id, os.getpid())
        if key not in _pools:
            _pools[key] = ThreadPoolExecutor(
                THREADS_PER_CONNECTION, thread_name_prefix="whatsapp-trigger"
            )
        # As in asyncio.to_thread: Airflow's log finds the trigger by a context variable.
        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_pools[key], context.run, function, *arguments)


_pools: dict[tuple[str, int], ThreadPoolExecutor] = {}


def _hook(maton_conn_id: str) -> MatonHook:
    # The first import takes half a second, for which the event loop must not stop.
    from airflow_provider_whatsapp.hooks.maton import MatonHook

    return MatonHook(maton_conn_id)
