"""From the short arguments of an operator (a list, a dict, a text) to the template part of a message."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, get_args
from urllib.parse import quote

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.template_messages import TemplateContent
from airflow_provider_whatsapp.models.validation import describe, printable_key, validate

InvalidText = Literal["fix", "fail"]

_LINE_BREAKS = re.compile(r" *[\r\n\t\v\f\x85\u2028\u2029]\s*")
_LONG_GAPS = re.compile(r" {5,}")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_MAX_DEPTH = 2  # components of cards of a carousel
_BUTTON_PARAMETERS = {"url": "text", "quick_reply": "payload", "copy_code": "coupon_code"}


def build_template(
    *,
    name: str,
    language_code: str,
    body_parameters: Sequence[Any] | Mapping[str, Any] | None = None,
    header: str | Mapping[str, Any] | None = None,
    buttons: Sequence[Mapping[str, str] | None] | None = None,
    components: Sequence[Mapping[str, Any]] | None = None,
    invalid_text: InvalidText = "fix",
) -> TemplateContent:
    """
    Build the template part of a message.

    :param name: the template's name.
    :param language_code: for example ``en_US``; must be one that the template exists in.
    :param body_parameters: a list for ``{{1}}``, ``{{2}}``, a dict for named parameters. Numbers
        become text; a dict value such as ``{"type": "currency", …}`` is sent as it is.
    :param header: a text for ``{{1}}`` (a named variable takes ``components``), or one of
        ``{"document": {"id" | "link": …, "filename": …}}``,
        ``{"image": …}``, ``{"video": …}``, ``{"location": …}``.
    :param buttons: one entry a button, in the template's order: ``{"url": …}``,
        ``{"quick_reply": …}``, ``{"copy_code": …}``, or ``None`` for a button without parameter.
    :param components: the raw list, in place of ``header``, ``body_parameters`` and ``buttons``.
    :param invalid_text: ``fix`` turns line breaks, tabs and long gaps in text parameters into a
        space and percent-encodes URL button values; ``fail`` raises instead.
    :raises InvalidRequestError: before anything is sent.
    """
    if invalid_text not in get_args(InvalidText):
        raise InvalidRequestError(f"invalid_text: must be one of {', '.join(get_args(InvalidText))}")
    short = [*_header(header), *_body(body_parameters), *_buttons(buttons)]
    if components is not None and short:
        raise InvalidRequestError(
            "components: cannot be combined with header, body_parameters or buttons; "
            "put all of them into components, or leave components out"
        )
    chosen = short if components is None else components
    if isinstance(chosen, Mapping | str) or not isinstance(chosen, Sequence):
        raise InvalidRequestError(f"components: must be a list of dicts (found {describe(chosen)}); wrap it in [ ]")
    if invalid_text == "fix":
        chosen = [_fix_component(component) for component in chosen]
    content = {"name": name, "language": {"code": language_code}, "components": list(chosen) or None}
    return validate(TemplateContent, content, field="template")


def collapse_whitespace(text: str) -> str:
    """Return ``text`` as Meta accepts it in a parameter: line breaks, tabs and long gaps become a space."""
    return _LONG_GAPS.sub(" ", _LINE_BREAKS.sub(" ", text)).strip()


def percent_encode(text: str) -> str:
    """Return ``text`` as a URL button accepts it; what is already encoded stays as it is."""
    return quote(_STRAY_PERCENT.sub("%25", text), safe="%/:?#[]@!$&'()*+,;=~", errors="replace")


def _header(header: object) -> Iterator[dict[str, Any]]:
    if header is None:
        return
    if isinstance(header, str | int | float):
        yield {"type": "header", "parameters": [{"type": "text", "text": _to_text(header, "header")}]}
        return
    kind, content = _only_item(header, "header", ("document", "image", "video", "location"))
    if kind == "location" and not isinstance(content, Mapping):
        raise InvalidRequestError(f"header.location: must be a dict (found {describe(content)})")
    yield {"type": "header", "parameters": [{"type": kind, kind: content}]}


def _body(parameters: object) -> Iterator[dict[str, Any]]:
    if parameters is None:
        return
    if isinstance(parameters, Mapping):
        named = [_text(value, f"body_parameters['{printable_key(key)}']", key) for key, value in parameters.items()]
    elif isinstance(parameters, Sequence) and not isinstance(parameters, str | bytes):
        named = [_text(value, f"body_parameters[{position}]") for position, value in enumerate(parameters)]
    else:
        raise InvalidRequestError(
            f"body_parameters: must be a list (positional) or a dict (named), found {describe(parameters)}; "
            "wrap a single value in [ ]"
        )
    if named:
        yield {"type": "body", "parameters": named}


def _text(value: object, field: str, name: str | None = None) -> dict[str, Any]:
    if isinstance(value, Mapping) and "type" in value:
        return dict(value) if name is None else {"parameter_name": name, **value}
    if not isinstance(value, str | int | float | Decimal) or value != value:  # noqa: PLR0124 - NaN, which pandas leaves behind
        raise InvalidRequestError(
            f"{field}: must be text or a number, found {describe(value)}; "
            "check the XCom or template expression that it comes from, or add `| default('-', true)` to it"
        )
    text = {"type": "text", "text": _to_text(value, field)}
    return text if name is None else {**text, "parameter_name": name}


def _to_text(value: object, field: str) -> str:
    """Return a text or a number as text."""
    try:
        return str(value)
    except ValueError:  # Python writes no number of more than 4300 digits
        problem = f"{field}: must be a number that can be written (found {describe(value)}); pass it as text"
    raise InvalidRequestError(problem)


def _buttons(buttons: object) -> Iterator[dict[str, Any]]:
    if buttons is None:
        return
    if isinstance(buttons, str | Mapping) or not isinstance(buttons, Sequence):
        raise InvalidRequestError(f"buttons: must be a list, one entry a button (found {describe(buttons)})")
    for index, button in enumerate(buttons):
        if button is None:
            continue
        sub_type, value = _only_item(button, f"buttons[{index}]", tuple(_BUTTON_PARAMETERS))
        kind = _BUTTON_PARAMETERS[sub_type]
        if not isinstance(value, str | int):
            raise InvalidRequestError(f"buttons[{index}].{sub_type}: must be text (found {describe(value)})")
        yield {
            "type": "button",
            "sub_type": sub_type,
            "index": str(index),
            "parameters": [{"type": kind, kind: _to_text(value, f"buttons[{index}].{sub_type}")}],
        }


def _only_item(value: object, field: str, allowed: tuple[str, ...]) -> tuple[str, Any]:
    if isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in allowed:
        return next(iter(value.items()))
    raise InvalidRequestError(
        f"{field}: must be a dict with one key out of {', '.join(allowed)} (found {describe(value)}); "
        "for anything else use components"
    )


def _fix_component(component: Any, level: int = 0) -> Any:
    """Return the component with its text parameters made acceptable; malformed ones are left for the check."""
    if not isinstance(component, Mapping) or level > _MAX_DEPTH:
        return component
    sub_type = component.get("sub_type")
    fix = percent_encode if isinstance(sub_type, str) and sub_type.lower() == "url" else collapse_whitespace
    made: dict[str, Any] = {**component}
    if isinstance(component.get("type"), str):
        made["type"] = component["type"].lower()  # definitions have it in capitals, messages in small letters
    if isinstance(component.get("parameters"), list | tuple):
        made["parameters"] = [_fix_parameter(parameter, fix) for parameter in component["parameters"]]
    for inner in ("cards", "components"):  # of a carousel, and of each of its cards
        if isinstance(component.get(inner), list | tuple):
            made[inner] = [_fix_component(part, level + 1) for part in component[inner]]
    return made


def _fix_parameter(parameter: Any, fix: Callable[[str], str]) -> Any:
    if isinstance(parameter, Mapping) and isinstance(parameter.get("text"), str):
        return {**parameter, "text": fix(parameter["text"])}
    return parameter
