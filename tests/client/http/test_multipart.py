from __future__ import annotations

import io
from email import message_from_bytes
from email.policy import HTTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.client.http.multipart import MultipartStream
from airflow_provider_whatsapp.models.media import MediaFile

FIELDS = {"messaging_product": "whatsapp", "type": "image/png"}


def stream_of(content, name="a picture.png", **changes):
    """Make the form of a file."""
    file = MediaFile(
        name=name, mime_type="image/png", size=changes.get("size", len(content))
    )
    return MultipartStream(
        fields=FIELDS, file=file, content=changes.get("opened", io.BytesIO(content))
    )


def drained(stream, size=16384):
    """Read a stream to its end."""
    return b"".join(iter(lambda: stream.read(size), b""))


def parts_of(stream):
    """Parse a form with Python's own parser, by the name of each part."""
    head = f"Content-Type: {stream.content_type}\r\n\r\n".encode()
    form = message_from_bytes(head + drained(stream), policy=HTTP)
    assert not form.defects
    return {
        part.get_param("name", header="content-disposition"): part
        for part in form.iter_parts()
    }


@given(st.binary(max_size=300))
def test_parsed(content):
    """Any content arrives byte by byte after the fields, also if it contains bytes like a boundary."""
    parts = parts_of(stream_of(content))
    assert list(parts) == ["messaging_product", "type", "file"]
    assert {name: parts[name].get_content().strip() for name in FIELDS} == FIELDS
    # The parser reads a bare line feed before the boundary as belonging to it.
    assert parts["file"].get_payload(decode=True).rstrip(b"\r\n") == content.rstrip(b"\r\n")
    assert parts["file"].get_content_type() == "image/png"
    assert parts["file"].get_filename() == "a picture.png"


@given(st.binary(max_size=300), st.lists(st.integers(0, 90), max_size=40))
def test_sizes_of_reads(content, sizes):
    """In pieces of any size, the bytes are the same and as many as announced."""
    stream = stream_of(content)
    pieces = [stream.read(size) for size in sizes]
    assert all(len(piece) <= size for piece, size in zip(pieces, sizes, strict=True))
    bytewise = b"".join(pieces) + drained(stream, 7)
    stream.rewind()
    assert bytewise == drained(stream, -1)
    assert len(bytewise) == len(stream)
    assert stream.read(10) == b""


def test_content_is_exact():
    """The file stands between its headers and the closing boundary without a byte more."""
    stream = stream_of(b"\r\n--x\r\n")
    boundary = stream.content_type.partition("boundary=")[2]
    assert drained(stream).endswith(
        f"Content-Type: image/png\r\n\r\n\r\n--x\r\n\r\n--{boundary}--\r\n".encode()
    )


def test_rewind():
    """A form that was half read can be sent again from its beginning."""
    stream = stream_of(b"picture" * 100)
    stream.read(350)
    stream.rewind()
    first = drained(stream)
    stream.rewind()
    assert drained(stream) == first


def test_reads_from_the_beginning():
    """A file that its owner has read to the end is sent whole."""
    opened = io.BytesIO(b"picture")
    opened.read()
    assert b"picture" in drained(stream_of(b"picture", opened=opened))


@pytest.mark.parametrize("size", [-1, 5, 16384], ids=["at-once", "small", "large"])
def test_growing_file(size):
    """A file that has grown since it was measured is cut, so that the announced length stays true."""
    stream = stream_of(
        b"", opened=io.BytesIO(b"picture and a line that came later"), size=7
    )
    body = drained(stream, size)
    assert len(body) == len(stream)
    assert b"\r\n\r\npicture\r\n--" in body
    stream.rewind()
    assert drained(stream, size) == body


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        pytest.param('a"; name="type', "a__ name=_type", id="quote"),
        pytest.param("a\r\nX-Evil: 1.png", "a__X-Evil: 1.png", id="line-break"),
        pytest.param("../../etc/passwd", ".._.._etc_passwd", id="path"),
        pytest.param("C:\\a.png", "C:_a.png", id="backslash"),
        pytest.param("Bericht März.png", "Bericht März.png", id="umlaut"),
    ],
)
def test_file_names(name, sent):
    """A file's name stays a name: it cannot end its quotes or begin another header."""
    body = drained(stream_of(b"x", name=name)).decode()
    sent = sent.replace("__ name=_", "_; name=_")
    assert (
        f'Content-Disposition: form-data; name="file"; filename="{sent}"\r\nContent-Type: image/png\r\n\r\nx'
        in body
    )


def test_boundaries_differ():
    """No two forms have the same boundary, so that no content can be made to hold it."""
    assert stream_of(b"").content_type != stream_of(b"").content_type
