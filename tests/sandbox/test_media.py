from __future__ import annotations

import base64
import hashlib
import io

import pytest

from airflow_provider_whatsapp.models.media import MAX_BYTES, Media, MediaKind
from airflow_provider_whatsapp.sandbox.media import Fingerprint

DAY = 24 * 3600


def test_life(client, refusal):
    """A file is uploaded, read as its size and hash, deleted, and gone."""
    path = f"{client.graph}/{client.upload(b'a picture').json()['id']}"
    media = Media.model_validate(client.get(path).json())
    assert media.id.isdecimal()
    assert (media.file_size, media.mime_type) == (9, "image/png")
    assert media.sha256 == hashlib.sha256(b"a picture").hexdigest()
    assert client.delete(path).json() == {"success": True}
    assert refusal(client.get(path)) == (400, 100, 33)
    assert refusal(client.delete(path)) == (400, 100, 33)


def test_expires(client, clock, refusal):
    """An upload is gone after 30 days."""
    path = f"{client.graph}/{client.upload().json()['id']}"
    clock.tick(30 * DAY)
    assert client.get(path).status_code == 200
    clock.tick(1)
    assert refusal(client.get(path)) == (400, 100, 33)


def test_owner(client, refusal):
    """A phone number that did not upload a file doesn't see it."""
    path = f"{client.graph}/{client.upload().json()['id']}"
    owner = client.media_path.split("/")[3]
    assert client.get(f"{path}?phone_number_id={owner}").status_code == 200
    assert refusal(client.get(f"{path}?phone_number_id=1")) == (400, 100, 33)
    assert refusal(client.delete(f"{path}?phone_number_id=1")) == (400, 100, 33)


@pytest.mark.parametrize(
    "mime_type",
    ["audio/aac", "application/pdf", "text/plain; charset=utf-8", "image/JPEG", "image/webp", "video/3gpp",
     "audio/ogg; codecs=opus"],
)  # fmt: skip
def test_types(client, mime_type):
    """What Meta lists is taken; parameters and capitals don't count."""
    assert client.upload(mime_type=mime_type).status_code == 200


@pytest.mark.parametrize("mime_type", ["image/gif", "application/octet-stream", "application/zip", "nonsense"])
def test_other_types(client, refusal, mime_type):
    """Other types are refused."""
    assert refusal(client.upload(mime_type=mime_type)) == (400, 100, None)


def test_type_of_the_part_counts(client, refusal):
    """The file's own content type is judged, not only the field beside it."""
    files = {"file": ("a.exe", b"a", "application/x-msdownload")}
    data = {"messaging_product": "whatsapp", "type": "image/png"}
    assert refusal(client.post(client.media_path, data=data, files=files)) == (400, 100, None)


def test_part_without_type(client):
    """A file without a content type of its own has that of the field beside it."""
    parts = {"messaging_product": "whatsapp", "type": "image/png"}
    lines = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in parts.items()]
    body = "".join([*lines, '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\na\r\n--x--\r\n'])
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    response = client.post(client.media_path, content=body.encode(), headers=headers)
    assert client.get(f"{client.graph}/{response.json()['id']}").json()["mime_type"] == "image/png"


@pytest.mark.parametrize("missing", ["messaging_product", "type", "file"])
def test_required_fields(client, refusal, missing):
    """Each of the three fields is required, and the refusal names it."""
    data = {"messaging_product": "whatsapp", "type": "image/png"}
    files = {} if missing == "file" else {"file": ("a.png", b"a", "image/png")}
    data.pop(missing, None)
    response = client.post(client.media_path, data=data, files=files)
    assert refusal(response) == (400, 100, None)
    assert missing in response.json()["error"]["message"]


def test_messaging_product(client, refusal):
    """The product is WhatsApp."""
    assert refusal(client.upload(messaging_product="telegram")) == (400, 100, None)


def test_size_limit(client, refusal):
    """A file of exactly the limit of its kind is taken; a byte more is not, nor is an empty one."""
    most = MAX_BYTES[MediaKind.STICKER]
    assert client.upload(bytes(most), "image/webp").status_code == 200
    assert refusal(client.upload(bytes(most + 1), "image/webp")) == (400, 131053, None)
    assert refusal(client.upload(b"")) == (400, 100, None)


def test_small_content_can_be_checked(client):
    """The sandbox shows what was uploaded, the content of small files included, and what was deleted."""
    client.upload(b"small")
    deleted = client.upload(bytes(70_000)).json()["id"]
    client.delete(f"{client.graph}/{deleted}")
    small, large = client.get("/sandbox/media").json()
    assert base64.b64decode(small["content_base64"]) == b"small"
    assert (small["filename"], small["deleted"]) == ("file.bin", False)
    assert (large["content_base64"], large["file_size"], large["deleted"]) == (None, 70_000, True)


class Drips(io.RawIOBase):
    """A file of 100 MB that is never in memory as a whole."""

    def __init__(self):
        self.left = 100 * 1024 * 1024
        self.longest = 0

    def read(self, size=-1):
        """Return the next bytes and note how many were asked for."""
        self.longest = max(self.longest, size)
        piece = bytes(min(size, self.left))
        self.left -= len(piece)
        return piece


def test_large_file_is_read_in_pieces():
    """Of a large file only size and hash are kept, and it is read piece by piece."""
    file = Drips()
    fingerprint = Fingerprint.taken(file)
    assert (fingerprint.size, fingerprint.content) == (100 * 1024 * 1024, None)
    assert 0 < file.longest <= 1024 * 1024
