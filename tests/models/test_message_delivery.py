from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.base import checked
from airflow_provider_whatsapp.models.message_delivery import SenderId, delivery, wanted_status
from airflow_provider_whatsapp.models.message_history import DeliveryStatus, MessageHistoryEntry
from airflow_provider_whatsapp.models.messages import MessageId
from airflow_provider_whatsapp.models.recipients import shorten_message_id
from airflow_provider_whatsapp.models.verdicts import Verdict

ID = "wamid.HBgLMTY"
NAME = shorten_message_id(ID)
WAY = ["ACCEPTED", "SENT", "DELIVERED", "READ"]
FAILURES = ["FAILED", "ERROR"]


def history(*statuses, **fields):
    """Return a history with an event of each status."""
    return [MessageHistoryEntry(id="1", events=[{"delivery_status": status, **fields} for status in statuses])]


@pytest.mark.parametrize("wanted", WAY[1:])
@given(reached=st.lists(st.sampled_from([*WAY, "DELETED", "PLAYED"])))
def test_as_far_as_wanted(wanted, reached):
    """The wait is over when one event, in whatever order, is as far as wanted, or further."""
    verdict, message = delivery(ID, DeliveryStatus(wanted), history(*reached))
    far_enough = set(WAY[WAY.index(wanted) :])
    assert verdict is (Verdict.DONE if far_enough & set(reached) else Verdict.WAITING)
    assert message.startswith(f"Message {NAME} ")


@given(
    before=st.lists(st.sampled_from([*WAY, "DELETED", "PLAYED"])),
    failure=st.sampled_from(FAILURES),
    after=st.lists(st.sampled_from([*WAY, *FAILURES, "PLAYED"])),
)
def test_a_failure_goes_before_all(before, failure, after):
    """A failure ends the wait, whatever else has happened to the message."""
    verdict, message = delivery(ID, DeliveryStatus.SENT, history(*before, failure, *after))
    assert verdict is Verdict.REFUSED
    assert message.startswith(f"Message {NAME} has failed, Meta's reason: none given; ")


def test_events_of_several_entries_count():
    """A message that stands in the history twice is as far as its furthest event."""
    entries = [*history("READ"), *history("SENT")]
    assert delivery(ID, DeliveryStatus.READ, entries) == (Verdict.DONE, f"Message {NAME} is READ")


def test_the_reason_is_told():
    """Meta's words for a failure are passed on, with what can be done."""
    found = history("FAILED", error_description="(#131026) Message undeliverable")
    assert delivery(ID, DeliveryStatus.READ, found).message == (
        f"Message {NAME} has failed, Meta's reason: (#131026) Message undeliverable; it did not arrive, so it may be "
        "sent again once the reason is dealt with"
    )


@pytest.mark.parametrize("entries", [[], history(), history(None)], ids=["unknown", "no events", "no status"])
def test_nothing_noted(entries):
    """A message of which nothing is noted is waited for."""
    assert delivery(ID, DeliveryStatus.SENT, entries) == (
        Verdict.WAITING,
        f"Message {NAME} has no status yet",
    )


@pytest.mark.parametrize("status", ["READ", "read", "Read", DeliveryStatus.READ])
def test_wanted(status):
    """A status can be written in any case."""
    assert wanted_status(status) is DeliveryStatus.READ


@pytest.mark.parametrize("status", ["ACCEPTED", "FAILED", "DELETED", "", None, 5, True, ["READ"]], ids=repr)
def test_wanted_refused(refused, status):
    """What no message reaches, or says nothing about its way, cannot be waited for."""
    said = refused(wanted_status, status)
    assert said.startswith("status: must be one of SENT, DELIVERED, READ (found ")
    assert said.endswith("; choose one")


@given(st.text().filter(lambda text: text.upper() not in WAY))
def test_any_other_text_is_refused(text):
    """No text crashes the check, and none gets through."""
    with pytest.raises(InvalidRequestError, match=f"found a str of {len(text)} characters"):
        wanted_status(text)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (MessageId, "wamid."),
        (MessageId, "wamid.a b"),
        (MessageId, "wamid.é"),
        (MessageId, "wamid." + "a" * 507),
        (MessageId, "16505551234"),
        (MessageId, None),
        (SenderId, "+16505551234"),
        (SenderId, "1/../2"),
        (SenderId, "1" * 65),
        (SenderId, "\u0661"),
        (SenderId, True),
    ],
)
def test_no_ids(refused, kind, value):
    """What could not be an id is refused by its field, and not shown."""
    said = refused(checked, kind, value, field="some_id")
    assert said.startswith("some_id: ")
    assert "16505551234" not in said


@pytest.mark.parametrize(
    ("kind", "value"),
    [(MessageId, ID), (MessageId, "wamid." + "a" * 506), (SenderId, "200000000000001"), (SenderId, 2)],
)
def test_ids(kind, value):
    """An id is kept; a number of digits may have become an int on its way."""
    assert checked(kind, value) == str(value)
