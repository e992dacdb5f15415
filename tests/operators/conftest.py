"""A sandbox that serves all tests of this folder and forgets between them, and questions about what it got."""

from __future__ import annotations

import json

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_whatsapp.operators.templates import SyncTemplatesOperator
from airflow_provider_whatsapp.sandbox import running_sandbox
from tests.builders import template_definition


@pytest.fixture(scope="session")
def _running():
    with running_sandbox(approve_after=0, requests_per_second=1000) as running:
        yield running


@pytest.fixture
def sandbox(_running, monkeypatch, connect):
    """A gateway that approves at once, behind the Airflow connection ``maton_default``."""
    _running.state.reset()
    monkeypatch.setenv("AIRFLOW_CONN_MATON_DEFAULT", _running.airflow_connection())
    connect(extra={"rate_limit_storage": "off"})
    return _running


@pytest.fixture
def template(sandbox):
    """An approved template with one variable; what it took to make it is not in the request log."""
    SyncTemplatesOperator(task_id="sync", templates=[template_definition()]).execute({})
    sandbox.state.requests.reset()
    return sandbox


@pytest.fixture
def calls(sandbox):
    """Return a function that lists the calls that came in, as ``POST …/messages``."""

    def listed():
        return [
            f"{call['method']} …/{call['path'].rpartition('/')[2]}"
            for call in sandbox.requests()
        ]

    return listed


@pytest.fixture
def sent(sandbox):
    """Return a function that runs a task, and returns its result and the body of the one message that arrived."""

    def run(operator):
        result = operator.execute({})
        assert json.loads(json.dumps(result)) == result
        (message,) = sandbox.sent_messages()
        assert result["message_id"] == message["id"]
        return result, message["body"]

    return run


@pytest.fixture
def error_of(calls):
    """Return a function that runs a task, expects it to fail at once and before any call, and returns its error."""

    def run(operator):
        with pytest.raises(AirflowFailException) as caught:
            operator.execute({})
        assert calls() == []
        return str(caught.value)

    return run
