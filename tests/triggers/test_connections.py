from __future__ import annotations

import logging

import pytest
import requests

from airflow_provider_whatsapp.hooks.maton import MatonHook
from airflow_provider_whatsapp.triggers.connections import MatonConnectionTrigger
from tests.threads import LIMIT


@pytest.fixture
def pending(undecided_sandbox):
    """A Maton connection that waits for a person to finish it."""
    return MatonHook().client.connections.create()


def trigger(maton_connection_id=None):
    return MatonConnectionTrigger(
        maton_conn_id="maton_default",
        maton_connection_id=maton_connection_id,
        poll_interval=0.01,
    )


def test_an_opened_page_is_done(pending, events):
    """The trigger fires when a person has opened the connection's page."""
    page = pending.url.get_secret_value()
    (event,) = events(
        trigger(pending.connection_id),
        (lambda polls: len(polls) >= 2, lambda: requests.get(page, timeout=LIMIT)),
    )
    assert event["status"] == "success"
    assert event["message"] == f"Maton connection {pending.connection_id} is ACTIVE"


@pytest.mark.parametrize("status", ["ACTIVE", "FAILED"])
def test_the_page_is_nowhere(pending, undecided_sandbox, events, status, caplog, capfd):
    """Neither log, nor stored arguments, nor event hold the connection's page or its session token."""
    caplog.set_level(logging.INFO)
    waiting = trigger(pending.connection_id)
    change = {"connection_id": pending.connection_id, "status": status}
    found = events(
        waiting,
        (
            lambda polls: len(polls) >= 2,
            lambda: undecided_sandbox.set_connection_status(**change),
        ),
    )
    logged = caplog.text + "".join(capfd.readouterr())
    assert "open maton.ai/connections" in logged
    url = pending.url.get_secret_value()
    for secret in (url, url.partition("session_token=")[2]):
        assert secret not in logged + str(found) + str(waiting.serialize())


def test_an_unknown_one_is_an_error_that_lasts(undecided_sandbox, events, polls):
    """A connection that was deleted during the wait ends it."""
    (event,) = events(trigger("no-such-connection"))
    assert (event["status"], event["permanent"]) == ("error", True)
    assert event["message"].startswith("NotFoundError: ")
    assert polls() == [404]


def test_the_one_of_the_airflow_connection(pending, connect, undecided_sandbox, events):
    """Without an id the Airflow connection's is waited for, though another one is ACTIVE."""
    connect(extra={"maton_connection_id": pending.connection_id})
    change = {"connection_id": pending.connection_id, "status": "FAILED"}
    (event,) = events(
        trigger(),
        (
            lambda polls: len(polls) >= 2,
            lambda: undecided_sandbox.set_connection_status(**change),
        ),
    )
    assert event["status"] == "failed"


def test_any_active_one_counts(pending, undecided_sandbox, connect, events):
    """Where neither has an id, one ACTIVE connection of the account is enough."""
    connect(extra={"maton_connection_id": None})
    (event,) = events(trigger())
    assert (event["status"], undecided_sandbox.connection_id in event["message"]) == (
        "success",
        True,
    )
