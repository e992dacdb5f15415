"""The page of gateway calls is true: each of its rows works, by the client and by the operator."""

import re
from operator import attrgetter

import pytest

from airflow_provider_whatsapp.exceptions import WhatsAppError
from tests.contract.gateway_calls import CALLS, ERRORS, REPOSITORY, Account

BY_OPERATOR = [call for call in CALLS if call.by_operator]
SHOWN = [call for call in CALLS if call.example]


@pytest.fixture
def account(sandbox, connect, tmp_path):
    return Account(sandbox, connect, tmp_path)


def logged_statuses(account, request_line):
    """Return the statuses of the calls that fit a row's request."""
    method, _, path = request_line.partition(" ")
    pattern = re.sub(r"\{\w+\}", r"[\\w-]+", path)
    calls = account.sandbox.requests()
    return [
        call["status"]
        for call in calls
        if call["method"] == method
        and re.fullmatch(rf"(/whatsapp-business/v[\d.]+)?{pattern}", call["path"])
    ]


def test_each_call_is_told_once():
    """Two rows of the same name would contradict each other; an operator is named where one makes the call."""
    assert len({call.name for call in CALLS}) == len(CALLS)
    assert all(bool(call.operator) is bool(call.by_operator) for call in CALLS)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_the_client_makes_the_call(account, call):
    """The client's method makes the call that the row names, and it succeeds."""
    assert callable(attrgetter(call.method)(account.client))
    before = len(logged_statuses(account, call.request))
    call.by_client(account)
    assert set(logged_statuses(account, call.request)[before:]) == {200}


@pytest.mark.parametrize("call", BY_OPERATOR, ids=lambda call: call.name)
def test_the_operator_makes_the_call(account, call):
    """The operator or sensor makes the call that the row names, and it succeeds."""
    before = len(logged_statuses(account, call.request))
    call.by_operator(account)
    assert call.operator in account.ran
    assert set(logged_statuses(account, call.request)[before:]) == {200}


@pytest.mark.parametrize("call", SHOWN, ids=lambda call: call.name)
def test_an_example_shows_the_call(call):
    """The example DAG of a row uses its operator, or the client where there is none."""
    path = REPOSITORY / "example_dags" / f"example_whatsapp_{call.example}.py"
    assert (call.operator or call.method) in path.read_text()


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: str(error.status))
@pytest.mark.parametrize("name", ["list phone numbers", "send a text"])
def test_an_error_of_the_gateway(account, error, name, monkeypatch):
    """Each status of the gateway's own is the error that the page names, for a read and for a send."""
    monkeypatch.setattr("airflow_provider_whatsapp.client.http.retry.MAX_ATTEMPTS", 1)
    (call,) = [call for call in CALLS if call.name == name]
    sends = name == "send a text"
    path = "/messages$" if sends else "/phone_numbers$"
    fault = {
        "path": path,
        "status": error.status,
        "body": {"error": {"message": "no", "code": error.status}},
    }
    account.sandbox.fault(**fault, times=1)
    with pytest.raises(WhatsAppError) as caught:
        call.by_client(account)
    assert type(caught.value).__name__ == (error.send if sends else error.read)
    assert (
        caught.value.permanent
        is {"yes": True, "no": False, "sends only": sends}[error.fails_at_once]
    )
