from __future__ import annotations

import pytest

from tests.builders import message

LINK = {"link": "https://example.com/a"}
FORTY = {"latitude": 40, "longitude": -74.5}
NAME = {"formatted_name": "Ada Lovelace", "first_name": "Ada"}
CARD = {
    "name": NAME,
    "birthday": "1815-12-10",
    "phones": [{"phone": "+16505551234", "type": "Lab", "wa_id": "16505551234"}],
    "emails": [{"email": "ada@example.com", "type": "WORK"}],
    "urls": [{"url": "https://example.com"}],
    "addresses": [{"city": "London", "country_code": "GB"}],
    "org": {"company": "Engines"},
}
REACTION = {"message_id": "wamid.abc", "emoji": "👍"}

VALID = [
    ("text", {"body": "x"}),
    ("text", {"body": "x" * 4096, "preview_url": True}),
    ("text", {"body": "x", "preview_url": "false"}),
    ("image", {**LINK, "caption": "x" * 1024}),
    ("video", {**LINK, "caption": "x" * 1024}),
    ("document", {**LINK, "caption": "x" * 1024, "filename": "report.pdf"}),
    ("audio", {**LINK, "voice": True}),
    ("sticker", LINK),
    ("location", {**FORTY, "name": "Office", "address": "1 Main Street"}),
    ("location", {"latitude": "-90", "longitude": "180.0"}),
    ("contacts", [CARD]),
    ("contacts", [{"name": {"formatted_name": "A", "suffix": "Jr"}}] * 257),
    ("reaction", REACTION),
    ("reaction", {**REACTION, "emoji": ""}),
    (
        "reaction",
        {
            **REACTION,
            "emoji": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        },
    ),
]

REFUSED = [
    ("text", {}, 131008),
    ("text", {"body": ""}, 131008),
    ("text", {"body": None}, 131008),
    ("text", {"body": 5}, 100),
    ("text", {"body": "x" * 4097}, 131009),
    ("text", {"body": "x", "preview_url": "maybe"}, 100),
    ("text", "hello", 100),
    ("text", None, 100),
    ("image", {}, 131008),
    ("image", {"id": "1", **LINK}, 131009),
    ("image", {"id": "1"}, 131053),
    ("image", {"link": "ftp://example.com/a"}, 131009),
    ("image", {**LINK, "caption": "x" * 1025}, 131009),
    ("image", {**LINK, "filename": "a.png"}, 100),
    ("video", {**LINK, "caption": "x" * 1025}, 131009),
    ("video", {**LINK, "voice": True}, 100),
    ("document", {**LINK, "caption": "x" * 1025}, 131009),
    ("document", {**LINK, "filename": 5}, 100),
    ("audio", {**LINK, "caption": "x"}, 100),
    ("audio", {**LINK, "voice": "loud"}, 100),
    ("sticker", {**LINK, "caption": "x"}, 100),
    ("location", {"latitude": 1}, 131008),
    ("location", {"longitude": 1}, 131008),
    ("location", {**FORTY, "latitude": 90.1}, 131009),
    ("location", {**FORTY, "latitude": -90.1}, 131009),
    ("location", {**FORTY, "longitude": 180.1}, 131009),
    ("location", {**FORTY, "longitude": "-180.1"}, 131009),
    ("location", {**FORTY, "longitude": "east"}, 131009),
    ("location", {**FORTY, "longitude": True}, 131009),
    ("location", {**FORTY, "longitude": "nan"}, 131009),
    ("location", {**FORTY, "longitude": 10**400}, 131009),
    ("location", {**FORTY, "name": 5}, 100),
    ("contacts", [], 131009),
    ("contacts", [CARD] * 258, 131009),
    ("contacts", {"name": NAME}, 100),
    ("contacts", ["Ada"], 100),
    ("contacts", [{}], 131008),
    ("contacts", [{"name": {"first_name": "Ada"}}], 131008),
    ("contacts", [{"name": {"formatted_name": "Ada"}}], 131009),
    ("contacts", [{"name": {"formatted_name": "Ada", "first_name": ""}}], 131009),
    ("contacts", [{"name": NAME, "phones": {"phone": "1"}}], 100),
    ("contacts", [{"name": NAME, "phones": [{"phone": 1}]}], 100),
    ("contacts", [{"name": NAME, "emails": ["ada@example.com"]}], 100),
    ("contacts", [{"name": NAME, "org": "Engines"}], 100),
    ("contacts", [{"name": NAME, "birthday": "10.12.1815"}], 131009),
    ("reaction", {"emoji": "👍"}, 131008),
    ("reaction", {"message_id": "abc", "emoji": "👍"}, 131009),
    ("reaction", {"message_id": "wamid.abc"}, 131008),
    ("reaction", {**REACTION, "emoji": "ok"}, 131009),
    ("reaction", {**REACTION, "emoji": "👍" * 21}, 131009),
]


def named(value):
    return str(value)[:60]


@pytest.mark.parametrize(("kind", "content"), VALID, ids=named)
def test_taken(client, kind, content):
    """A message of each type is accepted up to its limits, and shown as it was sent."""
    response = client.message(kind, content)
    assert response.status_code == 200, response.text
    assert set(response.json()["messages"][0]) == {"id"}
    assert client.get("/sandbox/messages").json()[0]["body"][kind] == content


@pytest.mark.parametrize(("kind", "content", "code"), REFUSED, ids=named)
def test_rejected(client, read_meta_error, kind, content, code):
    """Missing, malformed and too long parts are rejected, and the message does not count as sent."""
    assert read_meta_error(client.message(kind, content)) == (400, code, None)
    assert client.get("/sandbox/messages").json() == []


@pytest.mark.parametrize(
    ("kind", "mime_type"),
    [("image", "image/png"), ("video", "video/mp4"), ("audio", "audio/ogg"), ("sticker", "image/webp"),
     ("document", "text/plain"), ("document", "image/png")],
)  # fmt: skip
def test_uploads(client, read_meta_error, kind, mime_type):
    """An upload can be sent as its own kind or as a document, until it is deleted."""
    media_id = client.upload(mime_type=mime_type).json()["id"]
    assert client.message(kind, {"id": media_id}).status_code == 200
    client.delete(f"{client.graph}/{media_id}")
    assert read_meta_error(client.message(kind, {"id": media_id})) == (400, 131053, None)


def test_upload_of_another_kind(client, read_meta_error):
    """An audio file cannot be sent as an image."""
    media_id = client.upload(mime_type="audio/aac").json()["id"]
    assert read_meta_error(client.message("image", {"id": media_id})) == (400, 131053, None)


def test_an_error_names_the_part_and_not_the_text(client):
    """The error has the field, its limit and the length of the text, but not the text."""
    message = client.message("text", {"body": "secret" * 1000}).text
    assert "text.body has 6000 characters; 4096 are allowed" in message
    assert "secret" not in message


@pytest.mark.parametrize("kind", dict.fromkeys(kind for kind, _ in VALID))
def test_junk_is_no_server_error(client, junk, kind):
    """Any request is accepted or rejected, and the control API can show it."""
    for content in [
        content
        for valid_kind, content in VALID
        if valid_kind == kind and len(content) < 100
    ]:
        for _ in range(60):
            body = junk(message(kind, content)) or {}
            assert client.post(client.messages_path, json=body).status_code in {200, 400}
    assert client.get("/sandbox/messages").status_code == 200
