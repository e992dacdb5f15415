"""The meaning of each response for the caller."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from airflow_provider_whatsapp.client.http.calls import Call
from airflow_provider_whatsapp.client.http.responses import parse_response
from airflow_provider_whatsapp.client.resources.pagination import Page
from airflow_provider_whatsapp.exceptions import (
    AuthenticationError,
    BadRequestError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitedError,
    RecipientError,
    TemplateError,
    TransientError,
    WhatsAppError,
)
from airflow_provider_whatsapp.models.base import ResponseModel, Success
from airflow_provider_whatsapp.models.messages import SentMessage
from airflow_provider_whatsapp.models.templates import Template


@pytest.fixture
def error_of(response, send):
    """Return the error that a response to a send means."""

    def read_error(status, body, call=send, **headers):
        with pytest.raises(Exception, match=r"\.") as caught:
            parse_response(response(status, body, **headers), call, SentMessage)
        return caught.value

    return read_error


def meta(**fields):
    """Make an error body as Meta's, with nothing but these fields and a trace id."""
    return {"error": {"message": "No.", "fbtrace_id": "Abc", **fields}}


def test_success(response, send):
    """A good response becomes the model that was asked for."""
    sent = parse_response(response(200, "sent"), send, SentMessage)
    assert sent.message_id.startswith("wamid.")
    assert sent.message_status == "accepted"


@pytest.mark.parametrize(
    ("status", "body", "kind", "permanent"),
    [
        pytest.param(
            400, "template_rejected", TemplateError, True, id="subcode-before-code"
        ),
        pytest.param(400, "no_such_object", NotFoundError, True, id="100/33"),
        pytest.param(
            500, "no_capability", PermissionDeniedError, True, id="permanent-at-500"
        ),
        pytest.param(400, "pair_rate_limit", RateLimitedError, False, id="131056-at-400"),
        pytest.param(
            400, "throughput", RateLimitedError, False, id="130429-at-400-unknown-subcode"
        ),
        pytest.param(400, "not_on_allow_list", RecipientError, True, id="131030"),
        pytest.param(400, "unknown_error", BadRequestError, True, id="1-at-400"),
        pytest.param(
            400,
            meta(code=1, is_transient=True),
            TransientError,
            False,
            id="1-transient-at-400",
        ),
        pytest.param(
            500,
            meta(code=1, is_transient=True),
            TransientError,
            False,
            id="1-transient-at-500",
        ),
        pytest.param(400, meta(code=987654), BadRequestError, True, id="unknown-at-400"),
        pytest.param(
            400,
            meta(code=987654, is_transient=True),
            TransientError,
            False,
            id="unknown-transient",
        ),
        pytest.param(
            503,
            meta(is_transient=True),
            TransientError,
            False,
            id="no-code-transient-at-503",
        ),
        pytest.param(
            403, meta(code=987654), PermissionDeniedError, True, id="unknown-at-403"
        ),
        pytest.param(404, meta(code=987654), NotFoundError, True, id="unknown-at-404"),
        pytest.param(429, meta(code=987654), RateLimitedError, False, id="unknown-at-429"),
        pytest.param(403, meta(code=274), PermissionDeniedError, True, id="201-299"),
        pytest.param(
            401,
            meta(code=190, is_transient=True),
            AuthenticationError,
            True,
            id="code-before-transient",
        ),
        pytest.param(400, meta(code="131047"), RecipientError, True, id="code-as-text"),
        pytest.param(400, meta(code="soon"), BadRequestError, True, id="code-in-words"),
        pytest.param(200, meta(code=190), AuthenticationError, True, id="error-at-200"),
    ],
)
def test_rejections_of_meta(error_of, status, body, kind, permanent):
    """Subcode, then code, then is_transient, then the status decide about class and permanence."""
    error = error_of(status, body)
    assert type(error) is kind
    assert (error.permanent, error.is_gateway, error.status) == (permanent, False, status)


@pytest.mark.parametrize(
    ("status", "body", "kind", "permanent", "remedy"),
    [
        pytest.param(
            401,
            "maton_unauthorized",
            AuthenticationError,
            True,
            "maton.ai/settings",
            id="key",
        ),
        pytest.param(
            404,
            "maton_no_such_connection",
            NotFoundError,
            True,
            "maton_connection_id",
            id="flat",
        ),
        pytest.param(
            400,
            {"error": {"message": "x", "code": 400}},
            BadRequestError,
            True,
            "connections",
            id="400",
        ),
        pytest.param(
            400,
            {"error": "invalid app name"},
            BadRequestError,
            True,
            "connections",
            id="error-as-text",
        ),
        pytest.param(
            429,
            {"error": {"code": 429}},
            RateLimitedError,
            False,
            "rate_limit_storage",
            id="429",
        ),
        pytest.param(
            429,
            b"<html>slow down</html>",
            RateLimitedError,
            False,
            "10 calls a second",
            id="429-html",
        ),
        pytest.param(403, b"", PermissionDeniedError, True, "host", id="403-empty"),
        pytest.param(
            301, b"", BadRequestError, True, "redirects are not followed", id="redirect"
        ),
        pytest.param(413, b"too large", BadRequestError, True, "host", id="413"),
    ],
)
def test_rejections_of_the_gateway(error_of, status, body, kind, permanent, remedy):
    """Without a trace id it is the gateway that speaks, and the remedy names the setting."""
    error = error_of(status, body)
    assert type(error) is kind
    assert (error.permanent, error.is_gateway, error.code) == (permanent, True, None)
    assert remedy in str(error)
    assert "Maton gateway" in str(error)


def test_fields(error_of):
    """A rejection keeps codes, details and trace id, and says all of them with what to do next."""
    error = error_of(400, "template_rejected")
    assert (error.code, error.subcode, error.fbtrace_id) == (
        100,
        2388299,
        "AzKEg2kHQ4m8AIWH3EQWj1x",
    )
    assert error.details == "As variáveis não podem estar no início ou no fim do modelo."
    assert str(error) == (
        "Leading or trailing parameters not allowed. As variáveis não podem estar no início ou no fim do modelo. "
        "[Meta, HTTP 400, code 100, subcode 2388299, fbtrace_id AzKEg2kHQ4m8AIWH3EQWj1x] "
        "Put words before the first and after the last variable; punctuation does not count."
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(
            meta(code=131000, message=None),
            "Something went wrong",
            id="title-for-no-message",
        ),
        pytest.param(
            {"error": {"type": "OAuthException"}}, "No reason given", id="nothing"
        ),
        pytest.param(meta(message={"a": 1}), "{'a': 1}", id="message-not-text"),
        pytest.param(meta(error_data={"details": "More."}), "No. More.", id="details"),
        pytest.param(
            meta(error_data="odd", error_user_msg="For you"),
            "No. For you.",
            id="user-message",
        ),
    ],
)
def test_what_is_said(error_of, body, said):
    """An error has a text even if Meta's error is almost empty."""
    assert str(error_of(400, body)).startswith(said)


@pytest.mark.parametrize("call", ["read", "upload", "send"])
@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(200, b"", id="empty"),
        pytest.param(200, b"<html>hello</html>", id="html"),
        pytest.param(200, b'{"messages": [{"id": "wam', id="truncated"),
        pytest.param(200, b"[1]", id="list"),
        pytest.param(200, b"null", id="null"),
        pytest.param(200, b"\xff\xfe\xfd", id="bytes"),
        pytest.param(200, b"[" * 100_000, id="deep"),
        pytest.param(200, b'{"messages": []}', id="no-message-id"),
        pytest.param(200, b'{"error": "odd"}', id="error-as-text"),
        pytest.param(202, b'{"messages": null}', id="null-for-list"),
        pytest.param(500, b"", id="500-empty"),
        pytest.param(502, b"<html>Bad gateway</html>", id="502-html"),
        pytest.param(503, b'{"message": "unavailable"}', id="503-json"),
        pytest.param(504, b"", id="504"),
        pytest.param(500, b'{"error": {"code": 500, "message": "oops"}}', id="500-gateway"),
        pytest.param(500, b'{"error": {"code": 1, "type": "OAuthException"}}', id="meta-1"),
        pytest.param(
            500, b'{"error": {"code": 424242, "fbtrace_id": "A"}}', id="meta-unknown"
        ),
    ],
)
def test_unreadable(error_of, request, call, status, body):
    """A response that explains nothing is unknown for what changes something, transient for a read."""
    error = error_of(status, body, request.getfixturevalue(call))
    assert type(error) is (TransientError if call == "read" else OutcomeUnknownError)
    assert error.permanent is (call == "send")
    assert f"HTTP {status}" in str(error)
    assert ("Ask the recipient or check the webhooks" in str(error)) is (call == "send")
    assert ("harmless" in str(error)) is (call == "upload")


def test_success_false(response, send):
    """A 200 that says success: false is a rejection that may pass, not a success."""
    with pytest.raises(BadRequestError, match="not processed") as caught:
        parse_response(response(200, {"success": False}), send, Success)
    assert not caught.value.permanent


@pytest.mark.parametrize(
    ("content_type", "shown"),
    [
        ("text/html; charset=utf-8", "text/html,"),
        ("", "no content type,"),
        ("x" * 5000, "no content type,"),
    ],
    ids=["html", "absent", "nonsense"],
)
def test_content_type_is_shown(error_of, content_type, shown):
    """An unreadable response is described by its type and length, never by its content."""
    text = str(error_of(200, b"+16505551234", content_type=content_type))
    assert f"{shown} 12 bytes" in text
    assert "5551234" not in text


def test_missing_fields_are_named(error_of):
    """A response of another shape is described by the fields it lacks."""
    assert "expected in messages.0.id" in str(error_of(200, {"messages": [{}]}))


@pytest.mark.parametrize("body", [b"", b" \n", b"{}"], ids=["none", "blank", "object"])
@pytest.mark.parametrize("status", [200, 204])
def test_deletion_on_the_control_plane(response, status, body):
    """A connection is deleted, whether or not the control plane says anything about it."""
    call = Call(method="DELETE", path="connections/1", control=True)
    assert parse_response(response(status, body), call, ResponseModel) == ResponseModel()


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (Call(method="DELETE", path="1"), b""),
        (Call(method="GET", path="connections", control=True), b""),
        (Call(method="DELETE", path="connections/1", control=True), b"<html>"),
    ],
    ids=["gateway", "read", "no json"],
)
def test_no_other_response_may_be_empty(response, call, body):
    """Any other response without a JSON object is an error."""
    with pytest.raises(TransientError, match="is not a JSON object"):
        parse_response(response(200, body), call, ResponseModel)


@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize("is_meta", [True, False], ids=["meta", "gateway"])
def test_long_texts_are_cut(response, send, status, is_meta):
    """The error stays short for a text of any length, and a secret is removed before the text is cut."""
    error = {
        "message": "m" * 10**6,
        "code": 100,
        "error_data": {"details": "word " * 10**5},
        **({"fbtrace_id": "A" * 10**6} if is_meta else {}),
    }
    with pytest.raises(WhatsAppError) as caught:
        parse_response(response(status, {"error": error}), send, SentMessage)
    assert len(str(caught.value)) < 2000
    secret = "key-0123456789"
    error["message"] = f"{'word ' * 98}{secret}"
    with pytest.raises(WhatsAppError) as caught:
        parse_response(
            response(status, {"error": error}),
            send,
            SentMessage,
            secrets=(SecretStr(secret),),
        )
    assert "key-" not in str(caught.value)


def test_a_text_of_usual_length_stays_whole(response, send):
    """Meta's usual texts are repeated in full, with their line breaks."""
    details = "This is why.\n" * 30
    error = {
        "code": 131000,
        "message": "(#131000) m",
        "fbtrace_id": "A",
        "error_data": {"details": details},
    }
    with pytest.raises(WhatsAppError) as caught:
        parse_response(response(400, {"error": error}), send, SentMessage)
    assert caught.value.details == details
    assert caught.value.fbtrace_id == "A"


def test_many_missing_fields_are_counted_short(response, read):
    """A response with thousands of wrong parts does not make an error with thousands of names."""
    with pytest.raises(WhatsAppError) as caught:
        parse_response(response(200, {"data": [{"name": 5}] * 5000}), read, Page[Template])
    assert "lacks what was expected in data.0.id, data.0.name" in str(caught.value)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    "error", [{"error": {"code": 131016, "fbtrace_id": "A"}}, {"success": False}], ids=str
)
def test_a_message_beside_a_rejection_is_unknown(response, send, error):
    """A response with both does not prove that nothing was sent: a retry could send a second message."""
    with pytest.raises(OutcomeUnknownError, match="contains both a message and an error"):
        parse_response(
            response(200, {"messages": [{"id": "wamid.A"}], **error}), send, SentMessage
        )


def test_an_empty_error_is_none(response, send):
    """A message that was accepted stays accepted if an error without anything in it stands beside it."""
    found = parse_response(
        response(200, {"messages": [{"id": "wamid.A"}], "error": {}}), send, SentMessage
    )
    assert found.message_id == "wamid.A"


@pytest.mark.parametrize(
    "code",
    [16505551234, "16505551234", 10**4000, -(10**9)],
    ids=["number", "text", "huge", "low"],
)
def test_a_code_that_is_none_is_left_out(response, send, code):
    """A code longer than any of Meta's, which may be a phone number, does not stand in the error."""
    with pytest.raises(WhatsAppError) as caught:
        parse_response(
            response(
                400, {"error": {"code": code, "error_subcode": code, "fbtrace_id": "A"}}
            ),
            send,
            SentMessage,
        )
    assert caught.value.code is None
    assert "1234" not in str(caught.value)
