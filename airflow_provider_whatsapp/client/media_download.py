"""
Where a file may be fetched from, and whether what came is that file. Pure.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#download-media
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from pydantic import SecretStr

from airflow_provider_whatsapp.client.answers import read_answer, retry_after
from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.protocol import USER_AGENT, Answer, Call, Request
from airflow_provider_whatsapp.exceptions import (
    ApiError,
    InvalidRequestError,
    MediaError,
    RateLimitedError,
    TransientError,
)
from airflow_provider_whatsapp.models.base import ResponseModel, shape
from airflow_provider_whatsapp.models.media import MAX_BYTES, Media

META_DOMAINS = ("fbsbx.com", "fbcdn.net", "facebook.com", "whatsapp.net")
MOST_BYTES = max(MAX_BYTES.values())

_PORTS = {"http": 80, "https": 443}
# Without blanks, line breaks and backslashes: parsers disagree on where the host is in a URL that has them.
_URL = re.compile(r"(?i:https?)://[!-\[\]-~]+", re.ASCII)
_HOST = re.compile(r"([a-z0-9-]+\.)+[a-z]+", re.ASCII)
_HEX = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


class Source(NamedTuple):
    """A request for a file, and whether it may carry the Maton key."""

    request: Request
    is_gateway: bool


def source_of(url: str, config: ClientConfig) -> Source:
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
        return Source(request, is_gateway=True)
    if scheme == "https" and is_meta_host(host):
        return Source(request, is_gateway=False)
    raise InvalidRequestError(
        "url: the file's address, as it was answered, leads neither to Meta's media hosts (https, "
        f"{', '.join(f'*.{domain}' for domain in META_DOMAINS)}) nor to the gateway itself (found {shape(url)}), "
        "so it is not fetched; check host of the Airflow connection"
    )


def is_meta_host(host: str) -> bool:
    """Tell whether ``host`` lies below one of Meta's domains for media."""
    return bool(_HOST.fullmatch(host)) and host.endswith(tuple(f".{domain}" for domain in META_DOMAINS))


def is_same_digest(stated: str, digest: bytes) -> bool:
    """Tell whether a SHA-256 in hex digits or in Base64, as Meta writes it, is ``digest``."""
    if _HEX.fullmatch(stated):
        return bytes.fromhex(stated) == digest
    padded = stated.rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    try:
        return base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True) == digest
    except (binascii.Error, ValueError):
        return False


class Received:
    """Takes a file piece by piece, and tells in the end whether it is the one that was announced."""

    def __init__(self, media: Media, write: Callable[[bytes], object]) -> None:
        """Hand the pieces on to ``write``."""
        self._media = media
        self._write = write
        self._digest = hashlib.sha256()
        self._size = 0

    def take(self, piece: bytes) -> None:
        """
        Hand one piece on.

        :raises MediaError: if the file is longer than announced, or than any that WhatsApp takes.
        """
        self._size += len(piece)
        announced = self._media.file_size
        if self._size > MOST_BYTES:
            raise _wrong(f"is larger than the {MOST_BYTES:,} bytes that WhatsApp takes", permanent=True)
        if announced is not None and self._size > announced:
            raise _wrong(f"is longer than the {announced:,} bytes that were announced")
        self._digest.update(piece)
        self._write(piece)

    def check(self) -> None:
        """
        Compare size and SHA-256 with those that were announced; what was not announced is not compared.

        :raises MediaError: if they differ.
        """
        if self._media.file_size not in (None, self._size):
            raise _wrong(f"has {self._size:,} bytes instead of the {self._media.file_size:,} that were announced")
        if self._media.sha256 and not is_same_digest(self._media.sha256, self._digest.digest()):
            raise _wrong("does not have the SHA-256 that was announced")


def raise_for(answer: Answer, source: Source, call: Call, *, secrets: tuple[SecretStr, ...]) -> None:
    """
    Accept a success, or raise the right error.

    :raises ApiError: with status 404 if the address has expired.
    """
    if 200 <= answer.status < 300:
        return
    if source.is_gateway and answer.status != 404:
        read_answer(answer, call, ResponseModel, secrets=secrets)
    raise _refusal_of_media_host(answer)


def _refusal_of_media_host(answer: Answer) -> ApiError:
    # A media host answers in no format of the Graph API, so that the status is all there is to go by.
    kind: type[ApiError] = MediaError
    if answer.status == 429 or answer.status >= 500:
        kind = RateLimitedError if answer.status == 429 else TransientError
    return kind(
        "The media host did not hand out the file",
        status=answer.status,
        permanent=kind is MediaError,
        retry_after=retry_after(answer.headers),
        remedy=_remedy(answer.status),
    )


def _remedy(status: int) -> str:
    if status < 400:
        return "Redirects are not followed; check host and proxy of the Airflow connection."
    if status == 429 or status >= 500:
        return "Try again later."
    return "Meta's media host asks for Meta's own token, which Maton keeps; not verified against the live service."


def _wrong(problem: str, *, permanent: bool = False) -> MediaError:
    return MediaError(
        f"The file that was fetched {problem}, so it is not kept",
        permanent=permanent,
        remedy="Ask the sender to send it again." if permanent else "Try again; if it lasts, upload the file again.",
    )


def _origin(url: str) -> tuple[str, str]:
    """Return scheme and host, with a port that is not the scheme's own; nothing for what is no plain URL."""
    try:
        parts = urlsplit(url if _URL.fullmatch(url) else "")
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc.lower().removesuffix(f":{_PORTS.get(parts.scheme)}")
