from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from airflow_provider_whatsapp.sandbox import SandboxSettings
from airflow_provider_whatsapp.sandbox.control_routes import router
from airflow_provider_whatsapp.sandbox.messages.recipients import SPECIAL_RECIPIENTS
from airflow_provider_whatsapp.sandbox.settings import (
    API_KEY,
    BUSINESS_ACCOUNT_ID,
    CONNECTION_ID,
    PHONE_NUMBER_ID,
)

DOCS = (Path(__file__).parents[2] / "docs" / "reference" / "sandbox.md").read_text(
    encoding="utf-8"
)


def test_special_recipients():
    """The table of special recipients has the numbers, HTTP statuses and titles of the code."""
    row = re.compile(
        r"^\| \+1 555 0(\d{6}) \| \+1 555 9(\d{6}) \| (\d{3}) \| ([^|]+) \|", re.MULTILINE
    )
    written = [
        (int(rejected), int(failing), int(status), title.strip())
        for rejected, failing, status, title in row.findall(DOCS)
    ]
    assert written == [
        (code, code, special.status, special.title)
        for code, special in SPECIAL_RECIPIENTS.items()
    ]


def test_control_routes():
    """The table has every route of the control API, and no other."""
    written = re.findall(r"^\| `((?:GET|POST|DELETE) /sandbox/\S+)` \|", DOCS, re.MULTILINE)
    assert written == [
        f"{method} {route.path}" for route in router.routes for method in route.methods
    ]


def test_settings():
    """The table has every setting with its default."""
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", DOCS, re.MULTILINE))
    fields = dataclasses.fields(SandboxSettings)
    assert set(rows) == {field.name for field in fields}
    for field in fields:
        if field.name not in ("api_key", "clock"):
            assert rows[field.name].startswith(f"`{field.default}`")


@pytest.mark.parametrize(
    "value", [API_KEY, CONNECTION_ID, BUSINESS_ACCOUNT_ID, PHONE_NUMBER_ID]
)
def test_credentials(value):
    """The credentials are those that the sandbox accepts."""
    assert f"`{value}`" in DOCS
