"""What Meta refuses in the parameters of buttons."""

from __future__ import annotations

from typing import Any

from airflow_provider_whatsapp.sandbox import template_text
from airflow_provider_whatsapp.sandbox.errors import MetaError, invalid_parameter, messaging_error
from airflow_provider_whatsapp.sandbox.template_parameters import mismatch

_PARAMETER_TYPES = {"url": "text", "quick_reply": "payload", "copy_code": "coupon_code"}


def check_button_parameters(buttons: list[dict[str, Any]], given: list[dict[str, Any]]) -> None:
    """Refuse parameters for buttons that don't exist or take none, and missing ones."""
    indexes = [_index(component, len(buttons)) for component in given]
    if len(set(indexes)) < len(indexes):
        raise invalid_parameter("template.components has two entries for one button")
    for index, component in zip(indexes, given, strict=True):
        _check_button(index, buttons[index], component)
    for index, button in enumerate(buttons):
        if _needs_parameter(button) and index not in indexes:
            raise _missing(index)


def _index(component: dict[str, Any], buttons: int) -> int:
    index = str(component.get("index", ""))
    if not (index.isascii() and index.isdecimal()):
        raise invalid_parameter("A button component needs its index")
    if int(index) >= buttons:
        raise mismatch("buttons", f"an index below {buttons}", index)
    return int(index)


def _check_button(index: int, button: dict[str, Any], component: dict[str, Any]) -> None:
    sub_type = str(component.get("sub_type", "")).lower()
    if sub_type != button["type"].lower():
        raise mismatch(f"button {index}", button["type"].lower(), sub_type)
    kind = _PARAMETER_TYPES.get(sub_type)
    if kind is None:
        return
    if sub_type == "url" and not template_text.variables(button["url"]):
        raise messaging_error(
            132018,
            "A template parameter is not valid",
            f"buttons: the button at index {index} does not require parameters",
        )
    _check_parameter(index, kind, component.get("parameters"))


def _check_parameter(index: int, kind: str, parameters: object) -> None:
    parameter = parameters[0] if isinstance(parameters, list) and len(parameters) == 1 else None
    if not isinstance(parameter, dict):
        raise _missing(index)
    if parameter.get("type") != kind:
        raise mismatch(f"button {index}", kind, parameter.get("type"))
    if not isinstance(parameter.get(kind), str) or not parameter[kind]:
        raise _missing(index)


def _needs_parameter(button: dict[str, Any]) -> bool:
    has_variable = button["type"] == "URL" and template_text.variables(button["url"])
    return bool(has_variable) or button["type"] == "COPY_CODE"


def _missing(index: int) -> MetaError:
    return messaging_error(
        131008, "Required parameter is missing", f"buttons: the button at index {index} needs one parameter"
    )
