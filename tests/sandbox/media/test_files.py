from __future__ import annotations

import io
import tracemalloc
from urllib.parse import urlsplit

import pytest

from airflow_provider_whatsapp.sandbox.media.files import FILES_PATH, MediaFiles
from airflow_provider_whatsapp.sandbox.settings import CONNECTION_ID

MB = 1024 * 1024
LARGE = bytes(range(256)) * 4096


@pytest.fixture
def url(client):
    """Return a function that uploads a file and returns its download URL."""

    def ask(content=b"content", mime_type="image/png"):
        media_id = client.upload(content, mime_type).json()["id"]
        return client.get(f"{client.graph}/{media_id}").json()["url"]

    return ask


@pytest.mark.parametrize("content", [b"small", LARGE], ids=["small", "large"])
def test_fetch(client, url, content):
    """An upload can be downloaded from a URL of the sandbox, with its type and length."""
    other = url(b"other")
    address = url(content, "application/pdf")
    assert address.startswith(f"http://testserver{FILES_PATH}?mid=")
    fetched = client.get(address)
    assert (fetched.content, fetched.headers["Content-Type"]) == (
        content,
        "application/pdf",
    )
    assert fetched.headers["Content-Length"] == str(len(content))
    assert client.get(other).content == b"other"


def test_key(client, url):
    """A download needs the key, but no Maton connection."""
    address = url()
    client.delete(f"/connections/{CONNECTION_ID}")
    assert client.get(address).status_code == 200
    del client.headers["Authorization"]
    assert client.get(address).status_code == 401


def test_expires(client, url, clock):
    """A download URL is valid for five minutes. A call then returns a new one."""
    address = url()
    clock.tick(300)
    assert client.get(address).status_code == 200
    clock.tick(1)
    assert client.get(address).status_code == 404
    media_id = client.get("/sandbox/media").json()[0]["id"]
    assert (
        client.get(client.get(f"{client.graph}/{media_id}").json()["url"]).status_code
        == 200
    )


@pytest.mark.parametrize(
    "change",
    [
        ("hash=", "hash=0"),
        ("ext=", "ext=9"),
        ("ext=", "ext=x"),
        ("mid=", "mid=9"),
        ("hash=", "hash=é"),
    ],
    ids=["hash", "later", "no number", "id", "letter"],
)
def test_made_up(client, url, change):
    """A forged download URL is a 404."""
    assert client.get(url().replace(*change)).status_code == 404
    assert client.get(FILES_PATH).status_code == 404


def test_gone(client, url):
    """A deleted file cannot be downloaded, and neither can a file after a reset."""
    first = url()
    client.delete(f"{client.graph}/{client.get('/sandbox/media').json()[0]['id']}")
    assert client.get(first).status_code == 404
    second = url()
    client.post("/sandbox/reset")
    assert client.get(second).status_code == 404
    assert client.get(url(b"new")).content == b"new"


def test_books(client, url):
    """A download is in the request log, without the query of its URL."""
    address = url()
    client.get(address)
    entry = client.get("/sandbox/requests").json()[-1]
    assert (entry["method"], entry["path"], entry["status"]) == (
        "GET",
        urlsplit(address).path,
        200,
    )


def test_memory_stays_flat(clock):
    """A file of 100 MB is stored and downloaded without being in memory as a whole."""
    files = MediaFiles(clock=clock)
    tracemalloc.start()
    try:
        start = files.append(Zeros(100 * MB))
        size = sum(len(chunk) for chunk in files.read_chunks(start, 100 * MB))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (size, start) == (100 * MB, 0)
    assert peak < 4 * MB


class Zeros(io.RawIOBase):
    """A file that consists of zeros."""

    def __init__(self, size):
        self.size = self.left = size

    def seek(self, offset, whence=io.SEEK_SET):
        """Go back to the beginning."""
        self.left = self.size
        return 0

    def read(self, size=-1):
        """Return the next bytes."""
        piece = bytes(min(size, self.left))
        self.left -= len(piece)
        return piece
