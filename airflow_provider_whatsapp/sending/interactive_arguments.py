"""From the short arguments of an operator to the interactive part of a message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.validation import describe

_KINDS = "buttons, sections, url and interactive"


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
) -> dict[str, Any]:
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
    :raises InvalidRequestError: if the arguments don't go together; limits are the model's to check.
    """
    given = [
        name
        for name, value in (("buttons", buttons), ("sections", sections), ("url", url), ("interactive", interactive))
        if value is not None
    ]
    if len(given) != 1:
        raise InvalidRequestError(f"Exactly one of {_KINDS} is needed (found {', '.join(given) or 'none'}); pass one")
    _refuse_strays(given[0], button=button, display_text=display_text, body=body, header=header, footer=footer)
    if interactive is not None:
        return _mapping(interactive, "interactive")
    frame = {"header": _header(header), "body": _text(body), "footer": _text(footer)}
    kind, action = _action(buttons, button, sections, url, display_text)
    return {"type": kind, **{name: part for name, part in frame.items() if part is not None}, "action": action}


def _refuse_strays(kind: str, **others: Any) -> None:
    """Refuse what would be dropped in silence."""
    own = {
        "buttons": {"body", "header", "footer"},
        "sections": {"body", "header", "footer", "button"},
        "url": {"body", "header", "footer", "display_text"},
        "interactive": set[str](),
    }[kind]
    strays = [name for name, value in others.items() if value is not None and name not in own]
    if strays:
        raise InvalidRequestError(f"{', '.join(strays)}: cannot be combined with {kind}; leave one of them out")


def _action(
    buttons: Mapping[str, str] | Sequence[Mapping[str, Any]] | None,
    button: str | None,
    sections: Sequence[Mapping[str, Any]] | None,
    url: str | None,
    display_text: str | None,
) -> tuple[str, dict[str, Any]]:
    if buttons is not None:
        replies = [{"type": "reply", "reply": reply} for reply in _choices(buttons, "buttons")]
        return "button", {"buttons": replies}
    if sections is not None:
        opened = [_section(section, f"sections[{place}]") for place, section in enumerate(_list(sections, "sections"))]
        return "list", {"button": button, "sections": opened}
    return "cta_url", {"name": "cta_url", "parameters": {"display_text": display_text, "url": url}}


def _section(section: object, field: str) -> dict[str, Any]:
    made = _mapping(section, field)
    return {**made, "rows": _choices(made.get("rows"), f"{field}.rows")}


def _choices(choices: object, field: str) -> list[Any]:
    """Return ``{id: title}`` as a list of dicts; a list is taken as it is, for the model to check."""
    if isinstance(choices, Mapping):
        return [{"id": key, "title": title} for key, title in choices.items()]
    return list(_list(choices, field))


def _list(value: object, field: str) -> Iterable[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise InvalidRequestError(f"{field}: must be a list (found {describe(value)}); wrap a single one in [ ]")
    return value


def _mapping(value: object, field: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidRequestError(
            f"{field}: must be a dict (found {describe(value)}); see Meta's reference for its fields"
        )
    return dict(value)


def _header(header: object) -> dict[str, Any] | None:
    if header is None:
        return None
    if isinstance(header, Mapping):
        if len(header) == 1:
            ((kind, content),) = header.items()
            return {"type": kind, kind: content}
        return dict(header)
    return {"type": "text", "text": header}


def _text(text: object) -> dict[str, Any] | None:
    return None if text is None else {"text": text}
