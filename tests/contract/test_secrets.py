"""Error trackers, reprs and logs never show the key, a phone number or a text of a message."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import pkgutil
from importlib import import_module
from traceback import TracebackException
from types import SimpleNamespace

import pytest
from pydantic import SecretStr

import airflow_provider_whatsapp
from airflow_provider_whatsapp import exceptions
from airflow_provider_whatsapp.client.client import WhatsAppClient
from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.http import transport
from airflow_provider_whatsapp.client.http.calls import Call, Response, build_request
from airflow_provider_whatsapp.client.http.transport import Transport
from airflow_provider_whatsapp.exceptions import InvalidRequestError, WhatsAppError
from airflow_provider_whatsapp.hooks.maton import MatonHook
from airflow_provider_whatsapp.models.base import ResponseModel
from airflow_provider_whatsapp.models.messages import MESSAGE
from airflow_provider_whatsapp.models.validation import validate
from airflow_provider_whatsapp.operators.media import DownloadMediaOperator
from airflow_provider_whatsapp.operators.messages import (
    MarkMessageReadOperator,
    SendInteractiveOperator,
    SendMediaOperator,
    SendMessageOperator,
    SendTemplateOperator,
    SendTextOperator,
)
from airflow_provider_whatsapp.sensors.messages import MessageStatusSensor
from tests.builders import message, text_message

KEY = "mtn_key-Zq7xW3vK9pTm2RjL5nYc8BdF"
NUMBER, DIGITS = "+1 (650) 555-1234", "16505551234"
TEXT = "what only Robert may read"
MESSAGE_ID = "wamid." + base64.b64encode(b"\x1d\x0b16505551234\x15\x02").decode()
# The number in Base64 at each of the offsets that it can have there, without the characters that its neighbours change.
SPELLED = [
    base64.b64encode(b"0" * offset + DIGITS.encode())[offset + 1 : -4].decode()
    for offset in range(3)
]
HIDDEN = [KEY, NUMBER, DIGITS, "6505551234", "555-1234", TEXT, *SPELLED]


def leaks(text):
    """Return what must not be in a text, and is."""
    return [secret for secret in HIDDEN if secret in text]


def uploaded(error):
    """Return all that an error tracker sees of an error: every frame below the caller's, with its local variables."""
    found = TracebackException.from_exception(error, capture_locals=True)
    del found.stack[0]  # the test itself
    return "".join(found.format())


@pytest.fixture
def hook(undecided_sandbox, connect):
    """A hook whose key the sandbox rejects, and functions that change its responses."""
    connect(
        password=KEY,
        extra={
            "rate_limit_storage": "off",
            "timeout": 0.3,
            "proxy": f"http://user:{KEY}@127.0.0.1:9",
        },
    )
    return MatonHook()


def rejection(code, status=400, **fields):
    """A response of Meta's that echoes number, message id and key."""
    said = f"{NUMBER} {DIGITS} {MESSAGE_ID} {KEY}"
    error = {
        "message": said,
        "code": code,
        "fbtrace_id": KEY,
        "error_data": {"details": said},
        **fields,
    }
    return Response(
        status, {"content-type": "application/json"}, json.dumps({"error": error}).encode()
    )


def raising(error):
    def respond():
        raise error

    return respond


# One of each kind; a lost response, a stray error and a signal as well.
RESPONSES = {
    "AuthenticationError": lambda: rejection(190, 401),
    "PermissionDeniedError": lambda: rejection(200, 403),
    "NotFoundError": lambda: Response(404, {}, b'{"message": "no", "code": 404}'),
    "RateLimitedError": lambda: rejection(131048),
    "TransientError": lambda: rejection(131016, 503),
    "RecipientError": lambda: rejection(131026),
    "TemplateError": lambda: rejection(132001, 404),
    "MediaError": lambda: rejection(131053),
    "AccountError": lambda: rejection(131031, 403),
    "BadRequestError": lambda: rejection(987654),
    "OutcomeUnknownError": lambda: Response(200, {}, f"{TEXT} {DIGITS} {KEY}".encode()),
    "OutcomeUnknownError after a stray error": raising(MemoryError(KEY)),
    "OutcomeUnknownError after a signal": raising(KeyboardInterrupt()),
}


@pytest.fixture
def respond(monkeypatch):
    """Return a function that puts a response in the place of the network's, below all of our own frames."""

    def put(made):
        def urlopen(self, method, url, body=None, headers=None, **_):
            # As the frames of an HTTP library have them.
            token, payload = (
                headers["Authorization"],
                body,
            )
            assert token or payload
            transport._in_a_call.has_left = True
            found = made()
            return FakeResponse(found)

        monkeypatch.setattr("urllib3.HTTPConnectionPool.urlopen", urlopen)
        monkeypatch.setitem(
            WhatsAppClient.__init__.__globals__["Api"].__init__.__kwdefaults__,
            "sleep",
            lambda _: None,
        )

    return put


class FakeResponse:
    """As much of urllib3's response as is needed."""

    def __init__(self, respond):
        self.status, self.headers, self._body = respond

    def read(self, *_, **__):
        """Return the body."""
        return self._body

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


@pytest.mark.parametrize("name", RESPONSES)
def test_no_local_variable_of_a_task_gives_anything_away(hook, respond, caplog, name):
    """Each kind of error of a task, with the variables of its frames, is free of key, number and text."""
    caplog.set_level(logging.DEBUG)
    respond(RESPONSES[name])
    task = SendTextOperator(task_id="send", to=NUMBER, body=TEXT, retries=0)
    with pytest.raises(Exception, match=r".") as caught:
        task.execute({})
    assert name.split()[0] in uploaded(caught.value)
    assert leaks(uploaded(caught.value) + caplog.text) == []


@pytest.mark.parametrize("name", RESPONSES)
def test_no_local_variable_of_the_client_gives_anything_away(hook, respond, caplog, name):
    """The same of a script that uses the client; a signal passes through, without the frames of the HTTP library."""
    caplog.set_level(logging.DEBUG)
    respond(RESPONSES[name])
    client = hook.client
    message = validate(MESSAGE, text_message(TEXT, to=NUMBER))
    with pytest.raises((WhatsAppError, KeyboardInterrupt)) as caught:
        client.messages.send(message)
    assert leaks(uploaded(caught.value) + caplog.text) == []


def test_each_kind_of_error_is_met():
    """Each error class of the package is tested, or listed here."""
    kinds = {
        name
        for name, kind in vars(exceptions).items()
        if isinstance(kind, type) and issubclass(kind, WhatsAppError)
    }
    elsewhere = {
        "WhatsAppError",
        "ApiError",
        "ConfigurationError",
        "InvalidRequestError",
        "TransportError",
    }
    assert kinds == {name.split()[0] for name in RESPONSES} | elsewhere


def broken_store(*_, **__):
    raise RuntimeError("the API server is away")


def test_no_local_variable_is_given_away_where_airflow_fails(hook, respond):
    """An error of Airflow's own passes through our frames, which hold neither number nor text."""
    respond(RESPONSES["RecipientError"])
    store = SimpleNamespace(get=lambda *_: "nothing", set=broken_store)
    ti = SimpleNamespace(try_number=1, max_tries=0, xcom_push=lambda **_: None)
    task = SendTextOperator(task_id="send", to=NUMBER, body=TEXT, retries=0)
    with pytest.raises(RuntimeError) as caught:
        task.execute({"ti": ti, "task_state_store": store})
    assert "the API server is away" in uploaded(caught.value)
    assert leaks(uploaded(caught.value)) == []


@pytest.mark.parametrize(
    "extra", [{"speed": KEY}, {"proxy": f"http://user:{KEY}@[x"}], ids=["unknown", "proxy"]
)
def test_the_door_for_triggers_gives_nothing_away(hook, connect, extra):
    """A trigger's own door to the client is as close about the connection as the other one."""
    connect(extra=extra)
    with pytest.raises(WhatsAppError) as caught:
        asyncio.run(MatonHook().get_async_client())
    assert leaks(uploaded(caught.value)) == []


WRONG = {
    "text": lambda: SendTextOperator(task_id="send", to=NUMBER, body=TEXT * 1000),
    "number": lambda: SendTextOperator(task_id="send", to=f"{NUMBER}, {NUMBER}", body=TEXT),
    "template": lambda: SendTemplateOperator(
        task_id="send", to=NUMBER, template_name=TEXT, body_parameters=[TEXT]
    ),
    "parameters": lambda: SendTemplateOperator(
        task_id="send",
        to=NUMBER,
        template_name="a",
        body_parameters={"name": {"number": NUMBER}},
    ),
    "message": lambda: SendMessageOperator(
        task_id="send", to=NUMBER, message={"type": "text", "text": {"text": DIGITS}}
    ),
    "raw message": lambda: SendMessageOperator(
        task_id="send", to=NUMBER, message=[TEXT, DIGITS]
    ),
    "buttons": lambda: SendInteractiveOperator(
        task_id="send", to=NUMBER, body=TEXT, buttons={DIGITS: TEXT * 9}
    ),
    "media": lambda: SendMediaOperator(
        task_id="send", to=NUMBER, link="https://a.b/c.png", caption=TEXT * 1000
    ),
    "read": lambda: MarkMessageReadOperator(
        task_id="read", message_id=f"{MESSAGE_ID} {DIGITS}"
    ),
    "status": lambda: MessageStatusSensor(
        task_id="wait", message_id=f"{MESSAGE_ID} {DIGITS}"
    ),
    "media id": lambda: DownloadMediaOperator(
        task_id="get", media_id=f"{DIGITS}/{TEXT}", file="a"
    ),
}


@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG)
def test_no_wrong_argument_is_given_away(hook, make):
    """The error about an invalid argument does not contain the argument, in its frames as well."""
    task = make()
    with pytest.raises(Exception, match=r".") as caught:
        task.execute({})
    said = uploaded(caught.value)
    assert "InvalidRequestError" in said
    assert leaks(said) == []


def test_no_wrong_body_of_a_script_is_given_away():
    """A body that a script validates is not among the variables of the error."""
    with pytest.raises(InvalidRequestError) as caught:
        validate(MESSAGE, message("text", {"body": TEXT, "bold": DIGITS}, to=NUMBER))
    assert leaks(uploaded(caught.value)) == []


CONNECTIONS = {
    "unknown extra": {"extra": {"speed": KEY}},
    "storage": {"extra": {"rate_limit_storage": f"redis://:{KEY}@[x"}},
    "proxy": {"extra": {"proxy": f"http://user:{KEY}@[x"}},
    "type": {"conn_type": "postgres"},
    "number": {"extra": {"phone_number_id": NUMBER}},
    "host": {"host": f"https://user:{KEY}@gateway.example.com"},
    "no server": {"host": "http://127.0.0.1:9"},
    "key": {"password": f"{KEY} {KEY}"},
}


@pytest.mark.parametrize("fields", CONNECTIONS.values(), ids=CONNECTIONS)
def test_no_wrong_connection_is_given_away(hook, connect, monkeypatch, fields):
    """The error about an invalid connection does not contain its secrets, in its frames as well."""
    monkeypatch.setenv("MATON_API_KEY", KEY)
    monkeypatch.setitem(
        WhatsAppClient.__init__.__globals__["Api"].__init__.__kwdefaults__,
        "sleep",
        lambda _: None,
    )
    connect(**fields)
    task = SendTextOperator(task_id="send", to=NUMBER, body=TEXT, retries=0)
    with pytest.raises(Exception, match=r".") as caught:
        task.execute({})
    said = uploaded(caught.value)
    assert "ConfigurationError" in said or "TransportError" in said
    assert leaks(said) == []


def test_no_repr_gives_anything_away(hook):
    """A log or a debugger that shows our objects shows neither key, number nor text."""
    config = ClientConfig(
        api_key=SecretStr(KEY), phone_number_id="1", proxy=f"http://user:{KEY}@proxy:3128"
    )
    message = validate(MESSAGE, text_message(TEXT, to=NUMBER))
    call = Call(
        method="POST",
        path="1/messages",
        json=message.encode(),
        params={"message_id": MESSAGE_ID},
        recipient=DIGITS,
    )
    request = build_request(call, config)
    client = WhatsAppClient(config)
    objects = [
        config,
        message,
        message.text,
        call,
        request,
        Response(200, {"x": KEY}, DIGITS.encode()),
        client,
    ]
    objects += [
        *vars(client).values(),
        Transport(config),
        hook,
        SendTextOperator(task_id="send", to=NUMBER, body=TEXT),
    ]
    assert leaks(repr(objects) + str(objects)) == []


def responses():
    """Return every model of a response, in all modules."""
    for module in pkgutil.walk_packages(
        airflow_provider_whatsapp.__path__, "airflow_provider_whatsapp."
    ):
        if ".models." in module.name or ".client." in module.name:
            import_module(module.name)
    return sorted(
        {kind for kind in descendants(ResponseModel) if not kind.__name__.endswith("]")},
        key=str,
    )


def descendants(kind):
    return {
        kind,
        *(below for child in kind.__subclasses__() for below in descendants(child)),
    }


# Names of fields in which Meta writes a person's number, a message's id or a secret.
PERSONAL = (
    "input",
    "wa_id",
    "message_id",
    "display_phone_number",
    "url",
    "next",
    "profile_picture_url",
)


@pytest.mark.parametrize("kind", responses(), ids=lambda kind: kind.__name__)
def test_no_repr_of_a_response_gives_anything_away(kind):
    """Fields that hold a number, a message id or a secret are not shown, and fields that we do not know neither."""
    secret = f"{DIGITS} {MESSAGE_ID} {KEY}"
    hidden = {
        name
        for name, field in kind.model_fields.items()
        if "SecretStr" in str(field.annotation)
    }
    values = {
        name: SecretStr(secret) if name in hidden else secret
        for name in {*kind.model_fields} & {*PERSONAL}
    }
    made = kind.model_construct(**values)
    object.__setattr__(made, "__pydantic_extra__", {"number": DIGITS})
    assert leaks(repr(made) + str(made)) == []
