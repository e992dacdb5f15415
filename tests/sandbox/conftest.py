"""A sandbox in this process, with a clock that tests move."""

from __future__ import annotations

import random
from contextlib import ExitStack

import pytest
from fastapi.testclient import TestClient

from airflow_provider_whatsapp.sandbox import SandboxSettings, create_app
from airflow_provider_whatsapp.sandbox.settings import (
    API_KEY,
    BUSINESS_ACCOUNT_ID,
    PHONE_NUMBER_ID,
)
from tests import builders
from tests.builders import template_content, template_definition, upload_fields

GRAPH = "/whatsapp-business/v25.0"


class Clock:
    """A clock in seconds since the epoch, which stands still until ``tick`` moves it."""

    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        """Return the time."""
        return self.now

    def tick(self, seconds):
        """Move the time forward."""
        self.now += seconds


class Caller(TestClient):
    """A test client that has the key and the paths of the Cloud API."""

    graph = GRAPH
    templates_path = f"{GRAPH}/{BUSINESS_ACCOUNT_ID}/message_templates"
    messages_path = f"{GRAPH}/{PHONE_NUMBER_ID}/messages"
    media_path = f"{GRAPH}/{PHONE_NUMBER_ID}/media"

    def create(self, **changes):
        """Create a template, which has a body with two variables by default."""
        template = template_definition(
            "task_failed", "The task {{1}} of {{2}} has failed.", ("load", "etl")
        )
        return self.post(self.templates_path, json={**template, **changes})

    def create_with(self, *components, **changes):
        """Create a template with these components."""
        return self.create(components=list(components), **changes)

    def set_template_status(self, template_id, status):
        """Change the status of a template."""
        return self.post(
            f"/sandbox/templates/{template_id}/status", json={"status": status}
        )

    def approve(self, created):
        """Approve the template that a call has created, and return its id."""
        assert created.status_code == 200, created.text
        self.set_template_status(created.json()["id"], "APPROVED")
        return created.json()["id"]

    def send_template(self, *components, name="task_failed", **changes):
        """Send a template with these components."""
        template = template_content(name=name, components=list(components))
        return self.message("template", template, **changes)

    def message(self, kind, content, **changes):
        """Send a message of this type."""
        return self.post(
            self.messages_path, json=builders.message(kind, content, **changes)
        )

    def upload(self, content=b"content", mime_type="image/png", **fields):
        """Upload a file."""
        data = upload_fields(mime_type, **fields)
        return self.post(
            self.media_path, data=data, files={"file": ("file.bin", content, mime_type)}
        )


@pytest.fixture(scope="session")
def shared_clock():
    return Clock()


@pytest.fixture(scope="session")
def shared_app(shared_clock):
    """One sandbox for all tests, because creating one takes longer than most tests."""
    return create_app(SandboxSettings(clock=shared_clock, requests_per_second=1000))


@pytest.fixture
def clock(shared_clock):
    shared_clock.now = Clock().now
    return shared_clock


@pytest.fixture
def make_client(clock):
    """Return a function that creates a sandbox with other settings, and returns its client."""
    with ExitStack() as clients:

        def make(**settings):
            app = create_app(
                SandboxSettings(**{"clock": clock, "requests_per_second": 1000, **settings})
            )
            return clients.enter_context(caller(app))

        yield make


@pytest.fixture
def client(shared_app, clock):
    """A client of a sandbox that has just been reset."""
    shared_app.state.sandbox.reset()
    with caller(shared_app) as client:
        yield client


def caller(app):
    return Caller(app, headers={"Authorization": f"Bearer {API_KEY}"})


@pytest.fixture
def read_meta_error():
    """Return a function that returns status, code and subcode of an error by Meta, and checks its other fields."""

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
    """Return a function that replaces parts of a value with junk, the same parts in each run."""
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
