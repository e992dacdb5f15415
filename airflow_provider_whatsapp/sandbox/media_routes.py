"""Upload, look at, fetch and delete media."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, UploadFile
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from airflow_provider_whatsapp.sandbox.errors import invalid_parameter, unknown_object
from airflow_provider_whatsapp.sandbox.media import Fingerprint, StoredMedia, check_size, kind_of
from airflow_provider_whatsapp.sandbox.media_files import FILES_PATH
from airflow_provider_whatsapp.sandbox.state import CurrentSandbox, Sandbox

router = APIRouter()
file_router = APIRouter()


@router.post("/{phone_number_id}/media")
def upload(
    *,
    sandbox: CurrentSandbox,
    phone_number_id: str,
    messaging_product: Annotated[str, Form()],
    stated_type: Annotated[str, Form(alias="type")],
    file: UploadFile,
) -> dict[str, Any]:
    """
    Take a file.

    https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#upload-media
    """
    if not sandbox.phone_numbers.owns(phone_number_id):
        raise unknown_object(phone_number_id, method="post")
    if messaging_product != "whatsapp":
        raise invalid_parameter("Param messaging_product must be one of {WHATSAPP}")
    kind_of(stated_type)
    mime_type = file.content_type or stated_type
    kind_of(mime_type)
    fingerprint = Fingerprint.taken(file.file)
    check_size(mime_type, fingerprint.size)
    start = sandbox.media.files.keep(file.file)
    with sandbox.lock:
        media = sandbox.media.add(
            phone_number_id=phone_number_id,
            filename=file.filename or "",
            mime_type=mime_type,
            fingerprint=fingerprint,
            start=start,
        )
    return {"id": media.id}


@file_router.get(FILES_PATH)
def fetch(
    sandbox: CurrentSandbox, mid: str = "", ext: str = "", given: Annotated[str, Query(alias="hash")] = ""
) -> Response:
    """Hand out a file; an address that has expired leads nowhere."""
    with sandbox.lock:
        media = sandbox.media.find(mid)
        if media is None or not sandbox.media.files.is_good(mid, ext, given):
            return PlainTextResponse("Not Found", 404)
    pieces = sandbox.media.files.pieces(media.start, media.file_size)
    return StreamingResponse(pieces, headers={"Content-Length": str(media.file_size)}, media_type=media.mime_type)


def read(sandbox: Sandbox, media: StoredMedia, phone_number_id: str | None, base_url: str) -> dict[str, Any]:
    """Answer ``GET /{media_id}``; a phone number that did not upload it doesn't see it."""
    _check_owner(media, phone_number_id, method="get")
    return media.node(sandbox.media.files.url(base_url, media.id))


def delete(media: StoredMedia, phone_number_id: str | None) -> dict[str, Any]:
    """Answer ``DELETE /{media_id}``."""
    _check_owner(media, phone_number_id, method="delete")
    media.deleted = True
    return {"success": True}


def _check_owner(media: StoredMedia, phone_number_id: str | None, *, method: str) -> None:
    if phone_number_id not in (None, media.phone_number_id):
        raise unknown_object(media.id, method=method)
