from __future__ import annotations

import mimetypes

import pytest

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.media import (
    MAX_BYTES,
    Media,
    MediaFile,
    MediaKind,
    UploadedMedia,
    media_kind,
    media_kind_of_link,
)
from airflow_provider_whatsapp.models.validation import describe

MB = 1024 * 1024


@pytest.mark.parametrize(
    ("name", "mime_type"),
    [
        ("report.pdf", "application/pdf"),
        ("REPORT.PDF", "application/pdf"),
        ("notes.txt", "text/plain"),
        ("sheet.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (
            "text.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (
            "slides.pptx",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ),
        ("photo.jpg", "image/jpeg"),
        ("chart.png", "image/png"),
        ("sticker.webp", "image/webp"),
        ("voice.ogg", "audio/ogg"),
        ("voice.opus", "audio/ogg"),
        ("song.mp3", "audio/mpeg"),
        ("song.m4a", "audio/mp4"),
        ("a.b.mp4", "video/mp4"),
        ("clip.3gp", "video/3gpp"),
    ],
    ids=lambda value: value.rpartition(".")[2] if "/" not in value else "",
)
def test_type_from_ending(monkeypatch, name, mime_type):
    """The ending tells the type, the same on a machine that knows no modern endings."""
    monkeypatch.setattr(mimetypes, "guess_type", mimetypes.MimeTypes(()).guess_type)
    found = MediaFile.described(name, 1)
    assert (found.name, found.mime_type, found.size) == (name, mime_type, 1)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("application/pdf", "application/pdf"),
        ("Audio/OGG; codecs=opus", "audio/ogg; codecs=opus"),
    ],
    ids=["plain", "with a parameter"],
)
def test_type_as_told(given, kept):
    """A type that is given overrules the ending, and keeps its parameters."""
    assert MediaFile.described("file.bin", 1, given).mime_type == kept


@pytest.mark.parametrize(
    ("mime_type", "kind", "limit"),
    [
        ("audio/amr", MediaKind.AUDIO, 16 * MB),
        ("text/plain", MediaKind.DOCUMENT, 100 * MB),
        ("image/png", MediaKind.IMAGE, 5 * MB),
        ("image/webp", MediaKind.STICKER, 500 * 1024),
        ("video/mp4", MediaKind.VIDEO, 16 * MB),
    ],
    ids=["audio", "document", "image", "sticker", "video"],
)
def test_size_limits(invalid, mime_type, kind, limit):
    """Each kind of file has its own limit; the error about one byte more has both sizes and the remedy."""
    assert MAX_BYTES[kind] == limit
    assert MediaFile.described("x", limit, mime_type).size == limit
    message = invalid(MediaFile.described, "x", limit + 1, mime_type)
    assert message.startswith(f"file: must have 1 to {limit:,} bytes for a")
    assert f" {kind} (got 'x', {limit + 1:,} bytes). Make it smaller" in message


def test_empty_file(invalid):
    """The error about an empty file names it."""
    assert invalid(MediaFile.described, "photo.jpg", 0).startswith(
        "file: must have 1 to 5,242,880 bytes for an image (got 'photo.jpg', 0 bytes). Check the task that wrote it."
    )


@pytest.mark.parametrize(
    ("name", "mime_type", "found"),
    [
        ("tool.exe", None, "application/"),
        ("data.qqq", None, "unknown"),
        ("README", None, "unknown"),
        ("", None, "unknown"),
        ("photo.jpg", "image/bmp", "image/bmp"),
    ],
    ids=["program", "unknown ending", "no ending", "no name", "type as told"],
)
def test_types_not_taken(invalid, name, mime_type, found):
    """The error about a type that WhatsApp does not take lists the types that it takes."""
    message = invalid(MediaFile.described, name, 1, mime_type)
    assert message.startswith(f"file: must be of a type that WhatsApp takes (got '{found}")
    assert f" for {name!r}). Convert it to one of " in message
    assert message.endswith("; or pass mime_type, if the ending misleads.")
    assert "image/jpeg" in message


def test_answers():
    """Answers are read with fields that we don't know, and a download link stays out of the logs."""
    assert UploadedMedia.model_validate({"id": "4490709327384033"}).id == "4490709327384033"
    body = {
        "messaging_product": "whatsapp",
        "url": "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&hash=SECRET",
        "mime_type": "image/jpeg",
        "sha256": "3ac9",
        "file_size": 303833,
        "id": "2621233374848975",
    }
    media = Media.model_validate(body)
    assert media.model_dump() == body
    assert "SECRET" not in repr(media)


@pytest.mark.parametrize("mime_type", ["audio/ogg; codecs=opus", "AUDIO/OGG;codecs=opus"])
def test_a_type_may_have_parameters(mime_type):
    """Parameters of a type, such as the codec that WhatsApp wants for voice, are kept."""
    assert MediaFile.described("voice.ogg", 10, mime_type).mime_type == mime_type.lower()


def test_a_type_cannot_smuggle_a_header():
    """A type with a line break, which would add a header to the upload, is invalid."""
    with pytest.raises(InvalidRequestError, match="must be of a type that WhatsApp takes"):
        MediaFile.described("voice.ogg", 10, "audio/ogg;\r\nX-Other: 1")


@pytest.mark.parametrize(
    ("mime_type", "kind"),
    [
        ("image/png", MediaKind.IMAGE),
        ("IMAGE/WEBP", MediaKind.STICKER),
        ("video/3gpp", MediaKind.VIDEO),
        ("audio/ogg; codecs=opus", MediaKind.AUDIO),
        ("application/pdf", MediaKind.DOCUMENT),
    ],
    ids=["image", "sticker", "video", "audio", "document"],
)
def test_the_kind_of_a_type(mime_type, kind):
    """One kind of message has files of a type, in any spelling and with any parameters."""
    assert media_kind(mime_type, "field") is kind
    assert MediaFile.described("file", 1, mime_type).kind is kind


@pytest.mark.parametrize(
    "mime_type", ["", "image", "image/bmp", "application/octet-stream"]
)
def test_invalid_type_without_kind(invalid, mime_type):
    """The error about a type that no message can have names field and remedy."""
    message = invalid(media_kind, mime_type, "media_id")
    assert message == (
        "media_id: must be of a type that WhatsApp has a message for (got another type). Pass media_type."
    )


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        ("https://example.com/photo.JPG", MediaKind.IMAGE),
        ("https://example.com/a.b/sticker.webp?size=1.mp4", MediaKind.STICKER),
        ("https://example.com/clip.3gp#t=1.5", MediaKind.VIDEO),
        ("https://example.com/voice.opus", MediaKind.AUDIO),
        ("https://example.com/report%20of%20today.pdf", MediaKind.DOCUMENT),
    ],
    ids=["image", "sticker", "video", "audio", "document"],
)
def test_the_kind_of_a_link(monkeypatch, link, kind):
    """The ending of the path tells the kind; query, fragment and folders do not, nor does the machine's own table."""
    monkeypatch.setattr(mimetypes, "guess_type", mimetypes.MimeTypes(()).guess_type)
    assert media_kind_of_link(link) is kind


@pytest.mark.parametrize(
    "link",
    [
        "",
        "https://example.com",
        "https://example.com/photo",
        "https://example.com/a.jpg/",
        "https://[a/photo.jpg",
    ],
    ids=["empty", "no path", "no ending", "a folder", "no address"],
)
def test_invalid_link_without_media_type(invalid, link):
    """If the ending is not that of a media type, the error asks for the type."""
    message = invalid(media_kind_of_link, link)
    assert message == (
        f"link: must end in the suffix of a media type (got {describe(link)}). Pass media_type, such as 'image'."
    )
