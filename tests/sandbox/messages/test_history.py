from __future__ import annotations

import pytest

from airflow_provider_whatsapp.sandbox.settings import PHONE_NUMBER_ID

ALL = "id,message_id,events"


@pytest.fixture
def sent(client):
    """Return a function that sends messages and returns their ids."""

    def send(count=1, to="16505551234"):
        responses = [client.message("text", {"body": "hi"}, to=to) for _ in range(count)]
        return [response.json()["messages"][0]["id"] for response in responses]

    return send


def read(client, **params):
    return client.get(f"{client.graph}/{PHONE_NUMBER_ID}/message_history", params=params)


def events(client, history_id, **params):
    return client.get(f"{client.graph}/{history_id}/events", params=params)


def history_id(client):
    return read(client).json()["data"][-1]["id"]


def test_nothing_was_sent(client):
    """Without messages, the history is empty."""
    assert read(client, fields=ALL).json() == {"data": []}


def test_entries(client, sent):
    """The history has the messages, oldest first. By default it shows only the two ids of each."""
    ids = sent(3)
    entries = read(client).json()["data"]
    assert [entry["message_id"] for entry in entries] == ids
    assert {key for entry in entries for key in entry} == {"id", "message_id"}
    assert len({entry["id"] for entry in entries}) == 3
    assert all(entry["id"].isdecimal() for entry in entries)


def test_events_of_an_entry(client, clock, sent):
    """The events of an entry are the statuses that the message has reached, newest last."""
    sent()
    accepted = int(clock.now)
    assert [
        event["delivery_status"]
        for event in read(client, fields=ALL).json()["data"][0]["events"]["data"]
    ] == ["SENT"]
    clock.tick(1000)
    happened = read(client, fields=ALL).json()["data"][0]["events"]["data"]
    assert [
        (event["delivery_status"], event["timestamp"] - accepted) for event in happened
    ] == [
        ("SENT", 0),
        ("DELIVERED", 1),
        ("READ", 2),
    ]
    assert set(happened[0]) == {
        "id",
        "delivery_status",
        "timestamp",
        "webhook_update_state",
        "application",
        "webhook_uri",
    }
    assert {event["webhook_update_state"] for event in happened} == {"DELIVERED"}


def test_ids_stay(client, clock, sent):
    """The ids of entries and events are unique, and stay the same."""
    sent(2)
    clock.tick(1)
    before = read(client, fields=ALL).json()["data"]
    clock.tick(1)
    after = read(client, fields=ALL).json()["data"]
    for early, late in zip(before, after, strict=True):
        assert late["id"] == early["id"]
        assert late["events"]["data"][:2] == early["events"]["data"]
    ids = [entry["id"] for entry in after] + [
        event["id"] for entry in after for event in entry["events"]["data"]
    ]
    assert len(set(ids)) == 2 + 2 * 3


def test_fields(client, sent):
    """A call returns the fields that it asks for, those of the events included, and the id."""
    sent()
    (entry,) = read(
        client, fields="events{delivery_status,application{id},error_description}"
    ).json()["data"]
    assert entry["events"] == {
        "data": [{"delivery_status": "SENT", "application": {"id": "900000000000002"}}]
    }
    assert set(entry) == {"id", "events"}


@pytest.mark.parametrize(
    "fields", ["colour", "events{colour}", "events{application{colour}}"]
)
def test_unknown_field(client, read_meta_error, sent, fields):
    """An unknown field is rejected."""
    sent()
    assert read_meta_error(read(client, fields=fields)) == (400, 100, None)


def test_one_message(client, sent):
    """The history can be filtered by message id. An unknown id has no entry."""
    _, wanted, _ = sent(3)
    (entry,) = read(client, message_id=wanted).json()["data"]
    assert entry["message_id"] == wanted
    assert read(client, message_id="wamid.abc").json() == {"data": []}


def test_pages(client, sent):
    """The cursors lead through all pages."""
    ids = sent(5)
    first = read(client, limit=2).json()
    rest = read(client, after=first["paging"]["cursors"]["after"]).json()
    assert [entry["message_id"] for entry in (*first["data"], *rest["data"])] == ids
    assert len(first["data"]) == 2
    assert "/v25.0/" in first["paging"]["next"]
    assert "next" not in rest["paging"]


def test_failure(client, clock, sent):
    """Both views describe the error of a failure, and of no other status."""
    sent(to="15559131026")
    clock.tick(1)
    _, failed = read(client, fields=ALL).json()["data"][0]["events"]["data"]
    assert failed["error_description"] == "(#131026) Message undeliverable"
    one, other = events(client, history_id(client)).json()["data"]
    assert "error_description" not in one["node"]
    assert other["node"]["error_description"] == failed["error_description"]


def test_set_status(client, clock, sent):
    """A status that a test sets is the last event, at the time of the call."""
    (message_id,) = sent()
    clock.tick(1.5)
    client.post(
        f"/sandbox/messages/{message_id}/status", json={"status": "FAILED", "code": 135000}
    )
    clock.tick(10)
    nodes = [event["node"] for event in events(client, history_id(client)).json()["data"]]
    assert [node["delivery_status"] for node in nodes] == ["SENT", "DELIVERED", "FAILED"]
    assert nodes[-1]["occurrence_timestamp"] == int(clock.now - 10)
    assert nodes[-1]["error_description"] == "(#135000) Unknown error"


def test_failure_without_a_code(client, sent):
    """A failure without a code has the code of an undeliverable message."""
    (message_id,) = sent()
    client.post(f"/sandbox/messages/{message_id}/status", json={"status": "ERROR"})
    last = events(client, history_id(client)).json()["data"][-1]["node"]
    assert last["error_description"] == "(#131026) Message undeliverable"


def test_events(client, clock, sent):
    """Each event has a cursor, and the newest is the last."""
    sent()
    accepted = int(clock.now)
    clock.tick(2)
    shown = events(client, history_id(client)).json()
    assert [event["node"]["delivery_status"] for event in shown["data"]] == [
        "SENT",
        "DELIVERED",
        "READ",
    ]
    assert set(shown["data"][0]) == {"cursor", "node"}
    node = shown["data"][0]["node"]
    assert node.pop("id").isdecimal()
    assert node == {
        "delivery_status": "SENT",
        "occurrence_timestamp": accepted,
        "status_timestamp": accepted,
        "application": {"id": "900000000000002", "name": "WhatsApp sandbox"},
    }
    assert shown["paging"]["cursors"] == {
        "before": shown["data"][0]["cursor"],
        "after": shown["data"][-1]["cursor"],
    }


@pytest.mark.parametrize("name", ["status_filter", "delivery_status"])
def test_events_of_one_status(client, clock, sent, name):
    """Events can be filtered by status, with both names of the filter."""
    sent()
    clock.tick(2)
    only = events(client, history_id(client), **{name: "DELIVERED"}).json()["data"]
    assert [event["node"]["delivery_status"] for event in only] == ["DELIVERED"]
    assert events(client, history_id(client), **{name: "FAILED"}).json() == {"data": []}


def test_pages_of_events(client, clock, sent):
    """A page of events can start after the cursor of any event."""
    sent()
    clock.tick(2)
    first = events(client, history_id(client), limit=1).json()
    rest = events(client, history_id(client), after=first["data"][0]["cursor"]).json()
    assert [event["node"]["delivery_status"] for event in rest["data"]] == [
        "DELIVERED",
        "READ",
    ]
    assert "next" in first["paging"]
    assert "next" not in rest["paging"]


def test_fields_of_events(client, sent):
    """A call returns the fields of events that it asks for."""
    sent()
    only = events(client, history_id(client), fields="node{delivery_status}").json()["data"]
    assert only == [{"node": {"delivery_status": "SENT"}}]


def test_rejected_changes(client, read_meta_error, sent):
    """Unknown ids, statuses, cursors and limits are rejected."""
    (message_id,) = sent()
    assert read_meta_error(client.get(f"{client.graph}/12345/message_history")) == (
        400,
        100,
        33,
    )
    assert read_meta_error(events(client, "12345")) == (400, 100, 33)
    assert read_meta_error(events(client, message_id)) == (400, 100, 33)
    assert read_meta_error(events(client, history_id(client), status_filter="LOST")) == (
        400,
        100,
        None,
    )
    assert read_meta_error(events(client, history_id(client), fields="colour")) == (
        400,
        100,
        None,
    )
    assert read_meta_error(read(client, limit=0)) == (400, 100, None)
    assert read_meta_error(read(client, after="x")) == (400, 131059, None)


def test_reset(client, read_meta_error, sent):
    """A reset deletes the history, and its ids are then unknown."""
    sent()
    old = history_id(client)
    client.post("/sandbox/reset")
    sent()
    assert read_meta_error(events(client, old)) == (400, 100, 33)


def test_can_be_made_unavailable(client, sent):
    """A fault can make the history unavailable, as it is for some accounts."""
    sent()
    error = {
        "error": {
            "message": "(#200) Permission denied",
            "type": "OAuthException",
            "code": 200,
        }
    }
    client.post(
        "/sandbox/faults", json={"path": "/message_history", "status": 403, "body": error}
    )
    assert read(client).status_code == 403
    assert read(client).status_code == 200
