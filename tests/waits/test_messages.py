from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.ids import MessageId, SenderId, shorten_message_id
from airflow_provider_whatsapp.models.message_history import (
    DeliveryStatus,
    MessageHistoryEntry,
)
from airflow_provider_whatsapp.models.validation import describe, validate
from airflow_provider_whatsapp.waits.messages import delivery, validate_status
from airflow_provider_whatsapp.waits.poll import Outcome

ID = "wamid.HBgLMTY"
NAME = shorten_message_id(ID)
WAY = ["ACCEPTED", "SENT", "DELIVERED", "READ", "PLAYED"]
FAILURES = ["FAILED", "ERROR"]


def history(*statuses, **fields):
    """Return a history with an event of each status."""
    return [
        MessageHistoryEntry(
            id="1", events=[{"delivery_status": status, **fields} for status in statuses]
        )
    ]


@pytest.mark.parametrize("wanted", WAY[1:4])
@given(reached=st.lists(st.sampled_from([*WAY, "NEW"])))
def test_as_far_as_wanted(wanted, reached):
    """The wait is over when one of the events, in any order, is as far as wanted, or further."""
    outcome, message = delivery(ID, DeliveryStatus(wanted), history(*reached))
    far_enough = set(WAY[WAY.index(wanted) :])
    assert outcome is (Outcome.SUCCESS if far_enough & set(reached) else Outcome.WAITING)
    assert message.startswith(f"Message {NAME} ")


@given(
    before=st.lists(st.sampled_from(["ACCEPTED", "SENT", "DELETED", "NEW"])),
    failure=st.sampled_from(FAILURES),
    after=st.lists(st.sampled_from(["ACCEPTED", "SENT", *FAILURES, "NEW"])),
)
def test_a_failure_ends_the_wait(before, failure, after):
    """A message that failed and has arrived nowhere is reported as failed."""
    outcome, message = delivery(ID, DeliveryStatus.SENT, history(*before, failure, *after))
    assert outcome is Outcome.FAILED
    assert message.startswith(f"Message {NAME} has failed, Meta's reason: none given; ")


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("arrived", ["DELIVERED", "READ", "PLAYED"])
@given(others=st.lists(st.sampled_from(["ACCEPTED", "SENT", *FAILURES])))
def test_a_failure_on_another_device_is_none(arrived, failure, others):
    """A message that has arrived is not said to have failed: who sent it again would send it twice."""
    for statuses in ([*others, arrived, failure], [failure, arrived, *others]):
        outcome, message = delivery(ID, DeliveryStatus.DELIVERED, history(*statuses))
        assert (outcome, message) == (Outcome.SUCCESS, f"Message {NAME} is {arrived}")


def test_a_message_that_arrived_and_failed_may_still_be_read():
    """The wait for READ goes on after a failure on another device."""
    outcome, _ = delivery(ID, DeliveryStatus.READ, history("DELIVERED", "FAILED"))
    assert outcome is Outcome.WAITING


@pytest.mark.parametrize(
    ("wanted", "before", "outcome"),
    [
        ("SENT", [], Outcome.SUCCESS),
        ("DELIVERED", ["SENT"], Outcome.FAILED),
        ("DELIVERED", ["DELIVERED"], Outcome.SUCCESS),
        ("READ", ["DELIVERED"], Outcome.FAILED),
        ("READ", ["PLAYED"], Outcome.SUCCESS),
    ],
)
def test_a_deleted_message_comes_no_further(wanted, before, outcome):
    """A deletion ends the wait: well, if the message had come as far as wanted before it."""
    assert (
        delivery(ID, DeliveryStatus(wanted), history(*before, "DELETED")).outcome is outcome
    )


@pytest.mark.parametrize("status", ["delivered", "Read", "played", "DELIVERED"])
def test_any_case_ends_the_wait(status):
    """The case of a status does not matter."""
    assert (
        delivery(ID, DeliveryStatus.DELIVERED, history(status.lower(), status)).outcome
        is Outcome.SUCCESS
    )


def test_a_failure_in_lower_case_ends_the_wait():
    """The case of a failure does not matter."""
    assert delivery(ID, DeliveryStatus.READ, history("failed")).outcome is Outcome.FAILED


def test_events_of_several_entries_count():
    """A message that stands in the history twice is as far as its furthest event."""
    entries = [*history("READ"), *history("SENT")]
    assert delivery(ID, DeliveryStatus.READ, entries) == (
        Outcome.SUCCESS,
        f"Message {NAME} is READ",
    )


def test_the_reason_is_told():
    """Meta's words for a failure are passed on, with what can be done."""
    found = history("FAILED", error_description="(#131026) Message undeliverable")
    assert delivery(ID, DeliveryStatus.READ, found).message == (
        f"Message {NAME} has failed, Meta's reason: (#131026) Message undeliverable; it did not arrive, so it may be "
        "sent again once the reason is dealt with"
    )


@pytest.mark.parametrize(
    "entries", [[], history(), history(None)], ids=["unknown", "no events", "no status"]
)
def test_nothing_noted(entries):
    """A message without events is waited for."""
    assert delivery(ID, DeliveryStatus.SENT, entries) == (
        Outcome.WAITING,
        f"Message {NAME} has no status yet",
    )


@pytest.mark.parametrize("status", ["READ", "read", "Read", DeliveryStatus.READ])
def test_wanted(status):
    """A status can be written in any case."""
    assert validate_status(status) is DeliveryStatus.READ


@pytest.mark.parametrize(
    "status",
    ["ACCEPTED", "FAILED", "DELETED", "PLAYED", "", None, 5, True, ["READ"]],
    ids=repr,
)
def test_wanted_rejected(invalid, status):
    """A sensor cannot wait for a status that no message reaches."""
    said = invalid(validate_status, status)
    assert said.startswith("status: must be one of SENT, DELIVERED, READ (got ")
    assert said.endswith("). Choose one.")


@given(st.text().filter(lambda text: text.upper() not in WAY[1:4]))
def test_any_other_text_is_rejected(text):
    """No text crashes the check, and none gets through."""
    with pytest.raises(InvalidRequestError, match=re.escape(f"(got {describe(text)}). ")):
        validate_status(text)


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
def test_no_ids(invalid, kind, value):
    """The error about an invalid id names the field, and does not show the value."""
    said = invalid(validate, kind, value, field="some_id")
    assert said.startswith("some_id: ")
    assert "16505551234" not in said


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (MessageId, ID),
        (MessageId, "wamid." + "a" * 506),
        (SenderId, "200000000000001"),
        (SenderId, 2),
    ],
)
def test_ids(kind, value):
    """An id is kept; a number of digits may have become an int on its way."""
    assert validate(kind, value) == str(value)
