"""The page of faults is true: each of its rows is played, and ends as the row says."""

from contextlib import closing

import pytest

from airflow_provider_whatsapp.sandbox import running_sandbox
from tests.chaos.scenarios import TABLES
from tests.chaos.stage import Stage

SCENARIOS = [
    (counted, scenario) for counted, scenarios in TABLES.values() for scenario in scenarios
]


@pytest.fixture(scope="module")
def _running():
    with running_sandbox(approve_after=0, requests_per_second=1000) as running:
        yield running


@pytest.fixture
def play(_running, monkeypatch, connect, tmp_path):
    """Return a function that plays a fault in an empty sandbox, and returns the stage and what was counted."""
    # A test that waits for the response to half an upload need not do so for minutes.
    monkeypatch.setattr("airflow_provider_whatsapp.client.http.transport.UPLOAD_TIMEOUT", 1)

    def play(fault, counted):
        _running.reset()
        monkeypatch.setenv("AIRFLOW_CONN_MATON_DEFAULT", _running.airflow_connection())
        connect(extra={"rate_limit_storage": "off"})
        with (
            monkeypatch.context() as patch,
            closing(Stage(_running, connect, tmp_path, patch)) as stage,
        ):
            fault(stage)
        return stage, stage.done(counted)

    return play


def test_each_row_is_told_once():
    """Two rows that begin with the same words would contradict each other."""
    assert len({scenario.when for _, scenario in SCENARIOS}) == len(SCENARIOS)


@pytest.mark.parametrize(
    ("counted", "scenario"),
    [pytest.param(counted, scenario, id=scenario.when) for counted, scenario in SCENARIOS],
)
def test_a_row_is_true(play, counted, scenario):
    """The fault, in all its variants, ends as the row says: requests, waits, error, and what the sandbox has got."""
    played = [play(fault, counted) for fault in scenario.plays]
    assert {(stage.task, stage.error) for stage, _ in played} == {
        (scenario.task, scenario.error)
    }
    assert {stage.requests for stage, _ in played} == set(scenario.requests)
    assert [tuple(stage.waits) for stage, _ in played] == [scenario.waits] * len(played)
    assert {number for _, number in played} == set(scenario.done)
