"""A file that appears under its name only once it is whole."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.base import shape


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
        checked_target(target)  # which somebody may have made something else meanwhile
        # In the same folder, so that on a local disk it is one step; object storage copies.
        part.rename(target)
    except BaseException:
        # What went wrong before is what the caller must hear of.
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def checked_target(target: Path | str) -> Path:
    """
    Return the path of a file that is to be written, and may replace a regular file.

    :raises InvalidRequestError: if no file can have this path.
    """
    if isinstance(target, str) and (not target.strip() or "://" in target):
        raise InvalidRequestError(
            f"target: must be a local path (found {shape(target)}); for a URI pass an ObjectStoragePath"
        )
    path = Path(target) if isinstance(target, str) else target
    if not path.name or path.is_dir():
        raise InvalidRequestError("target: must be a file (found a folder); add a file name")
    # A link or a device would be replaced by a file of that name, as root even /dev/null.
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise InvalidRequestError(
            "target: must be a regular file, or not exist (found a link or a device); pass the path that it leads to"
        )
    if "://" not in str(path) and not path.parent.is_dir():
        raise InvalidRequestError("target: its folder does not exist, as this worker sees it; make it first")
    return path
