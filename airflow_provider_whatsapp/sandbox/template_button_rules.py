"""What Meta refuses in the buttons of a template."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

from airflow_provider_whatsapp.sandbox import template_text
from airflow_provider_whatsapp.sandbox.errors import invalid_parameter, template_error

_MOST = {"URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1, "QUICK_REPLY": 10, "OTP": 1}
_LONGEST = {"text": 25, "url": 2000, "phone_number": 20}
_NEEDED = {
    "URL": ("text", "url"),
    "PHONE_NUMBER": ("text", "phone_number"),
    "QUICK_REPLY": ("text",),
    "COPY_CODE": ("example",),
}


def check_buttons(buttons: object, *, category: str) -> None:
    """Refuse too many buttons, quick replies among others, and incomplete ones."""
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 10:
        raise invalid_parameter("Param buttons must be an array of 1 to 10 buttons")
    kinds = [_kind(button) for button in buttons]
    for kind, count in Counter(kinds).items():
        if count > _MOST.get(kind, 10):
            raise invalid_parameter(f"A template has at most {_MOST[kind]} buttons of type {kind}")
    groups = [is_reply for is_reply, _ in itertools.groupby(kind == "QUICK_REPLY" for kind in kinds)]
    if len(groups) > 2:
        raise invalid_parameter("Quick replies must stand together, not among other buttons")
    if ("OTP" in kinds) != (category == "AUTHENTICATION"):
        raise invalid_parameter("OTP buttons belong to authentication templates, and these have no others")
    for kind, button in zip(kinds, buttons, strict=True):
        _check_button(kind, button)


def _kind(button: object) -> str:
    kind = button.get("type") if isinstance(button, dict) else None
    if not isinstance(kind, str):
        raise invalid_parameter("Each button needs a type")
    return kind.upper()


def _check_button(kind: str, button: dict[str, Any]) -> None:
    for field in _NEEDED.get(kind, ()):
        if not button.get(field):
            raise template_error(2388043, "Component or example is missing", f"A button of type {kind} needs {field}.")
    for field, most in _LONGEST.items():
        text = button.get(field, "")
        if not isinstance(text, str):
            raise invalid_parameter(f"Param {field} of a button must be a string")
        if len(text) > most:
            raise template_error(
                2388040,
                "Character limit exceeded",
                f"The {field} of a button has more than {most} characters.",
            )
    if kind == "URL":
        _check_url(button)


def _check_url(button: dict[str, Any]) -> None:
    names = template_text.variables(button["url"])
    if not names:
        return
    if len(names) > 1 or not button["url"].endswith("}}"):
        raise invalid_parameter("The URL of a button has at most one variable, and that at its end")
    if not button.get("example"):
        raise template_error(
            2388043, "Component or example is missing", "A URL with a variable needs a filled-in example."
        )
