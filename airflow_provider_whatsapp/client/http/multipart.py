"""A form with a file in it, read piece by piece: a 100 MB document never stands in memory."""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Mapping
from typing import BinaryIO

from airflow_provider_whatsapp.models.media import MediaFile

_UNSAFE = re.compile(r'[\x00-\x1f\x7f"\\/]')


class MultipartStream:
    """
    The body of a ``multipart/form-data`` request, as a file to read from.

    Its length is known in advance, so the request has a ``Content-Length`` and is not chunked. It can be rewound for
    another attempt if the file can.

    https://www.rfc-editor.org/rfc/rfc7578
    """

    def __init__(
        self, *, fields: Mapping[str, str], file: MediaFile, content: BinaryIO
    ) -> None:
        """Put ``fields`` before ``file``, and read ``content`` from its beginning to ``file.size``."""
        boundary = secrets.token_hex(16)
        self.content_type = f"multipart/form-data; boundary={boundary}"
        before = ""
        for name, value in fields.items():
            before += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        # A quote or a line break in the name would end the header, and the rest would become another one.
        filename = _UNSAFE.sub("_", file.name)
        before += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
        before += f"Content-Type: {file.mime_type}\r\n\r\n"
        self._before = before.encode()
        self._after = f"\r\n--{boundary}--\r\n".encode()
        self._content = content
        self._size = self._left = file.size
        self._parts: list[BinaryIO] = []
        self.rewind()

    def __len__(self) -> int:
        """Return the length in bytes."""
        return len(self._before) + self._size + len(self._after)

    def rewind(self) -> None:
        """Go back to the beginning, for another attempt."""
        self._content.seek(0)
        self._left = self._size
        before = io.BytesIO(self._before)
        after = io.BytesIO(self._after)
        self._parts = [before, self._content, after]

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes; empty at the end."""
        while self._parts and size != 0:
            part = self._parts[0]
            wanted = size
            if part is self._content and (size < 0 or size > self._left):
                # A file that grows while it is read would run past the announced length, into the next request.
                wanted = self._left
            piece = part.read(wanted)
            if part is self._content:
                self._left -= len(piece)
            if piece:
                return piece
            del self._parts[0]
        return b""
