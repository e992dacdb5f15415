import logging
from decimal import Decimal

import pytest

from airflow_provider_whatsapp.models.ids import shorten_message_id
from airflow_provider_whatsapp.operators.messages import (
    MarkMessageReadOperator,
    SendContactsOperator,
    SendLocationOperator,
)
from tests.builders import sent_message

NUMBER = "+1 (650) 555-1234"
SECRET = "what only Robert may read"
MESSAGE_ID = "wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNEQTA2RjdGMEY4RTRGAA=="
ADA = {
    "name": {"formatted_name": "Ada Lovelace", "first_name": "Ada"},
    "phones": [{"phone": "+44 20 7946 0000"}],
}


def location(**arguments):
    place = {"latitude": 37.4847, "longitude": -122.1473}
    return SendLocationOperator(task_id="send", **{"to": NUMBER, **place, **arguments})


def contacts(cards):
    return SendContactsOperator(task_id="send", to=NUMBER, contacts=cards)


def mark_read(**arguments):
    return MarkMessageReadOperator(
        task_id="read", **{"message_id": MESSAGE_ID, **arguments}
    )


def test_a_place_arrives_to_the_letter(sent):
    """Coordinates, name and address arrive in Meta's form, and the ids are returned."""
    result, body = sent(location(name="The office", address="1 Hacker Way"))
    content = {
        "latitude": 37.4847,
        "longitude": -122.1473,
        "name": "The office",
        "address": "1 Hacker Way",
    }
    assert body == sent_message("location", content)
    assert result == {
        "message_id": result["message_id"],
        "wa_id": "16505551234",
        "message_status": None,
    }


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(90, -180), ("37.4847", "-122.1473"), (0, 0.0)],
    ids=["at the limits", "as text", "zero"],
)
def test_coordinates_go_out_as_they_were_written(sent, latitude, longitude):
    """Numbers and texts are both accepted, with the poles and zero; no other field is sent."""
    _, body = sent(location(latitude=latitude, longitude=longitude))
    assert body["location"] == {"latitude": latitude, "longitude": longitude}


def test_a_rendered_place(sent):
    """Coordinates that Jinja makes are texts, and do."""
    task = location(
        latitude="{{ place[0] }}", longitude="{{ place[1] }}", name="{{ name }}"
    )
    task.render_template_fields({"place": [1.5, -2.5], "name": "Here"})
    _, body = sent(task)
    assert body["location"] == {"latitude": "1.5", "longitude": "-2.5", "name": "Here"}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (
            {"latitude": 90.5},
            "latitude: must be a number of degrees from -90 to 90 (got float). Write it as",
        ),
        (
            {"longitude": "-181"},
            "longitude: must be a number of degrees from -180 to 180 (got str, 4",
        ),
        ({"latitude": "north"}, "latitude: must be a number of degrees from -90 to 90"),
        ({"latitude": None}, "latitude: must be present (got nothing). Add it"),
        (
            {"longitude": float("nan")},
            "longitude: must be a number of degrees from -180 to 180",
        ),
        ({"name": [SECRET]}, "name: must be text (got list, 1 item)"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_place_that_is_nowhere_fails_before_any_call(error_of, arguments, named):
    """Coordinates off the globe are named with their limits, and no call is made."""
    error = error_of(location(**arguments))
    assert named in error
    assert SECRET not in error


def test_cards_arrive_to_the_letter(sent):
    """One card or more arrive in Meta's form, and the ids are returned."""
    grace = {
        "name": {"formatted_name": "Grace", "last_name": "Hopper"},
        "birthday": "1906-12-09",
    }
    result, body = sent(contacts([ADA, grace]))
    assert body == sent_message("contacts", [ADA, grace])
    assert result == {
        "message_id": result["message_id"],
        "wa_id": "16505551234",
        "message_status": None,
    }


@pytest.mark.parametrize(
    ("cards", "named"),
    [
        ([], "contacts: must have at least 1 item"),
        ([ADA] * 258, "contacts: must have at most 257 items"),
        (None, "contacts: must be a list (got None). Wrap it in [ ]"),
        (ADA, "contacts: must be a list (got dict, 2 items). Wrap it in [ ]"),
        (
            [{"name": {"formatted_name": SECRET}}],
            'contacts[0]["name"]: must have at least one other part',
        ),
        ([{"phones": [{"phone": NUMBER}]}], 'contacts[0]["name"]: must be present'),
        (
            [{**ADA, "birthday": SECRET}],
            'contacts[0]["birthday"]: must be a date as YYYY-MM-DD',
        ),
        ([{**ADA, "phone": NUMBER}], 'contacts[0]["phone"]: must be a known field'),
        ([ADA, {**ADA, "phones": NUMBER}], 'contacts[1]["phones"]: must be a list'),
    ],
    ids=[
        "none",
        "too many",
        "no list",
        "not in a list",
        "no part of a name",
        "no name",
        "birthday",
        "slip",
        "second",
    ],
)
def test_wrong_cards_fail_before_any_call(error_of, cards, named):
    """An error about a card shows neither names nor numbers, and no call is made."""
    error = error_of(contacts(cards))
    assert named in error
    assert SECRET not in error
    assert "555" not in error


@pytest.mark.parametrize(
    ("arguments", "typing"),
    [({}, None), ({"typing_indicator": True}, {"type": "text"})],
    ids=["read", "read and answering"],
)
def test_a_message_is_marked_as_read(sandbox, calls, arguments, typing):
    """The receipt arrives with or without the typing indicator, and nothing is returned."""
    assert mark_read(**arguments).execute({}) is None
    (receipt,) = sandbox.read_messages()
    assert (receipt["message_id"], receipt["typing_indicator"]) == (MESSAGE_ID, typing)
    assert calls() == ["POST …/messages"]
    assert sandbox.sent_messages() == []


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"message_id": None}, "message_id: must be text (got None). Pass a str"),
        (
            {"message_id": "4711"},
            "message_id: must be a message id, which begins with wamid.",
        ),
        ({"message_id": ""}, "message_id: must be a message id, which begins with wamid."),
        (
            {"message_id": f"{SECRET} 1"},
            "message_id: must be a message id, which begins with wamid.",
        ),
        ({"phone_number_id": "1/2"}, "phone_number_id: must be an id of digits"),
    ],
    ids=["none", "no id", "empty", "with blanks", "of no number"],
)
def test_what_is_no_message_id_fails_before_any_call(error_of, arguments, named):
    """An id that cannot be one is named by field and rule, and no call is made."""
    error = error_of(mark_read(**arguments))
    assert named in error
    assert SECRET not in error


def test_a_lost_response_to_a_receipt_is_repeated(sandbox, calls):
    """Marking a message twice changes nothing, so that a broken connection does not fail the task."""
    sandbox.fault(path="/messages$", behaviour="drop_after")
    mark_read().execute({})
    assert calls() == ["POST …/messages"] * 2


def test_the_log_names_the_message(sandbox, caplog, capfd):
    """Which message was marked is logged; the key is not, down to the debug level."""
    with caplog.at_level(logging.DEBUG):
        mark_read().execute({})
    log = caplog.text + "".join(capfd.readouterr())
    assert f"Marked message {shorten_message_id(MESSAGE_ID)} as read" in log
    assert sandbox.api_key not in log


def test_a_decimal_place(sent):
    """A coordinate that a database returned as a Decimal is sent as a number."""
    _, body = sent(location(latitude=Decimal("37.4847")))
    assert body["location"]["latitude"] == 37.4847
