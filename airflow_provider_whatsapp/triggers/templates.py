"""Wait for message templates in the triggerer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple

from airflow_provider_whatsapp.triggers.base import PollingTrigger

if TYPE_CHECKING:
    from airflow_provider_whatsapp.client.client import WhatsAppClient
    from airflow_provider_whatsapp.models.templates import Template
    from airflow_provider_whatsapp.waits.poll import PollResult
    from airflow_provider_whatsapp.waits.templates import TemplateWait


class TemplateApprovalTrigger(PollingTrigger):
    """
    Fires when all templates are approved, or one of them never will be.

    :param maton_conn_id: the Airflow connection.
    :param business_account_id: owner of the templates, the connection's if absent.
    :param templates: name and language of each.
    :param poll_interval: seconds between two polls.
    """

    arguments = ("maton_conn_id", "business_account_id", "templates", "poll_interval")

    def __init__(
        self,
        *,
        maton_conn_id: str,
        business_account_id: str | None,
        templates: list[list[str]],
        poll_interval: float,
    ) -> None:
        super().__init__(maton_conn_id=maton_conn_id, poll_interval=poll_interval)
        self.business_account_id = business_account_id
        self.templates = templates

    def wait(self) -> TemplateWait:
        """Return the same wait as the sensor."""
        from airflow_provider_whatsapp.models.templates import TemplateKey
        from airflow_provider_whatsapp.waits.templates import TemplateWait

        keys = [TemplateKey(*key) for key in self.templates]
        return TemplateWait(templates=keys, business_account_id=self.business_account_id)

    async def poll(self, client: WhatsAppClient) -> PollResult:
        """Read a listing that is not much older than the last one; all triggers of the account share it."""
        from airflow_provider_whatsapp.waits.templates import approval

        wait = self.wait()
        # Half an interval old at most: triggers that poll at different moments share listings, and each still sees a
        # change within one and a half intervals.
        found = await _listings.get(
            (self.maton_conn_id, self.business_account_id),
            lambda: self.in_thread(wait.list, client),
            not_before=time.monotonic() - self.poll_interval / 2,
        )
        return approval(wait.templates, found)


class _Listing(NamedTuple):
    started: float
    templates: asyncio.Task[list[Template]]

    @property
    def has_failed(self) -> bool:
        """The listing was cancelled, or ended with an error."""
        if not self.templates.done():
            return False
        # In this order: a cancelled task raises when it is asked for its error.
        return self.templates.cancelled() or self.templates.exception() is not None


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
        if newest is None or newest.started < not_before or newest.has_failed:
            newest = _Listing(time.monotonic(), asyncio.ensure_future(fetch()))
            self._newest[key] = newest
        # Shielded, because cancelling one sensor must not take the listing from the others.
        return await asyncio.shield(newest.templates)


_listings = _Listings()
