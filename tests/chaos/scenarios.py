"""The faults of the page 'What happens when…': how each of them is played, in all its variants."""

from __future__ import annotations

import json

import pytest
from airflow.providers.common.compat.sdk import AirflowTaskTimeout

from airflow_provider_whatsapp.hooks.maton import MatonHook
from airflow_provider_whatsapp.operators.media import UploadMediaOperator
from airflow_provider_whatsapp.operators.messages import SendMediaOperator, SendTemplateOperator
from airflow_provider_whatsapp.operators.templates import SyncTemplatesOperator
from tests.chaos.faults import HTML, answer
from tests.chaos.stage import ACCEPTED, BEFORE, INTENT_KEPT, OUTCOME_KEPT, RETRIES, TO, WAITING, text

CLOSED = "15550131047"
LOST = "drop_after"  # the answer, after the request was carried out
CLEARED = RETRIES + 1  # the max_tries of a task that is cleared after, or in, its first try
FALLBACK = {"template_name": "order_shipped", "body_parameters": ["Ada"]}


def forget(stage):
    """Let what was only a preparation not count."""
    stage.requests = 0
    stage.waits.clear()


def definition(name="order_shipped"):
    body = {"type": "BODY", "text": "Hello {{1}}, your order is on its way.", "example": {"body_text": [["Ada"]]}}
    return {"name": name, "language": "en_US", "category": "UTILITY", "components": [body]}


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
    stage.try_(SendMediaOperator(task_id="send", to=to, file=file(stage), retries=RETRIES), number)


def sync(stage, number=1):
    stage.try_(SyncTemplatesOperator(task_id="sync", templates=[definition()]), number)


def unreadable(name, content):
    """Sync the templates of a file that is wrong."""

    def play(stage):
        path = stage.folder / name
        path.write_bytes(content)
        stage.try_(SyncTemplatesOperator(task_id="sync", templates=str(path)))

    return play


def unusable(*changes):
    return tuple(lambda stage, change=change: (stage.connect(**change), one(stage)) for change in changes)


def nowhere(stage):
    stage.connect(host="http://127.0.0.1:1")
    one(stage)


def refused_by_a_proxy(*answers):
    return tuple(
        lambda stage, said=said: (
            stage.connect(host="https://127.0.0.1:1", extra={"proxy": stage.answer_with(said)}),
            one(stage),
        )
        for said in answers
    )


def without_tls(stage):
    stage.connect(host=stage.answer_with(answer(400, b"")).replace("http:", "https:"))
    one(stage)


def next_turn_in(stage, seconds):
    """Let the next call of the account wait for its turn."""
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


def refused(*codes, status=400):
    return tuple(lambda stage, code=code: (stage.refuse(code, status), one(stage)) for code in codes)


def throttled(times=9, **headers):
    def play(stage):
        stage.fault(status=429, body={"error": {"code": 429}}, headers=headers, times=times)
        one(stage)

    return play


def lost(*behaviours, **arguments):
    return tuple(lambda stage, how=how: (stage.fault(behaviour=how), one(stage, **arguments)) for how in behaviours)


def silent(behaviour, **more):
    def play(stage):
        stage.connect(extra={"timeout": 0.4})
        stage.fault(behaviour=behaviour, **more)
        one(stage)

    return play


def odd(*answers):
    """Each of these answers, to a request that was carried out, and to one that was not."""
    return tuple(
        lambda stage, said=said, is_accepted=is_accepted: (
            stage.connect(host=stage.answer_with(said, is_accepted=is_accepted)),
            one(stage),
        )
        for said in answers
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
            raise stranger("of somebody else")

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
    said = answer(200, {"messages": [message], "contacts": {"wa_id": 16505551234}})

    def play(stage):
        stage.connect(host=stage.answer_with(said, is_accepted=True))
        one(stage, **arguments)

    return play


def dripping(stage, *, is_accepted):
    """The answer comes one byte at a time, each within the timeout."""
    said = answer(200, {"messages": [{"id": "wamid.1"}]})
    stage.connect(host=stage.answer_with(said, is_accepted=is_accepted, pause=0.05), extra={"timeout": 0.2})
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
        stage.try_(SendMediaOperator(task_id="send", to=TO, file=path, retries=RETRIES), number)

    send(1)
    path.unlink()
    send(2)


SCENARIOS = {
    "an argument breaks a limit or a format": (lambda stage: one(stage, body="x" * 4097),),
    "the recipient cannot be one number: a float, two numbers, a list": tuple(
        lambda stage, to=to: one(stage, to=to)
        for to in (491601234567.0, "491601234567.0", "5551234 5555678", "['+491601234567']", ["+491601234567"])
    ),
    "libphonenumber calls the number invalid": (
        lambda stage: one(stage, to="650 555 1234"),
        lambda stage: one(stage, to="1234567890"),
    ),
    'libphonenumber calls the number invalid, with `check_numbers="fail"`': (
        lambda stage: (stage.connect(extra={"check_numbers": "fail"}), one(stage, to="650 555 1234")),
    ),
    "a national number": (lambda stage: one(stage, to="0160 1234567"),),
    "a national number, with `default_country`": (
        lambda stage: (stage.connect(extra={"default_country": "DE"}), one(stage, to="0160 1234567")),
    ),
    "a number without + could be of two countries, with `default_country`": (
        lambda stage: (stage.connect(extra={"default_country": "US"}), one(stage, to="368 514 7406")),
    ),
    "the Airflow connection is not usable": unusable(
        {"extra": {"speed": 9}},
        {"extra": {"proxy": "proxy:3128"}},
        {"extra": {"proxy": "http://[proxy"}},
        {"extra": {"timeout": 1e10}},
        {"extra": {"timeout": 0}},
        {"extra": {"requests_per_second": "fast"}},
        {"host": "[::1"},
        {"conn_type": "postgres"},
    ),
    "no connection to Maton can be made": (nowhere, without_tls),
    "a proxy refuses the connection": refused_by_a_proxy(answer(403, b""), b""),
    "its turn is more than 5 minutes away": (lambda stage: (next_turn_in(stage, 1000), one(stage)),),
    "Redis, which shares the rate limit, is down": (without_redis,),
    "Airflow's API cannot keep that the message is about to leave": (lambda stage: without_record(stage, after=0),),
    "429 of the gateway, again and again": (throttled(),),
    "429 of the gateway with `Retry-After: 7`": (throttled(**{"Retry-After": "7"}),),
    "429 of the gateway, and then room": (throttled(times=1),),
    "the number sends too fast (130429)": refused(130429),
    "too many calls of the app or account (4, 17, 613, 80007)": refused(4, 17, 613, 80007),
    "too many messages to one person (131056)": refused(131056),
    "a limit that lasts for hours or days (131048, 131064)": refused(131048, 131064),
    "Meta is unwell (2, 131016, 133004)": refused(2, 131016, 133004, status=503),
    "something went wrong at Meta (131000)": refused(131000, status=500),
    "the account is in maintenance (131057)": refused(131057, status=500),
    "the answer says `success: false`": (lambda stage: (stage.fault(status=200, body={"success": False}), one(stage)),),
    "this person cannot be reached (131026)": (lambda stage: one(stage, to="15550131026"),),
    "Meta holds marketing back from this person (131049)": refused(131049),
    "the 24-hour window is closed": (lambda stage: one(stage, to=CLOSED),),
    "the 24-hour window is closed, with `fallback_template`": (
        lambda stage: (sync(stage), forget(stage), one(stage, to=CLOSED, fallback_template=FALLBACK)),
    ),
    "the fallback is refused, too": (lambda stage: one(stage, to=CLOSED, fallback_template=FALLBACK),),
    "the template is missing, paused, or filled wrongly": (
        template,
        lambda stage: (sync(stage), forget(stage), template(stage)),
        lambda stage: (stage.refuse(132015), template(stage)),
    ),
    "the Maton key is wrong": (lambda stage: (stage.connect(password="other"), one(stage)),),
    "the WhatsApp grant has ended (190)": refused(190, status=401),
    "the account is locked or unpaid (131031, 131042)": refused(131031, 131042, status=403),
    "the gateway redirects": (
        lambda stage: (stage.fault(status=302, headers={"Location": "https://example.com"}), one(stage)),
    ),
    "Meta holds the message": (held("held_for_quality_assessment"), held("paused")),
    'Meta holds the message, with `on_held="fail"`': (held("paused", on_held="fail"),),
    "the connection breaks after the request left": lost("drop", LOST),
    "no answer comes in time": (silent("hang"), silent(LOST, seconds=9)),
    "a bare 500, 502, 503 or 504": odd(*(answer(status, b"") for status in (500, 502, 503, 504))),
    "half an answer, HTML, or nothing in it": odd(
        answer(200, HTML),
        answer(200, b""),
        answer(200, b"{}")[:-1],
        b"HTT",
        answer(200, {"messages": [{"id": ""}]}),
    ),
    "the answer comes byte by byte": tuple(
        lambda stage, is_accepted=is_accepted: dripping(stage, is_accepted=is_accepted) for is_accepted in (False, True)
    ),
    'the answer is lost, with `on_unknown_outcome="resend"`': lost("drop", LOST, on_unknown_outcome="resend"),
    'the answer is lost each time, with `on_unknown_outcome="resend"`': (
        lambda stage: (stage.fault(behaviour=LOST, times=9), one(stage, on_unknown_outcome="resend")),
    ),
    'the answer is lost, with `on_unknown_outcome="skip"`': lost("drop", LOST, on_unknown_outcome="skip"),
    "the worker is killed before it sends": killed(BEFORE),
    "the worker is killed while it sends": killed(INTENT_KEPT, ACCEPTED),
    'the worker is killed while it sends, with `on_unknown_outcome="resend"`': killed(
        INTENT_KEPT, ACCEPTED, on_unknown_outcome="resend"
    ),
    'the worker is killed while it sends, with `on_unknown_outcome="skip"`': killed(
        INTENT_KEPT, ACCEPTED, on_unknown_outcome="skip"
    ),
    "the worker is killed while the client waits to try again": (killed_in_a_wait,),
    "the worker is killed when the outcome is recorded": killed(OUTCOME_KEPT),
    "a callback or XCom fails after the send": (again(),),
    "`execution_timeout` ends the task while it sends": timed_out("before_send", "after_send"),
    "`execution_timeout` ends the task while it waits for its turn": (
        lambda stage: (next_turn_in(stage, 60), timed_out("in_a_wait")[0](stage), stage.waits.clear()),
    ),
    "`execution_timeout` ends the task while the client waits to try again": (
        lambda stage: (stage.fault(status=429), timed_out("in_a_wait")[0](stage)),
    ),
    "a signal, or no memory, ends the task while it sends": ended_by(
        Terminated, KeyboardInterrupt, MemoryError, moments=("before_send", "after_send")
    ),
    "a signal ends the task when the outcome is recorded": (ended_before_it_is_kept,),
    "the task is cleared after it was sent": (cleared,),
    "the task is cleared after its outcome was lost": (
        lambda stage: cleared(stage, "drop"),
        lambda stage: cleared(stage, LOST),
    ),
    "the task is cleared while it runs and sends": killed(INTENT_KEPT, ACCEPTED, max_tries=CLEARED),
    "another recipient stands in the place of a mapped task": (again(lambda: text(to="+1 650 555 9876")),),
    "the content has changed between two tries, after it was sent": (again(lambda: text(body="Late.")),),
    "the Maton key has changed between two tries": (again(password="other"),),
    "`retries` of the DAG were changed between two tries": (again(lambda: text(retries=5)),),
    "Airflow's API cannot keep that the message was sent": (lambda stage: without_record(stage, after=1),),
    "somebody has edited the record": (edited,),
    "before 3.3, the worker is killed before it sends": killed(BEFORE, has_store=False),
    "before 3.3, the worker is killed while it sends": killed(BEFORE, 1, has_store=False),
    "before 3.3, the worker is killed after it sent": (again(has_store=False),),
    "before 3.3, `execution_timeout` ends the task while it sends": timed_out(
        "before_send", "after_send", has_store=False
    ),
    "before 3.3, a signal, or no memory, ends the task while it sends": ended_by(
        Terminated, KeyboardInterrupt, MemoryError, moments=("before_send", "after_send"), has_store=False
    ),
    "before 3.3, the answer is lost": tuple(
        lambda stage, how=how: (stage.fault(behaviour=how), stage.try_(text(), has_store=False))
        for how in ("drop", LOST)
    ),
    "the answer to an upload is lost": tuple(
        lambda stage, how=how: (stage.fault("/media$", behaviour=how), upload(stage)) for how in ("drop", LOST)
    ),
    "an upload whose answer was lost is retried": tuple(
        lambda stage, how=how: (stage.fault("/media$", behaviour=how), upload(stage), upload(stage, 2))
        for how in ("drop", LOST)
    ),
    "the file grows while it is uploaded": (lambda stage: changed_file(stage, 999),),
    "the file gets shorter while it is uploaded": (lambda stage: changed_file(stage, 9),),
    "`SendMediaOperator` has sent, and the file is gone when it is retried": (lost_file,),
    "the upload of `SendMediaOperator` is lost, and retried": tuple(
        lambda stage, how=how: (stage.fault("/media$", behaviour=how), media(stage), media(stage, 2))
        for how in ("drop", LOST)
    ),
    "`SendMediaOperator` has uploaded, and the message is refused": (lambda stage: media(stage, to="15550131026"),),
    "the file of a definition cannot be read": (
        unreadable("a.yaml", b"name: [order"),
        unreadable("a.yaml", b"name: \xff"),
        unreadable("a.yaml", b"name: !!int x"),
        unreadable("a.yaml", b"a: &a {b: *a}"),
        unreadable("a.json", b'{"name": "order", "name": "bill"}'),
        unreadable("a.json", b"[" * 5000),
        unreadable("a.yaml", b"#" * 2_000_000),
    ),
    "the answer to the creation of a template is lost": tuple(
        lambda stage, how=how: (stage.fault("/message_templates$", method="POST", behaviour=how), sync(stage))
        for how in ("drop", LOST)
    ),
    "a sync whose answer was lost is retried": tuple(
        lambda stage, how=how: (
            stage.fault("/message_templates$", method="POST", behaviour=how),
            sync(stage),
            sync(stage, 2),
        )
        for how in ("drop", LOST)
    ),
}
