from __future__ import annotations

import json
from contextlib import contextmanager, nullcontext

import pytest

from airflow_provider_whatsapp.client.http.retry import MAX_ATTEMPTS
from airflow_provider_whatsapp.client.resources.messages import Messages
from airflow_provider_whatsapp.exceptions import (
    InvalidRequestError,
    OutcomeUnknownError,
    RateLimitedError,
    RecipientError,
)
from airflow_provider_whatsapp.models.messages import TextMessage
from tests.builders import sent_message, template_content


def test_send(api, response, message, phone):
    """A message is posted once to the account's number, and its id comes back."""
    carrier = api(response(200, "sent"))
    sent = Messages(carrier).send(message)
    assert sent.message_id == "wamid.HBgLMTY0NjcwNDM1OTUVAgARGBI1RjQyNUE3NEYxMzAzMzQ5MkEA"
    assert (sent.message_status, sent.wa_id) == ("accepted", phone)
    (request,) = carrier.transport.requests
    assert (request.method, request.params) == ("POST", {})
    assert (
        request.url
        == "https://gateway.maton.ai/whatsapp-business/v25.0/106540352242922/messages"
    )
    assert json.loads(request.body) == sent_message(
        "template", template_content(name="task_failed"), to=phone
    )


def test_other_sender(api, response, message):
    """A message can go out from another number than the account's."""
    carrier = api(response(200, "sent"))
    Messages(carrier).send(message, phone_number_id="7")
    assert carrier.transport.requests[0].url.endswith("/7/messages")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(504, b"", id="504"),
        pytest.param(200, b"{", id="truncated"),
        pytest.param(200, {}, id="no-id"),
    ],
)
def test_lost_response(api, response, message, status, body):
    """A message is not sent again if it may have gone out."""
    carrier = api(response(status, body), response(200, "sent"))
    with pytest.raises(OutcomeUnknownError):
        Messages(carrier).send(message)
    assert len(carrier.transport.requests) == 1


def test_pair_limit(api, response, message):
    """Too many messages to one person are spread out as Meta asks, and then the message goes."""
    carrier = api(
        response(400, "pair_rate_limit"),
        response(400, "pair_rate_limit"),
        response(200, "sent"),
    )
    assert Messages(carrier).send(message).message_id
    assert carrier.waits == [4, 16]


def test_rejected(api, response, message, phone):
    """A recipient who cannot be reached is named in no error."""
    carrier = api(response(400, "not_on_allow_list"))
    with pytest.raises(RecipientError, match="allow-list") as caught:
        Messages(carrier).send(message)
    assert phone not in str(caught.value)
    assert len(carrier.transport.requests) == 1


def test_wanted_at_least_once(api, response, message):
    """With retry_unknown_outcome a message is sent again after a lost response."""
    carrier = api(response(504, b""), response(200, "sent"))
    assert Messages(carrier).send(message, retry_unknown_outcome=True).message_id
    assert len(carrier.transport.requests) == 2


def test_never_known(api, response, message):
    """If a message that may be sent again stays unknown, the error allows the task a retry."""
    carrier = api(response(504, b""))
    with pytest.raises(
        OutcomeUnknownError, match="perhaps more than once: it was retried as requested"
    ) as caught:
        Messages(carrier).send(message, retry_unknown_outcome=True)
    assert not caught.value.permanent
    assert len(carrier.transport.requests) == MAX_ATTEMPTS


def test_each_attempt_is_noted(api, response, message):
    """A bound client enters the context of its caller for each attempt, until the response has been read."""
    carrier = api(response(400, "pair_rate_limit"), response(200, "sent"))
    seen = []

    @contextmanager
    def around_attempt():
        before = len(carrier.transport.requests)
        try:
            yield
        except RateLimitedError:
            seen.append((before, len(carrier.transport.requests), "rejected"))
            raise
        seen.append((before, len(carrier.transport.requests), "accepted"))

    Messages(carrier.with_around_attempt(around_attempt)).send(message)
    assert seen == [(0, 1, "rejected"), (1, 2, "accepted")]


def test_an_attempt_that_cannot_be_noted_is_not_made(api, response, message):
    """An error before the message has left keeps it from being sent."""
    carrier = api(response(200, "sent"))

    @contextmanager
    def around_attempt():
        raise OSError("cannot be noted")
        yield

    with pytest.raises(OSError, match="cannot be noted"):
        Messages(carrier.with_around_attempt(around_attempt)).send(message)
    assert carrier.transport.requests == []


def test_only_messages_are_noted(api, response):
    """A call that sends no message, such as a read receipt, does not enter the context."""
    carrier = api(response(200, {"success": True}))
    noted = []
    Messages(
        carrier.with_around_attempt(lambda: noted.append(1) or nullcontext())
    ).mark_read("wamid.A")
    assert (len(carrier.transport.requests), noted) == (1, [])


def text(**recipient):
    return TextMessage.model_validate({"text": {"body": "hi"}, **recipient})


@pytest.mark.parametrize(
    "number", ["650 555 1234", 1234567890], ids=["without country code", "of the guide"]
)
def test_an_invalid_number_is_sent_with_a_warning(api, response, caplog, number):
    """A number that libphonenumber calls invalid goes out as it was written, with one warning however many attempts."""
    carrier = api(response(400, "pair_rate_limit"), response(200, "sent"))
    assert Messages(carrier).send(text(to=number)).message_id
    assert json.loads(carrier.transport.requests[0].body)["to"] == str(number).replace(
        " ", ""
    )
    warnings = [
        record.getMessage()
        for record in caplog.records
        if "is read as country code" in record.getMessage()
    ]
    assert len(warnings) == 1
    assert str(number).replace(" ", "") not in caplog.text


def test_an_invalid_number_can_fail(api, response):
    """With check_numbers="fail" nothing is sent to a number that libphonenumber calls invalid."""
    carrier = api(response(200, "sent"), check_numbers="fail")
    with pytest.raises(InvalidRequestError, match="read as country code 65"):
        Messages(carrier).send(text(to="650 555 1234"))
    assert carrier.transport.requests == []
    assert Messages(carrier).send(text(to="+1 650 555 1234")).message_id


def test_numbers_need_not_be_checked(api, response, caplog):
    """With check_numbers="off" any number goes out without a word."""
    carrier = api(response(200, "sent"), check_numbers="off")
    assert Messages(carrier).send(text(to="650 555 1234")).message_id
    assert caplog.records == []


@pytest.mark.parametrize(
    "recipient",
    [{"to": "6505551234", "recipient_type": "group"}, {"recipient": "US.6505551234"}],
    ids=["group", "user id"],
)
def test_only_phone_numbers_are_checked(api, response, recipient):
    """A group's id and a user id are not phone numbers, even if they are digits."""
    carrier = api(response(200, "sent"), check_numbers="fail")
    assert Messages(carrier).send(text(**recipient)).message_id


def test_another_wa_id_is_normal(api, response, message, caplog):
    """The id by which WhatsApp knows a person may differ from the number, as in Argentina, Mexico and Brazil."""
    body = {
        "contacts": [{"input": "5511999998888", "wa_id": "551199998888"}],
        "messages": [{"id": "wamid.QX"}],
    }
    carrier = api(
        response(200, {"messaging_product": "whatsapp", **body}), check_numbers="fail"
    )
    assert Messages(carrier).send(text(to="+55 11 99999-8888")).wa_id == "551199998888"
    assert caplog.records == []


def test_a_script_can_send_to_a_national_number(api, response):
    """A national number of the default country is sent with its country code."""
    carrier = api(response(200, "sent"), default_country="DE")
    messages = Messages(carrier)
    messages.send(text(to=messages.international_number("0160 1234567")))
    assert json.loads(carrier.transport.requests[0].body)["to"] == "491601234567"


@pytest.mark.parametrize("to", ["0160 1234567", "650 555 1234", None, ["1"], 5], ids=repr)
def test_no_country_by_default(api, response, to):
    """Without a default country a recipient stays what it is."""
    assert Messages(api(response(200, "sent"))).international_number(to) is to


@pytest.mark.parametrize("message", [{"type": "text"}, None, "Hello"], ids=repr)
def test_only_models_are_sent(api, response, message):
    """A dict is an error that says how it becomes a message; nothing is sent."""
    carrier = api(response(200, "sent"))
    with pytest.raises(InvalidRequestError, match="^message: must be a model of a message"):
        Messages(carrier).send(message)
    assert carrier.transport.requests == []
