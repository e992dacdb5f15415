"""Three sensors with something to wait for, and Airflow's part in the modes in which they do."""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from airflow import __version__ as airflow_version
from airflow.exceptions import AirflowRescheduleException
from airflow.providers.common.compat.sdk import TaskDeferred

from airflow_provider_whatsapp.hooks.maton import MatonHook
from airflow_provider_whatsapp.operators.messages import SendTextOperator
from airflow_provider_whatsapp.operators.templates import SyncTemplatesOperator
from airflow_provider_whatsapp.sensors.base import PollingSensor
from airflow_provider_whatsapp.sensors.connections import MatonConnectionSensor
from airflow_provider_whatsapp.sensors.messages import MessageStatusSensor
from airflow_provider_whatsapp.sensors.templates import TemplateApprovalSensor
from tests.builders import template_definition
from tests.threads import LIMIT

PHONE = "16505551234"
ON_AIRFLOW_2 = airflow_version.startswith("2.")
TIMED_OUT = "Trigger/execution timeout" if ON_AIRFLOW_2 else "Trigger timeout"
MODES = {
    "poke": {},
    "reschedule": {"mode": "reschedule"},
    "deferrable": {"deferrable": True},
}


class Waiting(NamedTuple):
    """A sensor that has something to wait for, and how the wait can end."""

    sensor: Callable[..., PollingSensor]
    finish: Callable[[], None]
    reject: Callable[[], None]
    looks_at: str
    bad: dict[str, Any]


def _sensor_of(kind, **given):
    return lambda **arguments: kind(
        task_id="wait", **{"poke_interval": 0.01, "timeout": LIMIT, **given, **arguments}
    )


@pytest.fixture
def of_template(undecided_sandbox):
    """A template in review."""
    report = SyncTemplatesOperator(
        task_id="sync", templates=[template_definition()]
    ).execute({})
    (template,) = report["created"]
    set_status = functools.partial(
        undecided_sandbox.set_template_status, template_id=template["id"]
    )
    return Waiting(
        _sensor_of(TemplateApprovalSensor, template_name="order_shipped"),
        lambda: set_status(status="APPROVED"),
        lambda: set_status(status="REJECTED", reason="SCAM"),
        "/message_templates$",
        {"template_name": "Order Shipped"},
    )


@pytest.fixture
def message_id(undecided_sandbox):
    """The id of a message that is SENT."""
    return SendTextOperator(task_id="send", to=PHONE, body="Hello Ada").execute({})[
        "message_id"
    ]


@pytest.fixture
def of_message(undecided_sandbox, message_id):
    """A message on its way."""
    set_status = functools.partial(
        undecided_sandbox.set_message_status, message_id=message_id
    )
    return Waiting(
        _sensor_of(MessageStatusSensor, message_id=message_id),
        lambda: set_status(status="DELIVERED"),
        lambda: set_status(status="FAILED", code=131026),
        "/message_history$",
        {"message_id": PHONE},
    )


@pytest.fixture
def pending(undecided_sandbox):
    """A Maton connection that waits for a person to finish it."""
    return MatonHook().client.connections.create()


@pytest.fixture
def of_connection(undecided_sandbox, pending):
    """A Maton connection that is not finished."""
    set_status = functools.partial(
        undecided_sandbox.set_connection_status, connection_id=pending.connection_id
    )
    return Waiting(
        _sensor_of(MatonConnectionSensor, maton_connection_id=pending.connection_id),
        lambda: set_status(status="ACTIVE"),
        lambda: set_status(status="FAILED"),
        "/connections/",
        {"maton_connection_id": "../settings"},
    )


@pytest.fixture(params=["template", "message", "connection"])
def waiting(request):
    """Each sensor."""
    return request.getfixturevalue(f"of_{request.param}")


@pytest.fixture
def polls(undecided_sandbox):
    """Return a function that counts the calls since the test has begun."""
    before = len(undecided_sandbox.requests())
    return lambda: len(undecided_sandbox.requests()) - before


@pytest.fixture
def logged(caplog, capfd):
    """Return a function that returns what was logged, in any place where this Airflow writes it."""
    caplog.set_level(logging.INFO)
    return lambda: caplog.text + "".join(capfd.readouterr())


@pytest.fixture(params=MODES)
def mode(request):
    """Each mode."""
    if request.param == "reschedule" and ON_AIRFLOW_2:
        pytest.skip("Airflow 2 asks its database when the wait began")
    return request.param


@pytest.fixture
def wait(mode, polls):
    """
    Return a function that lets a sensor wait to its end, as Airflow does in this mode.

    ``then`` is called when the sensor has polled three times and waits on.
    """

    def run(make, *, then=None, **arguments):
        before, ended = polls(), threading.Event()

        def interfere():
            while not ended.is_set() and polls() - before < 3:
                time.sleep(0.005)
            assert not ended.is_set(), "it did not wait"
            then()

        # Airflow 2 lets a task run in the main thread only.
        with ThreadPoolExecutor(1) as pool:
            interference = pool.submit(interfere) if then else None
            try:
                return _to_its_end(lambda: make(**MODES[mode], **arguments))
            finally:
                ended.set()
                if interference:
                    interference.result()

    return run


def _to_its_end(make):
    began = datetime.now(UTC)
    context = {"ti": SimpleNamespace(get_first_reschedule_date=lambda context: began)}
    while True:
        try:
            return make().execute(context)
        except AirflowRescheduleException:
            continue  # with another object, as in another process
        except TaskDeferred as deferred:
            found = asyncio.run(_fired(deferred))
            method = "__fail__" if "error" in found else deferred.method_name
            return make().resume_execution(method, found, context)


async def _fired(deferred):
    stored = json.loads(json.dumps(deferred.trigger.serialize()[1]))
    trigger = type(deferred.trigger)(**stored)
    try:
        async with asyncio.timeout(deferred.timeout.total_seconds()):
            (event,) = [event.payload async for event in trigger.run()]
            return {"event": event}
    except TimeoutError:
        return {"error": TIMED_OUT}
