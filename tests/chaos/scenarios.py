"""
The faults of the page 'What happens when…': what comes of each, and how it is played in all its variants.

``scripts/what_happens.py`` writes the tables of the page from these rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import pytest
from airflow.providers.common.compat.sdk import AirflowTaskTimeout

from airflow_provider_whatsapp.hooks.maton import MatonHook
from airflow_provider_whatsapp.operators.media import UploadMediaOperator
from airflow_provider_whatsapp.operators.messages import (
    SendMediaOperator,
    SendTemplateOperator,
)
from airflow_provider_whatsapp.operators.templates import SyncTemplatesOperator
from tests.builders import template_definition
from tests.chaos.faults import HTML, response
from tests.chaos.stage import (
    ACCEPTED,
    BEFORE,
    INTENT_KEPT,
    OUTCOME_KEPT,
    RETRIES,
    TO,
    WAITING,
    text,
)

CLOSED = "15550131047"
LOST = "drop_after"  # the response, after the request was carried out
CLEARED = RETRIES + 1  # the max_tries of a task that is cleared after, or in, its first try
FALLBACK = {"template_name": "order_shipped", "body_parameters": ["Ada"]}


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """
    One fault: what the client and the task do about it, how often it is done in the end, and what a person does.

    :param task: how the last try ends.
    :param error: the class of the error that ends it.
    :param requests: how many requests leave in all tries together; several numbers leave it open.
    :param waits: seconds between the client's own attempts.
    :param done: how often the message is sent, or the file or template made; several numbers leave it open.
    :param todo: what the reader of the page does.
    :param plays: each makes the fault happen on a stage, in one of its variants.
    """

    when: str
    task: Literal["succeeds", "is retried", "fails at once", "is skipped"]
    error: str = ""
    requests: tuple[int, ...] = (1,)
    waits: tuple[int, ...] = ()
    done: tuple[int, ...]
    todo: str = "Nothing."
    plays: tuple[Callable[[Any], object], ...]


class Table(NamedTuple):
    """Scenarios that share a table of the page, and what its column ``done`` counts."""

    counted: Literal["sent", "uploaded", "created"]
    scenarios: tuple[Scenario, ...]


def forget(stage):
    """Let what was only a preparation not count."""
    stage.requests = 0
    stage.waits.clear()


def one(stage, **arguments):
    """Run one try of a task that sends a text."""
    stage.try_(text(**arguments))


def template(stage, name="order_shipped", **arguments):
    stage.try_(SendTemplateOperator(task_id="send", to=TO, template_name=name, **arguments))


def file(stage, size=100):
    path = stage.folder / "report.txt"
    path.write_bytes(b"x" * size)
    return path


def upload(stage, number=1):
    stage.try_(UploadMediaOperator(task_id="upload", file=file(stage)), number)


def media(stage, number=1, to=TO):
    stage.try_(
        SendMediaOperator(task_id="send", to=to, file=file(stage), retries=RETRIES), number
    )


def sync(stage, number=1):
    stage.try_(
        SyncTemplatesOperator(task_id="sync", templates=[template_definition()]), number
    )


def unreadable(name, content):
    """Sync the templates of a file that is wrong."""

    def play(stage):
        path = stage.folder / name
        path.write_bytes(content)
        stage.try_(SyncTemplatesOperator(task_id="sync", templates=str(path)))

    return play


def unusable(*changes):
    return tuple(
        lambda stage, change=change: (stage.connect(**change), one(stage))
        for change in changes
    )


def nowhere(stage):
    stage.connect(host="http://127.0.0.1:1")
    one(stage)


def refused_by_a_proxy(*responses):
    return tuple(
        lambda stage, said=said: (
            stage.connect(
                host="https://127.0.0.1:1", extra={"proxy": stage.respond_with(said)}
            ),
            one(stage),
        )
        for said in responses
    )


def without_tls(stage):
    stage.connect(host=stage.respond_with(response(400, b"")).replace("http:", "https:"))
    one(stage)


def fill_slots(stage, seconds):
    """Let the next call of the account wait for a slot."""
    stage.connect(extra={"rate_limit_storage": "", "requests_per_second": 1 / seconds})
    MatonHook().client.phone_numbers.get()
    forget(stage)


def without_redis(stage):
    pytest.importorskip("redis")
    stage.connect(extra={"rate_limit_storage": "redis://127.0.0.1:1/0"})
    one(stage)


def without_record(stage, *, after):
    """Airflow's API fails after so many writes: the first is the intent, the second the outcome."""
    left = [None] * after

    def keep(key, value, *, retention=None):
        if not left:
            raise ConnectionError("the API server is away")
        left.pop()

    stage.try_(text(), store_set=keep)


def rejected(*codes, status=400):
    return tuple(
        lambda stage, code=code: (stage.reject(code, status), one(stage)) for code in codes
    )


def throttled(times=9, **headers):
    def play(stage):
        stage.fault(status=429, body={"error": {"code": 429}}, headers=headers, times=times)
        one(stage)

    return play


def lost(*behaviours, **arguments):
    return tuple(
        lambda stage, how=how: (stage.fault(behaviour=how), one(stage, **arguments))
        for how in behaviours
    )


def silent(behaviour, **more):
    def play(stage):
        stage.connect(extra={"timeout": 0.4})
        stage.fault(behaviour=behaviour, **more)
        one(stage)

    return play


def odd(*responses):
    """Each of these responses, to a request that was carried out, and to one that was not."""
    return tuple(
        lambda stage, said=said, is_accepted=is_accepted: (
            stage.connect(host=stage.respond_with(said, is_accepted=is_accepted)),
            one(stage),
        )
        for said in responses
        for is_accepted in (False, True)
    )


def killed(*points, max_tries=RETRIES, has_store=True, **arguments):
    """The worker dies at a point of its first try, and Airflow runs another."""

    def play(stage, point):
        stage.try_(text(**arguments), steps=point, has_store=has_store)
        stage.try_(text(**arguments), 2, max_tries=max_tries, has_store=has_store)

    return tuple(lambda stage, point=point: play(stage, point) for point in points)


def killed_in_a_wait(stage):
    stage.fault(status=429, times=1)
    stage.try_(text(), steps=WAITING)
    stage.try_(text(), 2)


class Terminated(BaseException):
    """Stands for what Airflow 2 raises in a task that gets a SIGTERM."""


def ended_by(*strangers, moments, has_store=True):
    """Something else ends the first try at a moment of it, and Airflow runs another if the task is retried."""

    def play(stage, moment, stranger):
        def end():
            setattr(stage, moment, lambda: None)
            raise stranger("of another program")

        setattr(stage, moment, end)
        stage.try_(text(), has_store=has_store)
        if stage.task != "is retried":
            return
        stage.connect(extra={"rate_limit_storage": "off"})
        stage.try_(text(), 2, has_store=has_store)

    return tuple(
        lambda stage, moment=moment, stranger=stranger: play(stage, moment, stranger)
        for moment in moments
        for stranger in strangers
    )


def timed_out(*moments, has_store=True):
    return ended_by(AirflowTaskTimeout, moments=moments, has_store=has_store)


def ended_before_it_is_kept(stage):
    """A signal comes when the outcome is to be kept."""

    def keep(key, value, *, retention=None):
        if value["state"] == "sent":
            raise Terminated
        stage.kept[key] = json.dumps(value)

    stage.try_(text(), store_set=keep)


def held(status, **arguments):
    """Meta accepts a message, and says that it holds it."""
    message = {"id": "wamid.1", "message_status": status}
    said = response(200, {"messages": [message], "contacts": {"wa_id": 16505551234}})

    def play(stage):
        stage.connect(host=stage.respond_with(said, is_accepted=True))
        one(stage, **arguments)

    return play


def dripping(stage, *, is_accepted):
    """The response comes one byte at a time, each within the timeout."""
    said = response(200, {"messages": [{"id": "wamid.1"}]})
    stage.connect(
        host=stage.respond_with(said, is_accepted=is_accepted, pause=0.05),
        extra={"timeout": 0.2},
    )
    one(stage)


def cleared(stage, behaviour=None):
    if behaviour:
        stage.fault(behaviour=behaviour)
    stage.try_(text())
    stage.try_(text(), 2, max_tries=CLEARED)


def again(second=text, *, has_store=True, **connection):
    """A try that has sent and whose end Airflow did not hear of, and another one."""

    def play(stage):
        stage.try_(text(), has_store=has_store)
        stage.connect(**connection)
        stage.try_(second(), 2, has_store=has_store)

    return play


def edited(stage):
    stage.try_(text())
    stage.kept = dict.fromkeys(stage.kept, '{"state": "sent"}')
    stage.try_(text(), 2)


def changed_file(stage, size):
    path = file(stage)
    stage.connect(extra={"timeout": 1})
    stage.before_send = lambda: path.write_bytes(b"y" * size)
    stage.try_(UploadMediaOperator(task_id="upload", file=path))


def lost_file(stage):
    path = file(stage)

    def send(number):  # Airflow makes the operator anew in each try
        stage.try_(
            SendMediaOperator(task_id="send", to=TO, file=path, retries=RETRIES), number
        )

    send(1)
    path.unlink()
    send(2)


BEFORE_SENDING = (
    Scenario(
        when="an argument breaks a limit or a format",
        task="fails at once",
        error="InvalidRequestError",
        requests=(0,),
        done=(0,),
        todo="Follow the error: it names the field, the rule and the remedy.",
        plays=(lambda stage: one(stage, body="x" * 4097),),
    ),
    Scenario(
        when="`to` cannot be one number: a float, two numbers, a list",
        task="fails at once",
        error="InvalidRequestError",
        requests=(0,),
        done=(0,),
        todo="Follow the error: it names the likely cause. For several people, map the task: `.expand(to=[...])`.",
        plays=tuple(
            lambda stage, to=to: one(stage, to=to)
            for to in (
                491601234567.0,
                "491601234567.0",
                "5551234 5555678",
                "['+491601234567']",
                ["+491601234567"],
            )
        ),
    ),
    Scenario(
        when="libphonenumber calls the number invalid",
        task="succeeds",
        done=(1,),
        todo="Read the warning in the log: it says how the number was read. Write it as `+<country code><number>`.",
        plays=(
            lambda stage: one(stage, to="650 555 1234"),
            lambda stage: one(stage, to="1234567890"),
        ),
    ),
    Scenario(
        when='libphonenumber calls the number invalid, with `check_numbers="fail"`',
        task="fails at once",
        error="InvalidRequestError",
        requests=(0,),
        done=(0,),
        todo="Write the number as `+<country code><number>`.",
        plays=(
            lambda stage: (
                stage.connect(extra={"check_numbers": "fail"}),
                one(stage, to="650 555 1234"),
            ),
        ),
    ),
    Scenario(
        when="`to` is a national number",
        task="fails at once",
        error="InvalidRequestError",
        requests=(0,),
        done=(0,),
        todo="Write the country code, or set `default_country` in the connection.",
        plays=(lambda stage: one(stage, to="0160 1234567"),),
    ),
    Scenario(
        when="`to` is a national number, with `default_country`",
        task="succeeds",
        done=(1,),
        plays=(
            lambda stage: (
                stage.connect(extra={"default_country": "DE"}),
                one(stage, to="0160 1234567"),
            ),
        ),
    ),
    Scenario(
        when="a number without + could belong to two countries, with `default_country`",
        task="fails at once",
        error="InvalidRequestError",
        requests=(0,),
        done=(0,),
        todo="Write the number with +.",
        plays=(
            lambda stage: (
                stage.connect(extra={"default_country": "US"}),
                one(stage, to="368 514 7406"),
            ),
        ),
    ),
    Scenario(
        when="the Airflow connection is invalid",
        task="fails at once",
        error="ConfigurationError",
        requests=(0,),
        done=(0,),
        todo=(
            "Correct the field that the error names, such as an unknown extra, `conn_type`, `proxy`, `timeout` "
            "or `host`."
        ),
        plays=unusable(
            {"extra": {"speed": 9}},
            {"extra": {"proxy": "proxy:3128"}},
            {"extra": {"proxy": "http://[proxy"}},
            {"extra": {"timeout": 1e10}},
            {"extra": {"timeout": 0}},
            {"extra": {"requests_per_second": "fast"}},
            {"host": "[::1"},
            {"conn_type": "postgres"},
        ),
    ),
    Scenario(
        when="the client cannot connect to Maton",
        task="is retried",
        error="TransportError",
        requests=(0,),
        waits=(1, 2, 4, 8),
        done=(0,),
        todo="Check host, network and certificates.",
        plays=(nowhere, without_tls),
    ),
    Scenario(
        when="a proxy refuses the connection",
        task="is retried",
        error="TransportError",
        requests=(0,),
        waits=(1, 2, 4, 8),
        done=(0,),
        todo="Check the proxy of the connection or of the environment.",
        plays=refused_by_a_proxy(response(403, b""), b""),
    ),
    Scenario(
        when="the rate limiter's next slot is more than 5 minutes away",
        task="is retried",
        error="RateLimitedError",
        requests=(0,),
        done=(0,),
        todo="Send fewer messages at once, for example with an Airflow pool.",
        plays=(lambda stage: (fill_slots(stage, 1000), one(stage)),),
    ),
    Scenario(
        when="Redis, which shares the rate limit, is down",
        task="succeeds",
        done=(1,),
        todo="Restart Redis. The log has a warning: for a minute this process keeps its own rate limit.",
        plays=(without_redis,),
    ),
    Scenario(
        when="Airflow's API cannot store that a send begins",
        task="is retried",
        requests=(0,),
        done=(0,),
        todo="Read Airflow's log. If Airflow did store it, the retry finds the outcome unknown.",
        plays=(lambda stage: without_record(stage, after=0),),
    ),
)
REJECTIONS = (
    Scenario(
        when="the gateway responds 429 each time",
        task="is retried",
        error="RateLimitedError",
        requests=(5,),
        waits=(1, 2, 4, 8),
        done=(0,),
        todo="Share the rate limit with `rate_limit_storage`, or lower `requests_per_second`.",
        plays=(throttled(),),
    ),
    Scenario(
        when="the gateway responds 429 with `Retry-After: 7` each time",
        task="is retried",
        error="RateLimitedError",
        requests=(5,),
        waits=(7, 7, 7, 7),
        done=(0,),
        todo="Share the rate limit with `rate_limit_storage`, or lower `requests_per_second`.",
        plays=(throttled(**{"Retry-After": "7"}),),
    ),
    Scenario(
        when="the gateway responds 429 once",
        task="succeeds",
        requests=(2,),
        waits=(1,),
        done=(1,),
        todo="Nothing. All users of the account pause as well.",
        plays=(throttled(times=1),),
    ),
    Scenario(
        when="the number sends too fast (130429)",
        task="is retried",
        error="RateLimitedError",
        requests=(5,),
        waits=(1, 2, 4, 8),
        done=(0,),
        todo="Spread the sends out.",
        plays=rejected(130429),
    ),
    Scenario(
        when="the app or account makes too many calls (4, 17, 613, 80007)",
        task="is retried",
        error="RateLimitedError",
        requests=(3,),
        waits=(30, 60),
        done=(0,),
        todo="Spread the calls out, and set a long `retry_delay`.",
        plays=rejected(4, 17, 613, 80007),
    ),
    Scenario(
        when="one person gets too many messages (131056)",
        task="is retried",
        error="RateLimitedError",
        requests=(4,),
        waits=(4, 16, 64),
        done=(0,),
        todo="Send this person at most one message every 6 seconds.",
        plays=rejected(131056),
    ),
    Scenario(
        when="Meta sets a limit that lasts hours or days (131048, 131064)",
        task="fails at once",
        error="RateLimitedError",
        done=(0,),
        todo="Read the notice in WhatsApp Manager.",
        plays=rejected(131048, 131064),
    ),
    Scenario(
        when="Meta has an outage (2, 131016, 133004)",
        task="is retried",
        error="TransientError",
        requests=(5,),
        waits=(1, 2, 4, 8),
        done=(0,),
        todo="Check metastatus.com/whatsapp-business-api.",
        plays=rejected(2, 131016, 133004, status=503),
    ),
    Scenario(
        when="Meta reports that something went wrong (131000)",
        task="is retried",
        error="TransientError",
        requests=(3,),
        waits=(1, 2),
        done=(0,),
        todo="If it lasts, give Meta's support the `fbtrace_id`.",
        plays=rejected(131000, status=500),
    ),
    Scenario(
        when="the account is in maintenance (131057)",
        task="is retried",
        error="TransientError",
        requests=(2,),
        waits=(60,),
        done=(0,),
        todo="Set `retry_delay` to some minutes.",
        plays=rejected(131057, status=500),
    ),
    Scenario(
        when="the response says `success: false`",
        task="is retried",
        error="BadRequestError",
        done=(0,),
        todo="If it lasts, check WhatsApp Manager.",
        plays=(
            lambda stage: (stage.fault(status=200, body={"success": False}), one(stage)),
        ),
    ),
    Scenario(
        when="WhatsApp cannot reach this person (131026)",
        task="fails at once",
        error="RecipientError",
        done=(0,),
        todo="Remove the person from the list. Map one task to each person.",
        plays=(lambda stage: one(stage, to="15550131026"),),
    ),
    Scenario(
        when="Meta limits marketing to this person (131049)",
        task="fails at once",
        error="RecipientError",
        done=(0,),
        todo="Wait at least a day.",
        plays=rejected(131049),
    ),
    Scenario(
        when="the 24-hour window is closed",
        task="fails at once",
        error="RecipientError",
        done=(0,),
        todo="Send a template, or name one in `fallback_template`.",
        plays=(lambda stage: one(stage, to=CLOSED),),
    ),
    Scenario(
        when="the 24-hour window is closed, with `fallback_template`",
        task="succeeds",
        requests=(2,),
        done=(1,),
        todo="Nothing. `used_fallback` in XCom is true.",
        plays=(
            lambda stage: (
                sync(stage),
                forget(stage),
                one(stage, to=CLOSED, fallback_template=FALLBACK),
            ),
        ),
    ),
    Scenario(
        when="Meta rejects the fallback template as well",
        task="fails at once",
        error="TemplateError",
        requests=(2,),
        done=(0,),
        todo="Correct the template.",
        plays=(lambda stage: one(stage, to=CLOSED, fallback_template=FALLBACK),),
    ),
    Scenario(
        when="the template is missing or paused, or its parameters are wrong",
        task="fails at once",
        error="TemplateError",
        done=(0,),
        todo="Sync the template, and wait with `TemplateApprovalSensor`.",
        plays=(
            template,
            lambda stage: (sync(stage), forget(stage), template(stage)),
            lambda stage: (stage.reject(132015), template(stage)),
        ),
    ),
    Scenario(
        when="the Maton key is wrong",
        task="fails at once",
        error="AuthenticationError",
        done=(0,),
        todo="Put a valid key into the password of the connection.",
        plays=(lambda stage: (stage.connect(password="other"), one(stage)),),
    ),
    Scenario(
        when="the WhatsApp grant has ended (190)",
        task="fails at once",
        error="AuthenticationError",
        done=(0,),
        todo="Reconnect WhatsApp Business at maton.ai/connections.",
        plays=rejected(190, status=401),
    ),
    Scenario(
        when="the account is locked or unpaid (131031, 131042)",
        task="fails at once",
        error="AccountError",
        done=(0,),
        todo="Read the notice in WhatsApp Manager.",
        plays=rejected(131031, 131042, status=403),
    ),
    Scenario(
        when="the gateway redirects",
        task="fails at once",
        error="BadRequestError",
        done=(0,),
        todo="Correct `host`. The client does not follow redirects.",
        plays=(
            lambda stage: (
                stage.fault(status=302, headers={"Location": "https://example.com"}),
                one(stage),
            ),
        ),
    ),
)
HELD = (
    Scenario(
        when="Meta holds the message",
        task="succeeds",
        done=(1,),
        todo="Read the warning in the log, and `message_status` in XCom. Meta delivers the message late or never.",
        plays=(held("held_for_quality_assessment"), held("paused")),
    ),
    Scenario(
        when='Meta holds the message, with `on_held="fail"`',
        task="fails at once",
        error="TemplateError",
        done=(1,),
        todo="Check the template's quality in WhatsApp Manager before you clear the task.",
        plays=(held("paused", on_held="fail"),),
    ),
)
LOST_RESPONSES = (
    Scenario(
        when="the connection breaks after the request left",
        task="fails at once",
        error="OutcomeUnknownError",
        done=(0, 1),
        todo="Find out whether it arrived. Clear the task to send it.",
        plays=lost("drop", LOST),
    ),
    Scenario(
        when="no response arrives in time",
        task="fails at once",
        error="OutcomeUnknownError",
        done=(0, 1),
        todo="Find out whether it arrived. Set a longer `timeout` in the connection.",
        plays=(silent("hang"), silent(LOST, seconds=9)),
    ),
    Scenario(
        when="a 500, 502, 503 or 504 arrives without a code of Meta's",
        task="fails at once",
        error="OutcomeUnknownError",
        done=(0, 1),
        todo="Find out whether it arrived. If a 500 lasts, reconnect at maton.ai/connections.",
        plays=odd(*(response(status, b"") for status in (500, 502, 503, 504))),
    ),
    Scenario(
        when="the response is cut off, HTML, or empty",
        task="fails at once",
        error="OutcomeUnknownError",
        done=(0, 1),
        todo="Find out whether it arrived. Clear the task to send it.",
        plays=odd(
            response(200, HTML),
            response(200, b""),
            response(200, b"{}")[:-1],
            b"HTT",
            response(200, {"messages": [{"id": ""}]}),
        ),
    ),
    Scenario(
        when="the response arrives byte by byte",
        task="fails at once",
        error="OutcomeUnknownError",
        done=(0, 1),
        todo=(
            "Find out whether it arrived. A whole response may take four times the `timeout`, "
            "plus a second for each 64 KiB."
        ),
        plays=tuple(
            lambda stage, is_accepted=is_accepted: dripping(stage, is_accepted=is_accepted)
            for is_accepted in (False, True)
        ),
    ),
    Scenario(
        when='the response is lost, with `on_unknown_outcome="resend"`',
        task="succeeds",
        requests=(2,),
        waits=(1,),
        done=(1, 2),
        todo="Nothing. The message arrives at least once.",
        plays=lost("drop", LOST, on_unknown_outcome="resend"),
    ),
    Scenario(
        when='the response is lost each time, with `on_unknown_outcome="resend"`',
        task="is retried",
        error="OutcomeUnknownError",
        requests=(5,),
        waits=(1, 2, 4, 8),
        done=(5,),
        todo="Decide whether the message may arrive that often.",
        plays=(
            lambda stage: (
                stage.fault(behaviour=LOST, times=9),
                one(stage, on_unknown_outcome="resend"),
            ),
        ),
    ),
    Scenario(
        when='the response is lost, with `on_unknown_outcome="skip"`',
        task="is skipped",
        done=(0, 1),
        todo="Read the reason in the log.",
        plays=lost("drop", LOST, on_unknown_outcome="skip"),
    ),
)
INTERRUPTED_TRIES = (
    Scenario(
        when="a kill ends the worker before it sends",
        task="succeeds",
        done=(1,),
        plays=killed(BEFORE),
    ),
    Scenario(
        when="a kill ends the worker while it sends",
        task="fails at once",
        error="OutcomeUnknownError",
        requests=(0, 1),
        done=(0, 1),
        todo="Find out whether it arrived. Clear the task to send it.",
        plays=killed(INTENT_KEPT, ACCEPTED),
    ),
    Scenario(
        when='a kill ends the worker while it sends, with `on_unknown_outcome="resend"`',
        task="succeeds",
        requests=(1, 2),
        done=(1, 2),
        todo="Nothing. The message arrives at least once.",
        plays=killed(INTENT_KEPT, ACCEPTED, on_unknown_outcome="resend"),
    ),
    Scenario(
        when='a kill ends the worker while it sends, with `on_unknown_outcome="skip"`',
        task="is skipped",
        requests=(0, 1),
        done=(0, 1),
        todo="Read the reason in the log.",
        plays=killed(INTENT_KEPT, ACCEPTED, on_unknown_outcome="skip"),
    ),
    Scenario(
        when="a kill ends the worker while the client waits to retry",
        task="fails at once",
        error="OutcomeUnknownError",
        done=(0,),
        todo="Clear the task. The record cannot tell this from a kill during the send.",
        plays=(killed_in_a_wait,),
    ),
    Scenario(
        when="a kill ends the worker after it stored the outcome",
        task="succeeds",
        done=(1,),
        todo="Nothing. The retry returns the first result.",
        plays=killed(OUTCOME_KEPT),
    ),
    Scenario(
        when="a callback or XCom fails after the send",
        task="succeeds",
        done=(1,),
        todo="Nothing. The retry returns the first result.",
        plays=(again(),),
    ),
    Scenario(
        when="`execution_timeout` ends the task while it sends",
        task="fails at once",
        error="OutcomeUnknownError",
        requests=(0, 1),
        done=(0, 1),
        todo="Set it to ten minutes or more.",
        plays=timed_out("before_send", "after_send"),
    ),
    Scenario(
        when="`execution_timeout` ends the task while it waits for a slot",
        task="succeeds",
        done=(1,),
        todo="Set it to ten minutes or more, and use an Airflow pool.",
        plays=(
            lambda stage: (
                fill_slots(stage, 60),
                timed_out("in_a_wait")[0](stage),
                stage.waits.clear(),
            ),
        ),
    ),
    Scenario(
        when="`execution_timeout` ends the task while the client waits to retry",
        task="succeeds",
        requests=(2,),
        waits=(1,),
        done=(1,),
        todo="Set it to ten minutes or more.",
        plays=(lambda stage: (stage.fault(status=429), timed_out("in_a_wait")[0](stage)),),
    ),
    Scenario(
        when="a signal or a lack of memory ends the task while it sends",
        task="fails at once",
        error="OutcomeUnknownError",
        requests=(0, 1),
        done=(0, 1),
        todo="Find out whether it arrived. Clear the task to send it.",
        plays=ended_by(
            Terminated,
            KeyboardInterrupt,
            MemoryError,
            moments=("before_send", "after_send"),
        ),
    ),
    Scenario(
        when="a signal ends the task while it stores the outcome",
        task="fails at once",
        error="WhatsAppError",
        done=(1,),
        todo="Mark the task as success. The error says that WhatsApp accepted the message.",
        plays=(ended_before_it_is_kept,),
    ),
    Scenario(
        when="you clear the task after it sent",
        task="succeeds",
        requests=(2,),
        done=(2,),
        todo="Nothing. A cleared task sends again.",
        plays=(cleared,),
    ),
    Scenario(
        when="you clear the task after its response was lost",
        task="succeeds",
        requests=(2,),
        done=(1, 2),
        todo="Nothing. A cleared task sends again.",
        plays=(
            lambda stage: cleared(stage, "drop"),
            lambda stage: cleared(stage, LOST),
        ),
    ),
    Scenario(
        when="you clear the task while it sends",
        task="succeeds",
        requests=(1, 2),
        done=(1, 2),
        todo=(
            "To prevent a second message, mark the task as failed instead. Airflow may also run it as a retry, "
            "which fails as unknown or returns the result."
        ),
        plays=killed(INTENT_KEPT, ACCEPTED, max_tries=CLEARED),
    ),
    Scenario(
        when="a mapped task gets another recipient in its retry",
        task="succeeds",
        requests=(2,),
        done=(1,),
        todo=(
            "Nothing. Each person gets their own message. Do not edit a list while its tasks retry: "
            "a person who moves in it may get two."
        ),
        plays=(again(lambda: text(to="+1 650 555 9876")),),
    ),
    Scenario(
        when="the content changes between two tries, after the first one sent",
        task="fails at once",
        error="OutcomeUnknownError",
        done=(1,),
        todo="Clear the task to send the new content.",
        plays=(again(lambda: text(body="Late.")),),
    ),
    Scenario(
        when="the Maton key changes between two tries",
        task="fails at once",
        error="OutcomeUnknownError",
        done=(1,),
        todo="Find out whether it arrived. Clear the task to send it.",
        plays=(again(password="other"),),
    ),
    Scenario(
        when="`retries` of the task change between two tries",
        task="fails at once",
        error="OutcomeUnknownError",
        done=(1,),
        todo="Find out whether it arrived. Clear the task to send it.",
        plays=(again(lambda: text(retries=5)),),
    ),
    Scenario(
        when="Airflow's API cannot store that the message was sent",
        task="succeeds",
        done=(1,),
        todo="Nothing. A later retry would find the outcome unknown.",
        plays=(lambda stage: without_record(stage, after=1),),
    ),
    Scenario(
        when="a person edits the record",
        task="fails at once",
        error="OutcomeUnknownError",
        done=(1,),
        todo="Find out whether it arrived. Clear the task to send it.",
        plays=(edited,),
    ),
)
BEFORE_AIRFLOW_3_3 = (
    Scenario(
        when="before 3.3, a kill ends the worker before it sends",
        task="succeeds",
        done=(1,),
        plays=killed(BEFORE, has_store=False),
    ),
    Scenario(
        when="before 3.3, a kill ends the worker while it sends",
        task="succeeds",
        requests=(1, 2),
        done=(1, 2),
        todo="Set `retries=0` to prevent a second message.",
        plays=killed(BEFORE, 1, has_store=False),
    ),
    Scenario(
        when="before 3.3, a kill ends the worker after it sent",
        task="succeeds",
        requests=(2,),
        done=(2,),
        todo="Set `retries=0` to prevent a second message.",
        plays=(again(has_store=False),),
    ),
    Scenario(
        when="before 3.3, `execution_timeout` ends the task while it sends",
        task="fails at once",
        error="OutcomeUnknownError",
        requests=(0, 1),
        done=(0, 1),
        todo="Find out whether it arrived. Clear the task to send it.",
        plays=timed_out("before_send", "after_send", has_store=False),
    ),
    Scenario(
        when="before 3.3, a signal or a lack of memory ends the task while it sends",
        task="fails at once",
        error="OutcomeUnknownError",
        requests=(0, 1),
        done=(0, 1),
        todo="Find out whether it arrived. Clear the task to send it.",
        plays=ended_by(
            Terminated,
            KeyboardInterrupt,
            MemoryError,
            moments=("before_send", "after_send"),
            has_store=False,
        ),
    ),
    Scenario(
        when="before 3.3, the response is lost",
        task="fails at once",
        error="OutcomeUnknownError",
        done=(0, 1),
        todo="Find out whether it arrived. Clear the task to send it.",
        plays=tuple(
            lambda stage, how=how: (
                stage.fault(behaviour=how),
                stage.try_(text(), has_store=False),
            )
            for how in ("drop", LOST)
        ),
    ),
)
UPLOADS = (
    Scenario(
        when="the response to an upload is lost",
        task="is retried",
        error="OutcomeUnknownError",
        done=(0, 1),
        todo="Give the task `retries`.",
        plays=tuple(
            lambda stage, how=how: (stage.fault("/media$", behaviour=how), upload(stage))
            for how in ("drop", LOST)
        ),
    ),
    Scenario(
        when="the task retries an upload whose response was lost",
        task="succeeds",
        requests=(2,),
        done=(1, 2),
        plays=tuple(
            lambda stage, how=how: (
                stage.fault("/media$", behaviour=how),
                upload(stage),
                upload(stage, 2),
            )
            for how in ("drop", LOST)
        ),
    ),
    Scenario(
        when="the file grows during the upload",
        task="succeeds",
        done=(1,),
        todo="Nothing. The client uploads the size that the file had at the start.",
        plays=(lambda stage: changed_file(stage, 999),),
    ),
    Scenario(
        when="the file shrinks during the upload",
        task="is retried",
        error="OutcomeUnknownError",
        done=(0,),
        todo="Upload files that are complete. The error appears after up to 5 minutes.",
        plays=(lambda stage: changed_file(stage, 9),),
    ),
)
SENDS_OF_FILES = (
    Scenario(
        when="`SendMediaOperator` has sent, and its retry finds no file",
        task="fails at once",
        error="InvalidRequestError",
        requests=(2,),
        done=(1,),
        todo="Keep files as long as their tasks run. Do not clear the task.",
        plays=(lost_file,),
    ),
    Scenario(
        when="`SendMediaOperator` loses the response to its upload, and retries",
        task="succeeds",
        requests=(3,),
        done=(1,),
        plays=tuple(
            lambda stage, how=how: (
                stage.fault("/media$", behaviour=how),
                media(stage),
                media(stage, 2),
            )
            for how in ("drop", LOST)
        ),
    ),
    Scenario(
        when="`SendMediaOperator` has uploaded, and Meta rejects the message",
        task="fails at once",
        error="RecipientError",
        requests=(2,),
        done=(0,),
        todo="Nothing. The upload expires.",
        plays=(lambda stage: media(stage, to="15550131026"),),
    ),
)
TEMPLATES = (
    Scenario(
        when="a definition file is invalid",
        task="fails at once",
        error="InvalidRequestError",
        requests=(0,),
        done=(0,),
        todo="Follow the error: it names file, line and remedy. The sync has changed no template.",
        plays=(
            unreadable("a.yaml", b"name: [order"),
            unreadable("a.yaml", b"name: \xff"),
            unreadable("a.yaml", b"name: !!int x"),
            unreadable("a.yaml", b"a: &a {b: *a}"),
            unreadable("a.json", b'{"name": "order", "name": "bill"}'),
            unreadable("a.json", b"[" * 5000),
            unreadable("a.yaml", b"#" * 2_000_000),
        ),
    ),
    Scenario(
        when="the response to the creation of a template is lost",
        task="is retried",
        error="OutcomeUnknownError",
        requests=(2,),
        done=(0, 1),
        todo="Give the task `retries`.",
        plays=tuple(
            lambda stage, how=how: (
                stage.fault("/message_templates$", method="POST", behaviour=how),
                sync(stage),
            )
            for how in ("drop", LOST)
        ),
    ),
    Scenario(
        when="the task retries a sync whose response was lost",
        task="succeeds",
        requests=(3, 4),
        done=(1,),
        todo="Nothing. The sync leaves existing templates unchanged.",
        plays=tuple(
            lambda stage, how=how: (
                stage.fault("/message_templates$", method="POST", behaviour=how),
                sync(stage),
                sync(stage, 2),
            )
            for how in ("drop", LOST)
        ),
    ),
)
# The tables of the page 'What happens when…', each by the name of its file.
TABLES = {
    "before-sending": Table("sent", BEFORE_SENDING),
    "rejections": Table("sent", REJECTIONS),
    "held": Table("sent", HELD),
    "lost-responses": Table("sent", LOST_RESPONSES),
    "interrupted-tries": Table("sent", INTERRUPTED_TRIES),
    "before-airflow-3-3": Table("sent", BEFORE_AIRFLOW_3_3),
    "uploads": Table("uploaded", UPLOADS),
    "sends-of-files": Table("sent", SENDS_OF_FILES),
    "templates": Table("created", TEMPLATES),
}
