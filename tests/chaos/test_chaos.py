"""
Thousands of sends through a gateway that misbehaves, by workers that die, or are struck by errors of others.

All chances come from a seed. ``CHAOS_SEED=7 CHAOS_SENDS=20000`` in the environment make it another and a longer run.
"""

from __future__ import annotations

import json
import logging
import os
import random
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from airflow.providers.common.compat.sdk import AirflowTaskTimeout, BaseOperator

from airflow_provider_whatsapp.client.api import Api
from airflow_provider_whatsapp.client.http.transport import Transport
from airflow_provider_whatsapp.operators.messages import (
    SendTemplateOperator,
    SendTextOperator,
)
from tests.chaos import faults, tasks
from tests.chaos.faults import Meaning
from tests.chaos.gateway import Gateway

SEED = int(os.environ.get("CHAOS_SEED", "1"))
SENDS = int(os.environ.get("CHAOS_SENDS", "2000"))
THREADS = 24
TRIES = 4
STEPS = 8  # as many as most tries take


class Terminated(BaseException):
    """Stands for what Airflow 2 raises in a task that gets a SIGTERM."""


# A worker is killed, or an error of another program is raised in it.
ENDS = (
    None,
    None,
    Terminated,
    KeyboardInterrupt,
    AirflowTaskTimeout,
    MemoryError,
    OverflowError,
)


@pytest.fixture
def gateway():
    running = Gateway(SEED)
    yield running
    running.stop()


@pytest.fixture
def connections(gateway, monkeypatch):
    """Two Airflow connections, to the gateway and to a port without a server."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and does not listen
        urls = {
            "maton_default": gateway.url,
            "maton_nowhere": f"http://127.0.0.1:{bound.getsockname()[1]}",
        }
        for name, url in urls.items():
            # Only silence takes as long, or a very busy machine.
            extra = {"timeout": 6, "rate_limit_storage": "off"}
            connection = {
                "conn_type": "maton",
                "password": "key",
                "host": url,
                "extra": extra,
            }
            monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(connection))
        yield


@pytest.fixture
def mortals(monkeypatch):
    """Waits are a thousandth as long, and a worker can die in them, before a request and after its response."""
    send = Transport.send

    def mortal_send(self, request, call):
        tasks.here.worker.step("send")
        try:
            return send(self, request, call)
        finally:
            tasks.here.worker.step("has sent")

    def short_sleep(seconds):
        tasks.here.worker.step("wait")
        time.sleep(seconds / 1000)

    monkeypatch.setattr(Transport, "send", mortal_send)
    monkeypatch.setitem(Api.__init__.__kwdefaults__, "sleep", short_sleep)


class Task:
    """One task, all of whose chances come from the seed."""

    def __init__(self, number):
        self.key = str(10_000_000 + number)
        self.chance = random.Random(f"{SEED} task {number}")  # noqa: S311 - to be repeatable
        self.routes = self.chance.choices(
            ["maton_default", "maton_nowhere"], weights=[19, 1], k=TRIES
        )
        # All but the last one, of which there would be nothing to tell.
        tries = [number for number in range(1, TRIES) if self.chance.random() < 0.3]
        self.ends = {
            number: (self.chance.randrange(STEPS), self.chance.choice(ENDS))
            for number in tries
        }

    def run(self):
        """Run it to its end."""
        self.ended = tasks.run(
            [self.operator(route) for route in self.routes], ends=self.ends
        )

    def operator(self, route):
        """Return the task as one try sees it."""
        kind, content = SendTextOperator, {"body": "Your order has shipped."}
        if int(self.key) % 4 == 0:
            kind, content = (
                SendTemplateOperator,
                {"template_name": "order_shipped", "body_parameters": ["Ada"]},
            )
        return kind(
            task_id="send",
            to=f"+1 650 {self.key}",
            retries=TRIES - 1,
            phone_number_id=self.key,
            biz_opaque_callback_data=self.key,
            maton_conn_id=route,
            **content,
        )

    @property
    def is_in_doubt(self):
        """Whether an earlier try has left the intent to send behind, and no outcome."""
        return any(worker.kept == "sending" for worker in self.ended.before)

    @property
    def was_struck(self):
        """Whether an error of others came while the message was on its way."""
        return self.ended.last.struck in ("send", "has sent")

    @property
    def was_not_kept(self):
        """Whether a signal came when the response was to be kept; an error of the store is ignored then."""
        worker = self.ended.last
        return (
            worker.kind == "signal"
            and worker.struck in ("set", "has set")
            and "has sent" in worker.taken
        )


def as_main_thread():
    """Let operators run in this thread: Airflow 2 makes its note of who may call them in the main one only."""
    guard = sys.modules[BaseOperator.__module__].ExecutorSafeguard
    if note := getattr(guard, "_sentinel", None):
        note.callers = {}


def expected(task, gateway):
    """Return error class, whether it ends the task at once, and the message's id, as the request log has it."""
    last = gateway.request_log[task.key][-1:]
    if task.is_in_doubt or task.was_struck or (last and last[0].meaning is Meaning.LOST):
        return "OutcomeUnknownError", True, None
    if last and last[0].meaning is Meaning.SENT and task.was_not_kept:
        return "WhatsAppError", True, None
    if last and last[0].meaning is Meaning.SENT:
        return "", False, gateway.message_id(task.key)
    if last and last[0].meaning is Meaning.REJECTED:
        return last[0].error, True, None
    is_away = task.routes[-1] == "maton_nowhere" or not last
    return "TransportError" if is_away else last[0].error, False, None


def problems(task, gateway):
    """Say what is wrong with the end of a task."""
    ended, treated = task.ended, gateway.request_log[task.key]
    found = (ended.error, ended.at_once, ended.result and ended.result["message_id"])
    if gateway.accepted[task.key] > 1:
        yield f"accepted {gateway.accepted[task.key]} times"
    if ended.result and not gateway.accepted[task.key]:
        yield "succeeded without having been accepted"
    if found != expected(task, gateway):
        yield f"ended with {found} instead of {expected(task, gateway)}"
    if not (ended.result or ended.at_once or ended.tries == TRIES):
        yield f"gave up after {ended.tries} tries"
    if any(fault.meaning in (Meaning.SENT, Meaning.LOST) for fault in treated[:-1]):
        yield "was sent again after it was, or may have been, accepted"


@pytest.mark.usefixtures("connections", "mortals")
def test_chaos(gateway, caplog):
    """No message is accepted twice, and each task ends as the gateway's request log says."""
    caplog.set_level(logging.CRITICAL, "airflow_provider_whatsapp")
    sends = [Task(number) for number in range(SENDS)]
    # The first use of Airflow 2's models imports them. Threads that do so together can wait for each other without end.
    sends[0].run()
    with ThreadPoolExecutor(THREADS, initializer=as_main_thread) as threads:
        list(threads.map(Task.run, sends[1:]))
    wrong = {
        task.key: (
            found,
            [fault.name for fault in gateway.request_log[task.key]],
            task.ends,
        )
        for task in sends
        if (found := list(problems(task, gateway)))
    }
    assert not wrong, (
        f"CHAOS_SEED={SEED}: {len(wrong)} of {SENDS} tasks, such as {list(wrong.items())[:5]}"
    )
    met = {fault.name for treated in gateway.request_log.values() for fault in treated}
    assert SENDS < 2000 or met == {fault.name for fault in faults.ALL}, (
        "a fault was not met"
    )
    struck = {
        (worker.struck, worker.kind)
        for task in sends
        for worker in [*task.ended.before, task.ended.last]
    }
    places = ("get", "set", "has set", "send", "has sent", "wait", "tell Airflow")
    wanted = {(place, kind) for place in places for kind in ("kill", "signal", "error")}
    assert SENDS < 2000 or struck >= wanted, "nothing was ended there"
