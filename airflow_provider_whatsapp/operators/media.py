"""Operators for files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.hooks.failures import permanent_errors_fail_the_task
from airflow_provider_whatsapp.operators.base import WhatsAppOperator, storage_path

if TYPE_CHECKING:
    from pathlib import Path

    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_whatsapp.models.media import MediaFile


class UploadMediaOperator(WhatsAppOperator):
    """
    Upload a file, to be sent by its media id within 30 days.

    Type and size are checked against what WhatsApp takes before the first byte is sent, and the
    file is read in small pieces.

    :param file: a local path, or any URI that Airflow's object storage reads, such as
        ``s3://conn_id@bucket/key``, ``gs://…`` or ``file://…``. (templated)
    :param mime_type: overrules the type that the file's name tells. (templated)
    :param phone_number_id: the number that will send it, the connection's if absent. (templated)
    :param maton_conn_id: the Airflow connection. (templated)
    :return: ``{"media_id", "mime_type", "size"}``, size in bytes.

    .. seealso:: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media
    """

    template_fields: Sequence[str] = (
        "file",
        "mime_type",
        "phone_number_id",
        *WhatsAppOperator.template_fields,
    )

    def __init__(
        self,
        *,
        file: str | Path,
        mime_type: str | None = None,
        phone_number_id: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.file = file
        self.mime_type = mime_type
        self.phone_number_id = phone_number_id

    def execute(self, context: Context) -> dict[str, str | int]:
        """Check the file, upload it, and return its media id."""
        with permanent_errors_fail_the_task():
            path = storage_path(self.file, "file")
            file = _described(path, self.mime_type)
            with path.open("rb") as content:
                media = self.client.media.upload(file, content, phone_number_id=self.phone_number_id)
        self.log.info("Uploaded %s (%s, %d bytes) as media %s", file.name, file.mime_type, file.size, media.id)
        return {"media_id": media.id, "mime_type": file.mime_type, "size": file.size}


def _described(path: Path, mime_type: str | None) -> MediaFile:
    from airflow_provider_whatsapp.models.media import MediaFile

    if not path.is_file():
        problem = "is a folder" if path.exists() else "does not exist, as this worker sees it"
        raise InvalidRequestError(
            f"file: {path} {problem}; pass one file that every worker can read, for example in object storage"
        )
    return MediaFile.described(path.name, path.stat().st_size, mime_type)
