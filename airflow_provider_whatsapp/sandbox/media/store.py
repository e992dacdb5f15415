"""
Uploaded media: which files Meta accepts, and what the sandbox keeps of them.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from airflow_provider_whatsapp.models.media import MAX_BYTES, MediaKind
from airflow_provider_whatsapp.sandbox.aliases import Clock, Json
from airflow_provider_whatsapp.sandbox.graph.errors import (
    invalid_parameter,
    invalid_value,
    messaging_error,
    missing_parameter,
)
from airflow_provider_whatsapp.sandbox.media.files import CHUNK_BYTES, MediaFiles

LIFETIME = 30 * 24 * 3600  # seconds
MAX_SHOWN_BYTES = 64 * 1024  # larger files would make the lists of the control API too long

_OFFICE = "application/vnd.openxmlformats-officedocument"
_MIME_TYPES = {
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
_KIND_BY_MIME_TYPE = {
    mime_type: kind for kind, mime_types in _MIME_TYPES.items() for mime_type in mime_types
}


@dataclass(kw_only=True)
class StoredMedia:
    """
    One upload.

    :param content: the whole file if it is small, else None.
    :param start: where the file begins in :class:`MediaFiles`, in bytes.
    """

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

    def to_node(self, url: str) -> Json:
        """Return what the Cloud API shows of it, with a URL to download it from."""
        return {
            "messaging_product": "whatsapp",
            "url": url,
            "mime_type": self.mime_type,
            "sha256": self.sha256,
            "file_size": self.file_size,
            "id": self.id,
        }

    def to_json(self) -> Json:
        """Return all that is known of it, for tests."""
        content = None
        if self.content is not None:
            content = base64.b64encode(self.content).decode()
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
    """All uploads, oldest first, the deleted ones included."""

    def __init__(self, *, clock: Clock, numbers: Iterator[int]) -> None:
        self._clock = clock
        self._numbers = numbers
        self._by_id: dict[str, StoredMedia] = {}
        self.files = MediaFiles(clock=clock)

    def reset(self) -> None:
        """Forget all uploads."""
        self._by_id = {}
        self.files.reset()

    def add(
        self,
        *,
        phone_number_id: str,
        filename: str,
        mime_type: str,
        fingerprint: Fingerprint,
        start: int,
    ) -> StoredMedia:
        """Store an upload whose type and size are valid."""
        media = StoredMedia(
            id=f"4{next(self._numbers):014d}",
            phone_number_id=phone_number_id,
            filename=filename,
            mime_type=mime_type,
            kind=get_kind(mime_type),
            sha256=fingerprint.sha256,
            file_size=fingerprint.size,
            content=fingerprint.content,
            start=start,
            uploaded_at=self._clock(),
        )
        self._by_id[media.id] = media
        return media

    def find(self, media_id: str) -> StoredMedia | None:
        """Return an upload that is neither deleted nor expired."""
        # Deleted uploads stay in the store, because tests want to see them.
        media = self._by_id.get(media_id)
        if media is None or media.deleted:
            return None
        # Meta deletes media after 30 days.
        age = self._clock() - media.uploaded_at
        if age > LIFETIME:
            return None
        return media

    def find_all(self) -> list[StoredMedia]:
        """Return all uploads."""
        return list(self._by_id.values())


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """Size and SHA-256 of a file, and its content if it is small."""

    size: int
    sha256: str
    content: bytes | None

    @classmethod
    def compute(cls, file: IO[bytes]) -> Fingerprint:
        """Read a file in chunks, so that a large one does not have to fit into memory."""
        digest = hashlib.sha256()
        size = 0
        content = b""
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            # Only the first chunk: what is small enough to be shown fits into it.
            if not content:
                content = chunk
            size += len(chunk)
        return cls(
            size=size,
            sha256=digest.hexdigest(),
            content=content if size <= MAX_SHOWN_BYTES else None,
        )


def get_kind(mime_type: str) -> MediaKind:
    """Return what a file of this MIME type can be sent as, or reject it."""
    # Parameters such as the codec do not matter.
    essence = mime_type.partition(";")[0].strip().lower()
    kind = _KIND_BY_MIME_TYPE.get(essence)
    if kind is None:
        raise invalid_parameter(
            f"Param file must be a file with one of the following types: {', '.join(_KIND_BY_MIME_TYPE)}. "
            f"Received a file of type '{mime_type}'"
        )
    return kind


def validate_size(mime_type: str, size: int) -> None:
    """Reject an empty file, and one that is larger than its kind may be."""
    max_size = MAX_BYTES[get_kind(mime_type)]
    # A limit for each kind, not for each type: Meta documents them so.
    if size == 0:
        raise invalid_parameter("Param file must not be empty")
    if size > max_size:
        raise messaging_error(
            131053,
            "Media upload error",
            f"The file has {size} bytes; {max_size} are allowed",
        )


def validate_media(media_type: str, content: Json, media: MediaStore) -> None:
    """Reject a reference to a file that is not exactly one usable upload, or one link."""
    media_id = content.get("id")
    link = content.get("link")
    if not media_id and not link:
        raise missing_parameter(f"{media_type}: give an id or a link")
    if media_id and link:
        raise invalid_value(f"{media_type}: give either an id or a link")
    if link:
        # The file behind it is not fetched: a sandbox must work without a network.
        if not str(link).startswith(("http://", "https://")):
            raise invalid_value(f"{media_type}: the link is not a web address")
        return
    stored = media.find(str(media_id))
    if stored is None:
        raise messaging_error(
            131053, "Media upload error", f"{media_type}: no media with id {media_id}"
        )
    # A file of any kind can be sent as a document.
    if media_type not in {MediaKind.DOCUMENT, stored.kind}:
        raise messaging_error(
            131053,
            "Media upload error",
            f"{media_type}: media {media_id} is {stored.mime_type}",
        )
