from __future__ import annotations

import pytest

from airflow_provider_whatsapp.sandbox.settings import PHONE_NUMBER_ID

ALL = "id,message_id,events"


@pytest.fixture
def sent(client):
    """Return a function that sends messages and returns their ids."""

    def send(count=1, to="16505551234"):
        answers = [client.message("text", {"body": "hi"}, to=to) for _ in range(count)]
        return [answer.json()["messages"][0]["id"] for answer in answers]

    return send


def read(client, **params):
    return client.get(f"{client.graph}/{PHONE_NUMBER_ID}/message_history", params=params)


def events(client, history_id, **params):
    return client.get(f"{client.graph}/{history_id}/events", params=params)


def history_id(client):
    return read(client).json()["data"][-1]["id"]


def test_nothing_was_sent(client):
    """The history of nothing is empty."""
    assert read(client, fields=ALL).json() == {"data": []}


def test_entries(client, sent):
    """The history has the messages, oldest first, with an id of its own for each; by default nothing more."""
    ids = sent(3)
    entries = read(client).json()["data"]
    assert [entry["message_id"] for entry in entries] == ids
    assert {key for entry in entries for key in entry} == {"id", "message_id"}
    assert len({entry["id"] for entry in entries}) == 3
    assert all(entry["id"].isdecimal() for entry in entries)


def test_events_of_an_entry(client, clock, sent):
    """With its events an entry tells what has happened by now, newest last, and when."""
    sent()
    accepted = int(clock.now)
    assert [event["delivery_status"] for event in read(client, fields=ALL).json()["data"][0]["events"]["data"]] == [
        "SENT"
    ]
    clock.tick(1000)
    happened = read(client, fields=ALL).json()["data"][0]["events"]["data"]
    assert [(event["delivery_status"], event["timestamp"] - accepted) for event in happened] == [
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
    """Entries and events keep their ids, which are all different, whenever one looks."""
    sent(2)
    clock.tick(1)
    before = read(client, fields=ALL).json()["data"]
    clock.tick(1)
    after = read(client, fields=ALL).json()["data"]
    for early, late in zip(before, after, strict=True):
        assert late["id"] == early["id"]
        assert late["events"]["data"][:2] == early["events"]["data"]
    ids = [entry["id"] for entry in after] + [event["id"] for entry in after for event in entry["events"]["data"]]
    assert len(set(ids)) == 2 + 2 * 3


def test_fields(client, sent):
    """Only the chosen fields come back, those of the events included, and the id."""
    sent()
    (entry,) = read(client, fields="events{delivery_status,application{id},error_description}").json()["data"]
    assert entry["events"] == {"data": [{"delivery_status": "SENT", "application": {"id": "900000000000002"}}]}
    assert set(entry) == {"id", "events"}


@pytest.mark.parametrize("fields", ["colour", "events{colour}", "events{application{colour}}"])
def test_unknown_field(client, refusal, sent, fields):
    """A field that doesn't exist is refused."""
    sent()
    assert refusal(read(client, fields=fields)) == (400, 100, None)


def test_one_message(client, sent):
    """The history of one message is found by the message's id; an unknown one has none."""
    _, wanted, _ = sent(3)
    (entry,) = read(client, message_id=wanted).json()["data"]
    assert entry["message_id"] == wanted
    assert read(client, message_id="wamid.abc").json() == {"data": []}


def test_pages(client, sent):
    """Pages follow each other by cursor until all messages were shown."""
    ids = sent(5)
    first = read(client, limit=2).json()
    rest = read(client, after=first["paging"]["cursors"]["after"]).json()
    assert [entry["message_id"] for entry in (*first["data"], *rest["data"])] == ids
    assert len(first["data"]) == 2
    assert "/v25.0/" in first["paging"]["next"]
    assert "next" not in rest["paging"]


def test_failure(client, clock, sent):
    """A failed message says why, in both views, and nothing else of it does."""
    sent(to="15559131026")
    clock.tick(1)
    _, failed = read(client, fields=ALL).json()["data"][0]["events"]["data"]
    assert failed["error_description"] == "(#131026) Message undeliverable"
    one, other = events(client, history_id(client)).json()["data"]
    assert "error_description" not in one["node"]
    assert other["node"]["error_description"] == failed["error_description"]


def test_decided(client, clock, sent):
    """A decision is the last event, at the time it was made, behind what had happened before."""
    (message_id,) = sent()
    clock.tick(1.5)
    client.post(f"/sandbox/messages/{message_id}/decision", json={"status": "FAILED", "code": 135000})
    clock.tick(10)
    nodes = [event["node"] for event in events(client, history_id(client)).json()["data"]]
    assert [node["delivery_status"] for node in nodes] == ["SENT", "DELIVERED", "FAILED"]
    assert nodes[-1]["occurrence_timestamp"] == int(clock.now - 10)
    assert nodes[-1]["error_description"] == "(#135000) Unknown error"


def test_failure_without_a_code(client, sent):
    """A failure that was decided without a code is that of a message that can't be delivered."""
    (message_id,) = sent()
    client.post(f"/sandbox/messages/{message_id}/decision", json={"status": "ERROR"})
    last = events(client, history_id(client)).json()["data"][-1]["node"]
    assert last["error_description"] == "(#131026) Message undeliverable"


def test_events(client, clock, sent):
    """The events of an entry come with a cursor each, newest last."""
    sent()
    accepted = int(clock.now)
    clock.tick(2)
    shown = events(client, history_id(client)).json()
    assert [event["node"]["delivery_status"] for event in shown["data"]] == ["SENT", "DELIVERED", "READ"]
    assert set(shown["data"][0]) == {"cursor", "node"}
    node = shown["data"][0]["node"]
    assert node.pop("id").isdecimal()
    assert node == {
        "delivery_status": "SENT",
        "occurrence_timestamp": accepted,
        "status_timestamp": accepted,
        "application": {"id": "900000000000002", "name": "WhatsApp sandbox"},
    }
    assert shown["paging"]["cursors"] == {"before": shown["data"][0]["cursor"], "after": shown["data"][-1]["cursor"]}


@pytest.mark.parametrize("name", ["status_filter", "delivery_status"])
def test_events_of_one_status(client, clock, sent, name):
    """Events can be asked for by status, under the older and the newer name of the filter."""
    sent()
    clock.tick(2)
    only = events(client, history_id(client), **{name: "DELIVERED"}).json()["data"]
    assert [event["node"]["delivery_status"] for event in only] == ["DELIVERED"]
    assert events(client, history_id(client), **{name: "FAILED"}).json() == {"data": []}


def test_pages_of_events(client, clock, sent):
    """A page of events begins behind the cursor of any event."""
    sent()
    clock.tick(2)
    first = events(client, history_id(client), limit=1).json()
    rest = events(client, history_id(client), after=first["data"][0]["cursor"]).json()
    assert [event["node"]["delivery_status"] for event in rest["data"]] == ["DELIVERED", "READ"]
    assert "next" in first["paging"]
    assert "next" not in rest["paging"]


def test_fields_of_events(client, sent):
    """Only the chosen fields of events come back."""
    sent()
    only = events(client, history_id(client), fields="node{delivery_status}").json()["data"]
    assert only == [{"node": {"delivery_status": "SENT"}}]


def test_refusals(client, refusal, sent):
    """Unknown ids, statuses, cursors and limits are refused."""
    (message_id,) = sent()
    assert refusal(client.get(f"{client.graph}/12345/message_history")) == (400, 100, 33)
    assert refusal(events(client, "12345")) == (400, 100, 33)
    assert refusal(events(client, message_id)) == (400, 100, 33)
    assert refusal(events(client, history_id(client), status_filter="LOST")) == (400, 100, None)
    assert refusal(events(client, history_id(client), fields="colour")) == (400, 100, None)
    assert refusal(read(client, limit=0)) == (400, 100, None)
    assert refusal(read(client, after="x")) == (400, 131059, None)


def test_reset(client, refusal, sent):
    """A reset forgets the history, and its ids mean nothing any more."""
    sent()
    old = history_id(client)
    client.post("/sandbox/reset")
    sent()
    assert refusal(events(client, old)) == (400, 100, 33)


def test_can_be_made_unavailable(client, sent):
    """A fault takes the history away, as from accounts that Meta doesn't offer it to."""
    sent()
    error = {"error": {"message": "(#200) Permission denied", "type": "OAuthException", "code": 200}}
    client.post("/sandbox/faults", json={"path": "/message_history", "status": 403, "body": error})
    assert read(client).status_code == 403
    assert read(client).status_code == 200
