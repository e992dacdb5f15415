"""From the short arguments of an operator to the interactive part of a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.interactive import Interactive
from airflow_provider_whatsapp.models.validation import (
    FieldPath,
    describe,
    spell_path,
    validate,
)

_INTERACTIVE: TypeAdapter[Any] = TypeAdapter(Interactive)

# What each kind of message takes beside the argument that it is known by.
_OWN_ARGUMENTS = {
    "buttons": {"body", "header", "footer"},
    "sections": {"body", "header", "footer", "button"},
    "url": {"body", "header", "footer", "display_text"},
    "interactive": set[str](),
}

# Where the fields of the message come from, for errors; below them argument and field have the same names.
_ARGUMENT_PATHS: dict[FieldPath, FieldPath] = {
    ("body", "text"): ("body",),
    ("footer", "text"): ("footer",),
    ("action", "buttons"): ("buttons",),
    ("action", "button"): ("button",),
    ("action", "sections"): ("sections",),
    ("action", "parameters"): (),
}


class _Part(NamedTuple):
    """Fields of the message, and the paths of the arguments that they come from, for errors."""

    content: dict[str, Any]
    arguments: dict[FieldPath, FieldPath]


def build_interactive(
    *,
    body: str | None = None,
    header: str | Mapping[str, Any] | None = None,
    footer: str | None = None,
    buttons: Mapping[str, str] | Sequence[Mapping[str, Any]] | None = None,
    button: str | None = None,
    sections: Sequence[Mapping[str, Any]] | None = None,
    url: str | None = None,
    display_text: str | None = None,
    interactive: Mapping[str, Any] | None = None,
) -> Any:
    """
    Build the interactive part of a message; exactly one of ``buttons``, ``sections``, ``url`` and ``interactive``.

    :param body: the text.
    :param header: a line of text, or ``{"image": {"id" | "link": …}}``, and likewise ``video``, ``document``.
    :param footer: a small line below the text.
    :param buttons: reply buttons, ``{id: title}``, or ``[{"id": …, "title": …}]``.
    :param button: text of the button that opens a list.
    :param sections: of that list, ``[{"title": …, "rows": …}]`` with rows as ``{id: title}`` or
        ``[{"id": …, "title": …, "description": …}]``.
    :param url: what a link button opens.
    :param display_text: the text on it.
    :param interactive: Meta's own object, in place of all others.
    :return: one of the models of :mod:`airflow_provider_whatsapp.models.interactive`, or a dict of a type that they
        do not know.
    :raises InvalidRequestError: naming the argument; nothing was sent.
    """
    kinds = {
        "buttons": buttons,
        "sections": sections,
        "url": url,
        "interactive": interactive,
    }
    given = [name for name, value in kinds.items() if value is not None]
    if len(given) != 1:
        raise InvalidRequestError(
            f"{', '.join(kinds)}: must have exactly one of them set (got {' and '.join(given) or 'none'}). Pass one."
        )
    _reject_strays(
        given[0],
        button=button,
        display_text=display_text,
        body=body,
        header=header,
        footer=footer,
    )
    if interactive is not None:
        return validate(
            _INTERACTIVE, _to_dict(interactive, ("interactive",)), field="interactive"
        )
    if buttons is not None:
        replies = [
            {"type": "reply", "reply": reply}
            for reply in _to_choices(buttons, ("buttons",))
        ]
        paths = _choice_paths(buttons, ("action", "buttons"), ("buttons",), "reply")
        action = _Part({"type": "button", "action": {"buttons": replies}}, paths)
    elif sections is not None:
        action = _build_list(button, sections)
    else:
        link = {"display_text": display_text, "url": url}
        action = _Part(
            {"type": "cta_url", "action": {"name": "cta_url", "parameters": link}}, {}
        )
    # Limits and formats are the models' to check: here arguments only get their places.
    top = _build_header(header)
    texts = {**_build_text("body", body), **_build_text("footer", footer)}
    content = {**top.content, **texts, **action.content}
    return validate(
        _INTERACTIVE,
        content,
        arguments={**_ARGUMENT_PATHS, **top.arguments, **action.arguments},
    )


def _reject_strays(kind: str, **others: Any) -> None:
    """Raise an error for arguments that would not be sent."""
    given = [name for name, value in others.items() if value is not None]
    strays = [name for name in given if name not in _OWN_ARGUMENTS[kind]]
    if strays:
        raise InvalidRequestError(
            f"{', '.join(strays)}: must not be set together with {kind} (got both). Leave one of them out."
        )


def _build_list(button: str | None, sections: Sequence[Mapping[str, Any]]) -> _Part:
    opened = []
    arguments: dict[FieldPath, FieldPath] = {}
    for place, section in enumerate(_to_list(sections, ("sections",))):
        path: FieldPath = ("sections", place, "rows")
        fields = _to_dict(section, path[:-1])
        rows = fields.get("rows")
        opened.append({**fields, "rows": _to_choices(rows, path)})
        arguments |= _choice_paths(rows, ("action", *path), path)
    return _Part(
        {"type": "list", "action": {"button": button, "sections": opened}}, arguments
    )


def _to_choices(choices: object, path: FieldPath) -> list[Any]:
    """Return ``{id: title}`` as a list of dicts; a list is left to the model."""
    if isinstance(choices, Mapping):
        return [{"id": key, "title": title} for key, title in choices.items()]
    return _to_list(choices, path)


def _choice_paths(
    choices: Any, path: FieldPath, argument: FieldPath, *inner: str
) -> dict[FieldPath, FieldPath]:
    """
    Return where the fields of each choice come from.

    :param path: of the list of choices in the message.
    :param argument: the path of the argument.
    :param inner: what leads from an item of that list to its id and title.
    """
    found: dict[FieldPath, FieldPath] = {}
    for place, key in enumerate(choices):
        item, own = (*path, place), (*argument, place)
        found[item] = own
        found[(*item, *inner)] = own
        # In a dict, the key names the choice. Where the key itself is invalid, its position does.
        if isinstance(choices, Mapping):
            found[(*item, *inner, "title")] = (*argument, key)
    return found


def _to_list(value: object, path: FieldPath) -> list[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise InvalidRequestError(
            f"{spell_path(path)}: must be a list (got {describe(value)}). Wrap a single one in [ ]."
        )
    return list(value)


def _to_dict(value: object, path: FieldPath) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidRequestError(
            f"{spell_path(path)}: must be a dict (got {describe(value)}). See Meta's reference for its fields."
        )
    return dict(value)


def _build_header(header: object) -> _Part:
    if header is None:
        return _Part({}, {})
    if not isinstance(header, Mapping):
        line = {"type": "text", "text": header}
        return _Part({"header": line}, {("header", "text"): ("header",)})
    # With more keys than one it is Meta's own object, {"type": "image", "image": …}, and goes to the model as it is.
    if len(header) == 1:
        ((kind, content),) = header.items()
        media = {"type": kind, kind: content}
        return _Part({"header": media}, {("header", "type"): ("header",)})
    return _Part({"header": dict(header)}, {})


def _build_text(name: str, text: object) -> dict[str, Any]:
    if text is None:
        return {}
    return {name: {"text": text}}
