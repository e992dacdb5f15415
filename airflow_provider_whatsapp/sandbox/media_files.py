"""
The content of uploads, and the short-lived addresses under which it can be fetched.

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
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import IO
from urllib.parse import urlencode

FILES_PATH = "/whatsapp_business/attachments/"
URL_LIFETIME = 5 * 60

_PIECE = 256 * 1024


class MediaFiles:
    """
    All contents one after the other in a nameless file, so that large ones cost no memory.

    However the sandbox ends, the file is gone with it. Until then, or a reset, nothing is removed.
    """

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._lock = threading.Lock()

    @cached_property
    def _file(self) -> IO[bytes]:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the sandbox
        weakref.finalize(self, file.close)
        return file

    def keep(self, file: IO[bytes]) -> int:
        """Copy a file from its beginning, and return where the copy starts."""
        file.seek(0)
        with self._lock:
            start = self._file.seek(0, os.SEEK_END)
            shutil.copyfileobj(file, self._file, _PIECE)
            self._file.flush()
            return start

    def pieces(self, start: int, size: int) -> Iterator[bytes]:
        """Yield what was kept."""
        for at in range(start, start + size, _PIECE):
            yield os.pread(self._file.fileno(), min(_PIECE, start + size - at), at)

    def reset(self) -> None:
        """Forget it all."""
        with self._lock:
            self._file.truncate(0)

    def url(self, base_url: str, media_id: str) -> str:
        """Return an address that is good for five minutes."""
        ends = str(int(self._clock()) + URL_LIFETIME)
        query = {"mid": media_id, "ext": ends, "hash": self._hash(media_id, ends)}
        return f"{base_url}{FILES_PATH}?{urlencode(query)}"

    def is_good(self, media_id: str, ends: str, given: str) -> bool:
        """Whether an address with these parts was given out, and not too long ago."""
        same = hmac.compare_digest(self._hash(media_id, ends).encode(), given.encode())
        return same and self._clock() <= int(ends)

    def _hash(self, media_id: str, ends: str) -> str:
        return hmac.new(self._secret, f"{media_id} {ends}".encode(), hashlib.sha256).hexdigest()
