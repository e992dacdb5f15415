"""What Meta refuses in the parameters of a header or body."""

from __future__ import annotations

import re
from typing import Any

from airflow_provider_whatsapp.models.media import MediaKind
from airflow_provider_whatsapp.sandbox import template_text
from airflow_provider_whatsapp.sandbox.errors import MetaError, messaging_error
from airflow_provider_whatsapp.sandbox.media import MediaStore

_UNFIT = re.compile(r"[\n\r\t]| {5}")
_HEADER_TEXT = 60


def check_header(
    header: dict[str, Any] | None, parameters: list[dict[str, Any]], *, named: bool, media: MediaStore
) -> None:
    """Refuse a header of another format than the template's, and media that can't be used."""
    kind = header["format"].lower() if header else "text"
    if kind != "text":
        _check_special_header(kind, parameters, media)
        return
    for parameter in parameters:
        if parameter.get("type") != "text":
            raise mismatch("header", "text" if header else "no header", parameter.get("type"))
    text = header["text"] if header else ""
    values = check_texts("header", text, parameters, named=named)
    if len(template_text.filled_in(text, values)) > _HEADER_TEXT:
        raise messaging_error(
            132005, "Text is too long once filled in", f"The header has over {_HEADER_TEXT} characters"
        )


def check_texts(part: str, text: str, parameters: list[dict[str, Any]], *, named: bool) -> dict[str, str]:
    """Check number, names and texts of the parameters and return them by variable."""
    variables = template_text.variables(text)
    if len(parameters) != len(variables):
        raise messaging_error(
            132000,
            "The number of parameters differs from the template",
            f"{part}: {len(parameters)} parameters were given, the template has {len(variables)}",
        )
    _check_names(part, variables, parameters, named=named)
    texts = [_text(part, parameter) for parameter in parameters]
    keys = [parameter["parameter_name"] for parameter in parameters] if named else _sorted(variables)
    return dict(zip(keys, texts, strict=True))


def check_media(kind: str, content: dict[str, Any], media: MediaStore) -> None:
    """Refuse anything but one usable upload, or one link."""
    media_id, link = content.get("id"), content.get("link")
    if not media_id and not link:
        raise messaging_error(131008, "Required parameter is missing", f"{kind}: give an id or a link")
    if media_id and link:
        raise messaging_error(131009, "Parameter value is not valid", f"{kind}: give either an id or a link")
    if link and not str(link).startswith(("http://", "https://")):
        raise messaging_error(131009, "Parameter value is not valid", f"{kind}: the link is not a web address")
    if link:
        return
    stored = media.find(str(media_id))
    if stored is None:
        raise messaging_error(131053, "Media upload error", f"{kind}: no media with id {media_id}")
    # Any type of file can be sent as a document.
    if kind not in {MediaKind.DOCUMENT, stored.kind}:
        raise messaging_error(131053, "Media upload error", f"{kind}: media {media_id} is {stored.mime_type}")


def mismatch(part: str, expected: str, found: object) -> MetaError:
    """Return the refusal of a parameter of the wrong kind."""
    return messaging_error(
        132012,
        "A parameter has another format than in the template",
        f"{part}: expected {expected}, received {found or 'nothing'}",
    )


def _check_names(part: str, variables: list[str], parameters: list[dict[str, Any]], *, named: bool) -> None:
    names = [str(parameter["parameter_name"]) for parameter in parameters if parameter.get("parameter_name")]
    if named and sorted(names) != sorted(variables):
        raise mismatch(part, f"parameters named {', '.join(variables)}", ", ".join(names) or "none with a name")
    if names and not named:
        raise mismatch(part, "positional parameters", "named ones")


def _text(part: str, parameter: dict[str, Any]) -> str:
    kind = parameter["type"]
    content = parameter.get(kind)
    value = content if kind == "text" else content.get("fallback_value") if isinstance(content, dict) else None
    if not isinstance(value, str) or not value:
        raise messaging_error(131008, "Required parameter is missing", f"{part}: a parameter has no text")
    if _UNFIT.search(value):
        raise messaging_error(
            132018,
            "A template parameter is not valid",
            f"{part}: a parameter has a line break, a tab, or more than four spaces in a row",
        )
    return value


def _sorted(variables: list[str]) -> list[str]:
    return sorted(variables, key=int)


def _check_special_header(kind: str, parameters: list[dict[str, Any]], media: MediaStore) -> None:
    """Check a header that holds a file or a place: it always needs its one parameter."""
    found = parameters[0].get("type") if parameters else None
    if len(parameters) != 1 or found != kind or not isinstance(parameters[0].get(kind), dict):
        raise mismatch("header", kind, found)
    content = parameters[0][kind]
    if kind == "location":
        if not {"latitude", "longitude"} <= content.keys():
            raise messaging_error(131008, "Required parameter is missing", "location: latitude and longitude")
        return
    check_media(kind, content, media)
