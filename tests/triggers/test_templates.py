import asyncio
import json
import time

import pytest
import requests

from airflow_provider_whatsapp.operators.templates import SyncTemplatesOperator
from airflow_provider_whatsapp.triggers import templates as module
from airflow_provider_whatsapp.triggers.templates import TemplateApprovalTrigger


@pytest.fixture
def template(reviewing_sandbox, definition):
    """A template in review."""
    report = SyncTemplatesOperator(task_id="sync", templates=[definition()]).execute({})
    return report["created"][0]["id"]


@pytest.fixture
def decide(reviewing_sandbox, template):
    """Put the template into a status."""

    def to(status):
        url = f"{reviewing_sandbox.url}/sandbox/templates/{template}/decision"
        requests.post(url, json={"status": status}, timeout=5).raise_for_status()

    return to


def trigger(*names, poll_interval=0.01):
    return TemplateApprovalTrigger(
        maton_conn_id="maton_default",
        business_account_id=None,
        templates=[[name, "en_US"] for name in names or ["order_shipped"]],
        poll_interval=poll_interval,
    )


async def event_of(waiting):
    async with asyncio.timeout(30):
        return [event.payload async for event in waiting.run()]


def looks(sandbox):
    """The statuses of the trigger's listings; the first one of all was the sync's."""
    books = requests.get(f"{sandbox.url}/sandbox/requests", timeout=5).json()
    listed = [call for call in books if call["method"] == "GET" and call["path"].endswith("/message_templates")]
    return [call["status"] for call in listed[1:]]


async def until(sandbox, seen):
    async with asyncio.timeout(30):
        while not seen(await asyncio.to_thread(looks, sandbox)):
            await asyncio.sleep(0.01)


async def misbehave(sandbox, times):
    fault = {"path": "/message_templates$", "method": "GET", "status": 502, "body": "<html>", "times": times}
    await asyncio.to_thread(requests.post, f"{sandbox.url}/sandbox/faults", json=fault, timeout=5)


def test_it_survives_being_stored(template):
    """What Airflow stores is JSON that makes the same trigger again."""
    path, stored = trigger("a", "b", poll_interval=3.5).serialize()
    assert path == "airflow_provider_whatsapp.triggers.templates.TemplateApprovalTrigger"
    again = TemplateApprovalTrigger(**json.loads(json.dumps(stored)))
    assert again.serialize() == (path, stored)


@pytest.mark.parametrize(("status", "expected"), [("APPROVED", "approved"), ("REJECTED", "refused")])
def test_a_decision_fires_once(decide, status, expected):
    """A template that is decided on gives one event with the verdict and a message."""
    decide(status)
    (event,) = asyncio.run(event_of(trigger()))
    assert event["status"] == expected
    assert "order_shipped (en_US)" in event["message"]


def test_a_missing_template_is_refused(template):
    """A template that does not exist gives the same verdict as in the sensor's poke mode."""
    (event,) = asyncio.run(event_of(trigger("no_such_template")))
    assert (event["status"], "does not exist" in event["message"]) == ("refused", True)


def test_it_waits_through_a_review(decide, reviewing_sandbox):
    """While the review lasts the trigger looks again and again, and fires when the decision comes."""

    async def run():
        waiting = asyncio.create_task(event_of(trigger()))
        await until(reviewing_sandbox, lambda seen: len(seen) >= 3)
        assert not waiting.done()
        await asyncio.to_thread(decide, "APPROVED")
        return await waiting

    assert [event["status"] for event in asyncio.run(run())] == ["approved"]


def test_a_permanent_error_ends_the_wait(template, connect):
    """A refused key is reported at once, as permanent, and without the key."""
    connect(password="wrong-key-0123456789")
    (event,) = asyncio.run(event_of(trigger()))
    assert (event["status"], event["permanent"]) == ("error", True)
    assert event["message"].startswith("AuthenticationError: ")
    assert "wrong-key" not in event["message"]


def test_five_failures_in_a_row_end_the_wait(template, reviewing_sandbox, monkeypatch):
    """Passing errors are borne four times; the fifth in a row is reported, as not permanent."""
    monkeypatch.setattr("airflow_provider_whatsapp.client.retry.MAX_TRIES", 1)

    async def run():
        await misbehave(reviewing_sandbox, times=100)
        return await event_of(trigger())

    (event,) = asyncio.run(run())
    assert (event["status"], event["permanent"]) == ("error", False)
    assert looks(reviewing_sandbox) == [502] * 5


def test_a_lookup_that_fails_does_not_end_the_wait(decide, monkeypatch):
    """A connection that cannot be looked up for once is borne like an API that is unwell."""
    decide("APPROVED")
    lookups = []

    async def lookup(self):
        lookups.append(self)
        if len(lookups) < 3:
            raise ConnectionError
        return self.client

    monkeypatch.setattr("airflow_provider_whatsapp.hooks.maton.MatonHook.get_async_client", lookup)
    (event,) = asyncio.run(event_of(trigger()))
    assert (event["status"], len(lookups)) == ("approved", 3)


def test_a_success_makes_the_failures_forgotten(decide, reviewing_sandbox, monkeypatch):
    """Only failures in a row count: four, a look that works, and four more do not end the wait."""
    monkeypatch.setattr("airflow_provider_whatsapp.client.retry.MAX_TRIES", 1)

    async def run():
        await misbehave(reviewing_sandbox, times=4)
        waiting = asyncio.create_task(event_of(trigger()))
        await until(reviewing_sandbox, lambda seen: 200 in seen)
        await misbehave(reviewing_sandbox, times=4)
        await until(reviewing_sandbox, lambda seen: seen.count(502) == 8 and seen[-1] == 200)
        await asyncio.to_thread(decide, "APPROVED")
        return await waiting

    assert [event["status"] for event in asyncio.run(run())] == ["approved"]


def test_many_sensors_of_one_account_share_a_listing():
    """Fifty sensors that look at the same moment make one call."""
    shared = module._Listings()
    made = []

    async def fetch():
        made.append(time.monotonic())
        await asyncio.sleep(0)
        return []

    async def run():
        begun = time.monotonic()
        await asyncio.gather(*(shared.get(("conn", None), fetch, not_before=begun) for _ in range(50)))

    asyncio.run(run())
    assert len(made) == 1


def test_a_listing_from_before_a_sensor_began_is_not_used():
    """A template that was created since would be missing from it."""
    shared = module._Listings()
    made = []

    async def fetch():
        made.append(None)
        return []

    async def run():
        await shared.get(("conn", None), fetch, not_before=time.monotonic())
        await shared.get(("conn", None), fetch, not_before=time.monotonic())
        await shared.get(("other", None), fetch, not_before=0)

    asyncio.run(run())
    assert len(made) == 3


def test_a_cancelled_sensor_does_not_take_the_listing_from_others():
    """When the sensor that began a listing is killed, those that share it still get it."""
    shared = module._Listings()

    async def run():
        release = asyncio.Event()

        async def fetch():
            await release.wait()
            return ["listed"]

        first = asyncio.create_task(shared.get(("conn", None), fetch, not_before=0))
        second = asyncio.create_task(shared.get(("conn", None), fetch, not_before=0))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
        release.set()
        return await second

    assert asyncio.run(run()) == ["listed"]


def test_a_failed_listing_is_not_kept():
    """After a listing has failed the next sensor makes a new one."""
    shared = module._Listings()

    async def fails():
        raise ZeroDivisionError

    async def works():
        return ["listed"]

    async def run():
        with pytest.raises(ZeroDivisionError):
            await shared.get(("conn", None), fails, not_before=0)
        return await shared.get(("conn", None), works, not_before=0)

    assert asyncio.run(run()) == ["listed"]
