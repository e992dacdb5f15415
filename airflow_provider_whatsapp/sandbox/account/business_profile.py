"""
The business profile: its fields, and the values that Meta accepts.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/business-profiles
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from airflow_provider_whatsapp.sandbox.aliases import Json
from airflow_provider_whatsapp.sandbox.graph.errors import invalid_parameter
from airflow_provider_whatsapp.sandbox.graph.fields import split_names

FIELDS = (
    "about",
    "address",
    "description",
    "email",
    "profile_picture_url",
    "websites",
    "vertical",
)
MAX_WEBSITES = 2

_PICTURE_HANDLE = "profile_picture_handle"
_PICTURE_URL = "https://pps.whatsapp.net/v/sandbox.jpg"
_VERTICALS = (
    "OTHER", "AUTO", "BEAUTY", "APPAREL", "EDU", "ENTERTAIN", "EVENT_PLAN", "FINANCE", "GROCERY", "GOVT",
    "HOTEL", "HEALTH", "NONPROFIT", "PROF_SERVICES", "RETAIL", "TRAVEL", "RESTAURANT", "ALCOHOL",
    "ONLINE_GAMBLING", "PHYSICAL_GAMBLING", "OTC_DRUGS", "UNDEFINED", "NOT_A_BIZ",
)  # fmt: skip


class BusinessProfile:
    """The profile of the one phone number. Only the vertical has a value from the start."""

    def __init__(self) -> None:
        self._fields: Json = {}
        self.reset()

    def reset(self) -> None:
        """Clear all fields."""
        self._fields = {"vertical": "UNDEFINED"}

    def to_json(self, fields: str | None) -> Json:
        """Return the fields that a call asks for. If it asks for none, Meta returns only the product."""
        names = split_names(fields)
        for name in names:
            if name not in (*FIELDS, "messaging_product"):
                raise invalid_parameter(f"Tried accessing nonexisting field ({name})")
        shown = {name: self._fields[name] for name in names if name in self._fields}
        return {"messaging_product": "whatsapp", **shown}

    def update(self, changes: Json) -> None:
        """Change all fields that are given, or none of them if one is invalid."""
        if not changes:
            raise invalid_parameter("There is nothing to update")
        # All of them before the first one is stored.
        for name, value in changes.items():
            if name not in _FIND_PROBLEM:
                raise invalid_parameter(f'Unexpected key "{name}"')
            problem = _FIND_PROBLEM[name](value)
            if problem:
                raise invalid_parameter(f"Param {name} {problem}")
        fields = {**self._fields, **changes}
        # Meta takes the handle of an upload, and shows the URL of the picture.
        if fields.pop(_PICTURE_HANDLE, None):
            fields["profile_picture_url"] = _PICTURE_URL
        # An empty value clears its field, and Meta leaves out fields without a value.
        self._fields = {
            name: value for name, value in fields.items() if value not in ("", [])
        }


def _text_of(min_length: int, max_length: int) -> Callable[[Any], str | None]:
    def find_problem(value: Any) -> str | None:
        if isinstance(value, str) and min_length <= len(value) <= max_length:
            return None
        return f"must be a string of {min_length} to {max_length} characters"

    return find_problem


_find_email_text_problem = _text_of(0, 128)
_find_url_text_problem = _text_of(1, 256)


def find_email_problem(value: Any) -> str | None:
    """Return what is wrong with an email address. An empty one clears the field."""
    name, at, domain = str(value).rpartition("@")
    is_address = at and name and "." in domain.strip(".")
    if value != "" and not is_address:
        return "must be a valid email"
    return _find_email_text_problem(value)


def find_websites_problem(value: Any) -> str | None:
    """Return what is wrong with a list of URLs. An empty one clears the field."""
    # The count first: each URL is validated only if there may be that many.
    if not isinstance(value, list) or len(value) > MAX_WEBSITES:
        return f"must be an array of at most {MAX_WEBSITES} URLs"
    for url in value:
        if not isinstance(url, str) or not re.match(r"https?://.", url, re.IGNORECASE):
            return "must hold valid URLs"
    problems = [_find_url_text_problem(url) for url in value]
    return next(filter(None, problems), None)


def find_vertical_problem(value: Any) -> str | None:
    """Return what is wrong with an industry."""
    if value in _VERTICALS:
        return None
    return f"must be one of {{{', '.join(_VERTICALS)}}}"


_FIND_PROBLEM: dict[str, Callable[[Any], str | None]] = {
    "about": _text_of(1, 139),
    "address": _text_of(0, 256),
    "description": _text_of(0, 512),
    "email": find_email_problem,
    "websites": find_websites_problem,
    "vertical": find_vertical_problem,
    _PICTURE_HANDLE: _text_of(1, 10_000),
}
