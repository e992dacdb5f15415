"""Media: which files WhatsApp takes, and what the API says about an uploaded one."""

from __future__ import annotations

import mimetypes
import re
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.base import IntIsText, RequestModel, ResponseModel
from airflow_provider_whatsapp.models.ids import MediaId
from airflow_provider_whatsapp.models.limits import within
from airflow_provider_whatsapp.models.validation import (
    describe,
    pattern_validator,
    rule_error,
)

KB = 1024
MB = 1024 * KB


class MediaKind(StrEnum):
    """The message type that carries a file."""

    AUDIO = "audio"
    DOCUMENT = "document"
    IMAGE = "image"
    STICKER = "sticker"
    VIDEO = "video"


# https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#supported-media-types
MAX_BYTES = {
    MediaKind.AUDIO: 16 * MB,
    MediaKind.DOCUMENT: 100 * MB,
    MediaKind.IMAGE: 5 * MB,
    MediaKind.STICKER: 500
    * KB,  # animated; a static one may have 100 KB, which only Meta can tell
    MediaKind.VIDEO: 16 * MB,
}

_ARTICLES = {**dict.fromkeys(MediaKind, "a"), MediaKind.AUDIO: "an", MediaKind.IMAGE: "an"}

_KINDS = {
    "audio/aac": MediaKind.AUDIO,
    "audio/amr": MediaKind.AUDIO,
    "audio/mpeg": MediaKind.AUDIO,
    "audio/mp4": MediaKind.AUDIO,
    "audio/ogg": MediaKind.AUDIO,
    "text/plain": MediaKind.DOCUMENT,
    "application/pdf": MediaKind.DOCUMENT,
    "application/msword": MediaKind.DOCUMENT,
    "application/vnd.ms-excel": MediaKind.DOCUMENT,
    "application/vnd.ms-powerpoint": MediaKind.DOCUMENT,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": MediaKind.DOCUMENT,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": MediaKind.DOCUMENT,
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": MediaKind.DOCUMENT,
    "image/jpeg": MediaKind.IMAGE,
    "image/png": MediaKind.IMAGE,
    "image/webp": MediaKind.STICKER,
    "video/mp4": MediaKind.VIDEO,
    "video/3gpp": MediaKind.VIDEO,
}

_MIME_TYPE = re.compile(r"[a-z0-9/.+-]+(; ?[a-z0-9-]+=[a-z0-9.,-]+)*", re.ASCII)

# The system's table differs between machines; names that matter here must not.
_SUFFIXES = {
    ".aac": "audio/aac",
    ".amr": "audio/amr",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".3gp": "video/3gpp",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".webp": "image/webp",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class MediaFile(BaseModel):
    """A file that is about to be uploaded: its name, type and size in bytes, found acceptable."""

    model_config = ConfigDict(frozen=True)

    name: str
    mime_type: str
    size: int

    @classmethod
    def described(cls, name: str, size: int, mime_type: str | None = None) -> MediaFile:
        """
        Find the type of a file and check it against what WhatsApp takes.

        :param name: file name; its ending tells the type unless ``mime_type`` does.
        :param size: in bytes.
        :param mime_type: overrules the ending, for example for a file without one.
        :raises InvalidRequestError: for an unknown type, an empty or a too large file.
        """
        found = (mime_type or _guess_type(name)).lower()
        kind = _find_kind(found)
        # The type goes into a header of the upload, so that nothing but a type may be in it.
        if kind is None or not _MIME_TYPE.fullmatch(found):
            raise InvalidRequestError(
                f"file: must be of a type that WhatsApp takes (got {found!r} for {name!r}). Convert it to one of "
                f"{', '.join(_KINDS)}; or pass mime_type, if the ending misleads."
            )
        # Checked here, because Meta would reject the file only once it is uploaded.
        maximum = MAX_BYTES[kind]
        if not 0 < size <= maximum:
            remedy = "Make it smaller, or send a public link to it."
            if size == 0:
                remedy = "Check the task that wrote it."
            raise InvalidRequestError(
                f"file: must have 1 to {maximum:,} bytes for {_ARTICLES[kind]} {kind} "
                f"(got {name!r}, {size:,} bytes). {remedy}"
            )
        return cls(name=name, mime_type=found, size=size)

    @property
    def kind(self) -> MediaKind:
        """The message type that carries it."""
        return media_kind(self.mime_type, "file")


def media_kind(mime_type: str, field: str) -> MediaKind:
    """
    Return the message type that carries files of a MIME type.

    :raises InvalidRequestError: naming ``field``, for a type that WhatsApp does not take.
    """
    kind = _find_kind(mime_type)
    if kind is None:
        raise InvalidRequestError(
            f"{field}: must be of a type that WhatsApp has a message for (got another type). Pass media_type."
        )
    return kind


def media_kind_of_link(link: str) -> MediaKind:
    """
    Return the message type that carries what a link leads to, by the ending of its path.

    :raises InvalidRequestError: if the ending does not tell.
    """
    try:
        path = urlsplit(link).path
    except ValueError:
        path = ""
    kind = _find_kind(_guess_type(path.rpartition("/")[2]))
    if kind is None:
        raise InvalidRequestError(
            f"link: must end in the suffix of a media type (got {describe(link)}). Pass media_type, such as 'image'."
        )
    return kind


class UploadedMedia(ResponseModel):
    """
    Answer to an upload; the id is valid for 30 days.

    https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#upload-media
    """

    id: str


class Media(ResponseModel):
    """
    What is known about an uploaded file; ``url`` is valid for 5 minutes and needs Meta's token.

    ``sha256`` comes as hex digits or as Base64, ``file_size`` is in bytes.

    https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#retrieve-media-url
    """

    id: str
    url: str = Field(default="", repr=False)
    mime_type: str = ""
    sha256: str = ""
    file_size: int | None = None


def _find_kind(mime_type: str) -> MediaKind | None:
    return _KINDS.get(mime_type.lower().partition(";")[0].strip())


def _guess_type(name: str) -> str:
    suffix = f".{name.rpartition('.')[2].lower()}"
    return _SUFFIXES.get(suffix) or mimetypes.guess_type(name)[0] or "unknown"


# Of any length: presigned links of object storage with a session token in them are long.
Link = Annotated[
    str,
    pattern_validator(
        r"https?://[!-~]+",
        "must be a public http(s) URL",
        remedy="Begin with https://, and percent-encode it.",
    ),
]


class MediaReference(RequestModel):
    """A file by the ``id`` of an upload or by a public ``link``: exactly one of them."""

    id: MediaId | None = None
    link: Link | None = None

    @model_validator(mode="after")
    def _check_source(self) -> MediaReference:
        if (self.id is None) == (self.link is None):
            raise rule_error(
                "must have exactly one of id and link",
                remedy="Pass the media id or a public link.",
            )
        return self


class DocumentReference(MediaReference):
    """A document, shown under ``filename``."""

    filename: Annotated[str, StringConstraints(min_length=1), IntIsText] | None = None


class Image(MediaReference):
    """A picture (JPEG, PNG) with an optional text below it."""

    caption: Annotated[str, within("image.caption"), IntIsText] | None = None


class Video(MediaReference):
    """A video (MP4, 3GPP) with an optional text below it."""

    caption: Annotated[str, within("video.caption"), IntIsText] | None = None


class Document(DocumentReference):
    """A file of any type with an optional text below it."""

    caption: Annotated[str, within("document.caption"), IntIsText] | None = None


class Audio(MediaReference):
    """A sound; with ``voice`` it is shown as a voice message, which has to be OGG with the Opus codec."""

    voice: bool | None = None


class Sticker(MediaReference):
    """A WebP sticker of 512 by 512 pixels."""


REFERENCES: dict[MediaKind, type[MediaReference]] = {
    MediaKind.AUDIO: Audio,
    MediaKind.DOCUMENT: Document,
    MediaKind.IMAGE: Image,
    MediaKind.STICKER: Sticker,
    MediaKind.VIDEO: Video,
}
