"""What all operators share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from airflow.providers.common.compat.sdk import BaseOperator

from airflow_provider_whatsapp.exceptions import InvalidRequestError

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_provider_whatsapp.client.client import WhatsAppClient
    from airflow_provider_whatsapp.models.media import MediaFile


class WhatsAppOperator(BaseOperator):
    """
    An operator that talks to WhatsApp Business through a Maton connection.

    :param maton_conn_id: the Airflow connection, of type ``maton``. (templated)
    """

    template_fields: Sequence[str] = ("maton_conn_id",)
    ui_color = "#dcf8c6"

    def __init__(self, *, maton_conn_id: str = "maton_default", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.maton_conn_id = maton_conn_id

    @cached_property
    def client(self) -> WhatsAppClient:
        """The client of the connection."""
        # Imported when a task runs: DAG processors import this module again and again.
        from airflow_provider_whatsapp.hooks.maton import MatonHook

        return MatonHook(self.maton_conn_id).client


def storage_path(location: object, field: str) -> Path:
    """
    Return a local path, or an object storage path for a URI such as ``s3://conn_id@bucket/key``.

    :param field: the argument that ``location`` came with.
    :raises InvalidRequestError: if it is neither.
    """
    from pathlib import Path

    if not isinstance(location, str | Path) or not str(location).strip():
        raise InvalidRequestError(
            f"{field}: must be a path or a URI (found {type(location).__name__}); check the task or XCom it comes from"
        )
    if "://" not in str(location):
        return Path(location)
    from airflow.providers.common.compat.sdk import ObjectStoragePath

    return cast("Path", ObjectStoragePath(str(location)))  # which it is in all that it can do


def stored_file(location: object, field: str, mime_type: str | None) -> tuple[Path, MediaFile]:
    """
    Return where a file is, and what WhatsApp needs to know about it.

    :param location: see :func:`storage_path`.
    :param mime_type: overrules the type that the file's name tells.
    :raises InvalidRequestError: if there is none, or WhatsApp does not take it.
    """
    from airflow_provider_whatsapp.models.base import shape
    from airflow_provider_whatsapp.models.media import MediaFile

    if not isinstance(mime_type, str | None):
        raise InvalidRequestError(f"mime_type: must be text such as 'image/png' (found {shape(mime_type)}); correct it")
    path = storage_path(location, field)
    if not path.is_file():
        problem = "is a folder" if path.exists() else "does not exist, as this worker sees it"
        raise InvalidRequestError(
            f"{field}: {path} {problem}; pass one file that every worker can read, for example in object storage"
        )
    return path, MediaFile.described(path.name, path.stat().st_size, mime_type)
