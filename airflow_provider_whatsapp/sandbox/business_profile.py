"""
The business profile: what may stand in it, and what does.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/business-profiles
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from airflow_provider_whatsapp.sandbox.errors import invalid_parameter

FIELDS = ("about", "address", "description", "email", "profile_picture_url", "websites", "vertical")
_PICTURE = "profile_picture_handle"
_VERTICALS = (
    "OTHER", "AUTO", "BEAUTY", "APPAREL", "EDU", "ENTERTAIN", "EVENT_PLAN", "FINANCE", "GROCERY", "GOVT",
    "HOTEL", "HEALTH", "NONPROFIT", "PROF_SERVICES", "RETAIL", "TRAVEL", "RESTAURANT", "ALCOHOL",
    "ONLINE_GAMBLING", "PHYSICAL_GAMBLING", "OTC_DRUGS", "UNDEFINED", "NOT_A_BIZ",
)  # fmt: skip


class BusinessProfile:
    """The profile of the one phone number; a field that was never set is absent, but for the vertical."""

    def __init__(self) -> None:
        self._fields: dict[str, Any] = {}
        self.reset()

    def reset(self) -> None:
        """Empty it."""
        self._fields = {"vertical": "UNDEFINED"}

    def shown(self, fields: str | None) -> dict[str, Any]:
        """Return the chosen fields; without any there is nothing but the product."""
        names = [name.strip() for name in (fields or "").split(",") if name.strip()]
        for name in names:
            if name not in (*FIELDS, "messaging_product"):
                raise invalid_parameter(f"Tried accessing nonexisting field ({name})")
        return {"messaging_product": "whatsapp", **{name: self._fields[name] for name in names if name in self._fields}}

    def update(self, changes: dict[str, Any]) -> None:
        """Change all the fields that are given, or none if one of them is wrong."""
        if not changes:
            raise invalid_parameter("There is nothing to update")
        for name, value in changes.items():
            if name not in _RULES:
                raise invalid_parameter(f'Unexpected key "{name}"')
            problem = _RULES[name](value)
            if problem:
                raise invalid_parameter(f"Param {name} {problem}")
        if _PICTURE in changes:
            changes = {**changes, "profile_picture_url": "https://pps.whatsapp.net/v/sandbox.jpg"}
        self._fields |= {name: value for name, value in changes.items() if name != _PICTURE}
        # What is cleared is no longer shown.
        self._fields = {name: value for name, value in self._fields.items() if value not in ("", [])}


def _length(least: int, most: int) -> Callable[[Any], str | None]:
    def check(value: Any) -> str | None:
        fits = isinstance(value, str) and least <= len(value) <= most
        return None if fits else f"must be a string of {least} to {most} characters"

    return check


def _email(value: Any) -> str | None:
    name, at, domain = str(value).rpartition("@")
    if value != "" and not (at and name and "." in domain.strip(".")):
        return "must be a valid email"
    return _length(0, 128)(value)


def _websites(value: Any) -> str | None:
    if not isinstance(value, list) or len(value) > 2:
        return "must be an array of at most 2 URLs"
    if not all(isinstance(url, str) and re.match(r"https?://.", url, re.IGNORECASE) for url in value):
        return "must hold valid URLs"
    return next((problem for url in value if (problem := _length(1, 256)(url))), None)


def _vertical(value: Any) -> str | None:
    return None if value in _VERTICALS else f"must be one of {{{', '.join(_VERTICALS)}}}"


_RULES: dict[str, Callable[[Any], str | None]] = {
    "about": _length(1, 139),
    "address": _length(0, 256),
    "description": _length(0, 512),
    "email": _email,
    "websites": _websites,
    "vertical": _vertical,
    _PICTURE: _length(1, 10_000),
}
