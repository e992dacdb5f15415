"""
Where a file may be fetched from, and whether what came is that file. Pure.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#download-media
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple
from urllib.parse import urlsplit

from pydantic import SecretStr

from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.http.calls import USER_AGENT, Call, Request, Response
from airflow_provider_whatsapp.client.http.responses import parse_response, retry_after
from airflow_provider_whatsapp.exceptions import (
    ApiError,
    InvalidRequestError,
    MediaError,
    RateLimitedError,
    TransientError,
)
from airflow_provider_whatsapp.models.base import ResponseModel
from airflow_provider_whatsapp.models.media import MAX_BYTES, Media
from airflow_provider_whatsapp.models.validation import describe

META_DOMAINS = ("fbsbx.com", "fbcdn.net", "facebook.com", "whatsapp.net")
MAX_FILE_BYTES = max(MAX_BYTES.values())

_PORTS = {"http": 80, "https": 443}
# Without blanks, line breaks and backslashes: parsers disagree on where the host is in a URL that has them.
_URL = re.compile(r"(?i:https?)://[!-\[\]-~]+", re.ASCII)
_HOST = re.compile(r"([a-z0-9-]+\.)+[a-z]+", re.ASCII)
_HEX = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


class FileRequest(NamedTuple):
    """A request for a file, and whether it may carry the Maton key."""

    request: Request
    is_gateway: bool


def file_request(url: str, config: ClientConfig) -> FileRequest:
    """
    Return the request for the file at ``url``, if it lies with Meta or the gateway.

    The key goes to the gateway's own origin only: at any other host it would be given away.

    :raises InvalidRequestError: for any other address, which is not named because it holds a token.
    """
    headers = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": USER_AGENT}
    request = Request("GET", url, {}, headers, None)
    scheme, host = _origin(url)
    if scheme and (scheme, host) == _origin(config.base_url):
        if config.connection_id:
            headers["Maton-Connection"] = config.connection_id
        return FileRequest(request, is_gateway=True)
    if scheme == "https" and is_meta_host(host):
        return FileRequest(request, is_gateway=False)
    raise InvalidRequestError(
        "url: must lead to one of Meta's media hosts "
        f"({', '.join(f'https://*.{domain}' for domain in META_DOMAINS)}) or to the gateway itself "
        f"(got {describe(url)}, as the file's address in the response). Check host of the Airflow connection."
    )


def is_meta_host(host: str) -> bool:
    """Tell whether ``host`` lies below one of Meta's domains for media."""
    if not _HOST.fullmatch(host):
        return False
    # With the dot: notfacebook.com belongs to another owner.
    return host.endswith(tuple(f".{domain}" for domain in META_DOMAINS))


def is_same_digest(stated: str, digest: bytes) -> bool:
    """Tell whether a SHA-256 in hex digits or in Base64, as Meta writes it, is ``digest``."""
    if _HEX.fullmatch(stated):
        return bytes.fromhex(stated) == digest
    # With or without padding, in the alphabet of URLs or the usual one.
    text = stated.rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    padded = text + "=" * (-len(text) % 4)
    try:
        decoded = base64.b64decode(padded, validate=True)
    except (binascii.Error, ValueError):
        return False
    return decoded == digest


class FileVerifier:
    """Takes a file piece by piece, and tells in the end whether it is the one that was announced."""

    def __init__(self, media: Media, write: Callable[[bytes], object]) -> None:
        """Hand the pieces on to ``write``."""
        self._media = media
        self._write_on = write
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, piece: bytes) -> None:
        """
        Hand one piece on.

        :raises MediaError: if the file is longer than announced, or than any that WhatsApp takes.
        """
        self._size += len(piece)
        announced = self._media.file_size
        if self._size > MAX_FILE_BYTES:
            raise _wrong(
                f"is larger than the {MAX_FILE_BYTES:,} bytes that WhatsApp takes",
                permanent=True,
            )
        if announced is not None and self._size > announced:
            raise _wrong(f"is longer than the {announced:,} bytes that were announced")
        self._digest.update(piece)
        self._write_on(piece)

    def verify(self) -> None:
        """
        Compare size and SHA-256 with those that were announced; what was not announced is not compared.

        :raises MediaError: if they differ.
        """
        if self._media.file_size not in (None, self._size):
            raise _wrong(
                f"has {self._size:,} bytes instead of the {self._media.file_size:,} that were announced"
            )
        if self._media.sha256 and not is_same_digest(
            self._media.sha256, self._digest.digest()
        ):
            raise _wrong("does not have the SHA-256 that was announced")


def raise_for_response(
    response: Response, source: FileRequest, call: Call, *, secrets: tuple[SecretStr, ...]
) -> None:
    """
    Accept a success, or raise the right error.

    :raises ApiError: with status 404 if the address has expired.
    """
    if 200 <= response.status < 300:
        return
    # A 404 means an expired address here, as at a media host, and not a wrong connection.
    if source.is_gateway and response.status != 404:
        parse_response(response, call, ResponseModel, secrets=secrets)
    # A media host does not use the Graph API's format, so only the status says what happened.
    kind: type[ApiError] = MediaError
    remedy = "Meta's media host asks for Meta's own token, which Maton keeps; not verified against the live service."
    if response.status < 400:
        remedy = (
            "Redirects are not followed; check host and proxy of the Airflow connection."
        )
    elif response.status == 429:
        kind = RateLimitedError
        remedy = "Try again later."
    elif response.status >= 500:
        kind = TransientError
        remedy = "Try again later."
    raise kind(
        "The media host did not hand out the file",
        status=response.status,
        permanent=kind is MediaError,
        retry_after=retry_after(response.headers),
        remedy=remedy,
    )


def _wrong(problem: str, *, permanent: bool = False) -> MediaError:
    remedy = "Try again; if it lasts, upload the file again."
    if permanent:
        remedy = "Ask the sender to send it again."
    return MediaError(
        f"The file that was fetched {problem}, so it is not kept",
        permanent=permanent,
        remedy=remedy,
    )


def _origin(url: str) -> tuple[str, str]:
    """Return scheme and host, with a port that is not the scheme's own; nothing for what is no plain URL."""
    if not _URL.fullmatch(url):
        return "", ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    own_port = f":{_PORTS.get(parts.scheme)}"
    return parts.scheme, parts.netloc.lower().removesuffix(own_port)


@contextmanager
def pending_file(target: Path) -> Iterator[BinaryIO]:
    """
    Open a file to write that becomes ``target`` at the end of the block.

    If the block fails, what was written is removed, and an older file of that name is still there.
    Only what a ``Path`` and a path of object storage have in common is used.
    """
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("wb") as file:
            yield file
        # Another program may have created a folder or a link there meanwhile.
        validate_target(target)
        # In the same folder, so that on a local disk it is one step; object storage copies.
        part.rename(target)
    except BaseException:
        # What went wrong before is what the caller must hear of.
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def validate_target(target: Path | str) -> Path:
    """
    Return the path of a file that is to be written, and may replace a regular file.

    :raises InvalidRequestError: if no file can have this path.
    """
    if isinstance(target, str):
        # Path takes a URI for a local path with a folder named s3:, and the file would be lost with the worker.
        if not target.strip() or "://" in target:
            raise InvalidRequestError(
                f"target: must be a local path (got {describe(target)}). Pass an ObjectStoragePath for a URI."
            )
        target = Path(target)
    path = target
    if not path.name or path.is_dir():
        raise InvalidRequestError("target: must be a file (got a folder). Add a file name.")
    if _is_link_or_device(path):
        raise InvalidRequestError(
            "target: must be a regular file, or not exist (got a link or a device). Pass the path that it leads to."
        )
    # Object storage has no folders that would have to exist.
    if "://" not in str(path) and not path.parent.is_dir():
        raise InvalidRequestError(
            "target: must be in a folder that exists on this worker (got a missing folder). Make the folder first."
        )
    return path


def _is_link_or_device(path: Path) -> bool:
    # A file would take its place: as root even that of /dev/null.
    return path.is_symlink() or (path.exists() and not path.is_file())
