"""What Meta refuses in the parameters of buttons."""

from __future__ import annotations

from typing import Any

from airflow_provider_whatsapp.sandbox import template_text
from airflow_provider_whatsapp.sandbox.errors import MetaError, invalid_parameter, messaging_error
from airflow_provider_whatsapp.sandbox.interactive_products import check_product_sections
from airflow_provider_whatsapp.sandbox.message_nodes import Node
from airflow_provider_whatsapp.sandbox.template_parameters import mismatch

# Buttons of the other types take parameters that are optional, or none.
_PARAMETER_TYPES = {
    "url": "text",
    "otp": "text",
    "quick_reply": "payload",
    "copy_code": "coupon_code",
    "flow": "action",
    "catalog": "action",
    "mpm": "action",
}
_OPTIONAL = ("flow", "catalog")
_OTP_URL = "https://www.whatsapp.com/otp/"


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
    expected = button["type"].lower()
    if sub_type != expected and not (sub_type == "otp" and _is_otp(button)):
        raise mismatch(f"button {index}", expected, sub_type)
    kind = _PARAMETER_TYPES.get(sub_type)
    parameters = component.get("parameters")
    if kind is None or (sub_type in _OPTIONAL and not parameters):
        return
    if sub_type == "url" and not template_text.variables(button["url"]):
        raise messaging_error(
            132018,
            "A template parameter is not valid",
            f"buttons: the button at index {index} does not require parameters",
        )
    content = _content(index, kind, parameters)
    if sub_type == "mpm":
        check_product_sections(Node(content, f"button {index}: action"))


def _content(index: int, kind: str, parameters: object) -> Any:
    """Return what the one parameter of a button holds: a text, or an object for an action."""
    parameter = parameters[0] if isinstance(parameters, list) and len(parameters) == 1 else None
    if not isinstance(parameter, dict):
        raise _missing(index)
    if parameter.get("type") != kind:
        raise mismatch(f"button {index}", kind, parameter.get("type"))
    content = parameter.get(kind)
    if not isinstance(content, dict if kind == "action" else str) or not content:
        raise _missing(index)
    return content


def _needs_parameter(button: dict[str, Any]) -> bool:
    has_variable = button["type"] == "URL" and template_text.variables(button["url"])
    return bool(has_variable) or button["type"] in ("COPY_CODE", "MPM")


def _is_otp(button: dict[str, Any]) -> bool:
    """Whether Meta made this button, for the code of an authentication template."""
    return button["type"] == "URL" and str(button["url"]).startswith(_OTP_URL)


def _missing(index: int) -> MetaError:
    return messaging_error(
        131008, "Required parameter is missing", f"buttons: the button at index {index} needs one parameter"
    )
