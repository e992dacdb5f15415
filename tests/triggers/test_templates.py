from __future__ import annotations

import asyncio
import functools
import time

import pytest

from airflow_provider_whatsapp.operators.templates import SyncTemplatesOperator
from airflow_provider_whatsapp.triggers import templates as module
from airflow_provider_whatsapp.triggers.templates import TemplateApprovalTrigger
from tests.builders import template_definition
from tests.threads import LIMIT


@pytest.fixture
def set_status(undecided_sandbox):
    """A template in review, and a function that puts it into a status."""
    report = SyncTemplatesOperator(
        task_id="sync", templates=[template_definition()]
    ).execute({})
    (template,) = report["created"]
    return functools.partial(
        undecided_sandbox.set_template_status, template_id=template["id"]
    )


def trigger(*names):
    return TemplateApprovalTrigger(
        maton_conn_id="maton_default",
        business_account_id=None,
        templates=[[name, "en_US"] for name in names or ["order_shipped"]],
        poll_interval=0.01,
    )


@pytest.mark.parametrize(
    ("status", "expected"), [("APPROVED", "success"), ("REJECTED", "failed")]
)
def test_a_decision_fires(set_status, events, status, expected):
    """A template that is decided on gives the outcome and is named."""
    set_status(status=status)
    (event,) = events(trigger())
    assert event["status"] == expected
    assert "order_shipped (en_US)" in event["message"]


def test_a_missing_template_is_rejected(set_status, events):
    """A template that does not exist gives the same outcome as in the sensor's poke mode."""
    (event,) = events(trigger("no_such_template"))
    assert (event["status"], "does not exist" in event["message"]) == ("failed", True)


def test_it_waits_through_a_review(set_status, events):
    """While the review lasts the trigger makes new listings, and fires when the decision comes."""
    (event,) = events(
        trigger(), (lambda polls: len(polls) >= 3, lambda: set_status(status="APPROVED"))
    )
    assert event["status"] == "success"


def test_many_sensors_of_one_account_share_a_listing():
    """Fifty sensors that poll at the same moment make one call."""
    shared = module._Listings()
    made = []

    async def fetch():
        made.append(time.monotonic())
        await asyncio.sleep(0)
        return []

    async def run():
        begun = time.monotonic()
        await asyncio.gather(
            *(shared.get(("conn", None), fetch, not_before=begun) for _ in range(50))
        )

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
            await asyncio.wait_for(release.wait(), LIMIT)
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
