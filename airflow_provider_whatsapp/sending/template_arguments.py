"""From the short arguments of an operator (a list, a dict, a text) to the template part of a message."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, NamedTuple, get_args
from urllib.parse import quote

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.limits import MAX_TEMPLATE_BUTTONS
from airflow_provider_whatsapp.models.template_messages import TemplateContent
from airflow_provider_whatsapp.models.validation import (
    FieldPath,
    describe,
    printable_key,
    spell_path,
    validate,
)

InvalidText = Literal["fix", "fail"]

_LINE_BREAKS = re.compile(r" *[\r\n\t\v\f\x85\u2028\u2029]\s*")
_LONG_GAPS = re.compile(r" {5,}")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_MAX_DEPTH = 2  # components of cards of a carousel
_HEADER_KINDS = ("document", "image", "video", "location")
_BUTTON_PARAMETERS = {"url": "text", "quick_reply": "payload", "copy_code": "coupon_code"}


class _Part(NamedTuple):
    """A component, and the paths of the arguments that its fields come from, for errors."""

    component: Any
    arguments: dict[FieldPath, FieldPath]


def build_template(
    *,
    name: str,
    language_code: str,
    body_parameters: Sequence[Any] | Mapping[str, Any] | None = None,
    header: str | Mapping[str, Any] | None = None,
    buttons: Sequence[Mapping[str, str] | None] | None = None,
    components: Sequence[Mapping[str, Any]] | None = None,
    invalid_text: InvalidText = "fix",
    path: FieldPath = (),
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
    :param path: of the dict that holds these arguments, if they are not the caller's own.
    :raises InvalidRequestError: naming the argument; nothing was sent.
    """
    if invalid_text not in get_args(InvalidText):
        field = spell_path((*path, "invalid_text"))
        choices = ", ".join(get_args(InvalidText))
        raise InvalidRequestError(
            f"{field}: must be one of {choices} (got {describe(invalid_text)}). Choose one."
        )
    # The header comes first, as in Meta's examples; Meta takes any order.
    parts = [
        *_build_header(header, (*path, "header")),
        *_build_body(body_parameters, (*path, "body_parameters")),
        *_build_buttons(buttons, (*path, "buttons")),
    ]
    if components is not None:
        raw_path = (*path, "components")
        if parts:
            raise InvalidRequestError(
                f"{spell_path(raw_path)}: must not be set together with header, body_parameters or buttons (got both). "
                "Put all of them into components, or leave components out."
            )
        parts = [*_wrap_components(components, raw_path)]
    chosen = []
    # Errors name the arguments: callers do not know the fields of the template that are made of them.
    arguments: dict[FieldPath, FieldPath] = {
        ("name",): (*path, "template_name"),
        ("language", "code"): (*path, "language_code"),
        ("components",): (*path, "components"),
    }
    for place, part in enumerate(parts):
        component = part.component
        if invalid_text == "fix":
            component = _fix_component(component)
        chosen.append(component)
        for inner, argument in part.arguments.items():
            arguments[("components", place, *inner)] = argument
    # A template without parameters has no components, rather than an empty list of them.
    content = {
        "name": name,
        "language": {"code": language_code},
        "components": chosen or None,
    }
    return validate(TemplateContent, content, arguments=arguments)


def collapse_whitespace(text: str) -> str:
    """Return ``text`` as Meta accepts it in a parameter: line breaks, tabs and long gaps become a space."""
    return _LONG_GAPS.sub(" ", _LINE_BREAKS.sub(" ", text)).strip()


def percent_encode(text: str) -> str:
    """Return ``text`` as a URL button accepts it; what is already encoded stays as it is."""
    return quote(
        _STRAY_PERCENT.sub("%25", text), safe="%/:?#[]@!$&'()*+,;=~", errors="replace"
    )


def _build_header(header: object, path: FieldPath) -> Iterator[_Part]:
    if header is None:
        return
    # The argument makes all of the component, so that errors about any part of it name the argument.
    arguments: dict[FieldPath, FieldPath] = {(): path, ("parameters", 0): path}
    if isinstance(header, str | int | float):
        parameter = {"type": "text", "text": _to_text(header, path)}
        arguments[("parameters", 0, "text")] = path
        yield _Part({"type": "header", "parameters": [parameter]}, arguments)
        return
    kind, content = _only_item(header, path, _HEADER_KINDS, other="text, or ")
    if kind == "location" and not isinstance(content, Mapping):
        raise InvalidRequestError(
            f"{spell_path((*path, kind))}: must be a dict (got {describe(content)}). Pass latitude and longitude."
        )
    yield _Part(
        {"type": "header", "parameters": [{"type": kind, kind: content}]}, arguments
    )


def _build_body(parameters: object, path: FieldPath) -> Iterator[_Part]:
    if parameters is None:
        return
    if isinstance(parameters, Mapping):
        found: list[tuple[Any, Any]] = list(parameters.items())
    elif isinstance(parameters, Sequence) and not isinstance(parameters, str | bytes):
        found = list(enumerate(parameters))
    else:
        raise InvalidRequestError(
            f"{spell_path(path)}: must be a list (positional) or a dict (named) (got {describe(parameters)}). "
            "Wrap a single value in [ ]."
        )
    is_named = isinstance(parameters, Mapping)
    filled = []
    arguments: dict[FieldPath, FieldPath] = {(): path}
    for place, (step, value) in enumerate(found):
        own: FieldPath = (*path, step)
        # Keys come from users and may be anything that has a hash.
        if not isinstance(step, int | str):
            own = (*path, printable_key(step))
        filled.append(_build_parameter(value, own, step if is_named else None))
        # A plain value is all of its parameter; a dict has the parameter's own fields.
        arguments[("parameters", place)] = own
        arguments[("parameters", place, "parameter_name")] = own
        if not isinstance(value, Mapping):
            arguments[("parameters", place, "text")] = own
    if filled:
        yield _Part({"type": "body", "parameters": filled}, arguments)


def _build_parameter(value: object, path: FieldPath, name: str | None) -> dict[str, Any]:
    named: dict[str, Any] = {}
    if name is not None:
        named["parameter_name"] = name
    # A dict with a type is Meta's own object, such as a currency.
    if isinstance(value, Mapping) and "type" in value:
        return {**named, **value}
    # NaN, which pandas leaves in empty cells, is the only value that differs from itself.
    if not isinstance(value, str | int | float | Decimal) or value != value:  # noqa: PLR0124
        raise InvalidRequestError(
            f"{spell_path(path)}: must be text or a number (got {describe(value)}). "
            "Check the XCom or template expression that it comes from, or add `| default('-', true)` to it."
        )
    return {"type": "text", "text": _to_text(value, path), **named}


def _build_buttons(buttons: object, path: FieldPath) -> Iterator[_Part]:
    if buttons is None:
        return
    if isinstance(buttons, str | Mapping) or not isinstance(buttons, Sequence):
        raise InvalidRequestError(
            f"{spell_path(path)}: must be a list with one entry a button (got {describe(buttons)}). Wrap it in [ ]."
        )
    # The model checks the number of components only, and None entries make none of these.
    if len(buttons) > MAX_TEMPLATE_BUTTONS:
        raise InvalidRequestError(
            f"{spell_path(path)}: must have at most {MAX_TEMPLATE_BUTTONS} items "
            f"(got {describe(buttons)}). Remove some."
        )
    for index, button in enumerate(buttons):
        # None keeps the place of a button without parameter: Meta counts all buttons of the template.
        if button is None:
            continue
        item = (*path, index)
        sub_type, value = _only_item(button, item, tuple(_BUTTON_PARAMETERS))
        own = (*item, sub_type)
        if not isinstance(value, str | int):
            raise InvalidRequestError(
                f"{spell_path(own)}: must be text (got {describe(value)}). Pass a str."
            )
        kind = _BUTTON_PARAMETERS[sub_type]
        parameter = {"type": kind, kind: _to_text(value, own)}
        yield _Part(
            {
                "type": "button",
                "sub_type": sub_type,
                "index": str(index),
                "parameters": [parameter],
            },
            {(): item, ("parameters", 0): item, ("parameters", 0, kind): own},
        )


def _wrap_components(components: object, path: FieldPath) -> Iterator[_Part]:
    if isinstance(components, Mapping | str) or not isinstance(components, Sequence):
        raise InvalidRequestError(
            f"{spell_path(path)}: must be a list of dicts (got {describe(components)}). Wrap it in [ ]."
        )
    for place, component in enumerate(components):
        yield _Part(component, {(): (*path, place)})


def _only_item(
    value: object, path: FieldPath, allowed: tuple[str, ...], other: str = ""
) -> tuple[str, Any]:
    if isinstance(value, Mapping) and len(value) == 1:
        ((key, content),) = value.items()
        if key in allowed:
            return key, content
    raise InvalidRequestError(
        f"{spell_path(path)}: must be {other}a dict with one key out of {', '.join(allowed)} "
        f"(got {describe(value)}). "
        "Use components for anything else."
    )


def _to_text(value: object, path: FieldPath) -> str:
    """Return a text or a number as text."""
    try:
        return str(value)
    except ValueError:  # Python writes no number of more than 4300 digits
        problem = (
            f"{spell_path(path)}: must be a number that Python can write "
            f"(got {describe(value)}). Pass it as text."
        )
    raise InvalidRequestError(problem)


def _fix_component(component: Any, depth: int = 0) -> Any:
    """Return the component with its text parameters made acceptable; malformed ones are left to the model."""
    # A component that contains itself would be walked for ever.
    if not isinstance(component, Mapping) or depth > _MAX_DEPTH:
        return component
    fixed = {**component}
    if isinstance(component.get("type"), str):
        fixed["type"] = component[
            "type"
        ].lower()  # definitions have it in capitals, messages in small letters
    sub_type = component.get("sub_type")
    is_url = isinstance(sub_type, str) and sub_type.lower() == "url"
    fix_text = percent_encode if is_url else collapse_whitespace

    def fix_parameter(parameter: Any) -> Any:
        if isinstance(parameter, Mapping) and isinstance(parameter.get("text"), str):
            return {**parameter, "text": fix_text(parameter["text"])}
        return parameter

    fixed |= _fix_items(component, "parameters", fix_parameter)
    for inner in ("cards", "components"):  # of a carousel, and of each of its cards
        fixed |= _fix_items(component, inner, lambda part: _fix_component(part, depth + 1))
    return fixed


def _fix_items(
    component: Mapping[str, Any], name: str, fix: Callable[[Any], Any]
) -> dict[str, Any]:
    items = component.get(name)
    if isinstance(items, list | tuple):
        return {name: [fix(item) for item in items]}
    return {}
