"""A sandbox in this process, with a clock that only moves when told."""

from __future__ import annotations

import random
from contextlib import ExitStack

import pytest
from fastapi.testclient import TestClient

from airflow_provider_whatsapp.sandbox import SandboxSettings, create_app
from airflow_provider_whatsapp.sandbox.settings import API_KEY, BUSINESS_ACCOUNT_ID, PHONE_NUMBER_ID

GRAPH = "/whatsapp-business/v25.0"


class Clock:
    """Seconds since the epoch; ``tick`` moves it on."""

    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        """Tell the time."""
        return self.now

    def tick(self, seconds):
        """Let time go by."""
        self.now += seconds


class Caller(TestClient):
    """A test client that holds the key and knows the paths."""

    graph = GRAPH
    templates_path = f"{GRAPH}/{BUSINESS_ACCOUNT_ID}/message_templates"
    messages_path = f"{GRAPH}/{PHONE_NUMBER_ID}/messages"
    media_path = f"{GRAPH}/{PHONE_NUMBER_ID}/media"

    def create(self, **changes):
        """Create a template: a body with two variables, unless told otherwise."""
        template = {
            "name": "task_failed",
            "language": "en_US",
            "category": "UTILITY",
            "components": [
                {
                    "type": "BODY",
                    "text": "The task {{1}} of {{2}} has failed.",
                    "example": {"body_text": [["load", "etl"]]},
                }
            ],
        }
        return self.post(self.templates_path, json={**template, **changes})

    def create_with(self, *components, **changes):
        """Create a template with these components."""
        return self.create(components=list(components), **changes)

    def decide(self, template_id, status):
        """Put a template into a status."""
        return self.post(f"/sandbox/templates/{template_id}/decision", json={"status": status})

    def approve(self, created):
        """Approve what a call has just created, and return its id."""
        assert created.status_code == 200, created.text
        self.decide(created.json()["id"], "APPROVED")
        return created.json()["id"]

    def send_template(self, *components, name="task_failed", **changes):
        """Send a template with these components."""
        template = {"name": name, "language": {"code": "en_US"}, "components": list(components)}
        body = {"messaging_product": "whatsapp", "to": "16505551234", "type": "template", "template": template}
        return self.post(self.messages_path, json={**body, **changes})

    def message(self, kind, content, **changes):
        """Send a message of this type."""
        body = {"messaging_product": "whatsapp", "to": "16505551234", "type": kind, kind: content}
        return self.post(self.messages_path, json={**body, **changes})

    def upload(self, content=b"content", mime_type="image/png", **fields):
        """Upload a file."""
        data = {"messaging_product": "whatsapp", "type": mime_type, **fields}
        return self.post(self.media_path, data=data, files={"file": ("file.bin", content, mime_type)})


@pytest.fixture(scope="session")
def shared_clock():
    return Clock()


@pytest.fixture(scope="session")
def shared_app(shared_clock):
    """A sandbox that the tests take in turns, because making one takes longer than most of them."""
    return create_app(SandboxSettings(clock=shared_clock, requests_per_second=1000))


@pytest.fixture
def clock(shared_clock):
    shared_clock.now = Clock().now
    return shared_clock


@pytest.fixture
def make_client(clock):
    """Return a function that makes a client of another sandbox, with settings of its own."""
    with ExitStack() as clients:

        def make(**settings):
            app = create_app(SandboxSettings(**{"clock": clock, "requests_per_second": 1000, **settings}))
            return clients.enter_context(caller(app))

        yield make


@pytest.fixture
def client(shared_app, clock):
    """A client of a sandbox in which nothing has happened yet."""
    shared_app.state.sandbox.reset()
    with caller(shared_app) as client:
        yield client


def caller(app):
    return Caller(app, headers={"Authorization": f"Bearer {API_KEY}"})


@pytest.fixture
def refusal():
    """Return a function that reads status, code and subcode of a refusal by Meta, after checking its shape."""

    def read(response):
        error = response.json()["error"]
        assert error["type"] == "OAuthException"
        assert error["fbtrace_id"]
        assert error["message"]
        return response.status_code, error["code"], error.get("error_subcode")

    return read


JUNK = [None, 0, "", "x", [], {}, [None], [[]], {"type": 1}, True, "{{1}}"]


@pytest.fixture
def junk():
    """Return a function that replaces parts of a value by junk, the same ones in each run."""
    chance = random.Random(1)  # noqa: S311 - repeatable, not secret

    def spoiled(value):
        if chance.random() < 0.08:
            return chance.choice(JUNK)
        if isinstance(value, dict):
            return {key: spoiled(part) for key, part in value.items()}
        if isinstance(value, list):
            return [spoiled(part) for part in value]
        return value

    return spoiled
