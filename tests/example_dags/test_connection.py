"""The example that makes a connection, with a person who opens the page that it waits for."""

import pytest
import requests
from airflow import __version__ as airflow_version

from tests.threads import LIMIT

pytestmark = pytest.mark.skipif(
    airflow_version.startswith("2."), reason="the examples are written for Airflow 3"
)


@pytest.fixture
def maton(sandbox):
    """Return a function that calls the control plane as a person who has the key."""
    headers = {"Authorization": f"Bearer {sandbox.api_key}"}

    def call(method, path, **body):
        return requests.request(
            method, f"{sandbox.url}/{path}", headers=headers, json=body, timeout=LIMIT
        ).json()

    return call


@pytest.fixture
def failed(sandbox, maton):
    """The id of a connection whose OAuth has failed."""
    made = maton("POST", "connections", app="whatsapp-business")["connection"][
        "connection_id"
    ]
    sandbox.set_connection_status(connection_id=made, status="FAILED")
    return made


@pytest.fixture
def opened(maton, calls, once):
    """The pages that a person opens: that of the new connection, once its trigger waits for it."""
    pages = []

    def waited_for():
        # The sensor makes the first poll, and its trigger the second.
        pending = maton("GET", "connections?status=PENDING")["connections"]
        return [
            found["url"]
            for found in pending
            if calls().count(("GET", found["connection_id"])) > 1
        ]

    def open_them():
        pages.extend(waited_for())
        for page in pages:
            requests.get(page, timeout=LIMIT).raise_for_status()

    once(waited_for, open_them)
    return pages


def test_connection(failed, opened, run, sandbox, maton, caplog, capfd):
    """The failed connection goes, the new one is ACTIVE when its page was opened, and the business introduced."""
    ended = run("example_whatsapp_connection", about="We send reports")
    assert (ended.state, set(ended.tasks.values())) == ("success", {"success"})
    made = ended.xcom("begin")
    listed = {
        found["connection_id"]: found["status"]
        for found in maton("GET", "connections")["connections"]
    }
    assert listed == {sandbox.connection_id: "ACTIVE", made: "ACTIVE"}
    (number,) = ended.xcom("list_phone_numbers")
    assert number["phone_number_id"] == sandbox.phone_number_id
    assert ended.xcom("check")["about"] == "We send reports"
    log = caplog.text + "".join(capfd.readouterr())
    assert made in log
    (token,) = [page.partition("session_token=")[2] for page in opened]
    assert token
    assert token not in log + str([ended.xcom(task) for task in ended.tasks])
