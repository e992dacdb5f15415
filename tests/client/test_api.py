from __future__ import annotations

import io
import logging

import pytest

from airflow_provider_whatsapp.client.http.calls import Call
from airflow_provider_whatsapp.client.http.retry import MAX_ATTEMPTS, RETRY_BUDGET
from airflow_provider_whatsapp.client.resources.media import Media
from airflow_provider_whatsapp.client.resources.messages import Messages
from airflow_provider_whatsapp.exceptions import (
    BadRequestError,
    OutcomeUnknownError,
    RateLimitedError,
    RecipientError,
    TemplateError,
    TransportError,
    WhatsAppError,
)
from airflow_provider_whatsapp.models.base import Success
from airflow_provider_whatsapp.models.media import MediaFile

THROTTLED = {"error": {"message": "Rate limit exceeded", "code": 429}}


@pytest.fixture
def good(response):
    return response(200, {"success": True})


def test_first_time(api, good, read):
    """A call that succeeds is made once, without a wait."""
    carrier = api(good)
    assert carrier.call(read, Success).success
    assert (len(carrier.transport.requests), carrier.waits) == (1, [])


@pytest.mark.parametrize("call", ["read", "upload", "send"])
def test_waits_as_told(api, response, good, request, call):
    """A throttled call of any kind waits for as long as the response says, and is made again."""
    carrier = api(response(429, THROTTLED, retry_after="7"), response(429, THROTTLED), good)
    call = Call(
        method="POST", path="1", idempotency=request.getfixturevalue(call).idempotency
    )
    assert carrier.call(call, Success).success
    assert carrier.waits == [7, 2]


def test_gives_up(api, response, send):
    """After five attempts the last error is raised."""
    carrier = api(response(429, THROTTLED))
    with pytest.raises(RateLimitedError):
        carrier.call(send, Success)
    assert len(carrier.transport.requests) == MAX_ATTEMPTS
    assert carrier.waits == [1, 2, 4, 8]


def test_gives_up_in_time(api, response, send):
    """No call waits for longer than its budget, even if there are attempts left."""
    carrier = api(response(429, THROTTLED, retry_after="3600"))
    with pytest.raises(RateLimitedError):
        carrier.call(send, Success)
    assert carrier.waits == [60, 60]
    assert sum(carrier.waits) == RETRY_BUDGET


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        pytest.param(400, "template_rejected", TemplateError, id="template"),
        pytest.param(400, "not_on_allow_list", RecipientError, id="recipient"),
        pytest.param(200, {"success": False}, BadRequestError, id="success-false"),
        pytest.param(502, b"", OutcomeUnknownError, id="bare-502"),
        pytest.param(200, b"<html>", OutcomeUnknownError, id="html"),
    ],
)
def test_not_repeated(api, response, send, status, body, kind):
    """A rejection that stays, and a response that explains nothing, end a send at once."""
    carrier = api(response(status, body))
    with pytest.raises(kind):
        carrier.call(send, Success)
    assert (len(carrier.transport.requests), carrier.waits) == (1, [])


def test_lost_then_throttled_send(api, response, send):
    """A send that was rightly repeated is still not repeated once its response gets lost."""
    carrier = api(
        TransportError("no connection"),
        response(400, "throughput"),
        response(504, b""),
        response(200, "sent"),
    )
    with pytest.raises(OutcomeUnknownError):
        carrier.call(send, Success)
    assert len(carrier.transport.requests) == 3


def test_upload_is_rewound(api, response):
    """An upload that was throttled is sent again from the file's beginning, byte by byte the same."""
    carrier = api(response(429, THROTTLED, retry_after="0"), response(200, {"id": "1"}))
    content = io.BytesIO(b"picture" * 1000)
    assert Media(carrier).upload(MediaFile.described("a.png", 7000), content).id == "1"
    first, second = carrier.transport.bodies
    assert first == second
    assert b"picture" * 1000 in first


def test_rate_limit(api, good, read):
    """Calls beyond the account's rate limit wait for a slot before they are made."""
    carrier = api(good, requests_per_second=2, api_key="key-of-this-test")
    for _ in range(3):
        carrier.call(read, Success)
    # With the slack for calls that arrive closer than they left.
    assert carrier.waits == [
        0.51,
        0.51,
    ]


def test_retries_keep_the_rate_limit(api, response, good, read):
    """A retry acquires a slot like any other call."""
    carrier = api(
        response(429, THROTTLED, retry_after="0"),
        good,
        requests_per_second=1,
        api_key="another-key",
    )
    carrier.call(read, Success)
    assert len(carrier.waits) == 1


@pytest.mark.parametrize(
    ("status", "body", "wait"),
    [
        pytest.param(429, THROTTLED, 7, id="gateway"),
        pytest.param(400, {"error": {"type": "OAuthException", "code": 4}}, 7, id="app"),
        pytest.param(400, "throughput", 7, id="throughput"),
        pytest.param(
            400,
            {"error": {"type": "OAuthException", "code": 80007}},
            0,
            id="business-account",
        ),
    ],
)
def test_a_throttle_slows_everyone_down(api, response, good, read, status, body, wait):
    """A throttle of the account delays all its clients, and the caller only once."""
    carrier, others = api(response(status, body, retry_after="7"), good), []
    carrier.meanwhile = lambda: others.extend(carrier.waits_of_another(read))
    carrier.call(read, Success)
    assert (carrier.waits, others) == ([7], [7] if wait else [])


def test_a_pair_that_is_throttled(api, response, message, phone):
    """Too many messages to one recipient delay messages to this recipient only."""
    carrier = api(
        response(
            400, {"error": {"type": "OAuthException", "code": 131056}}, retry_after="7"
        ),
        response(200, "sent"),
        requests_per_second=80,
    )
    messages = Messages(carrier)
    messages.send(message)
    messages.send(message.model_copy(update={"to": "16505550000"}))
    messages.send(message)
    assert carrier.waits == pytest.approx([7, 0.013, 6.1], abs=0.02)


def test_the_last_attempt_slows_down_too(api, response, read):
    """A throttle at which the caller gives up still delays the others."""
    carrier = api(response(429, THROTTLED, retry_after="60"))
    with pytest.raises(RateLimitedError):
        carrier.call(read, Success)
    assert carrier.waits_of_another(read) == [60]


def test_waiting_for_a_slot_is_no_failure(api, response, good, read):
    """A call that waited long for its slot is still retried."""
    carrier = api(
        good, response(429, THROTTLED, retry_after="1"), good, requests_per_second=0.005
    )
    carrier.call(read, Success)
    carrier.call(read, Success)
    assert len(carrier.transport.requests) == 3


def test_slot_too_far_off(api, good, read):
    """A call whose slot is too far off fails at once, and is not made."""
    carrier = api(good, requests_per_second=0.001)
    carrier.call(read, Success)
    with pytest.raises(RateLimitedError, match="nothing was sent"):
        carrier.call(read, Success)
    assert (len(carrier.transport.requests), carrier.waits) == (1, [])


@pytest.mark.parametrize(
    "status",
    [
        pytest.param(200, id="unreadable"),
        400,
        401,
        403,
        404,
        429,
        500,
        pytest.param(503, id="unavailable"),
    ],
)
def test_secrets_stay_out(api, response, message, key, phone, status, caplog, all_said):
    """Neither key nor phone number stands in an error or a log record, even if the server echoes both."""
    said = f"No: Authorization 'Bearer {key}', recipient {phone} and +{phone}"
    error = {
        "message": said,
        "error_data": {"details": said},
        "fbtrace_id": "A",
        "code": 131000,
    }
    carrier = api(response(status, {"error": error} if status != 200 else said.encode()))
    with caplog.at_level(logging.DEBUG), pytest.raises(WhatsAppError) as caught:
        Messages(carrier).send(message)
    everything = all_said(caught.value) + caplog.text
    assert key not in everything
    assert phone not in everything


@pytest.mark.parametrize("fault", ["reset", "hang"])
def test_secrets_stay_out_of_broken_connections(
    request, loopback, live_api, message, key, phone, fault, caplog, all_said
):
    """An error of the network, and all that is chained to it, holds neither key, number nor proxy password."""
    server = loopback(request.getfixturevalue(fault))
    proxy = server.url.replace("//", "//user:hunter2@")
    with caplog.at_level(logging.DEBUG), pytest.raises(WhatsAppError) as caught:
        Messages(live_api(server.url, proxy=proxy, read_timeout=0.5)).send(message)
    everything = all_said(caught.value) + caplog.text
    assert server.requests
    assert not [secret for secret in (key, phone, "hunter2") if secret in everything]
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_warning(api, response, good, read, caplog):
    """Each repetition is logged with its reason and its wait."""
    api(response(429, THROTTLED, retry_after="7"), good).call(read, Success)
    assert (
        "Attempt 1 failed, the next is in 7.0 s: Rate limit exceeded. [Maton gateway, HTTP 429]"
        in caplog.text
    )


def test_a_retry_without_a_slot_is_the_first_error(api, response, message, monkeypatch):
    """A lost response whose retry gets no slot stays a lost response: "nothing was sent" would be untrue."""
    carrier = api(response(504, b""))
    slots = iter([None, RateLimitedError("nothing was sent", permanent=False)])

    def acquire(_call, _sleep):
        if problem := next(slots):
            raise problem

    monkeypatch.setattr(carrier._rate_limiter, "acquire", acquire)
    with pytest.raises(OutcomeUnknownError):
        Messages(carrier).send(message, retry_unknown_outcome=True)
    assert len(carrier.transport.requests) == 1
