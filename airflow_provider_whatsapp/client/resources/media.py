"""Files that messages refer to."""

from __future__ import annotations

from typing import BinaryIO

from airflow_provider_whatsapp.client.account import phone_number_id_of
from airflow_provider_whatsapp.client.api import Api
from airflow_provider_whatsapp.client.multipart import MultipartStream
from airflow_provider_whatsapp.client.protocol import Call, Repeat, graph_id
from airflow_provider_whatsapp.models.media import Media as MediaInfo
from airflow_provider_whatsapp.models.media import MediaFile, UploadedMedia
from airflow_provider_whatsapp.models.templates import Success


class Media:
    """``/{phone_number_id}/media`` and ``/{media_id}``."""

    def __init__(self, api: Api) -> None:
        """Use ``api``."""
        self._api = api

    def upload(self, file: MediaFile, content: BinaryIO, *, phone_number_id: str | None = None) -> UploadedMedia:
        """
        Upload a file; its id can be sent for 30 days.

        :param file: name, type and size, from :meth:`MediaFile.described`.
        :param content: an open file that can be rewound; it is read in small pieces.
        :param phone_number_id: the number that will send it, the account's default if absent.
        :raises MediaError: if WhatsApp cannot use the file.

        https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#upload-media
        """
        owner = phone_number_id_of(self._api.config, phone_number_id)
        fields = {"messaging_product": "whatsapp", "type": file.mime_type}
        stream = MultipartStream(fields=fields, file=file, content=content)
        call = Call(method="POST", path=f"{owner}/media", stream=stream, repeat=Repeat.WASTEFUL)
        return self._api.call(call, UploadedMedia)

    def get(self, media_id: str) -> MediaInfo:
        """
        Return what is known about an uploaded file, with a URL that is valid for 5 minutes.

        :raises NotFoundError: if there is none, or no longer.

        https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#retrieve-media-url
        """
        return self._api.call(Call(method="GET", path=graph_id(media_id, "media_id")), MediaInfo)

    def delete(self, media_id: str) -> None:
        """
        Delete an uploaded file.

        :raises NotFoundError: if there is none, or no longer.

        https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#delete-media
        """
        self._api.call(Call(method="DELETE", path=graph_id(media_id, "media_id")), Success)
