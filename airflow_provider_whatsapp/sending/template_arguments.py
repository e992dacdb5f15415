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
from airflow_provider_whatsapp.models.validation import FieldPath, describe, printable_key, spell_path, validate

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
        raise InvalidRequestError(
            f"{spell_path((*path, 'invalid_text'))}: must be one of {', '.join(get_args(InvalidText))} "
            f"(got {describe(invalid_text)}). Choose one."
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
        parts = [_Part(component, {(): (*raw_path, place)}) for place, component in _enumerate(components, raw_path)]
    chosen = [part.component for part in parts]
    if invalid_text == "fix":
        chosen = [_fix_component(component) for component in chosen]
    content = {"name": name, "language": {"code": language_code}, "components": chosen or None}
    return validate(TemplateContent, content, arguments=_argument_paths(parts, path))


def collapse_whitespace(text: str) -> str:
    """Return ``text`` as Meta accepts it in a parameter: line breaks, tabs and long gaps become a space."""
    return _LONG_GAPS.sub(" ", _LINE_BREAKS.sub(" ", text)).strip()


def percent_encode(text: str) -> str:
    """Return ``text`` as a URL button accepts it; what is already encoded stays as it is."""
    return quote(_STRAY_PERCENT.sub("%25", text), safe="%/:?#[]@!$&'()*+,;=~", errors="replace")


def _argument_paths(parts: Sequence[_Part], path: FieldPath) -> dict[FieldPath, FieldPath]:
    """Return where the fields of the template come from."""
    found: dict[FieldPath, FieldPath] = {
        ("name",): (*path, "template_name"),
        ("language", "code"): (*path, "language_code"),
        ("components",): (*path, "components"),
    }
    for place, part in enumerate(parts):
        found |= {("components", place, *inner): argument for inner, argument in part.arguments.items()}
    return found


def _build_header(header: object, path: FieldPath) -> Iterator[_Part]:
    if header is None:
        return
    # Whatever is wrong with the component or its one parameter, the argument is where to look.
    arguments: dict[FieldPath, FieldPath] = {(): path, ("parameters", 0): path}
    if isinstance(header, str | int | float):
        parameter = {"type": "text", "text": _to_text(header, path)}
        yield _Part({"type": "header", "parameters": [parameter]}, {**arguments, ("parameters", 0, "text"): path})
        return
    kind, content = _only_item(header, path, _HEADER_KINDS)
    if kind == "location" and not isinstance(content, Mapping):
        raise InvalidRequestError(
            f"{spell_path((*path, kind))}: must be a dict (got {describe(content)}). Pass latitude and longitude."
        )
    yield _Part({"type": "header", "parameters": [{"type": kind, kind: content}]}, arguments)


def _build_body(parameters: object, path: FieldPath) -> Iterator[_Part]:
    if parameters is None:
        return
    if isinstance(parameters, Mapping):
        found = [(name, name, value) for name, value in parameters.items()]
    elif isinstance(parameters, Sequence) and not isinstance(parameters, str | bytes):
        found = [(place, None, value) for place, value in enumerate(parameters)]
    else:
        raise InvalidRequestError(
            f"{spell_path(path)}: must be a list (positional) or a dict (named) (got {describe(parameters)}). "
            "Wrap a single value in [ ]."
        )
    filled = []
    arguments: dict[FieldPath, FieldPath] = {(): path}
    for place, (step, name, value) in enumerate(found):
        own = (*path, _to_step(step))
        filled.append(_build_parameter(value, own, name))
        # A plain value is all of its parameter; a dict has the parameter's own fields.
        arguments[("parameters", place)] = arguments[("parameters", place, "parameter_name")] = own
        if not isinstance(value, Mapping):
            arguments[("parameters", place, "text")] = own
    if filled:
        yield _Part({"type": "body", "parameters": filled}, arguments)


def _build_parameter(value: object, path: FieldPath, name: str | None) -> dict[str, Any]:
    named = {} if name is None else {"parameter_name": name}
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
    if len(buttons) > MAX_TEMPLATE_BUTTONS:
        raise InvalidRequestError(
            f"{spell_path(path)}: must have at most {MAX_TEMPLATE_BUTTONS} items "
            f"(got {describe(buttons)}). Remove some."
        )
    for index, button in enumerate(buttons):
        if button is not None:
            yield _build_button(button, index, (*path, index))


def _build_button(button: object, index: int, path: FieldPath) -> _Part:
    sub_type, value = _only_item(button, path, tuple(_BUTTON_PARAMETERS))
    own = (*path, sub_type)
    if not isinstance(value, str | int):
        raise InvalidRequestError(f"{spell_path(own)}: must be text (got {describe(value)}). Pass a str.")
    kind = _BUTTON_PARAMETERS[sub_type]
    parameter = {"type": kind, kind: _to_text(value, own)}
    return _Part(
        {"type": "button", "sub_type": sub_type, "index": str(index), "parameters": [parameter]},
        {(): path, ("parameters", 0): path, ("parameters", 0, kind): own},
    )


def _enumerate(components: object, path: FieldPath) -> Iterator[tuple[int, Any]]:
    if isinstance(components, Mapping | str) or not isinstance(components, Sequence):
        raise InvalidRequestError(
            f"{spell_path(path)}: must be a list of dicts (got {describe(components)}). Wrap it in [ ]."
        )
    return iter(enumerate(components))


def _only_item(value: object, path: FieldPath, allowed: tuple[str, ...]) -> tuple[str, Any]:
    if isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in allowed:
        return next(iter(value.items()))
    raise InvalidRequestError(
        f"{spell_path(path)}: must be a dict with one key out of {', '.join(allowed)} (got {describe(value)}). "
        "Use components for anything else."
    )


def _to_text(value: object, path: FieldPath) -> str:
    """Return a text or a number as text."""
    try:
        return str(value)
    except ValueError:  # Python writes no number of more than 4300 digits
        problem = (
            f"{spell_path(path)}: must be a number that Python can write (got {describe(value)}). Pass it as text."
        )
    raise InvalidRequestError(problem)


def _to_step(key: object) -> int | str:
    # Keys come from users and may be anything that has a hash.
    return key if isinstance(key, int | str) else printable_key(key)


def _fix_component(component: Any, depth: int = 0) -> Any:
    """Return the component with its text parameters made acceptable; malformed ones are left to the model."""
    # A component that contains itself would be walked for ever.
    if not isinstance(component, Mapping) or depth > _MAX_DEPTH:
        return component
    fixed = {**component}
    if isinstance(component.get("type"), str):
        fixed["type"] = component["type"].lower()  # definitions have it in capitals, messages in small letters
    fix_text = percent_encode if _is_url_button(component) else collapse_whitespace
    fixed |= _fix_items(component, "parameters", lambda parameter: _fix_parameter(parameter, fix_text))
    for inner in ("cards", "components"):  # of a carousel, and of each of its cards
        fixed |= _fix_items(component, inner, lambda part: _fix_component(part, depth + 1))
    return fixed


def _is_url_button(component: Mapping[str, Any]) -> bool:
    sub_type = component.get("sub_type")
    return isinstance(sub_type, str) and sub_type.lower() == "url"


def _fix_items(component: Mapping[str, Any], name: str, fix: Callable[[Any], Any]) -> dict[str, Any]:
    items = component.get(name)
    return {name: [fix(item) for item in items]} if isinstance(items, list | tuple) else {}


def _fix_parameter(parameter: Any, fix_text: Callable[[str], str]) -> Any:
    if isinstance(parameter, Mapping) and isinstance(parameter.get("text"), str):
        return {**parameter, "text": fix_text(parameter["text"])}
    return parameter
