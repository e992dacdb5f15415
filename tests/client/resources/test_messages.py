from __future__ import annotations

import json

import pytest

from airflow_provider_whatsapp.client.resources.messages import Messages
from airflow_provider_whatsapp.exceptions import OutcomeUnknownError, RecipientError


def test_send(api, answer, message, phone):
    """A message is posted once to the account's number, and its id comes back."""
    carrier = api(answer(200, "sent"))
    sent = Messages(carrier).send(message)
    assert sent.message_id == "wamid.HBgLMTY0NjcwNDM1OTUVAgARGBI1RjQyNUE3NEYxMzAzMzQ5MkEA"
    assert (sent.message_status, sent.wa_id) == ("accepted", phone)
    (request,) = carrier.transport.requests
    assert (request.method, request.params) == ("POST", {})
    assert request.url == "https://gateway.maton.ai/whatsapp-business/v25.0/106540352242922/messages"
    assert json.loads(request.body) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": phone,
        "type": "template",
        "template": {"name": "task_failed", "language": {"code": "en_US"}},
    }


def test_other_sender(api, answer, message):
    """A message can go out from another number than the account's."""
    carrier = api(answer(200, "sent"))
    Messages(carrier).send(message, phone_number_id="7")
    assert carrier.transport.requests[0].url.endswith("/7/messages")


@pytest.mark.parametrize(
    ("status", "body"),
    [pytest.param(504, b"", id="504"), pytest.param(200, b"{", id="truncated"), pytest.param(200, {}, id="no-id")],
)
def test_lost_answer(api, answer, message, status, body):
    """A message is not sent again if it may have gone out."""
    carrier = api(answer(status, body), answer(200, "sent"))
    with pytest.raises(OutcomeUnknownError):
        Messages(carrier).send(message)
    assert len(carrier.transport.requests) == 1


def test_pair_limit(api, answer, message):
    """Too many messages to one person are spread out as Meta asks, and then the message goes."""
    carrier = api(answer(400, "pair_rate_limit"), answer(400, "pair_rate_limit"), answer(200, "sent"))
    assert Messages(carrier).send(message).message_id
    assert carrier.waits == [4, 16]


def test_refused(api, answer, message, phone):
    """A recipient who cannot be reached is named in no error."""
    carrier = api(answer(400, "not_on_allow_list"))
    with pytest.raises(RecipientError, match="allow-list") as caught:
        Messages(carrier).send(message)
    assert phone not in str(caught.value)
    assert len(carrier.transport.requests) == 1
