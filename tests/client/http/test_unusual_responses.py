"""Rules for every response, also the oddest one."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from airflow_provider_whatsapp.client.http.calls import Call, Idempotency, Response
from airflow_provider_whatsapp.client.http.redaction import redact
from airflow_provider_whatsapp.client.http.responses import parse_response, retry_after
from airflow_provider_whatsapp.client.resources.pagination import Page
from airflow_provider_whatsapp.exceptions import OutcomeUnknownError, WhatsAppError
from airflow_provider_whatsapp.models.base import ResponseModel, Success
from airflow_provider_whatsapp.models.business_profile import BusinessProfileResponse
from airflow_provider_whatsapp.models.connections import (
    MatonConnectionResponse,
    MatonConnections,
)
from airflow_provider_whatsapp.models.media import Media, UploadedMedia
from airflow_provider_whatsapp.models.message_history import (
    MessageEvent,
    MessageHistoryEntry,
)
from airflow_provider_whatsapp.models.messages import SentMessage
from airflow_provider_whatsapp.models.phone_numbers import BusinessPhoneNumber
from airflow_provider_whatsapp.models.templates import CreatedTemplate, Template
from tests.arbitrary import fuzzed_a_little, mutated

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)
ERROR_BODIES = st.fixed_dictionaries(
    {},
    optional={
        "message": JSON,
        "type": st.just("OAuthException") | JSON,
        "code": st.integers(0, 300) | st.sampled_from([130429, 131000, 131056]) | JSON,
        "error_subcode": st.sampled_from([33, 2388299]) | JSON,
        "error_data": st.fixed_dictionaries({"details": JSON}) | JSON,
        "is_transient": st.booleans() | JSON,
        "fbtrace_id": st.text() | JSON,
    },
)
BODIES = (
    st.binary()
    | JSON.map(lambda data: json.dumps(data).encode())
    | st.fixed_dictionaries({"error": ERROR_BODIES | JSON}).map(
        lambda data: json.dumps(data).encode()
    )
)
# Random bytes can be a valid response.
NOISE = st.binary().filter(lambda body: b"success" not in body and b"error" not in body)
UNREADABLE = NOISE | JSON.filter(lambda data: not isinstance(data, dict)).map(
    lambda data: json.dumps(data).encode()
)
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "content-type", "x"]), st.text(max_size=40)
)
STATUSES = st.sampled_from(
    [200, 201, 204, 301, 400, 401, 403, 404, 408, 429, 500, 502, 503, 504]
) | st.integers(100, 599)
CALLS = st.sampled_from(
    [Call(method="POST", path="1", idempotency=idempotency) for idempotency in Idempotency]
)
SEND = Call(method="POST", path="1/messages", idempotency=Idempotency.NEVER_RETRY)


def outcome(response, call, model):
    """Return what a response became: data or an error, or fail with any other exception."""
    try:
        return parse_response(response, call, model)
    except WhatsAppError as error:
        return error


@given(STATUSES, HEADERS, BODIES, CALLS, st.sampled_from([SentMessage, Success]))
def test_nothing_but_our_errors(status, headers, body, call, model):
    """Any response becomes the model, or a WhatsAppError that can be written into a log."""
    found = outcome(Response(status, headers, body), call, model)
    assert isinstance(found, WhatsAppError | model)
    assert str(found).encode()
    assert 0 <= (getattr(found, "retry_after", None) or 0) <= 60


@given(st.integers(200, 299) | st.integers(500, 599), HEADERS, UNREADABLE)
def test_unexplained_responses_to_a_send(status, headers, body):
    """A send whose response explains nothing counts neither as sent nor as safe to retry."""
    found = outcome(Response(status, headers, body), SEND, SentMessage)
    assert type(found) is OutcomeUnknownError
    assert found.permanent


@given(
    st.integers(500, 599), ERROR_BODIES.filter(lambda body: not body.get("is_transient"))
)
def test_server_errors_without_a_known_code(status, body):
    """A 5xx to a send is unknown unless Meta gives a code that we know or calls it transient."""
    unexplained = {**body, "code": 1, "error_subcode": None}
    with pytest.raises(OutcomeUnknownError):
        parse_response(
            Response(status, {}, json.dumps({"error": unexplained}).encode()),
            SEND,
            SentMessage,
        )


@given(
    st.text()
    | st.text("0123456789 :,+-GMTMonOct", max_size=40)
    | st.lists(
        st.sampled_from(
            ["Wed,", "OCT", "21", "2026", "99999999999", "07:28:00", "0:0", "-9999"]
        )
    ).map(" ".join)
)
@example("OCT 0 3000000000 0:0")
@example("²")
@example("9" * 5000)
def test_retry_after_is_bounded(value):
    """For any Retry-After of a server, the wait is none or between 0 and 60 seconds."""
    seconds = retry_after({"retry-after": value})
    assert seconds is None or 0 <= seconds <= 60


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param("7", 7, id="seconds"),
        pytest.param(" 0 ", 0, id="zero"),
        pytest.param("3600", 60, id="an-hour-is-capped"),
        pytest.param(
            format_datetime(NOW + timedelta(seconds=9), usegmt=True), 9, id="date"
        ),
        pytest.param("Sun, 01 Mar 2026 12:00:09 -0000", 9, id="date-without-zone"),
        pytest.param(
            format_datetime(NOW + timedelta(days=9), usegmt=True),
            60,
            id="far-date-is-capped",
        ),
        pytest.param(
            format_datetime(NOW - timedelta(days=9), usegmt=True), 0, id="past-date"
        ),
        pytest.param("-5", None, id="negative"),
        pytest.param("1.5", None, id="fraction"),
        pytest.param("soon", None, id="words"),
    ],
)
def test_retry_after(value, seconds):
    """Retry-After is read as seconds or as a date."""
    assert retry_after({"retry-after": value}, NOW) == seconds


def test_retry_after_reaches_the_error(response, send):
    """A throttled call knows how long to wait, and knows nothing if it wasn't told."""
    for headers, seconds in (({"retry_after": "4"}, 4), ({}, None)):
        with pytest.raises(WhatsAppError) as caught:
            parse_response(
                response(429, {"error": {"code": 429}}, **headers), send, SentMessage
            )
        assert caught.value.retry_after == seconds


# What people and programs put between the digits of a phone number.
SEPARATORS = [
    "",
    " ",
    "-",
    ".",
    "/",
    ",",
    ") ",
    "\n",
    "\r\n",
    "\t",
    "\u00a0",
    "\u202f",
    "\u2009",
    "\u2010",
    "\u2011",
    "\u2013",
    "\u2212",
]
secrets = st.from_regex(r"[!-~]{8,40}", fullmatch=True).filter(
    lambda text: not set(text) <= set("•0123456789")
)


@given(st.text(), st.text(), secrets, st.from_regex(r"[0-9]{10,20}", fullmatch=True))
def test_redacted(before, after, secret, digits):
    """Neither the key nor a long run of digits survives."""
    text = redact(
        f"{before}{secret}{after} +{digits} {after}{digits}{before}", (SecretStr(secret),)
    )
    assert secret not in text
    assert not re.search(r"\d{10,}", text)


@given(
    st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True),
    st.lists(st.sampled_from(SEPARATORS), min_size=14, max_size=14),
)
def test_a_number_is_hidden_in_every_spelling(digits, separators):
    """The number that a call was about is found with anything between its digits, a number after a plus as well."""
    spelled = "".join(
        digit + separator for digit, separator in zip(digits, separators, strict=False)
    )
    for shown in (redact(f"to {spelled}", recipient=digits), redact(f"to +{spelled}")):
        assert len(re.sub(r"\D", "", shown)) <= 5


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("to +16505551234.", "to +16•••34.", id="phone"),
        pytest.param("(#131030) not allowed", "(#131030) not allowed", id="code-stays"),
        pytest.param(
            "subcode 2388023 of 139200", "subcode 2388023 of 139200", id="subcode"
        ),
        pytest.param(
            "between 43200 and 2592000 seconds",
            "between 43200 and 2592000 seconds",
            id="limit",
        ),
        pytest.param("one of 43200, 2592000", "one of 43200, 2592000", id="list of limits"),
        pytest.param(
            "at most 104,857,600 bytes", "at most 104,857,600 bytes", id="thousands"
        ),
        pytest.param("since 2026-11-26", "since 2026-11-26", id="date"),
        pytest.param(
            "order_2026_update_invoice_ready_for_all_customers is gone",
            "order_2026_update_invoice_ready_for_all_customers is gone",
            id="template name",
        ),
        pytest.param("token EAAGm0PX4ZCpsBAKZAZBh2sLZAZBxyz0123", "token •••", id="token"),
        pytest.param(
            "token mtn_9f8e7d6c5b4a39281706f5e4d3c2b1a0", "token •••", id="prefixed token"
        ),
        pytest.param(
            "reply to wamid.HBgLMTY1MDU1NTEyMzQ= failed",
            "reply to wamid.••• failed",
            id="message id",
        ),
        pytest.param(
            "id HBgLMTY1MDU1NTEyMzQVAgAR failed",
            "id wamid.••• failed",
            id="end of a message id",
        ),
        pytest.param(
            "to 650_555_1234 or 650*555*1234",
            "to 650•••34 or 650•••34",
            id="odd separators",
        ),
        pytest.param("half \ud800 a pair", "half ? a pair", id="surrogate"),
    ],
)
def test_redacted_reads_well(text, shown):
    """The part of the text that a person needs stays."""
    assert redact(text) == shown


def test_a_short_number_that_the_call_was_about_is_hidden():
    """Seven digits that look like a limit are a phone number where the call was about it."""
    assert (
        redact("2592000 is not on WhatsApp", recipient="2592000")
        == "259•••00 is not on WhatsApp"
    )


@pytest.mark.parametrize(
    "place", ["message", "fbtrace_id", "error_user_msg", "type", "code"]
)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_echoed_secrets(response, send, key, phone, place, status, all_said):
    """A server that echoes key and number anywhere puts neither into the error."""
    body = {
        "error": {
            "code": 131000,
            "fbtrace_id": "A",
            place: f"{key} {'' if place == 'fbtrace_id' else phone}",
        }
    }
    reply = response(status, body, content_type=key)
    with pytest.raises(WhatsAppError) as caught:
        parse_response(reply, send, SentMessage, secrets=(SecretStr(key),))
    assert key not in all_said(caught.value)
    assert phone not in all_said(caught.value)


MODELS = [
    BusinessPhoneNumber, BusinessProfileResponse, CreatedTemplate, MatonConnectionResponse, MatonConnections, Media,
    Page[BusinessPhoneNumber], Page[MessageEvent], Page[MessageHistoryEntry], Page[Template], ResponseModel,
    SentMessage, Success, Template, UploadedMedia,
]  # fmt: skip
PAYLOADS = [
    json.loads(file.read_bytes())
    for file in sorted((Path(__file__).parents[1] / "payloads").glob("*.json"))
]
ODD_BODIES = st.sampled_from(
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"error": {"message": ' + b"[" * 900 + b"]" * 900 + b', "fbtrace_id": "A"}}',
        b'{"error": {"code": ' + b"1" * 5000 + b', "fbtrace_id": "A"}}',
        b'{"error": {"code": 1e400, "fbtrace_id": NaN, "message": Infinity}}',
        b'{"error": {"code": "'
        + b"1" * 5000
        + b'", "error_subcode": [[]], "fbtrace_id": {}}}',
        b'{"error": {"message": "\\ud800", "fbtrace_id": "\\udfff", "error_data": {"details": "\\ud800"}}}',
        b'{"error": {"error": {"error": {"message": "m"}}}}',
        b'{"messages": [{"id": "\\ud800"}], "id": "\\ud800", "success": 1e999}',
        b"\xef\xbb\xbf{}",
        '{"id": "1"}'.encode("utf-16"),
        b"<html>" * 1000,
    ]
)
ODD_HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "content-type"]),
    st.sampled_from(
        [
            "",
            "-1",
            "1e9",
            "9" * 5000,
            "٣",
            "²",
            "Mon, 99 Zzz",
            "x" * 10_000,
            "application/json",
            "text/html; a",
        ]
    ),
)


def written(data):
    return json.dumps(data).encode()


def read(model, status, headers, body):
    """Return what a response became for a send and for a read, each of it written as text."""
    calls = [
        SEND,
        Call(method="GET", path="1"),
        Call(method="DELETE", path="connections/1", control=True),
    ]
    return [
        (
            found := outcome(Response(status, headers, body), call, model),
            f"{found}{found!r}",
        )
        for call in calls
    ]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model(model):
    """For each model of the client, any response is data, or an error of ours that is short and can be written."""

    @fuzzed_a_little
    @given(
        STATUSES,
        HEADERS | ODD_HEADERS,
        BODIES | ODD_BODIES | mutated(PAYLOADS).map(lambda data: json.dumps(data).encode()),
    )
    def check(status, headers, body):
        for found, shown in read(model, status, headers, body):
            assert isinstance(found, WhatsAppError | model)
            if isinstance(found, WhatsAppError):
                assert len(shown.encode()) < 8000
            assert 0 <= (getattr(found, "retry_after", None) or 0) <= 60

    check()


@fuzzed_a_little
@given(mutated(PAYLOADS), st.sampled_from(MODELS))
def test_payloads_with_one_odd_place(payload, model):
    """A real response of Meta with one odd value becomes data of any model or an error of ours."""
    for status in (200, 400, 500):
        found, _ = read(model, status, {}, written(payload))[0]
        assert isinstance(found, WhatsAppError | model)
