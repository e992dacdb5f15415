"""
Uploaded media: what is accepted, and what is remembered of it.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from airflow_provider_whatsapp.models.media import MAX_BYTES, MediaKind
from airflow_provider_whatsapp.sandbox.errors import invalid_parameter, messaging_error
from airflow_provider_whatsapp.sandbox.media_files import MediaFiles

LIFETIME = 30 * 24 * 3600
KEPT_BYTES = 64 * 1024

_OFFICE = "application/vnd.openxmlformats-officedocument"
_TYPES = {
    MediaKind.AUDIO: ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"),
    MediaKind.DOCUMENT: (
        "text/plain",
        "application/pdf",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        f"{_OFFICE}.wordprocessingml.document",
        f"{_OFFICE}.spreadsheetml.sheet",
        f"{_OFFICE}.presentationml.presentation",
    ),
    MediaKind.IMAGE: ("image/jpeg", "image/png"),
    MediaKind.STICKER: ("image/webp",),
    MediaKind.VIDEO: ("video/mp4", "video/3gpp"),
}
_KIND_OF = {mime_type: kind for kind, mime_types in _TYPES.items() for mime_type in mime_types}


@dataclass(kw_only=True)
class StoredMedia:
    """One upload, its file on disk from ``start`` on; the ``content`` of small ones is shown, too."""

    id: str
    phone_number_id: str
    filename: str
    mime_type: str
    kind: MediaKind
    sha256: str
    file_size: int
    content: bytes | None
    start: int
    uploaded_at: float
    deleted: bool = False

    def node(self, url: str) -> dict[str, Any]:
        """Return what the Cloud API tells about it, with an address to fetch it from."""
        return {
            "messaging_product": "whatsapp",
            "url": url,
            "mime_type": self.mime_type,
            "sha256": self.sha256,
            "file_size": self.file_size,
            "id": self.id,
        }

    def shown(self) -> dict[str, Any]:
        """Return all there is to know, for tests."""
        content = None if self.content is None else base64.b64encode(self.content).decode()
        return {
            "id": self.id,
            "phone_number_id": self.phone_number_id,
            "filename": self.filename,
            "mime_type": self.mime_type,
            "sha256": self.sha256,
            "file_size": self.file_size,
            "content_base64": content,
            "timestamp": self.uploaded_at,
            "deleted": self.deleted,
        }


class MediaStore:
    """All uploads, the deleted ones included."""

    def __init__(self, *, clock: Callable[[], float], numbers: Iterator[int]) -> None:
        self._clock = clock
        self._numbers = numbers
        self._by_id: dict[str, StoredMedia] = {}
        self.files = MediaFiles(clock=clock)

    def reset(self) -> None:
        """Forget them all."""
        self._by_id = {}
        self.files.reset()

    def add(
        self, *, phone_number_id: str, filename: str, mime_type: str, fingerprint: Fingerprint, start: int
    ) -> StoredMedia:
        """Remember an upload that was found acceptable."""
        media = StoredMedia(
            id=f"4{next(self._numbers):014d}",
            phone_number_id=phone_number_id,
            filename=filename,
            mime_type=mime_type,
            kind=kind_of(mime_type),
            sha256=fingerprint.sha256,
            file_size=fingerprint.size,
            content=fingerprint.content,
            start=start,
            uploaded_at=self._clock(),
        )
        self._by_id[media.id] = media
        return media

    def find(self, media_id: str) -> StoredMedia | None:
        """Return one that is still there: not deleted, and younger than 30 days."""
        media = self._by_id.get(media_id)
        if media is None or media.deleted or self._clock() - media.uploaded_at > LIFETIME:
            return None
        return media

    def listed(self) -> list[StoredMedia]:
        """Return all of them, oldest first."""
        return list(self._by_id.values())


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """Size and hash of a file, and its content if that is small."""

    size: int
    sha256: str
    content: bytes | None

    @classmethod
    def taken(cls, file: IO[bytes]) -> Fingerprint:
        """Read a file piece by piece."""
        digest, size, start = hashlib.sha256(), 0, b""
        while piece := file.read(256 * 1024):
            digest.update(piece)
            start = start or piece[: KEPT_BYTES + 1]
            size += len(piece)
        return cls(size=size, sha256=digest.hexdigest(), content=start if size <= KEPT_BYTES else None)


def kind_of(mime_type: str) -> MediaKind:
    """Return what a file of this type can be sent as; parameters such as the codec don't count."""
    kind = _KIND_OF.get(mime_type.partition(";")[0].strip().lower())
    if kind is None:
        raise invalid_parameter(
            f"Param file must be a file with one of the following types: {', '.join(_KIND_OF)}. "
            f"Received a file of type '{mime_type}'"
        )
    return kind


def check_size(mime_type: str, size: int) -> None:
    """Refuse an empty file, and one over the limit of its kind."""
    most = MAX_BYTES[kind_of(mime_type)]
    if size == 0:
        raise invalid_parameter("Param file must not be empty")
    if size > most:
        raise messaging_error(131053, "Media upload error", f"The file has {size} bytes; {most} are allowed")
