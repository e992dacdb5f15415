from __future__ import annotations

import pytest

from airflow_provider_whatsapp.client.client import WhatsAppClient
from airflow_provider_whatsapp.client.resources.message_history import (
    ENTRY_FIELDS,
    EVENT_FIELDS,
    MessageHistory,
)
from airflow_provider_whatsapp.exceptions import InvalidRequestError, PermissionDeniedError
from airflow_provider_whatsapp.models.message_history import furthest

WAMID = "wamid.HBgLMTY0NzM3Nzc3NzUVAgARGBI5QTNEQTA2RjdGMEY4RTRGAA=="


def test_list(api, response):
    """The history of one message is asked for with its events, and says how far the message has come."""
    carrier = api(response(200, "message_history"))
    (entry,) = entries = list(MessageHistory(carrier).list(message_id=WAMID))
    assert (entry.id, entry.message_id) == ("1234567890123456", WAMID)
    assert [(event.delivery_status, event.occurred_at) for event in entry.events] == [
        ("SENT", 1640995200),
        ("DELIVERED", 1640995260),
    ]
    assert furthest(entries) == "DELIVERED"
    (request,) = carrier.transport.requests
    url = "https://gateway.maton.ai/whatsapp-business/v25.0/106540352242922/message_history"
    assert (request.method, request.url) == ("GET", url)
    assert request.params == {"message_id": WAMID, "fields": ENTRY_FIELDS, "limit": 100}


def test_other_messages_are_left_out(api, response):
    """If the filter is ignored, the client leaves out the messages that were not asked for."""
    carrier = api(response(200, "message_history"))
    assert list(MessageHistory(carrier).list(message_id="wamid.other")) == []
    assert len(list(MessageHistory(carrier).list())) == 2


def test_pages(api, response):
    """The history of another number is read page after page."""
    paging = {"cursors": {"after": "MjQZD"}, "next": "https://graph.facebook.com/x"}
    carrier = api(
        response(200, {"data": [{"id": "1"}], "paging": paging}),
        response(200, {"data": [{"id": "2"}]}),
    )
    assert [
        entry.id for entry in MessageHistory(carrier).list(phone_number_id="7", page_size=1)
    ] == ["1", "2"]
    assert carrier.transport.requests[1].url.endswith("/7/message_history")
    assert carrier.transport.requests[1].params == {
        "fields": ENTRY_FIELDS,
        "limit": 1,
        "after": "MjQZD",
    }


def test_events(api, response):
    """The events of one message come from its own list, in their other shape."""
    carrier = api(response(200, "message_history_events"))
    events = list(MessageHistory(carrier).events("1234567890123456"))
    assert [(event.id, event.delivery_status, event.occurred_at) for event in events] == [
        ("2345678901234567", "SENT", 1640995200),
        ("3456789012345678", "FAILED", 1640995260),
    ]
    (request,) = carrier.transport.requests
    assert request.url.endswith("/v25.0/1234567890123456/events")
    assert request.params == {"fields": EVENT_FIELDS, "limit": 100}


@pytest.mark.parametrize("status", ["FAILED", "failed"])
def test_events_of_a_status(api, response, status):
    """A status, in capitals or not, is asked for, and kept to if the filter is ignored."""
    carrier = api(response(200, "message_history_events"))
    (event,) = MessageHistory(carrier).events("1", status=status)
    assert event.delivery_status == "FAILED"
    assert carrier.transport.requests[0].params["status_filter"] == "FAILED"


def test_reasons_have_no_number(api, response, phone):
    """Meta's reason for a failure holds no phone number."""
    data = [
        {
            "events": {
                "data": [
                    {
                        "delivery_status": "FAILED",
                        "error_description": f"{phone} is not reachable",
                    }
                ]
            }
        }
    ]
    (entry,) = MessageHistory(api(response(200, {"data": data}))).list()
    assert phone not in entry.events[0].error_description
    assert "is not reachable" in entry.events[0].error_description


def test_no_access(api, response):
    """An account without a history has an error, unlike one without messages."""
    error = {
        "message": "(#200) Permission error",
        "type": "OAuthException",
        "code": 200,
        "error_subcode": 1349174,
    }
    with pytest.raises(PermissionDeniedError):
        list(
            MessageHistory(
                api(response(403, {"error": {**error, "fbtrace_id": "A"}}))
            ).list()
        )


@pytest.mark.parametrize("message_id", ["", "1234", "wamid.a b", 5])
def test_not_a_message_id(api, response, message_id):
    """An invalid message id reaches no endpoint."""
    carrier = api(response(200, "message_history"))
    with pytest.raises(InvalidRequestError, match="^message_id: "):
        MessageHistory(carrier).list(message_id=message_id)
    assert carrier.transport.requests == []


def test_not_a_history_id(api, response):
    """The id of a message is not that of its entry in the history."""
    with pytest.raises(InvalidRequestError, match="^history_id: "):
        MessageHistory(api(response(200, "message_history_events"))).events(WAMID)


def test_against_the_sandbox(sandbox, config):
    """The response of a sandbox without messages is an empty history."""
    settings = config(
        base_url=sandbox.url,
        api_key=sandbox.api_key,
        phone_number_id=sandbox.phone_number_id,
    )
    assert list(WhatsAppClient(settings).message_history.list(message_id=WAMID)) == []
