"""Upload, download and delete media, and read their metadata."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, UploadFile
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from airflow_provider_whatsapp.sandbox.aliases import Json
from airflow_provider_whatsapp.sandbox.graph.errors import invalid_parameter, unknown_object
from airflow_provider_whatsapp.sandbox.media.files import FILES_PATH
from airflow_provider_whatsapp.sandbox.media.store import (
    Fingerprint,
    StoredMedia,
    get_kind,
    validate_size,
)
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
) -> Json:
    """
    Store a file.

    https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#upload-media
    """
    if not sandbox.phone_numbers.owns(phone_number_id):
        raise unknown_object(phone_number_id, method="post")
    if messaging_product != "whatsapp":
        raise invalid_parameter("Param messaging_product must be one of {WHATSAPP}")
    # Both must be valid; the type of the form's file part is the one that Meta keeps.
    get_kind(stated_type)
    mime_type = file.content_type or stated_type
    get_kind(mime_type)
    fingerprint = Fingerprint.compute(file.file)
    validate_size(mime_type, fingerprint.size)
    # Outside the lock, because copying a large file takes a while.
    start = sandbox.media.files.append(file.file)
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
def download(
    sandbox: CurrentSandbox,
    mid: str = "",
    ext: str = "",
    signature: Annotated[str, Query(alias="hash")] = "",
) -> Response:
    """Return the content of a file, or 404 if the URL has expired."""
    with sandbox.lock:
        media = sandbox.media.find(mid)
        if media is None or not sandbox.media.files.is_valid_url(mid, ext, signature):
            return PlainTextResponse("Not Found", 404)
    # Outside the lock, because a slow download must not stop other calls.
    return StreamingResponse(
        sandbox.media.files.read_chunks(media.start, media.file_size),
        headers={"Content-Length": str(media.file_size)},
        media_type=media.mime_type,
    )


def read(
    sandbox: Sandbox, media: StoredMedia, phone_number_id: str | None, base_url: str
) -> Json:
    """Answer ``GET /{media_id}``."""
    validate_owner(media, phone_number_id, method="get")
    url = sandbox.media.files.build_url(base_url, media.id)
    return media.to_node(url)


def delete(media: StoredMedia, phone_number_id: str | None) -> Json:
    """Answer ``DELETE /{media_id}``."""
    validate_owner(media, phone_number_id, method="delete")
    # Only marked: the control API still shows it.
    media.deleted = True
    return {"success": True}


def validate_owner(media: StoredMedia, phone_number_id: str | None, *, method: str) -> None:
    """Reject a phone number other than the one that uploaded the file."""
    # A call does not have to name a number.
    if phone_number_id not in (None, media.phone_number_id):
        raise unknown_object(media.id, method=method)
