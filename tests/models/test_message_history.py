from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.models.message_history import (
    DeliveryStatus,
    MessageEvent,
    MessageHistoryEntry,
    failure_reason,
    furthest,
)
from tests.arbitrary import fuzzed

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
EVENT = st.dictionaries(
    st.sampled_from(["id", "delivery_status", "timestamp", "error_description", "node"]),
    ANYTHING,
)
ENTRY = st.dictionaries(
    st.sampled_from(["id", "message_id", "paging"]), ANYTHING
) | st.fixed_dictionaries(
    {
        "events": ANYTHING
        | st.fixed_dictionaries({"data": ANYTHING | st.lists(ANYTHING | EVENT)})
    }
)


def entry(*statuses, reason=None):
    """Make an entry whose message has had these statuses."""
    events = [
        {"delivery_status": status, "error_description": reason} for status in statuses
    ]
    return MessageHistoryEntry.model_validate({"id": "1", "events": {"data": events}})


@pytest.mark.parametrize(
    "body",
    [
        {
            "id": "1",
            "delivery_status": "SENT",
            "timestamp": 1640995200,
            "webhook_uri": "https://a.b",
        },
        {
            "cursor": "x",
            "node": {
                "id": "1",
                "delivery_status": "SENT",
                "occurrence_timestamp": 1640995200,
            },
        },
        {
            "node": {
                "id": "1",
                "delivery_status": "SENT",
                "occurrence_timestamp": "1640995200",
                "status_timestamp": 5,
            }
        },
        {"node": {"id": 1, "delivery_status": "SENT", "status_timestamp": 1640995200}},
    ],
    ids=["inline", "node", "text", "status time only"],
)
def test_shapes(body):
    """The two shapes of an event become one."""
    event = MessageEvent.model_validate(body)
    assert (event.id, event.delivery_status, event.occurred_at) == (
        "1",
        DeliveryStatus.SENT,
        1640995200,
    )


def test_event_is_read_again():
    """An event that was dumped is read back as it was."""
    event = MessageEvent(
        id="1", delivery_status="FAILED", occurred_at=5, error_description="No"
    )
    assert MessageEvent.model_validate(event.model_dump()) == event
    assert "No" not in repr(event)


@fuzzed
@given(EVENT | ANYTHING)
def test_no_event_is_unreadable(body):
    """An event of any form is read, and its time is a whole number or absent."""
    event = MessageEvent.model_validate(body)
    assert event.occurred_at is None or event.occurred_at >= 0


@fuzzed
@given(ENTRY | ANYTHING)
def test_no_entry_is_unreadable(body):
    """An entry of any form is read, and shows how far the message has come."""
    found = MessageHistoryEntry.model_validate(body)
    assert furthest([found]) in (None, *(event.delivery_status for event in found.events))
    failure_reason([found])


@pytest.mark.parametrize(
    "events", [None, [], {}, {"data": None}, {"data": {}}, "x"], ids=repr
)
def test_no_events(events):
    """An entry without events is one whose message has not come anywhere yet."""
    found = MessageHistoryEntry.model_validate(
        {"id": "1", "message_id": "wamid.1", "events": events}
    )
    assert (found.message_id, found.events, furthest([found])) == ("wamid.1", [], None)


@pytest.mark.parametrize(
    ("statuses", "reached"),
    [
        ([], None),
        ([None], None),
        (["ACCEPTED"], "ACCEPTED"),
        (["SENT", "ACCEPTED"], "SENT"),
        (["DELIVERED", "SENT"], "DELIVERED"),
        (["READ", "SENT", "DELIVERED"], "READ"),
        (["READ", "FAILED", "DELIVERED"], "READ"),
        (["FAILED", "DELIVERED"], "DELIVERED"),
        (["READ", "PLAYED"], "PLAYED"),
        (["sent", "read"], "READ"),
        (["SENT", "ERROR"], "ERROR"),
        (["DELIVERED", "DELETED"], "DELIVERED"),
        (["DELETED"], "DELETED"),
        (["NEW", "ACCEPTED"], "ACCEPTED"),
        (["NEW"], "NEW"),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, list) else "",
)
def test_furthest(statuses, reached):
    """The furthest status counts in any order; a failure goes before SENT, and an unranked status comes last."""
    assert furthest([entry(*statuses)]) == reached
    assert furthest([entry(status) for status in statuses]) == reached


def test_failure_reason():
    """A failure's reason is found in any place, and no other event has one."""
    assert (
        failure_reason([entry("SENT"), entry("FAILED", reason="Not on WhatsApp")])
        == "Not on WhatsApp"
    )
    assert failure_reason([entry("SENT", reason="Slow"), entry("ERROR")]) is None
    assert failure_reason([]) is None


@pytest.mark.parametrize("status", [*DeliveryStatus, DeliveryStatus("NEW")])
def test_failures(status):
    """Two words say that a message will not arrive."""
    assert status.is_failure == (status in ("FAILED", "ERROR"))
