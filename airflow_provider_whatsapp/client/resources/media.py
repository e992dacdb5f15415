"""Files that messages refer to."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from airflow_provider_whatsapp.client.api import Api
from airflow_provider_whatsapp.client.http.calls import Call, Idempotency
from airflow_provider_whatsapp.client.http.multipart import MultipartStream
from airflow_provider_whatsapp.client.http.transport import Transport
from airflow_provider_whatsapp.client.resources.download import (
    FileVerifier,
    file_request,
    pending_file,
    raise_for_response,
    validate_target,
)
from airflow_provider_whatsapp.exceptions import ApiError
from airflow_provider_whatsapp.models.base import Success
from airflow_provider_whatsapp.models.ids import graph_id
from airflow_provider_whatsapp.models.media import Media as MediaInfo
from airflow_provider_whatsapp.models.media import MediaFile, UploadedMedia


class Media:
    """``/{phone_number_id}/media`` and ``/{media_id}``."""

    def __init__(self, api: Api) -> None:
        """Use ``api``."""
        self._api = api

    def upload(
        self, file: MediaFile, content: BinaryIO, *, phone_number_id: str | None = None
    ) -> UploadedMedia:
        """
        Upload a file; its id can be sent for 30 days.

        :param file: name, type and size, from :meth:`MediaFile.described`.
        :param content: an open file that can be rewound; it is read in small pieces.
        :param phone_number_id: the number that will send it, the account's default if absent.
        :raises MediaError: if WhatsApp cannot use the file.

        https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#upload-media
        """
        owner = self._api.config.phone_number_id_of(phone_number_id)
        fields = {"messaging_product": "whatsapp", "type": file.mime_type}
        stream = MultipartStream(fields=fields, file=file, content=content)
        call = Call(
            method="POST",
            path=f"{owner}/media",
            stream=stream,
            idempotency=Idempotency.TASK_MAY_RETRY,
        )
        return self._api.call(call, UploadedMedia)

    def get(self, media_id: str, *, phone_number_id: str | None = None) -> MediaInfo:
        """
        Return what is known about an uploaded file, with a URL that is valid for 5 minutes.

        :param phone_number_id: fail if another number has uploaded or received the file.
        :raises NotFoundError: if there is none, or no longer.

        https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#retrieve-media-url
        """
        return self._api.call(_on_media("GET", media_id, phone_number_id), MediaInfo)

    def download(
        self, media_id: str, target: Path | str, *, phone_number_id: str | None = None
    ) -> MediaInfo:
        """
        Fetch a file, compare its size and SHA-256, and put it at ``target``; return what is known about it.

        The new file replaces an older one at ``target`` once it is complete. Meta's
        media host asks for Meta's own token, which Maton keeps: a download through Maton will probably
        fail. Not verified against the live service.

        :param target: a local path, or a path of Airflow's object storage; its folder must exist.
        :param phone_number_id: fail if another number has uploaded or received the file.
        :raises NotFoundError: if there is none, or no longer.
        :raises MediaError: if the media host rejects the request, or the file is not the announced one.
        :raises InvalidRequestError: if the file lies at a host that is neither Meta's nor the gateway.
        :raises OSError: if it cannot be written.

        https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#download-media
        """
        path = validate_target(target)
        media = self.get(media_id, phone_number_id=phone_number_id)
        try:
            self._fetch(media_id, media, path)
        except ApiError as error:
            if error.status != 404:
                raise
        else:
            return media
        # The URL, valid for 5 minutes, has expired while the call waited for its slot. Outside the handler, so that
        # this error is not chained to the next one.
        media = self.get(media_id, phone_number_id=phone_number_id)
        self._fetch(media_id, media, path)
        return media

    def delete(self, media_id: str, *, phone_number_id: str | None = None) -> None:
        """
        Delete an uploaded file.

        :param phone_number_id: fail if another number has uploaded or received the file.
        :raises NotFoundError: if there is none, or no longer.

        https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#delete-media
        """
        self._api.call(_on_media("DELETE", media_id, phone_number_id), Success)

    def _fetch(self, media_id: str, media: MediaInfo, path: Path) -> None:
        source = file_request(media.url, self._api.config)
        call = Call(method="GET", path=f"{media_id} (its file)")

        def attempt(transport: Transport) -> None:
            # A new file for each attempt: the rest of a broken one must not be a part of it.
            with pending_file(path) as file:
                verifier = FileVerifier(media, file.write)
                response = transport.fetch(
                    source.request, call, verifier.write, with_key=source.is_gateway
                )
                raise_for_response(
                    response, source, call, secrets=(self._api.config.api_key,)
                )
                verifier.verify()

        self._api.download(call, attempt)


def _on_media(method: str, media_id: str, phone_number_id: str | None) -> Call:
    # Both ids can come from a template or XCom, and must not lead to another endpoint.
    owner = phone_number_id
    if owner is not None:
        owner = graph_id(owner, "phone_number_id")
    return Call(
        method=method,
        path=graph_id(media_id, "media_id"),
        params={"phone_number_id": owner},
    )
