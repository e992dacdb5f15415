"""A task's message across tries: what Airflow 3.3 calls with a task instance and a store, called by hand."""

import base64
import json
import logging
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import (
    AirflowFailException,
    AirflowSkipException,
    AirflowTaskTimeout,
)

from airflow_provider_whatsapp.exceptions import OutcomeUnknownError, RateLimitedError
from airflow_provider_whatsapp.models.ids import shorten_message_id
from airflow_provider_whatsapp.operators.messages import (
    SendMediaOperator,
    SendMessageOperator,
    SendTemplateOperator,
    SendTextOperator,
)
from airflow_provider_whatsapp.sending.send_record import STATE_KEY

NUMBER, OTHER = "+1 (650) 555-1234", "+1 (650) 555-9876"
BODY = "what only Robert may read"
OUTSIDE_THE_WINDOW = "15550131047"
UNDELIVERABLE = "15550131026"
BUSY = {"message": "Too many requests", "fbtrace_id": "A", "code": 131016}


class Store:
    """Airflow's store for one task instance: values that survive JSON, and the number of calls."""

    def __init__(self):
        self.kept, self.calls = {}, []

    def get(self, key, default=None):
        """Return a value."""
        self.calls.append("get")
        return json.loads(self.kept[key]) if key in self.kept else default

    def set(self, key, value, *, retention=None):
        """Keep a value."""
        self.calls.append("set")
        self.kept[key] = json.dumps(value)

    @property
    def record(self):
        """The record of the send."""
        return json.loads(self.kept[STATE_KEY])


class BrokenStore(Store):
    """One that cannot keep anything from the n-th call on."""

    def __init__(self, writes):
        super().__init__()
        self.left = writes

    def set(self, key, value, *, retention=None):
        """Keep a value, or fail."""
        if not self.left:
            raise RuntimeError("the API server is away")
        self.left -= 1
        super().set(key, value)


class KilledError(BaseException):
    """The end of a process: nothing that handles errors gets to see it."""


# Airflow does not see what a process raises after its end.
UNSEEN = (KilledError, AirflowFailException, AirflowSkipException, OutcomeUnknownError)


class Terminated(BaseException):
    """Stands for what Airflow 2 raises in a task that gets a SIGTERM."""


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def run(store):
    """Return a function that runs one try of a task with two retries, as Airflow 3.3 does."""

    def once(operator, try_number=1, *, max_tries=2, kept=store):
        ti = SimpleNamespace(
            try_number=try_number, max_tries=max_tries, xcom_push=lambda **_: None
        )
        return operator.execute({"ti": ti, "task_state_store": kept})

    return once


@pytest.fixture
def numbers(sandbox):
    """Return a function that tells who got a message."""
    return lambda: [message["to"] for message in sandbox.sent_messages()]


@pytest.fixture
def killed_at(monkeypatch):
    """Return a function that lets the process end at a point of the send; what runs then leaves no trace."""

    def at(point, store):
        from airflow_provider_whatsapp.client.http.transport import Transport

        whole = Transport.send

        def send(self, request, call):
            if not call.path.endswith("/messages"):
                return whole(self, request, call)
            response = None if point == "before" else whole(self, request, call)
            store.set = lambda *_, **__: None
            raise KilledError(str(response))

        monkeypatch.setattr(Transport, "send", send)

        def again():
            monkeypatch.setattr(Transport, "send", whole)
            store.__dict__.pop("set", None)

        return again

    return at


def text(**arguments):
    return SendTextOperator(
        task_id="send", **{"to": NUMBER, "body": BODY, "retries": 2, **arguments}
    )


def test_a_first_try_calls_airflow_twice(sandbox, run, store, numbers):
    """A send costs two calls of Airflow's API: the intent before it, the outcome after it."""
    run(text())
    assert store.calls == ["set", "set"]
    assert store.record["state"] == "sent"
    assert numbers() == ["16505551234"]


def test_a_retry_returns_what_was_sent(sandbox, run, store, numbers, caplog):
    """A task that is retried after its message has gone out returns the first result and sends nothing."""
    first = run(text())
    caplog.set_level(logging.INFO)
    assert run(text(), 2) == first
    assert numbers() == ["16505551234"]
    assert store.calls == ["set", "set", "get"]
    assert (
        f"as message {shorten_message_id(first['message_id'])}: not sent again"
        in caplog.text
    )


def test_a_retry_that_finds_nothing_sends(sandbox, run, numbers):
    """A try that ended before the message was about to leave has left nothing behind: the next one sends."""
    run(text(), 2)
    assert numbers() == ["16505551234"]


@pytest.mark.parametrize(("point", "arrived"), [("before", 0), ("after", 1)])
def test_a_try_that_was_cut_off_is_unknown(
    sandbox, run, store, numbers, killed_at, point, arrived
):
    """A worker that dies between intent and outcome leaves it open whether the message went out; it is not sent."""
    again = killed_at(point, store)
    with pytest.raises(UNSEEN):
        run(text())
    again()
    with pytest.raises(
        AirflowFailException,
        match="Try 1 of this task has begun to send and learned no outcome",
    ) as caught:
        run(text(), 2)
    assert isinstance(caught.value.__cause__, OutcomeUnknownError)
    assert "clear it to send the message if it did not" in str(caught.value)
    assert len(numbers()) == arrived


@pytest.mark.parametrize(("point", "arrived"), [("before", 1), ("after", 2)])
def test_resend_sends_what_was_cut_off(
    sandbox, run, store, numbers, killed_at, point, arrived, caplog
):
    """With on_unknown_outcome="resend" the message arrives at least once, and the log says why it was sent again."""
    again = killed_at(point, store)
    with pytest.raises(UNSEEN):
        run(text(on_unknown_outcome="resend"))
    again()
    run(text(on_unknown_outcome="resend"), 2)
    assert len(numbers()) == arrived
    assert "or no response came. It is sent now, as was asked for" in caplog.text
    assert store.record["state"] == "sent"


def test_skip_skips_what_was_cut_off(sandbox, run, store, numbers, killed_at):
    """With on_unknown_outcome="skip" the task is skipped, and the reason says that the outcome is unknown."""
    again = killed_at("after", store)
    with pytest.raises(UNSEEN):
        run(text(on_unknown_outcome="skip"))
    again()
    with pytest.raises(AirflowSkipException, match="on_unknown_outcome='skip': "):
        run(text(on_unknown_outcome="skip"), 2)
    assert len(numbers()) == 1


def test_a_lost_response_fails_at_once(sandbox, run, store, numbers):
    """A send whose response is lost fails the task without retries, and its record stays open."""
    sandbox.fault(path="/messages", behaviour="drop_after")
    with pytest.raises(AirflowFailException, match="OutcomeUnknownError"):
        run(text())
    assert store.record["state"] == "sending"
    assert len(numbers()) == 1


def test_a_lost_response_is_skipped(sandbox, run, numbers):
    """With on_unknown_outcome="skip" a lost response skips the task."""
    sandbox.fault(path="/messages", behaviour="drop_after")
    with pytest.raises(AirflowSkipException, match="on_unknown_outcome='skip': "):
        run(text(on_unknown_outcome="skip"))
    assert len(numbers()) == 1


def test_a_lost_response_is_resent(sandbox, run, store, numbers):
    """With on_unknown_outcome="resend" the client sends again at once, and the task succeeds."""
    sandbox.fault(path="/messages", behaviour="drop_after")
    run(text(on_unknown_outcome="resend"))
    assert numbers() == ["16505551234", "16505551234"]
    assert store.record["state"] == "sent"
    assert store.calls == ["set", "set"]


def test_a_loss_outlasts_a_rejection(sandbox, run, store):
    """A rejection of the second attempt says nothing about the first, whose response was lost: it stays unknown."""
    sandbox.fault(path="/messages", behaviour="drop_after")
    sandbox.fault(path="/messages", status=400, body={"error": {**BUSY, "code": 131026}})
    with pytest.raises(
        AirflowFailException,
        match=r"OutcomeUnknownError: The response to an earlier.*131026",
    ):
        run(text(on_unknown_outcome="resend"))
    assert store.record["state"] == "sending"


def test_a_cleared_task_sends_again(sandbox, run, numbers):
    """Airflow raises max_tries of a task that is cleared: it sends again, also if it has sent before."""
    run(text())
    run(text(), 2, max_tries=3)
    assert len(numbers()) == 2


def test_a_cleared_task_that_was_open_sends(sandbox, run, store, numbers, killed_at):
    """Clearing a task whose send was cut off is the way to send it after all."""
    again = killed_at("before", store)
    with pytest.raises(UNSEEN):
        run(text())
    again()
    run(text(), 2, max_tries=3)
    assert len(numbers()) == 1


def test_other_retries_make_it_unknown(sandbox, run, numbers):
    """If the DAG's retries were changed since, a retry cannot be told from a cleared task, and nothing is sent."""
    run(text())
    with pytest.raises(AirflowFailException, match="the task's retries were changed since"):
        run(text(retries=1), 2)
    assert len(numbers()) == 1


def test_another_recipient_is_another_message(sandbox, run, numbers):
    """A mapped task in whose place stood another one when the list was different sends its own message."""
    run(text())
    run(text(to=OTHER), 2)
    assert numbers() == ["16505551234", "16505559876"]


def test_user_ids_tell_recipients_apart(sandbox, run, numbers):
    """People without a phone number, who are named by a user id, are different recipients, too."""
    for number, user in enumerate(
        ["US.13491208655302741918", "US.23491208655302741919"], start=1
    ):
        message = {"type": "text", "text": {"body": BODY}, "recipient": user}
        run(SendMessageOperator(task_id="send", message=message, retries=2), number)
    assert len(numbers()) == 2


def test_an_open_send_to_another_does_not_hold_it_up(
    sandbox, run, store, numbers, killed_at
):
    """An earlier try that ended while it sent to another recipient says nothing about this message."""
    again = killed_at("after", store)
    with pytest.raises(UNSEEN):
        run(text())
    again()
    run(text(to=OTHER), 2)
    assert numbers() == ["16505551234", "16505559876"]


def test_other_content_is_neither_sent_nor_lost(sandbox, run, numbers):
    """A retry whose text has changed, such as a time in it, does not write to the same person twice, and says so."""
    run(text(body="It is 10:00"))
    with pytest.raises(
        AirflowFailException, match="has sent another message to this recipient"
    ):
        run(text(body="It is 10:05"), 2)
    assert len(numbers()) == 1


@pytest.mark.parametrize(
    "same", ["16505551234", 16505551234, "+1 650 555 1234"], ids=["digits", "int", "blanks"]
)
def test_a_number_written_differently_is_the_same(sandbox, run, numbers, same):
    """The recipient counts, and not how the number is written."""
    run(text())
    run(text(to=same), 2)
    assert len(numbers()) == 1


def test_another_key_makes_it_unknown(sandbox, run, numbers, connect, monkeypatch):
    """A record that was sealed with another Maton key cannot be read: nothing is sent, and the error says why."""
    run(text())
    connect(password="another-key-that-is-long-enough")
    with pytest.raises(AirflowFailException, match="with another Maton key"):
        run(text(), 2)
    assert len(numbers()) == 1


@pytest.mark.parametrize(
    "record",
    [
        pytest.param("sent", id="a-word"),
        pytest.param({}, id="nothing-in-it"),
        pytest.param(
            {"state": "sent", "try_number": 1, "max_tries": 2, "retries": 2, "sealed": 5},
            id="not-sealed",
        ),
        pytest.param(None, id="emptied"),
    ],
)
def test_a_record_that_a_person_edited_is_unknown(sandbox, run, store, numbers, record):
    """People can edit the record in Airflow: an unreadable record proves nothing, and nothing is sent."""
    store.set(STATE_KEY, record)
    with pytest.raises(AirflowFailException, match="OutcomeUnknownError.*cannot be read"):
        run(text(), 2)
    assert numbers() == []


@pytest.mark.parametrize("state", ["sent", "of another version"])
def test_a_state_that_a_person_edited_sends_nothing(sandbox, run, store, numbers, state):
    """A record without a result sends nothing and claims nothing as sent, for any state."""
    sandbox.fault(path="/messages", behaviour="drop_after")
    with pytest.raises(AirflowFailException):
        run(text())
    store.set(STATE_KEY, {**store.record, "state": state})
    with pytest.raises(AirflowFailException, match="cannot be read|learned no outcome"):
        run(text(), 2)
    assert len(numbers()) == 1


def test_a_callback_does_not_touch_the_record(sandbox, run, store, numbers):
    """An alert that a callback sends with the task's context always goes out, and the task's own record stays."""
    first = run(text())
    # Whose xcom_push is out of a callback's reach.
    ti = SimpleNamespace(try_number=2, max_tries=2)
    context = {"ti": ti, "task_state_store": store, "task": text()}
    alert = SendTextOperator(
        task_id="alert", to=OTHER, body="The load has failed.", retries=2
    )
    alert.execute(context)
    alert.execute(context)
    assert numbers() == ["16505551234", "16505559876", "16505559876"]
    assert run(text(), 2) == first


def test_another_sender_is_another_message(sandbox, run, numbers):
    """A retry from another number of the business is not taken for the message that was sent."""
    run(text())
    with pytest.raises(
        AirflowFailException, match="has sent another message to this recipient"
    ):
        run(text(phone_number_id="106540352242999"), 2)
    assert len(numbers()) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [("b.png", b"png"), ("a.png", b"another png")],
    ids=["another path", "another size"],
)
def test_another_file_is_another_message(sandbox, run, numbers, tmp_path, name, content):
    """A retry with another file is not taken for the message that was sent."""
    first, second = tmp_path / "a.png", tmp_path / name
    first.write_bytes(b"png")
    run(SendMediaOperator(task_id="send", to=NUMBER, file=str(first), retries=2))
    second.write_bytes(content)
    with pytest.raises(
        AirflowFailException, match="has sent another message to this recipient"
    ):
        run(SendMediaOperator(task_id="send", to=NUMBER, file=str(second), retries=2), 2)
    assert len(numbers()) == 1


def test_a_rejection_that_may_pass_is_tried_again(sandbox, run, store, numbers):
    """After a rejection it is known that nothing was sent: the record says so, and the retry sends."""
    sandbox.fault(
        path="/messages",
        status=429,
        times=5,
        headers={"Retry-After": "0"},
        body={"error": {"message": "slow"}},
    )
    with pytest.raises(RateLimitedError):
        run(text())
    assert store.record["state"] == "not sent"
    run(text(), 2)
    assert len(numbers()) == 1


def test_a_rejected_message_may_change(sandbox, run, numbers):
    """After a rejection the retry may send another message."""
    sandbox.fault(
        path="/messages",
        status=429,
        times=5,
        headers={"Retry-After": "0"},
        body={"error": {"message": "slow"}},
    )
    with pytest.raises(RateLimitedError):
        run(text(body="It is 10:00"))
    run(text(body="It is 10:05"), 2)
    assert len(numbers()) == 1


def test_a_timeout_after_a_rejection_is_unknown_again(
    sandbox, run, store, numbers, monkeypatch
):
    """A task that is ended in its second attempt may have sent, also after a rejected first attempt."""
    from airflow_provider_whatsapp.client.http.transport import Transport

    whole = Transport.send

    def ended(self, request, call):
        response = whole(self, request, call)
        if response.status == 200:
            raise KilledError("execution_timeout")
        return response

    sandbox.fault(
        path="/messages",
        status=429,
        headers={"Retry-After": "0"},
        body={"error": {"message": "slow"}},
    )
    with monkeypatch.context() as patch:
        patch.setattr(Transport, "send", ended)
        with pytest.raises(UNSEEN):
            run(text())
    assert store.record["state"] == "sending"
    with pytest.raises(AirflowFailException, match="learned no outcome"):
        run(text(), 2)
    assert len(numbers()) == 1


@pytest.mark.parametrize("has_store", [True, False], ids=["3.3", "before-3.3"])
@pytest.mark.parametrize(
    ("on_unknown_outcome", "outcome"),
    [
        ("fail", AirflowFailException),
        ("skip", AirflowSkipException),
        ("resend", OutcomeUnknownError),
    ],
)
@pytest.mark.parametrize(
    "stranger",
    [
        AirflowTaskTimeout,
        Terminated,
        KeyboardInterrupt,
        SystemExit,
        MemoryError,
        OverflowError,
    ],
)
def test_a_task_that_is_ended_while_sending_is_unknown(
    sandbox, store, numbers, monkeypatch, stranger, has_store, on_unknown_outcome, outcome
):
    """A task that an error of another program ends while it sends may have sent: it is retried only with "resend"."""
    from airflow_provider_whatsapp.client.http.transport import Transport

    whole = Transport.send

    def ended(self, request, call):
        whole(self, request, call)
        raise stranger("of another program")

    monkeypatch.setattr(Transport, "send", ended)
    ti = SimpleNamespace(try_number=1, max_tries=2, xcom_push=lambda **_: None)
    with pytest.raises(
        outcome, match=f"{stranger.__name__} ended the task while it was sending"
    ):
        text(on_unknown_outcome=on_unknown_outcome).execute(
            {"ti": ti, **({"task_state_store": store} if has_store else {})}
        )
    assert len(numbers()) == 1


def test_a_timeout_before_it_leaves_is_none_of_the_message(
    sandbox, run, store, numbers, monkeypatch
):
    """A task that is ended before its message leaves has sent nothing: Airflow's own error, and the retry sends."""
    from airflow_provider_whatsapp.client.rate_limit.limiter import RateLimiter

    def ended(*_):
        raise AirflowTaskTimeout("Timeout, PID: 1")

    with monkeypatch.context() as patch:
        patch.setattr(RateLimiter, "acquire", ended)
        with pytest.raises(AirflowTaskTimeout):
            run(text())
    assert store.calls == []
    run(text(), 2)
    assert len(numbers()) == 1


def test_a_timeout_while_waiting_is_no_unknown(sandbox, run, store, numbers, monkeypatch):
    """A task that is ended while the client waits after a rejection has sent nothing, and its retry sends."""

    def ended(*_, **__):
        raise KilledError("execution_timeout")

    sandbox.fault(path="/messages", status=429, body={"error": {"message": "slow"}})
    with monkeypatch.context() as patch:
        patch.setattr("airflow_provider_whatsapp.client.http.retry.delay", ended)
        with pytest.raises(KilledError):
            run(text())
    assert store.record["state"] == "not sent"
    run(text(), 2)
    assert len(numbers()) == 1


def test_no_connection_leaves_it_unsent(sandbox, run, store, connect, monkeypatch):
    """Where no connection is made the record says that nothing was sent."""
    monkeypatch.setattr(
        "airflow_provider_whatsapp.client.http.retry.delay", lambda *_, **__: None
    )
    connect(host="http://127.0.0.1:1")
    with pytest.raises(Exception, match="nothing was sent"):
        run(text())
    assert store.record["state"] == "not sent"


def test_what_cannot_be_noted_is_not_sent(sandbox, run, numbers):
    """If Airflow cannot keep that the message is about to leave, it does not leave."""
    with pytest.raises(RuntimeError, match="the API server is away"):
        run(text(), kept=BrokenStore(0))
    assert numbers() == []


def test_an_outcome_that_cannot_be_noted_fails_nothing(sandbox, run, numbers, caplog):
    """If Airflow cannot keep the outcome, the task still has its result; the outcome of a retry would be unknown."""
    broken = BrokenStore(1)
    assert run(text(), kept=broken)["message_id"]
    assert "a retry will not know it" in caplog.text
    with pytest.raises(AirflowFailException, match="learned no outcome"):
        run(text(), 2, kept=broken)
    assert len(numbers()) == 1


def test_a_fallback_is_remembered_as_one_send(template, run, store, numbers):
    """Text rejected and template sent are one message: two calls of Airflow's API, and the retry returns it."""
    operator = text(
        to=OUTSIDE_THE_WINDOW,
        fallback_template={"template_name": "order_shipped", "body_parameters": ["A"]},
    )
    first = run(operator)
    assert first["used_fallback"]
    assert store.calls == ["set", "set"]
    assert run(operator, 2) == first
    assert len(numbers()) == 1


def test_a_file_is_uploaded_and_sent_once(sandbox, run, calls, tmp_path):
    """The message with a file is the same on a retry, though a second upload would have another id."""
    chart = tmp_path / "chart.png"
    chart.write_bytes(b"png")
    operator = SendMediaOperator(task_id="send", to=NUMBER, file=str(chart), retries=2)
    first = run(operator)
    assert run(operator, 2) == first
    assert calls() == ["POST …/media", "POST …/messages"]


def test_a_lost_upload_is_no_lost_message(sandbox, run, numbers, tmp_path):
    """An upload whose response is lost is left to the task's retries: on_unknown_outcome is about messages only."""
    chart = tmp_path / "chart.png"
    chart.write_bytes(b"png")
    sandbox.fault(path="/media", behaviour="drop_after")
    operator = SendMediaOperator(
        task_id="send", to=NUMBER, file=str(chart), retries=2, on_unknown_outcome="skip"
    )
    with pytest.raises(OutcomeUnknownError, match="another attempt is harmless"):
        run(operator)
    run(operator, 2)
    assert len(numbers()) == 1


def test_nothing_sensitive_is_kept(sandbox, run, store):
    """Airflow's store has neither key, number, message id nor text, also after decoding Base64."""
    result = run(text())
    beneath = base64.urlsafe_b64decode(store.record["sealed"])
    hidden = [
        sandbox.settings.api_key,
        "5551234",
        BODY,
        result["message_id"],
        "message_id",
        "recipient",
    ]
    assert not [
        secret
        for secret in hidden
        if secret in json.dumps(store.kept) or secret.encode() in beneath
    ]
    assert set(store.record) == {"state", "try_number", "max_tries", "retries", "sealed"}


@pytest.mark.parametrize("value", ["", "retry", None, 1, ["fail"]], ids=repr)
def test_on_unknown_is_one_of_three(sandbox, run, calls, value):
    """Any other value fails the task without retries before any call, and the error lists the choices."""
    with pytest.raises(
        AirflowFailException, match="on_unknown_outcome: must be one of fail, resend, skip"
    ):
        run(text(on_unknown_outcome=value))
    assert calls() == []


def test_a_permanent_rejection_fails_at_once(sandbox, run, store, numbers):
    """A person who cannot be reached fails the task without retries, and the record says that nothing was sent."""
    with pytest.raises(AirflowFailException, match="RecipientError"):
        run(text(to=UNDELIVERABLE))
    assert store.record["state"] == "not sent"
    assert numbers() == []


@pytest.mark.parametrize(
    ("try_number", "retries", "said"), [(1, 2, 1), (2, 2, 0), (1, 0, 0)]
)
def test_an_older_airflow_says_so_once(sandbox, numbers, caplog, try_number, retries, said):
    """Without a store the first try of a task with retries warns that one of them may send again; it sends."""
    ti = SimpleNamespace(try_number=try_number, max_tries=2, xcom_push=lambda **_: None)
    text(retries=retries).execute({"ti": ti})
    assert (
        caplog.text.count("This Airflow keeps no record from one try to the next") == said
    )
    assert len(numbers()) == 1


def test_a_rejection_that_passes_within_the_try_is_no_matter(template, run, store):
    """A send that is rejected for now and then accepted is a send: one intent, one outcome."""
    template.fault(
        path="/messages", status=500, body={"error": BUSY}, headers={"Retry-After": "0"}
    )
    run(
        SendTemplateOperator(
            task_id="send",
            to=NUMBER,
            template_name="order_shipped",
            body_parameters=["A"],
            retries=2,
        )
    )
    assert store.calls == ["set", "set"]
    assert store.record["state"] == "sent"


class EndingStore(Store):
    """One that a signal interrupts when the outcome is to be kept."""

    def set(self, key, value, *, retention=None):
        """Keep the intent only."""
        if value["state"] != "sending":
            raise Terminated
        super().set(key, value)


def test_a_signal_after_the_message_was_accepted_is_told(sandbox, run, numbers):
    """A task that is ended before Airflow has kept the outcome fails, and says that the message was accepted."""
    with pytest.raises(
        AirflowFailException,
        match=r"WhatsApp accepted message wamid\.….*Mark the task as success",
    ):
        run(text(), kept=EndingStore())
    assert len(numbers()) == 1


def test_an_accepted_message_is_not_skipped_over(sandbox, run, numbers):
    """An accepted message is not an unknown outcome: on_unknown_outcome neither skips nor resends it."""
    for on_unknown_outcome in ("skip", "resend"):
        with pytest.raises(
            AirflowFailException, match="WhatsAppError: WhatsApp accepted message"
        ):
            run(text(on_unknown_outcome=on_unknown_outcome), kept=EndingStore())
    assert len(numbers()) == 2


@pytest.mark.parametrize("state", ["success", "restarting", "failed"])
def test_the_signal_after_a_marked_task_gets_through(sandbox, monkeypatch, state):
    """Airflow 2 keeps the state that a person gave a running task only if its own signal reaches it."""
    from airflow_provider_whatsapp.client.http.transport import Transport

    def ended(*_):
        raise Terminated

    monkeypatch.setattr(Transport, "send", ended)
    ti = SimpleNamespace(
        try_number=1, max_tries=2, xcom_push=lambda **_: None, current_state=lambda: state
    )
    with pytest.raises(Terminated):
        text().execute({"ti": ti})
    ti.current_state = lambda: "running"
    with pytest.raises(AirflowFailException, match="Terminated ended the task"):
        text().execute({"ti": ti})
