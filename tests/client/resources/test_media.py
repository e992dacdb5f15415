from __future__ import annotations

import tracemalloc

import pytest

from airflow_provider_whatsapp.client.resources.media import Media
from airflow_provider_whatsapp.exceptions import (
    InvalidRequestError,
    NotFoundError,
    OutcomeUnknownError,
)
from airflow_provider_whatsapp.models.media import MediaFile

MB = 1024 * 1024
UPLOADED = b'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 23\r\n\r\n{"id":"37543291543636"} '


@pytest.fixture
def picture(tmp_path):
    """A small file, described and opened."""
    path = tmp_path / "a.png"
    path.write_bytes(b"picture")
    with path.open("rb") as content:
        yield MediaFile.described(path.name, 7), content


def test_upload(api, response, picture):
    """A file is posted as a form with its type, and its id comes back."""
    carrier = api(response(200, {"id": "1037543291543636"}))
    assert Media(carrier).upload(*picture).id == "1037543291543636"
    (request,) = carrier.transport.requests
    assert request.url.endswith("/v25.0/106540352242922/media")
    assert request.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    (body,) = carrier.transport.bodies
    assert b'name="messaging_product"\r\n\r\nwhatsapp\r\n' in body
    assert b'name="type"\r\n\r\nimage/png\r\n' in body
    assert (
        b'name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\npicture\r\n'
        in body
    )


def test_upload_for_another_number(api, response, picture):
    """A file can be uploaded for another number than the account's."""
    carrier = api(response(200, {"id": "1"}))
    Media(carrier).upload(*picture, phone_number_id="7")
    assert carrier.transport.requests[0].url.endswith("/7/media")


def test_lost_upload(api, response, picture):
    """An upload whose response got lost is left to the task, which may repeat it."""
    carrier = api(response(502, b""))
    with pytest.raises(OutcomeUnknownError, match="harmless") as caught:
        Media(carrier).upload(*picture)
    assert not caught.value.permanent
    assert len(carrier.transport.requests) == 1


def test_large_upload(loopback, live_api, tmp_path):
    """A file of 100 MB is sent whole, with its length announced, and takes less than 16 MB of memory."""
    path = tmp_path / "large.pdf"
    with path.open("wb") as file:
        file.truncate(100 * MB)
    server = loopback(UPLOADED)
    api = live_api(server.url)
    with path.open("rb") as content:
        tracemalloc.start()
        try:
            uploaded = Media(api).upload(MediaFile.described(path.name, 100 * MB), content)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert uploaded.id == "37543291543636"
    assert peak < 16 * MB
    length = next(
        int(line[15:])
        for line in server.requests[0].splitlines()
        if line.startswith("Content-Length")
    )
    assert 0 < length - 100 * MB < 1000
    assert server.drained == [length]
    assert "Transfer-Encoding" not in server.requests[0]


def test_get(api, response):
    """The fields of a file are returned, and its short-lived address is not shown."""
    carrier = api(response(200, "media"))
    media = Media(carrier).get("1037543291543636")
    assert (media.mime_type, media.file_size) == ("image/jpeg", 303833)
    assert "lookaside" in media.url
    assert "lookaside" not in repr(media)
    (request,) = carrier.transport.requests
    assert (request.method, request.url.rpartition("/")[2]) == ("GET", "1037543291543636")


def test_delete(api, response):
    """A delete whose response got lost is repeated, since it does no harm."""
    carrier = api(response(502, b""), response(200, {"success": True}))
    assert Media(carrier).delete("1037543291543636") is None
    assert [request.method for request in carrier.transport.requests] == [
        "DELETE",
        "DELETE",
    ]


def test_gone(api, response):
    """A file that has expired is not found, for each status that says so."""
    with pytest.raises(NotFoundError):
        Media(api(response(400, "no_such_object"))).get("1")


@pytest.mark.parametrize("method", ["get", "delete"])
def test_not_an_id(api, response, method):
    """An invalid id reaches no endpoint."""
    carrier = api(response(200, "media"))
    with pytest.raises(InvalidRequestError, match="^media_id: "):
        getattr(Media(carrier), method)("1/../2")
    assert carrier.transport.requests == []


@pytest.mark.parametrize(
    ("given", "asked"), [(None, {}), (7, {"phone_number_id": "7"})], ids=["any", "one"]
)
def test_owner(api, response, given, asked):
    """A file can be asked for as that of one number only."""
    carrier = api(response(200, "media"), response(200, {"success": True}))
    Media(carrier).get("1", phone_number_id=given)
    Media(carrier).delete("1", phone_number_id=given)
    assert [request.params for request in carrier.transport.requests] == [asked, asked]


def test_owner_is_an_id(api, response):
    """A phone number instead of its id is rejected, and not shown."""
    with pytest.raises(InvalidRequestError, match="^phone_number_id: ") as caught:
        Media(api(response(200, "media"))).get("1", phone_number_id="+16505551234")
    assert "5551234" not in str(caught.value)
