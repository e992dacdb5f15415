"""
The files of uploads, and the short-lived URLs to download them from.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#download-media
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import shutil
import tempfile
import threading
import weakref
from collections.abc import Iterator
from functools import cached_property
from typing import IO
from urllib.parse import urlencode

from airflow_provider_whatsapp.sandbox.aliases import Clock

FILES_PATH = "/whatsapp_business/attachments/"
URL_LIFETIME = 5 * 60  # seconds, as with Meta
CHUNK_BYTES = 256 * 1024


class MediaFiles:
    """
    The content of all uploads, one after the other in one temporary file.

    A file costs no memory. It has no name, so it is gone when the sandbox ends, even if it is killed.
    Until then, or until a reset, nothing is removed from it.
    """

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        # A lock of its own: copying a large file must not stop all other calls.
        self._lock = threading.Lock()

    @cached_property
    def _file(self) -> IO[bytes]:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the sandbox
        weakref.finalize(self, file.close)
        return file

    def append(self, file: IO[bytes]) -> int:
        """Copy a file from its beginning, and return the position of the copy in bytes."""
        file.seek(0)
        with self._lock:
            start = self._file.seek(0, os.SEEK_END)
            shutil.copyfileobj(file, self._file, CHUNK_BYTES)
            # pread below does not see what is still in Python's buffer.
            self._file.flush()
            return start

    def read_chunks(self, start: int, size: int) -> Iterator[bytes]:
        """Yield ``size`` bytes from the position ``start``."""
        end = start + size
        for position in range(start, end, CHUNK_BYTES):
            length = min(CHUNK_BYTES, end - position)
            # pread has no position of its own, so that downloads can run at the same time.
            yield os.pread(self._file.fileno(), length, position)

    def reset(self) -> None:
        """Remove the content of all files."""
        with self._lock:
            self._file.truncate(0)

    def build_url(self, base_url: str, media_id: str) -> str:
        """Return a download URL that is valid for five minutes."""
        expires = str(int(self._clock()) + URL_LIFETIME)
        query = {
            "mid": media_id,
            "ext": expires,
            "hash": self._sign(media_id, expires),
        }
        return f"{base_url}{FILES_PATH}?{urlencode(query)}"

    def is_valid_url(self, media_id: str, expires: str, signature: str) -> bool:
        """Whether a URL with these parts was built here, and has not expired."""
        expected = self._sign(media_id, expires)
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            return False
        # A number, because the signature is valid.
        return self._clock() <= int(expires)

    def _sign(self, media_id: str, expires: str) -> str:
        content = f"{media_id} {expires}".encode()
        return hmac.new(self._secret, content, hashlib.sha256).hexdigest()
