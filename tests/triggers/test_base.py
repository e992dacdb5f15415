from __future__ import annotations

import asyncio
import functools
import json
import threading
from types import SimpleNamespace

import pytest

from airflow_provider_whatsapp.hooks.maton import MatonHook
from airflow_provider_whatsapp.triggers.base import THREADS_PER_CONNECTION
from airflow_provider_whatsapp.triggers.connections import MatonConnectionTrigger
from airflow_provider_whatsapp.triggers.messages import MessageStatusTrigger
from airflow_provider_whatsapp.triggers.templates import TemplateApprovalTrigger
from tests.threads import LIMIT

STORED = {
    TemplateApprovalTrigger: {
        "business_account_id": "1",
        "templates": [["order_shipped", "en_US"], ["a", "de"]],
    },
    MessageStatusTrigger: {
        "message_id": "wamid.a",
        "status": "READ",
        "phone_number_id": None,
    },
    MatonConnectionTrigger: {"maton_connection_id": None},
}


@pytest.fixture
def pending(undecided_sandbox):
    """The id of a Maton connection that waits for a person to finish it."""
    return MatonHook().client.connections.create().connection_id


@pytest.fixture
def trigger(pending):
    """A trigger, whose base is tested."""
    return MatonConnectionTrigger(
        maton_conn_id="maton_default", maton_connection_id=pending, poll_interval=0.01
    )


@pytest.fixture
def set_status(undecided_sandbox, pending):
    """Put the connection into a status."""
    return functools.partial(undecided_sandbox.set_connection_status, connection_id=pending)


@pytest.fixture
def unavailable(undecided_sandbox, monkeypatch):
    """Let the next polls fail; the client does not retry."""
    monkeypatch.setattr("airflow_provider_whatsapp.client.http.retry.MAX_ATTEMPTS", 1)
    return lambda times: undecided_sandbox.fault(
        path="/connections/", status=502, body="<html>", times=times
    )


@pytest.fixture
def naps(monkeypatch, polls):
    """The sleeps of triggers, which take no time here: for how long, and after how many polls."""
    taken = []

    async def nap(seconds):
        taken.append((seconds, len(polls())))

    # Of this module only, because the sandbox sleeps, too.
    clock = SimpleNamespace(sleep=nap, get_running_loop=asyncio.get_running_loop)
    monkeypatch.setattr("airflow_provider_whatsapp.triggers.base.asyncio", clock)
    return taken


@pytest.mark.parametrize(
    ("kind", "arguments"), STORED.items(), ids=lambda value: getattr(value, "__name__", "")
)
def test_it_survives_being_stored(kind, arguments):
    """Airflow stores JSON that makes the same trigger again, with all its arguments."""
    given = {"maton_conn_id": "other", "poll_interval": 3.5, **arguments}
    path, stored = kind(**given).serialize()
    assert path == f"{kind.__module__}.{kind.__name__}"
    assert stored == given
    again = kind(**json.loads(json.dumps(stored)))
    assert again.serialize() == (path, stored)


@pytest.mark.parametrize(
    ("status", "outcome"), [("ACTIVE", "success"), ("FAILED", "failed")]
)
def test_a_outcome_fires_once(trigger, pending, set_status, events, status, outcome):
    """A final status gives one event with the outcome and a message."""
    set_status(status=status)
    (event,) = events(trigger)
    assert (event["status"], event["permanent"]) == (outcome, True)
    assert pending in event["message"]


def test_it_waits_on(trigger, set_status, events):
    """The trigger polls until there is an outcome, and then fires."""
    (event,) = events(
        trigger, (lambda polls: len(polls) >= 3, lambda: set_status(status="ACTIVE"))
    )
    assert event["status"] == "success"


def test_it_sleeps_before_each_poll(trigger, set_status, unavailable, events, naps):
    """A sleep comes before each poll, the first one and those after a failure, too: the sensor has just polled."""
    set_status(status="ACTIVE")
    unavailable(times=3)
    events(trigger)
    assert [polls for _, polls in naps] == [0, 1, 2, 3]


def test_sleeps_are_spread(pending, set_status, unavailable, events, naps):
    """Triggers that begin together do not stay together: sleeps differ by up to a tenth from what is asked for."""
    set_status(status="ACTIVE")
    unavailable(times=4)
    events(
        MatonConnectionTrigger(
            maton_conn_id="maton_default", maton_connection_id=pending, poll_interval=3600
        )
    )
    taken = [seconds for seconds, _ in naps]
    assert all(3240 <= seconds <= 3960 for seconds in taken)
    assert len(set(taken)) == 5


def test_an_error_that_lasts_ends_the_wait(trigger, connect, events, polls):
    """A rejected key is reported at once, as permanent, and without the key."""
    connect(password="wrong-key-0123456789")
    (event,) = events(trigger)
    assert (event["status"], event["permanent"]) == ("error", True)
    assert event["message"].startswith("AuthenticationError: ")
    assert "wrong-key" not in event["message"]
    assert polls() == [401]


def test_five_failures_in_a_row_end_the_wait(trigger, unavailable, events, polls):
    """Passing errors are borne four times; the fifth in a row is reported, as not permanent."""
    unavailable(times=100)
    (event,) = events(trigger)
    assert (event["status"], event["permanent"]) == ("error", False)
    assert event["message"].startswith("TransientError: ")
    assert polls() == [502] * 5


def test_a_poll_that_works_makes_the_failures_forgotten(
    trigger, set_status, unavailable, events
):
    """Only failures in a row count: four, polls that work, and four more do not end the wait."""
    unavailable(times=4)
    (event,) = events(
        trigger,
        (lambda polls: 200 in polls, lambda: unavailable(times=4)),
        (
            lambda polls: polls.count(502) == 8 and polls[-1] == 200,
            lambda: set_status(status="ACTIVE"),
        ),
    )
    assert event["status"] == "success"


def test_a_lookup_that_fails_does_not_end_the_wait(
    trigger, set_status, events, monkeypatch
):
    """A connection that cannot be read once is ignored like an API that is unavailable."""
    set_status(status="ACTIVE")
    lookups = []

    async def lookup(conn_id, hook):
        lookups.append(conn_id)
        if len(lookups) < 3:
            raise ConnectionError
        return hook.get_connection(conn_id)

    monkeypatch.setattr(
        "airflow_provider_whatsapp.hooks.maton.get_async_connection", lookup
    )
    (event,) = events(trigger)
    assert (event["status"], len(lookups)) == ("success", 3)


def test_a_connection_that_is_missing_ends_the_wait(undecided_sandbox, events):
    """An Airflow connection that is never found ends the wait after five lookups, and is named."""
    (event,) = events(
        MatonConnectionTrigger(
            maton_conn_id="gone", maton_connection_id=None, poll_interval=0
        )
    )
    assert (event["status"], event["permanent"]) == ("error", False)
    assert "gone" in event["message"]


@pytest.fixture
def lookups(monkeypatch):
    """The Airflow connections that were read."""
    made = []

    async def lookup(conn_id, hook):
        made.append(conn_id)
        return hook.get_connection(conn_id)

    monkeypatch.setattr(
        "airflow_provider_whatsapp.hooks.maton.get_async_connection", lookup
    )
    return made


def test_the_client_is_made_once(trigger, events, set_status, lookups):
    """A trigger reads its Airflow connection once for all polls."""
    (event,) = events(
        trigger, (lambda polls: len(polls) >= 4, lambda: set_status(status="ACTIVE"))
    )
    assert (event["status"], lookups) == ("success", ["maton_default"])


def test_a_key_that_is_replaced_during_the_wait(
    trigger, events, set_status, undecided_sandbox, lookups
):
    """When a key stops working that has worked before, the trigger reads the connection again and goes on."""
    fault = {
        "path": "/connections/",
        "status": 401,
        "body": {"message": "Unauthorized"},
        "times": 1,
    }
    (event,) = events(
        trigger,
        (lambda polls: 200 in polls, lambda: undecided_sandbox.fault(**fault)),
        (
            lambda polls: 401 in polls and polls[-1] == 200,
            lambda: set_status(status="ACTIVE"),
        ),
    )
    assert (event["status"], lookups) == ("success", ["maton_default"] * 2)


def test_polls_that_wait_delay_no_other_trigger(trigger, monkeypatch):
    """While all threads of a connection wait for the rate limit, asyncio's own threads and other connections work."""
    release, waiting = threading.Event(), threading.Semaphore(0)

    def wait_for_a_slot():
        waiting.release()
        assert release.wait(2 * LIMIT)

    other = MatonConnectionTrigger(
        maton_conn_id="other", maton_connection_id=None, poll_interval=1
    )

    async def run():
        async with asyncio.timeout(2 * LIMIT):
            polls = [
                asyncio.ensure_future(trigger.in_thread(wait_for_a_slot)) for _ in range(20)
            ]
            try:
                for _ in range(THREADS_PER_CONNECTION):
                    assert await asyncio.to_thread(waiting.acquire, timeout=LIMIT)
                return (
                    await asyncio.to_thread(int),
                    await other.in_thread(int),
                    [poll.done() for poll in polls],
                )
            finally:
                release.set()
                await asyncio.gather(*polls)

    assert asyncio.run(run()) == (0, 0, [False] * 20)
