"""How the tests of the triggers let one run, and count its polls."""

from __future__ import annotations

import asyncio

import pytest

from tests.threads import LIMIT


@pytest.fixture
def polls(undecided_sandbox):
    """Return a function that returns the statuses of the calls since the test has begun."""
    before = len(undecided_sandbox.requests())
    return lambda: [call["status"] for call in undecided_sandbox.requests()[before:]]


@pytest.fixture
def events(polls):
    """
    Return a function that lets a trigger run to its end, and returns its events.

    Of each step ``(seen, do)`` the second part is called when the first one says so of the polls.
    """

    async def run(trigger, steps):
        async with asyncio.timeout(LIMIT):
            waiting = asyncio.ensure_future(_payloads(trigger))
            for seen, do in steps:
                while not seen(polls()):
                    assert not waiting.done(), waiting
                    await asyncio.sleep(0.005)
                await asyncio.to_thread(do)
            return await waiting

    return lambda trigger, *steps: asyncio.run(run(trigger, steps))


async def _payloads(trigger):
    return [event.payload async for event in trigger.run()]
