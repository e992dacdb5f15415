"""The page of faults is true: each of its rows is played, and ends as the row says."""

import re
from contextlib import closing
from pathlib import Path

import pytest
import requests

from airflow_provider_whatsapp.sandbox import running_sandbox
from tests.chaos.scenarios import SCENARIOS
from tests.chaos.stage import Stage

PAGE = Path(__file__).parents[2] / "docs" / "what-happens-when.md"
NUMBERS = {"no": 0, "once": 1, "twice": 2, "more than twice": 5}


def rows():
    """Return each row of the page by its first cell, with what its fourth column counts at the end."""
    found, counted = {}, ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line[1:-1].split(" | ")] if line.startswith("|") else []
        if cells[:1] == ["when"]:
            counted = cells[3]
        elif len(cells) == 5:
            assert cells[0] not in found
            found[cells[0]] = [*cells[1:], counted]
    return found


ROWS = rows()


@pytest.fixture(scope="module")
def _running():
    with running_sandbox(approve_after=0, requests_per_second=1000) as running:
        yield running


@pytest.fixture
def play(_running, monkeypatch, connect, tmp_path):
    """Return a function that plays a scenario in an empty sandbox, and returns the stage and what was counted."""
    # Who waits for the answer to half an upload need not do so for minutes.
    monkeypatch.setattr("airflow_provider_whatsapp.client.http.transport.UPLOAD_TIMEOUT", 1)

    def play(scenario, counted):
        requests.post(f"{_running.url}/sandbox/reset", timeout=5).raise_for_status()
        monkeypatch.setenv("AIRFLOW_CONN_MATON_DEFAULT", _running.airflow_connection())
        connect(extra={"rate_limit_storage": "off"})
        with monkeypatch.context() as patch, closing(Stage(_running, connect, tmp_path, patch)) as stage:
            scenario(stage)
        return stage, stage.done(counted)

    return play


def numbers(cell):
    """Return the numbers that a cell such as 'no or 2 requests' leaves open."""
    counted = re.match(r"((?:no|\d+)(?: or \d+)*) requests?", cell)[1]
    return {int(number.replace("no", "0")) for number in counted.split(" or ")}


def seconds(cell):
    """Return the waits that a cell names, such as 'after 1, 2 s'."""
    named = re.search(r"after ([\d, ]+) s", cell)
    return [int(wait) for wait in named[1].split(", ")] if named else []


def test_the_page_and_the_tests_have_the_same_rows():
    """Each row of the page is played below, and nothing else."""
    assert list(ROWS) == list(SCENARIOS)


@pytest.mark.parametrize("when", SCENARIOS)
def test_a_row_is_true(play, when):
    """The fault, in all its variants, ends as the row says: requests, waits, error, and what the sandbox has got."""
    client, task, done, _remedy, counted = ROWS[when]
    played = [play(scenario, counted) for scenario in SCENARIOS[when]]
    assert {f"{stage.task}: `{stage.error}`".removesuffix(": ``") for stage, _ in played} == {task}
    assert {stage.requests for stage, _ in played} == numbers(client)
    assert [stage.waits for stage, _ in played] == [seconds(client)] * len(played)
    assert {number for _, number in played} == {NUMBERS[number] for number in done.split(" or ")}


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)", PAGE.read_text(encoding="utf-8")))
def test_links(target):
    """What the page refers to is there: the other page, and the tests of a real Airflow."""
    assert (PAGE.parent / target).is_file()
