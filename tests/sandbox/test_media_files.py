from __future__ import annotations

import io
import tracemalloc
from urllib.parse import urlsplit

import pytest

from airflow_provider_whatsapp.sandbox.media_files import FILES_PATH, MediaFiles
from airflow_provider_whatsapp.sandbox.settings import CONNECTION_ID

MB = 1024 * 1024
LARGE = bytes(range(256)) * 4096


@pytest.fixture
def url(client):
    """Return a function that uploads a file and asks for its address."""

    def ask(content=b"content", mime_type="image/png"):
        media_id = client.upload(content, mime_type).json()["id"]
        return client.get(f"{client.graph}/{media_id}").json()["url"]

    return ask


@pytest.mark.parametrize("content", [b"small", LARGE], ids=["small", "large"])
def test_fetch(client, url, content):
    """What was uploaded can be fetched, with its type and length, from an address of the sandbox."""
    other = url(b"other")
    address = url(content, "application/pdf")
    assert address.startswith(f"http://testserver{FILES_PATH}?mid=")
    fetched = client.get(address)
    assert (fetched.content, fetched.headers["Content-Type"]) == (content, "application/pdf")
    assert fetched.headers["Content-Length"] == str(len(content))
    assert client.get(other).content == b"other"


def test_key(client, url):
    """A file is handed out for the key only, and through no Maton connection."""
    address = url()
    client.delete(f"/connections/{CONNECTION_ID}")
    assert client.get(address).status_code == 200
    del client.headers["Authorization"]
    assert client.get(address).status_code == 401


def test_expires(client, url, clock):
    """An address is good for five minutes, and a new one can then be asked for."""
    address = url()
    clock.tick(300)
    assert client.get(address).status_code == 200
    clock.tick(1)
    assert client.get(address).status_code == 404
    media_id = client.get("/sandbox/media").json()[0]["id"]
    assert client.get(client.get(f"{client.graph}/{media_id}").json()["url"]).status_code == 200


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
    """An address that was not given out leads nowhere."""
    assert client.get(url().replace(*change)).status_code == 404
    assert client.get(FILES_PATH).status_code == 404


def test_gone(client, url):
    """A file that was deleted or forgotten can't be fetched."""
    first = url()
    client.delete(f"{client.graph}/{client.get('/sandbox/media').json()[0]['id']}")
    assert client.get(first).status_code == 404
    second = url()
    client.post("/sandbox/reset")
    assert client.get(second).status_code == 404
    assert client.get(url(b"new")).content == b"new"


def test_books(client, url):
    """A download stands in the books, without what its address holds."""
    address = url()
    client.get(address)
    entry = client.get("/sandbox/requests").json()[-1]
    assert (entry["method"], entry["path"], entry["status"]) == ("GET", urlsplit(address).path, 200)


def test_memory_stays_flat(clock):
    """A file of 100 MB is kept and handed out without standing in memory."""
    files = MediaFiles(clock=clock)
    tracemalloc.start()
    try:
        start = files.keep(Zeros(100 * MB))
        size = sum(len(piece) for piece in files.pieces(start, 100 * MB))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (size, start) == (100 * MB, 0)
    assert peak < 4 * MB


class Zeros(io.RawIOBase):
    """A file of nothing but zeros."""

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
