from __future__ import annotations

import pytest
import requests
from airflow.providers.common.compat.sdk import AirflowFailException, TaskDeferred
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_whatsapp.hooks.maton import MatonHook
from airflow_provider_whatsapp.sensors.connections import MatonConnectionSensor
from tests.threads import LIMIT

WHERE = "open maton.ai/connections, sign in, and finish it in the browser"


def sensor(maton_connection_id=None, **arguments):
    return MatonConnectionSensor(
        **{
            "task_id": "wait",
            "maton_connection_id": maton_connection_id,
            "poke_interval": 0.01,
            "timeout": LIMIT,
            **arguments,
        }
    )


@pytest.fixture
def of_any(undecided_sandbox, connect):
    """Let the Airflow connection name no Maton connection, and the account have no ACTIVE one."""
    connect(extra={"maton_connection_id": None})
    undecided_sandbox.set_connection_status(status="PENDING")


@pytest.fixture
def secrets(pending):
    """The secrets of a connection: its page, and the token in the page's URL."""
    url = pending.url.get_secret_value()
    return [url, url.partition("session_token=")[2]]


def test_a_pending_one_is_waited_for(pending, logged):
    """The log says which connection is waited for, and where a person finishes it."""
    assert sensor(pending.connection_id).poke({}) is False
    assert f"Maton connection {pending.connection_id} is PENDING: {WHERE}" in logged()


def test_it_is_done_when_the_page_was_opened(pending, wait, logged):
    """A person who opens the connection's page makes it ACTIVE, which ends the wait."""
    page = pending.url.get_secret_value()
    opened = wait(
        sensor,
        maton_connection_id=pending.connection_id,
        then=lambda: requests.get(page, timeout=LIMIT),
    )
    assert opened is None
    assert f"Maton connection {pending.connection_id} is ACTIVE" in logged()


def test_the_page_is_in_no_log(pending, wait, undecided_sandbox, secrets, logged):
    """Neither the log nor the failure of a wait holds the connection's page or its session token."""
    with pytest.raises(
        AirflowFailException, match="has FAILED: delete it and make another one"
    ) as caught:
        wait(
            sensor,
            maton_connection_id=pending.connection_id,
            then=lambda: undecided_sandbox.set_connection_status(
                connection_id=pending.connection_id, status="FAILED"
            ),
        )
    said = logged()
    assert pending.connection_id in said
    for secret in secrets:
        assert secret not in said + repr(caught.value)


def test_the_page_is_not_stored(pending, secrets):
    """The trigger gets the id of the connection, and not its page."""
    with pytest.raises(TaskDeferred) as caught:
        sensor(pending.connection_id, deferrable=True).execute({})
    stored = caught.value.trigger.serialize()[1]
    assert stored == {
        "maton_conn_id": "maton_default",
        "maton_connection_id": pending.connection_id,
        "poll_interval": 0.01,
    }
    assert not any(secret in str(stored) for secret in secrets)


def test_an_unknown_one_fails_for_good(undecided_sandbox, wait, polls):
    """A connection that the account does not have ends the wait at once, without retries."""
    with pytest.raises(AirflowFailException, match="^NotFoundError: "):
        wait(sensor, maton_connection_id="no-such-connection")
    assert polls() == 1


def test_a_status_that_is_not_known_is_waited_for(undecided_sandbox, pending, logged):
    """A status that Maton adds later is waited through, and named."""
    undecided_sandbox.set_connection_status(
        connection_id=pending.connection_id, status="EXPIRING"
    )
    assert sensor(pending.connection_id).poke({}) is False
    assert "is EXPIRING" in logged()


def test_the_one_of_the_airflow_connection(undecided_sandbox, pending, connect):
    """Without an id the Airflow connection's is meant, and no other one, even if that is ACTIVE."""
    assert sensor().poke({}) is True
    connect(extra={"maton_connection_id": pending.connection_id})
    assert sensor().poke({}) is False
    assert sensor(undecided_sandbox.connection_id).poke({}) is True


def test_any_active_one_counts(of_any, wait, undecided_sandbox, logged):
    """Where neither task nor Airflow connection has an id, one ACTIVE connection of the account is enough."""
    MatonHook().client.connections.create()
    second = MatonHook().client.connections.create().connection_id
    assert (
        wait(
            sensor,
            then=lambda: undecided_sandbox.set_connection_status(
                connection_id=second, status="ACTIVE"
            ),
        )
        is None
    )
    said = logged()
    assert f"The account has no ACTIVE WhatsApp Business connection: {WHERE}" in said
    assert f"Maton connection {second} is ACTIVE" in said


def test_a_failed_one_does_not_end_a_wait_for_any(of_any, undecided_sandbox):
    """If any connection is enough, the sensor goes on after the failure of one."""
    undecided_sandbox.set_connection_status(status="FAILED")
    assert sensor().poke({}) is False


def test_an_account_without_any_is_waited_for(of_any, undecided_sandbox):
    """An account that has no connection at all may get one."""
    MatonHook().client.connections.delete(undecided_sandbox.connection_id)
    assert sensor().poke({}) is False


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    bad=st.text(st.sampled_from("/?#%. é\n"), min_size=1)
    | st.text("a", min_size=129)
    | st.just("")
    | st.integers()
)
def test_bad_ids_fail_before_any_poll(undecided_sandbox, polls, bad):
    """An invalid id fails the task before any poll, also with soft_fail and never_fail."""
    with pytest.raises(
        AirflowFailException, match="^InvalidRequestError: maton_connection_id: "
    ):
        sensor(bad, soft_fail=True).execute({})
    assert polls() == 0
