"""Operators that upload, download and delete media."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_whatsapp.exceptions import NotFoundError
from airflow_provider_whatsapp.hooks.failures import fail_on_permanent_error
from airflow_provider_whatsapp.operators.base import (
    WhatsAppOperator,
    storage_path,
    stored_file,
)

if TYPE_CHECKING:
    from pathlib import Path

    from airflow.providers.common.compat.sdk import Context


class UploadMediaOperator(WhatsAppOperator):
    """
    Upload a file. Messages can send it by its media id for 30 days.

    The operator checks type and size against WhatsApp's limits before the first byte leaves, and reads the file in
    small chunks.

    :param file: a local path, or any URI that Airflow's object storage reads, such as
        ``s3://conn_id@bucket/key``, ``gs://…`` or ``file://…``. Every file that the worker's user may read can be sent:
        do not build the path from data that other people write. (templated)
    :param mime_type: overrides the type that the file's name tells. (templated)
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
        with fail_on_permanent_error():
            path, file = stored_file(self.file, "file", self.mime_type)
            with path.open("rb") as content:
                media = self.client.media.upload(
                    file, content, phone_number_id=self.phone_number_id
                )
        self.log.info(
            "Uploaded a file of type %s (%d bytes) as media %s",
            file.mime_type,
            file.size,
            media.id,
        )
        return {"media_id": media.id, "mime_type": file.mime_type, "size": file.size}


class DownloadMediaOperator(WhatsAppOperator):
    """
    Download a media file, by the id of an upload or of an incoming message.

    The file is on a host of Meta's, which asks for Meta's own token. Maton keeps that token, so a download **probably
    fails through the gateway** (not verified against the live service), and the error says so. The operator compares
    the file with the size and hash that Meta states, and only a complete file appears at its path.

    :param media_id: of the file. (templated)
    :param file: where to put it: a local path, whose folder must exist, or a URI of Airflow's object storage. It
        replaces a regular file of that name, and nothing else. (templated)
    :param phone_number_id: only if this number owns it. (templated)
    :param maton_conn_id: the Airflow connection. (templated)
    :return: ``{"file", "mime_type", "size", "sha256"}``, size in bytes.

    .. seealso:: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#download-media
    """

    template_fields: Sequence[str] = (
        "media_id",
        "file",
        "phone_number_id",
        *WhatsAppOperator.template_fields,
    )

    def __init__(
        self,
        *,
        media_id: str,
        file: str | Path,
        phone_number_id: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.media_id = media_id
        self.file = file
        self.phone_number_id = phone_number_id

    def execute(self, context: Context) -> dict[str, str | int | None]:
        """Fetch the file and put it in its place."""
        with fail_on_permanent_error():
            target = storage_path(self.file, "file")
            media = self.client.media.download(
                self.media_id, target, phone_number_id=self.phone_number_id
            )
        # Meta need not state a size, so that of the written file counts.
        size = target.stat().st_size
        self.log.info(
            "Downloaded media %s (%s, %d bytes) to %s",
            media.id,
            media.mime_type,
            size,
            target,
        )
        return {
            "file": str(target),
            "mime_type": media.mime_type,
            "size": size,
            "sha256": media.sha256,
        }


class DeleteMediaOperator(WhatsAppOperator):
    """
    Delete an uploaded file. Messages that were sent with it keep it.

    :param media_id: of the file. (templated)
    :param phone_number_id: only if this number owns it. (templated)
    :param ignore_if_missing: succeed if there is no such file, as after a retry.
    :param maton_conn_id: the Airflow connection. (templated)

    .. seealso:: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#delete-media
    """

    template_fields: Sequence[str] = (
        "media_id",
        "phone_number_id",
        *WhatsAppOperator.template_fields,
    )

    def __init__(
        self,
        *,
        media_id: str,
        phone_number_id: str | None = None,
        ignore_if_missing: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.media_id = media_id
        self.phone_number_id = phone_number_id
        self.ignore_if_missing = ignore_if_missing

    def execute(self, context: Context) -> None:
        """Delete it."""
        with fail_on_permanent_error():
            try:
                self.client.media.delete(
                    self.media_id, phone_number_id=self.phone_number_id
                )
            except NotFoundError:
                if not self.ignore_if_missing:
                    raise
                self.log.info("There is no media %s any more", self.media_id)
            else:
                self.log.info("Deleted media %s", self.media_id)
