from __future__ import annotations

import base64
import hashlib
import io

import pytest

from airflow_provider_whatsapp.models.media import MAX_BYTES, Media, MediaKind
from airflow_provider_whatsapp.sandbox.media.store import Fingerprint
from tests.builders import upload_fields

DAY = 24 * 3600


def test_life(client, read_meta_error):
    """An upload has a size and a hash, and is gone once it is deleted."""
    path = f"{client.graph}/{client.upload(b'a picture').json()['id']}"
    media = Media.model_validate(client.get(path).json())
    assert media.id.isdecimal()
    assert (media.file_size, media.mime_type) == (9, "image/png")
    assert media.sha256 == hashlib.sha256(b"a picture").hexdigest()
    assert client.delete(path).json() == {"success": True}
    assert read_meta_error(client.get(path)) == (400, 100, 33)
    assert read_meta_error(client.delete(path)) == (400, 100, 33)


def test_expires(client, clock, read_meta_error):
    """An upload expires after 30 days."""
    path = f"{client.graph}/{client.upload().json()['id']}"
    clock.tick(30 * DAY)
    assert client.get(path).status_code == 200
    clock.tick(1)
    assert read_meta_error(client.get(path)) == (400, 100, 33)


def test_owner(client, read_meta_error):
    """Only the phone number that uploaded a file can read it."""
    path = f"{client.graph}/{client.upload().json()['id']}"
    owner = client.media_path.split("/")[3]
    assert client.get(f"{path}?phone_number_id={owner}").status_code == 200
    assert read_meta_error(client.get(f"{path}?phone_number_id=1")) == (400, 100, 33)
    assert read_meta_error(client.delete(f"{path}?phone_number_id=1")) == (400, 100, 33)


@pytest.mark.parametrize(
    "mime_type",
    ["audio/aac", "application/pdf", "text/plain; charset=utf-8", "image/JPEG", "image/webp", "video/3gpp",
     "audio/ogg; codecs=opus"],
)  # fmt: skip
def test_types(client, mime_type):
    """The MIME types that Meta lists are accepted, with parameters and in any case."""
    assert client.upload(mime_type=mime_type).status_code == 200


@pytest.mark.parametrize(
    "mime_type", ["image/gif", "application/octet-stream", "application/zip", "nonsense"]
)
def test_other_types(client, read_meta_error, mime_type):
    """Other MIME types are rejected."""
    assert read_meta_error(client.upload(mime_type=mime_type)) == (400, 100, None)


def test_type_of_the_part_counts(client, read_meta_error):
    """The content type of the file is validated, too, not only the field type."""
    files = {"file": ("a.exe", b"a", "application/x-msdownload")}
    data = upload_fields()
    assert read_meta_error(client.post(client.media_path, data=data, files=files)) == (
        400,
        100,
        None,
    )


def test_part_without_type(client):
    """A file without a content type has that of the field type."""
    parts = upload_fields()
    lines = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in parts.items()
    ]
    body = "".join(
        [
            *lines,
            '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\na\r\n--x--\r\n',
        ]
    )
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    response = client.post(client.media_path, content=body.encode(), headers=headers)
    assert (
        client.get(f"{client.graph}/{response.json()['id']}").json()["mime_type"]
        == "image/png"
    )


@pytest.mark.parametrize("missing", ["messaging_product", "type", "file"])
def test_required_fields(client, read_meta_error, missing):
    """Each of the three fields is required, and the error names it."""
    data = upload_fields()
    files = {} if missing == "file" else {"file": ("a.png", b"a", "image/png")}
    data.pop(missing, None)
    response = client.post(client.media_path, data=data, files=files)
    assert read_meta_error(response) == (400, 100, None)
    assert missing in response.json()["error"]["message"]


def test_messaging_product(client, read_meta_error):
    """The messaging product must be WhatsApp."""
    assert read_meta_error(client.upload(messaging_product="telegram")) == (400, 100, None)


def test_size_limit(client, read_meta_error):
    """A file may be as large as the limit of its kind, and must not be empty."""
    most = MAX_BYTES[MediaKind.STICKER]
    assert client.upload(bytes(most), "image/webp").status_code == 200
    assert read_meta_error(client.upload(bytes(most + 1), "image/webp")) == (
        400,
        131053,
        None,
    )
    assert read_meta_error(client.upload(b"")) == (400, 100, None)


def test_small_content_can_be_checked(client):
    """The control API shows all uploads, with the content of small files, and the deleted ones."""
    client.upload(b"small")
    deleted = client.upload(bytes(70_000)).json()["id"]
    client.delete(f"{client.graph}/{deleted}")
    small, large = client.get("/sandbox/media").json()
    assert base64.b64decode(small["content_base64"]) == b"small"
    assert (small["filename"], small["deleted"]) == ("file.bin", False)
    assert (large["content_base64"], large["file_size"], large["deleted"]) == (
        None,
        70_000,
        True,
    )


class Drips(io.RawIOBase):
    """A file of 100 MB that is never in memory as a whole."""

    def __init__(self):
        self.left = 100 * 1024 * 1024
        self.longest = 0

    def read(self, size=-1):
        """Return the next bytes, and store how many were requested."""
        self.longest = max(self.longest, size)
        piece = bytes(min(size, self.left))
        self.left -= len(piece)
        return piece


def test_large_file_is_read_in_chunks():
    """A large file is read in chunks, and only its size and hash are kept."""
    file = Drips()
    fingerprint = Fingerprint.compute(file)
    assert (fingerprint.size, fingerprint.content) == (100 * 1024 * 1024, None)
    assert 0 < file.longest <= 1024 * 1024
