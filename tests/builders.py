"""Bodies of requests, in the order in which Meta nests them; keyword arguments add fields or change defaults."""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]

RECIPIENT = "16505551234"


# Messages


def message(kind: str, content: Any, **changes: Any) -> Body:
    """A message of any type."""
    return {
        "messaging_product": "whatsapp",
        "to": RECIPIENT,
        "type": kind,
        kind: content,
        **changes,
    }


def sent_message(kind: str, content: Any, **changes: Any) -> Body:
    """A message as the client sends it, which always names the kind of recipient."""
    return message(kind, content, **{"recipient_type": "individual", **changes})


def text_message(text: Any = "Hello", **changes: Any) -> Body:
    """A message of type ``text``."""
    return message("text", {"body": text}, **changes)


def template_message(
    *components: Body, name: str = "order_shipped", **changes: Any
) -> Body:
    """A message of type ``template``."""
    return message("template", template_content(*components, name=name), **changes)


def reaction(message_id: str, emoji: str = "👍") -> Body:
    """A reaction as a user writes it: without the fields that an operator adds."""
    return {"type": "reaction", "reaction": {"message_id": message_id, "emoji": emoji}}


def read_receipt(message_id: str = "wamid.abc", **changes: Any) -> Body:
    """A read receipt."""
    return {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": message_id,
        **changes,
    }


def upload_fields(mime_type: str = "image/png", **changes: Any) -> Body:
    """The fields of a form that uploads a file, without the file."""
    return {"messaging_product": "whatsapp", "type": mime_type, **changes}


# The content of interactive messages


def interactive(kind: str, action: Body, text: str = "What now?", **changes: Any) -> Body:
    """The content of an interactive message."""
    return {"type": kind, "body": {"text": text}, "action": action, **changes}


def reply_buttons(titles: dict[str, str], text: str = "What now?", **changes: Any) -> Body:
    """An interactive message with reply buttons, given as id to title."""
    return interactive(
        "button",
        {"buttons": [reply(key, title) for key, title in titles.items()]},
        text,
        **changes,
    )


def reply(key: str, title: str) -> Body:
    """One reply button."""
    return {"type": "reply", "reply": {"id": key, "title": title}}


def list_message(
    sections: list[Body], text: str = "What now?", button: str = "Choose", **changes: Any
) -> Body:
    """An interactive message with a list."""
    return interactive("list", {"button": button, "sections": sections}, text, **changes)


# The content of template messages


def template_content(
    *components: Body, name: str = "order_shipped", **changes: Any
) -> Body:
    """A template with the parameters of its components; without components the field is absent."""
    template = {"name": name, "language": {"code": "en_US"}}
    return {
        **template,
        **({"components": list(components)} if components else {}),
        **changes,
    }


def component(kind: str, *parameters: Body, **changes: Any) -> Body:
    """A component of a template message."""
    return {"type": kind, "parameters": list(parameters), **changes}


def body_component(*texts: str) -> Body:
    """The component for the variables of a body."""
    return component("body", *[text_parameter(text) for text in texts])


def header_component(*parameters: Body) -> Body:
    """The component for a header."""
    return component("header", *parameters)


def button_component(sub_type: str, index: Any, *parameters: Body) -> Body:
    """The component for one button."""
    return {
        "type": "button",
        "sub_type": sub_type,
        "index": index,
        "parameters": list(parameters),
    }


def text_parameter(text: Any, **changes: Any) -> Body:
    """A text for a variable."""
    return {"type": "text", "text": text, **changes}


# Definitions of templates


def template_definition(
    name: str = "order_shipped",
    text: str = "Hello {{1}}, your order is on its way.",
    samples: tuple[str, ...] = ("Ada",),
    **changes: Any,
) -> Body:
    """The definition of a template; its only component is a body, whose one variable has a sample."""
    template = {
        "name": name,
        "language": "en_US",
        "category": "UTILITY",
        "components": [body(text, *samples)],
    }
    return {**template, **changes}


def body(text: Any, *samples: str, **changes: Any) -> Body:
    """The body of a definition, with a sample for each variable."""
    example = {"example": {"body_text": [list(samples)]}} if samples else {}
    return {"type": "BODY", "text": text, **example, **changes}


def header(**fields: Any) -> Body:
    """The header of a definition."""
    return {"type": "HEADER", **fields}


def buttons(*some: Body) -> Body:
    """The buttons of a definition."""
    return {"type": "BUTTONS", "buttons": list(some)}
