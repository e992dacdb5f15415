"""What all triggers share: sleep, look, and again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_provider_whatsapp.exceptions import WhatsAppError

if TYPE_CHECKING:
    from airflow_provider_whatsapp.client.client import WhatsAppClient
    from airflow_provider_whatsapp.hooks.maton import MatonHook
    from airflow_provider_whatsapp.waits.outcome import PollResult

MAX_FAILURES_IN_A_ROW = 5


class PollingTrigger(BaseTrigger):
    """
    Looks again and again, and fires when there is a verdict.

    Its event is ``{"status": "done" | "refused" | "unavailable" | "error", "message": …, "permanent": …}``.

    :param maton_conn_id: the Airflow connection.
    :param poll_interval: seconds between two looks.
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

    async def look(self) -> PollResult:
        """Look once."""
        raise NotImplementedError

    async def client(self) -> WhatsAppClient:
        """Return the client of the connection, whose calls block: await them in a thread."""
        hook = await asyncio.to_thread(_hook, self.maton_conn_id)
        return await hook.get_async_client()

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Sleep, look, and again; give up after five failures in a row."""
        failures = 0
        while True:
            # The sensor has just looked. Spread out, so that sensors that started together don't stay together.
            await asyncio.sleep(self.poll_interval * random.uniform(0.9, 1.1))  # noqa: S311 - guards no secret
            try:
                event, failures = self._event(await self.look()), 0
            except Exception as error:  # noqa: BLE001 - a lookup that fails for once must not end a wait of days
                failures += 1
                self.log.warning("Look %d of %d in a row failed: %s", failures, MAX_FAILURES_IN_A_ROW, error)
                event = _given_up(error) if _is_permanent(error) or failures == MAX_FAILURES_IN_A_ROW else None
            if event is not None:
                yield TriggerEvent(event)  # type: ignore[no-untyped-call] # of Airflow
                return

    def _event(self, look: PollResult) -> dict[str, Any] | None:
        self.log.info("%s", look.message)
        if look.verdict.value == "waiting":
            return None
        return {"status": look.verdict.value, "message": look.message, "permanent": True}


def _is_permanent(error: Exception) -> bool:
    return isinstance(error, WhatsAppError) and error.permanent


def _given_up(error: Exception) -> dict[str, Any]:
    return {"status": "error", "message": f"{type(error).__name__}: {error}", "permanent": _is_permanent(error)}


def _hook(maton_conn_id: str) -> MatonHook:
    # The import takes half a second the first time, which no other trigger should have to wait.
    from airflow_provider_whatsapp.hooks.maton import MatonHook

    return MatonHook(maton_conn_id)
