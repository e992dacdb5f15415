from __future__ import annotations

import hashlib
import json
import tracemalloc
from pathlib import Path

import pytest

from airflow_provider_whatsapp.client.client import WhatsAppClient
from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.http.retry import MAX_ATTEMPTS
from airflow_provider_whatsapp.client.resources.media import Media
from airflow_provider_whatsapp.exceptions import (
    ApiError,
    AuthenticationError,
    InvalidRequestError,
    MediaError,
    NotFoundError,
    OutcomeUnknownError,
    TransientError,
)
from airflow_provider_whatsapp.models.media import MediaFile

MB = 1024 * 1024
META_URL = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&hash=SECRET"
GATEWAY_URL = "https://gateway.maton.ai/files/1?hash=SECRET"
CONTENT = b"picture"


def known(url=META_URL, content=CONTENT, **changes):
    """Return what the API tells about a file."""
    fields = {
        "id": "1",
        "url": url,
        "sha256": hashlib.sha256(content).hexdigest(),
        "file_size": len(content),
    }
    return {**fields, "mime_type": "image/png", **changes}


def response(body, status=b"200 OK", length=None):
    head = b"HTTP/1.1 %b\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    return head % (status, len(body) if length is None else length) + body


@pytest.fixture
def target(tmp_path):
    """A file that is already there."""
    target = tmp_path / "a.png"
    target.write_bytes(b"old")
    return target


@pytest.fixture
def serve(loopback, live_api):
    """Start a server that tells about a file, and sends one reply after the other for the file itself."""

    def start(*replies, **changes):
        waiting = list(replies)

        def reply(connection, server):
            if server.requests[-1].startswith("GET /files/"):
                connection.sendall(waiting.pop(0) if len(waiting) > 1 else waiting[0])
            else:
                connection.sendall(
                    response(
                        json.dumps(
                            known(f"{server.url}/files/1?hash=SECRET", **changes)
                        ).encode()
                    )
                )

        server = loopback(reply)
        return Media(live_api(server.url)), server

    return start


def untouched(target):
    """Tell whether nothing but the older file is in the folder."""
    return target.read_bytes() == b"old" and list(target.parent.iterdir()) == [target]


def test_from_meta_s_host(api, response, target, key):
    """A file at Meta's host is fetched without the key, and takes the older one's place."""
    carrier = api(response(200, known()), response(200, CONTENT), connection_id="abc")
    media = Media(carrier).download("1", target, phone_number_id="7")
    assert (media.mime_type, target.read_bytes()) == ("image/png", CONTENT)
    assert list(target.parent.iterdir()) == [target]
    asked, fetched = carrier.transport.requests
    assert asked.params == {"phone_number_id": "7"}
    assert (fetched.method, fetched.url, fetched.params) == ("GET", META_URL, {})
    assert "Maton-Connection" not in fetched.headers
    assert carrier.transport.with_key == [False]


def test_from_the_gateway(api, response, target):
    """A file at the gateway is fetched with the key."""
    carrier = api(response(200, known(GATEWAY_URL)), response(200, CONTENT))
    Media(carrier).download("1", str(target))
    assert target.read_bytes() == CONTENT
    assert carrier.transport.with_key == [True]


def test_from_elsewhere(api, response, target):
    """A file at any other host is not asked for, and its address is in no error."""
    carrier = api(response(200, known("https://evil.example/?hash=SECRET")))
    with pytest.raises(InvalidRequestError, match="^url: ") as caught:
        Media(carrier).download("1", target)
    assert "SECRET" not in str(caught.value)
    assert len(carrier.transport.requests) == 1
    assert untouched(target)


@pytest.mark.parametrize("status", [401, 403])
def test_without_meta_s_token(api, response, target, status, all_said):
    """The likely rejection has its own error, without a retry and without the address."""
    carrier = api(response(200, known()), response(status, b"hash=SECRET"))
    with pytest.raises(MediaError, match="Meta's own token, which Maton keeps") as caught:
        Media(carrier).download("1", target)
    assert len(carrier.transport.requests) == 2
    assert "SECRET" not in all_said(caught.value)
    assert untouched(target)


def test_expired(api, response, target):
    """An address that has expired is asked for again."""
    carrier = api(
        response(200, known()),
        response(404, b""),
        response(200, known(GATEWAY_URL)),
        response(200, CONTENT),
    )
    Media(carrier).download("1", target)
    assert target.read_bytes() == CONTENT
    assert carrier.transport.with_key == [False, True]


@pytest.mark.parametrize("url", [META_URL, GATEWAY_URL], ids=["meta", "gateway"])
def test_expired_twice(api, response, target, url):
    """An address is asked for again only once."""
    carrier = api(
        response(200, known(url)),
        response(404, b""),
        response(200, known(url)),
        response(404, b""),
    )
    with pytest.raises(MediaError) as caught:
        Media(carrier).download("1", target)
    assert (caught.value.status, len(carrier.transport.requests)) == (404, 4)
    assert untouched(target)


def test_gone(api, response, target):
    """An unknown file is not found, and nothing is fetched."""
    carrier = api(response(400, "no_such_object"))
    with pytest.raises(NotFoundError):
        Media(carrier).download("1", target)
    assert carrier.transport.with_key == []
    assert untouched(target)


def test_no_target(api, response, tmp_path):
    """A folder is an error before any call."""
    carrier = api(response(200, known()))
    with pytest.raises(InvalidRequestError, match="^target: "):
        Media(carrier).download("1", tmp_path)
    assert carrier.transport.requests == []


def test_over_the_network(serve, target, key):
    """A file comes over the network, asked for as plain bytes and with the key."""
    media, server = serve(response(CONTENT))
    media.download("1", target)
    assert target.read_bytes() == CONTENT
    assert f"Authorization: Bearer {key}\r\n" in server.requests[1]
    assert "Accept-Encoding: identity\r\n" in server.requests[1]


@pytest.mark.parametrize(
    "first",
    [
        b"",
        response(CONTENT[:3], length=7),
        response(b"pictures"),
        response(b"PICTURE"),
        response(b"", b"503 Busy"),
    ],
    ids=["closed", "half", "longer", "other", "unavailable"],
)
def test_second_attempt(serve, target, first):
    """A file that did not come whole is fetched again from its beginning."""
    media, server = serve(first, response(CONTENT))
    media.download("1", target)
    assert target.read_bytes() == CONTENT
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("reply", "kind", "attempts"),
    [
        (response(CONTENT[:3], length=7), OutcomeUnknownError, MAX_ATTEMPTS),
        (response(b"PICTURE"), MediaError, MAX_ATTEMPTS),
        (response(b"", b"503 Busy"), TransientError, MAX_ATTEMPTS),
        (response(b"", b"302 Found"), ApiError, 1),
        (
            response(b'{"error":{"message":"no","code":401}}', b"401 No"),
            AuthenticationError,
            1,
        ),
    ],
    ids=["half", "other", "unavailable", "redirect", "key"],
)
def test_failure(serve, target, reply, kind, attempts, all_said):
    """If no try delivers the whole file, only the older file is left, and the error does not show the address."""
    media, server = serve(reply)
    with pytest.raises(kind) as caught:
        media.download("1", target)
    assert len(server.requests) == 1 + attempts
    assert untouched(target)
    assert "SECRET" not in all_said(caught.value)


class OnFullDisk(type(Path())):
    """A path that can be opened, but takes no byte."""

    def open(self, *_):
        """Open the device that is always full."""
        return Path("/dev/full").open("wb", buffering=0)


def test_full_disk(serve, target):
    """A full disk is an error at once, and not a broken connection."""
    media, server = serve(response(CONTENT))
    with pytest.raises(OSError, match="No space left"):
        media.download("1", OnFullDisk(target))
    assert len(server.requests) == 2
    assert untouched(target)


def test_large_file(loopback, live_api, tmp_path):
    """A file of 100 MB comes whole and takes less than 16 MB of memory."""
    piece = bytes(MB)
    digest = hashlib.sha256()
    for _ in range(100):
        digest.update(piece)

    def reply(connection, server):
        if not server.requests[-1].startswith("GET /files/"):
            body = known(
                f"{server.url}/files/1", sha256=digest.hexdigest(), file_size=100 * MB
            )
            connection.sendall(response(json.dumps(body).encode()))
            return
        connection.sendall(response(b"", length=100 * MB))
        for _ in range(100):
            connection.sendall(piece)

    media = Media(live_api(loopback(reply).url))
    tracemalloc.start()
    try:
        media.download("1", tmp_path / "large.pdf")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (tmp_path / "large.pdf").stat().st_size == 100 * MB
    assert peak < 16 * MB


def test_against_the_sandbox(sandbox, tmp_path):
    """A file that was uploaded to a sandbox can be fetched from it."""
    config = ClientConfig(
        api_key=sandbox.api_key,
        base_url=sandbox.url,
        control_url=sandbox.url,
        phone_number_id=sandbox.phone_number_id,
        requests_per_second=1000,
    )
    client = WhatsAppClient(config)
    path = tmp_path / "a.png"
    path.write_bytes(bytes(range(256)) * 1000)
    with path.open("rb") as content:
        uploaded = client.media.upload(MediaFile.described("a.png", 256_000), content)
    found = client.media.download(
        uploaded.id, tmp_path / "b.png", phone_number_id=sandbox.phone_number_id
    )
    assert (found.id, found.file_size) == (uploaded.id, 256_000)
    assert (tmp_path / "b.png").read_bytes() == path.read_bytes()
