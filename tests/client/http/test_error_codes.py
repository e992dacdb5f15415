from __future__ import annotations

import pytest

from airflow_provider_whatsapp.client.http import error_codes
from airflow_provider_whatsapp.client.http.responses import parse_response
from airflow_provider_whatsapp.client.http.retry import RETRY_BUDGET
from airflow_provider_whatsapp.exceptions import (
    AccountError,
    ApiError,
    AuthenticationError,
    BadRequestError,
    MediaError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    RecipientError,
    TemplateError,
    TransientError,
    WhatsAppError,
)
from airflow_provider_whatsapp.models.messages import SentMessage

RETRIED = {
    2, 4, 17, 32, 341, 613, 80007, 80008, 130429, 131000, 131016, 131056, 131057, 131208, 133004, 133015, 134101,
    138002, 138004, 138005, 138007, 138013, 139102, 139103, 2494100,
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "subcode", "kind"),
    [
        pytest.param(0, None, AuthenticationError, id="login"),
        pytest.param(190, 463, AuthenticationError, id="token-expired"),
        pytest.param(100, None, BadRequestError, id="parameter"),
        pytest.param(100, 33, NotFoundError, id="no-object"),
        pytest.param(100, 2388299, TemplateError, id="template-subcode"),
        pytest.param(4, 2446079, RateLimitedError, id="unknown-subcode"),
        pytest.param(3, None, PermissionDeniedError, id="capability"),
        pytest.param(200, None, PermissionDeniedError, id="200"),
        pytest.param(201, None, PermissionDeniedError, id="201"),
        pytest.param(299, None, PermissionDeniedError, id="299"),
        pytest.param(131026, None, RecipientError, id="undeliverable"),
        pytest.param(131030, None, RecipientError, id="allow-list"),
        pytest.param(131031, None, AccountError, id="locked"),
        pytest.param(131048, None, RateLimitedError, id="spam"),
        pytest.param(131053, None, MediaError, id="upload"),
        pytest.param(132001, None, TemplateError, id="no-template"),
        pytest.param(133010, None, AccountError, id="unregistered"),
        pytest.param(133004, None, TransientError, id="server"),
    ],
)
def test_find(code, subcode, kind):
    """A known subcode decides; otherwise the code does."""
    assert error_codes.find(code, subcode).error is kind


@pytest.mark.parametrize("code", [None, -1, 300, 999_999], ids=repr)
def test_unknown(code):
    """A code that Meta adds later has no claim about a retry."""
    assert error_codes.find(code, None) is None
    assert error_codes.find(code, 42) is None


def test_what_is_repeated():
    """Only throttles and temporary problems are retried."""
    assert {code for code, known in error_codes.CODES.items() if known.retry} == RETRIED


def test_only_passing_kinds_are_repeated():
    """No rejection that needs a person is ever repeated."""
    kinds = {known.error for known in error_codes.CODES.values() if known.retry}
    assert kinds == {RateLimitedError, TransientError}


def test_waits():
    """A pair limit waits 4, 16, 64 seconds as Meta asks; no wait is shorter than a second."""
    pair = error_codes.CODES[131056]
    assert [pair.wait * pair.factor**tries for tries in range(3)] == [4, 16, 64]
    assert all(
        known.wait >= 1 and known.factor >= 1 for known in error_codes.CODES.values()
    )


def test_registering_is_left_to_the_task():
    """A code whose wait is longer than the client's patience goes to the task's retries."""
    assert error_codes.CODES[133015].wait > RETRY_BUDGET


@pytest.mark.parametrize("kind", ApiError.__subclasses__(), ids=lambda kind: kind.__name__)
def test_every_class_has_a_remedy(kind):
    """No error leaves its reader without a next step."""
    assert error_codes.remedy(kind, None, None).endswith(".")


def test_remedy_is_the_finest_known():
    """The subcode's remedy goes before the code's, and that before the class's."""
    finest = error_codes.remedy(TemplateError, 132000, 2388299)
    finer = error_codes.remedy(TemplateError, 132000, 1)
    assert finest.startswith("Put words before")
    assert finer.startswith("Pass exactly as many")
    assert error_codes.remedy(TemplateError, 100, None).startswith("Compare the template")


@pytest.fixture
def error_of(response, send):
    """Return the error that a rejection of a send means."""

    def rejected(status, **fields):
        body = {"error": {"message": "Said.", "fbtrace_id": "AbC", **fields}}
        with pytest.raises(WhatsAppError) as caught:
            parse_response(response(status, body), send, SentMessage)
        return caught.value

    return rejected


@pytest.mark.parametrize(
    ("fields", "kind", "permanent"),
    [
        pytest.param(
            {"error_subcode": 33, "code": 130429}, NotFoundError, True, id="subcode"
        ),
        pytest.param(
            {"error_subcode": 987654, "code": 131026}, RecipientError, True, id="code"
        ),
        pytest.param(
            {"error_subcode": 987654, "code": 987654},
            TransientError,
            False,
            id="is_transient",
        ),
        pytest.param(
            {"code": 987654, "is_transient": False},
            PermissionDeniedError,
            True,
            id="status",
        ),
    ],
)
def test_the_first_that_is_known_decides(error_of, fields, kind, permanent):
    """Subcode, code, is_transient and status contradict each other, and count in this order."""
    error = error_of(403, **{"is_transient": True, **fields})
    assert (type(error), error.permanent) == (kind, permanent)


def told(error, number):
    """Tell whether an error has the class of a known code, and ends with what to do about it."""
    known = error_codes.find(number, None)
    as_known = (type(error), error.permanent) == (known.error, not known.retry)
    return as_known and str(error).endswith(
        f", fbtrace_id AbC] {error_codes.remedy(known.error, number, None)}"
    )


@pytest.mark.parametrize("code", [*error_codes.CODES, 201, 299])
def test_every_code_is_told(error_of, code):
    """The error of a known code has its class, and says what happened, code, trace id and what to do."""
    error = error_of(400, code=code)
    assert told(error, code)
    assert str(error).startswith(f"Said. [Meta, HTTP 400, code {code}, fbtrace_id")


@pytest.mark.parametrize("subcode", [code for code in error_codes.CODES if code])
def test_every_subcode_is_told(error_of, subcode):
    """A known number does the same as a subcode, and says its title in place of Meta's 'Invalid parameter'."""
    error = error_of(400, code=987654, error_subcode=subcode)
    assert told(error, subcode)
    title = error_codes.CODES[subcode].title
    assert str(error).startswith(
        f"{title}. [Meta, HTTP 400, code 987654, subcode {subcode}, fbtrace_id"
    )


@pytest.mark.parametrize("subcode", [0, "0", None, "", {}], ids=repr)
def test_no_subcode(error_of, subcode):
    """An empty subcode of any form leaves the decision to the code."""
    assert type(error_of(400, code=131026, error_subcode=subcode)) is RecipientError
