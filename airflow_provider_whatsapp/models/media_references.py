"""
Files in a message: by the id of an upload, or by a public link.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages#media-object
"""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints, model_validator

from airflow_provider_whatsapp.models.base import IntIsText, RequestModel, matching, refusal
from airflow_provider_whatsapp.models.limits import within

MediaId = Annotated[
    str,
    matching(r"[0-9]{1,64}", "a media id is digits", remedy="pass the media_id that the upload returned"),
    IntIsText,
]
# Of any length: presigned links of object storage with a session token in them are long.
Link = Annotated[
    str,
    matching(r"https?://[!-~]+", "a link is a public http(s) URL", remedy="begin with https://, percent-encode it"),
]


class MediaReference(RequestModel):
    """A file by the ``id`` of an upload or by a public ``link``: exactly one of them."""

    id: MediaId | None = None
    link: Link | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> MediaReference:
        if (self.id is None) == (self.link is None):
            raise refusal("exactly one of id and link is needed", remedy="pass the media id or a public link")
        return self


class DocumentReference(MediaReference):
    """A document, shown under ``filename``."""

    filename: Annotated[str, StringConstraints(min_length=1), IntIsText] | None = None


class Image(MediaReference):
    """A picture (JPEG, PNG) with an optional text below it."""

    caption: Annotated[str, within("image.caption"), IntIsText] | None = None


class Video(MediaReference):
    """A video (MP4, 3GPP) with an optional text below it."""

    caption: Annotated[str, within("video.caption"), IntIsText] | None = None


class Document(DocumentReference):
    """A file of any type with an optional text below it."""

    caption: Annotated[str, within("document.caption"), IntIsText] | None = None


class Audio(MediaReference):
    """A sound; with ``voice`` it is shown as a voice message, which has to be OGG with the Opus codec."""

    voice: bool | None = None


class Sticker(MediaReference):
    """A WebP sticker of 512 by 512 pixels."""
