"""Wait for message templates in the triggerer."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_provider_whatsapp.exceptions import WhatsAppError

if TYPE_CHECKING:
    from airflow_provider_whatsapp.client.client import WhatsAppClient
    from airflow_provider_whatsapp.hooks.maton import MatonHook
    from airflow_provider_whatsapp.models.templates import Template

MAX_FAILURES_IN_A_ROW = 5


class TemplateApprovalTrigger(BaseTrigger):
    """
    Fires when all templates are approved, or one of them never will be.

    Its event is ``{"status": "approved" | "refused" | "error", "message": …, "permanent": …}``.

    :param maton_conn_id: the Airflow connection.
    :param business_account_id: owner of the templates, the connection's if absent.
    :param templates: name and language of each.
    :param poll_interval: seconds between two looks.
    """

    def __init__(
        self,
        *,
        maton_conn_id: str,
        business_account_id: str | None,
        templates: list[list[str]],
        poll_interval: float,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # of Airflow
        self.maton_conn_id = maton_conn_id
        self.business_account_id = business_account_id
        self.templates = templates
        self.poll_interval = poll_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what Airflow stores, in plain text: ids and names only."""
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "maton_conn_id": self.maton_conn_id,
                "business_account_id": self.business_account_id,
                "templates": self.templates,
                "poll_interval": self.poll_interval,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Sleep, look, and again; give up after five failures in a row."""
        failures = 0
        while True:
            # The sensor has just looked. Spread out, so that sensors that started together don't stay together.
            await asyncio.sleep(self.poll_interval * random.uniform(0.9, 1.1))  # noqa: S311 - guards no secret
            try:
                event, failures = await self._look(not_before=time.monotonic() - self.poll_interval / 2), 0
            except Exception as error:  # noqa: BLE001 - a lookup that fails for once must not end a wait of days
                failures += 1
                self.log.warning("Look %d of %d in a row failed: %s", failures, MAX_FAILURES_IN_A_ROW, error)
                event = _given_up(error) if _is_permanent(error) or failures == MAX_FAILURES_IN_A_ROW else None
            if event is not None:
                yield TriggerEvent(event)  # type: ignore[no-untyped-call] # of Airflow
                return

    async def _look(self, *, not_before: float) -> dict[str, Any] | None:
        account = (self.maton_conn_id, self.business_account_id)
        found = await _listings.get(account, self._list, not_before=not_before)

        from airflow_provider_whatsapp.models.template_approval import Verdict, approval
        from airflow_provider_whatsapp.models.templates import TemplateKey

        verdict, message = approval([TemplateKey(*key) for key in self.templates], found)
        self.log.info("%s", message)
        if verdict is Verdict.WAITING:
            return None
        return {"status": verdict.value, "message": message, "permanent": True}

    async def _list(self) -> list[Template]:
        hook = await asyncio.to_thread(_hook, self.maton_conn_id)
        client = await hook.get_async_client()
        return await asyncio.to_thread(_statuses, client, self.business_account_id)


def _is_permanent(error: Exception) -> bool:
    return isinstance(error, WhatsAppError) and error.permanent


def _given_up(error: Exception) -> dict[str, Any]:
    return {"status": "error", "message": f"{type(error).__name__}: {error}", "permanent": _is_permanent(error)}


def _hook(maton_conn_id: str) -> MatonHook:
    # The import takes half a second the first time, which no other trigger should have to wait.
    from airflow_provider_whatsapp.hooks.maton import MatonHook

    return MatonHook(maton_conn_id)


def _statuses(client: WhatsAppClient, business_account_id: str | None) -> list[Template]:
    fields = ("id", "name", "language", "status", "rejected_reason")
    return list(client.templates.list(fields=fields, business_account_id=business_account_id))


class _Listing(NamedTuple):
    started: float
    templates: asyncio.Task[list[Template]]


class _Listings:
    """
    One listing of an account serves every sensor that waits for one of its templates.

    A listing that began before a sensor needs it to is not used: it may lack a template that was
    created since.
    """

    def __init__(self) -> None:
        self._newest: dict[tuple[asyncio.AbstractEventLoop, str, str | None], _Listing] = {}

    async def get(
        self,
        account: tuple[str, str | None],
        fetch: Callable[[], Awaitable[list[Template]]],
        *,
        not_before: float,
    ) -> list[Template]:
        """Return a listing that began at ``not_before`` (monotonic seconds) or later."""
        key = (asyncio.get_running_loop(), *account)
        newest = self._newest.get(key)
        if newest is None or newest.started < not_before or _failed(newest.templates):
            newest = _Listing(time.monotonic(), asyncio.ensure_future(fetch()))
            self._newest[key] = newest
        # Shielded, because cancelling one sensor must not take the listing from the others.
        return await asyncio.shield(newest.templates)


def _failed(task: asyncio.Task[list[Template]]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


_listings = _Listings()
