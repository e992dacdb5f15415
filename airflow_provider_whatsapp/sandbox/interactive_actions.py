"""What Meta refuses in the actions of interactive messages: buttons, lists, links, flows, calls."""

from __future__ import annotations

from airflow_provider_whatsapp.sandbox import template_text
from airflow_provider_whatsapp.sandbox.message_nodes import Node, check_unique, missing, not_valid

_MOST_ROWS = 10
_TTL_MINUTES = 43_200


def check_reply_buttons(action: Node) -> None:
    """Refuse all but one to three reply buttons."""
    check_replies(action.nodes("buttons", least=1, most=3), allowed=("reply",))


def check_replies(buttons: list[Node], *, allowed: tuple[str, ...]) -> None:
    """Refuse buttons whose ids or titles are too long, or are there twice."""
    replies = [button.node(button.choice("type", allowed)) for button in buttons]
    ids = [reply.text("id", most=256) for reply in replies]
    if any(reply_id != reply_id.strip() for reply_id in ids):
        raise not_valid("buttons: an id has a space at its start or end")
    check_unique(ids, "buttons[].id")
    check_unique([reply.text("title", most=20) for reply in replies], "buttons[].title")


def check_list(action: Node) -> None:
    """Refuse a list without its button, and more than ten rows in all sections together."""
    action.text("button", most=20)
    sections = action.nodes("sections", least=1, most=10)
    for section in sections:
        check_section_title(section, needed=len(sections) > 1)
    rows = [row for section in sections for row in section.nodes("rows", least=1)]
    if len(rows) > _MOST_ROWS:
        raise not_valid(f"{action.path}.sections have {len(rows)} rows; {_MOST_ROWS} are allowed in all")
    for row in rows:
        row.text("title", most=24)
        row.optional_text("description", most=72)
    check_unique([row.text("id", most=200) for row in rows], "rows[].id")


def check_section_title(section: Node, *, needed: bool) -> None:
    """Refuse a title that is too long, and sections without one where there are several."""
    if not section.optional_text("title", most=24) and needed:
        raise missing(f"{section.path}.title")


def check_cta_url(action: Node) -> None:
    """Refuse a link button without its text or its web address."""
    action.choice("name", ("cta_url",))
    parameters = action.node("parameters")
    parameters.text("display_text", most=20)
    if not parameters.text("url").startswith(("http://", "https://")):
        raise not_valid(f"{parameters.path}.url is not a web address")


def check_location_request(action: Node) -> None:
    """Refuse anything but the request."""
    action.choice("name", ("send_location",))


def check_flow(action: Node) -> None:
    """Refuse a flow that isn't named once, or whose button is too long."""
    action.choice("name", ("flow",))
    parameters = action.node("parameters")
    if str(parameters.value.get("flow_message_version")) != "3":
        raise not_valid(f"{parameters.path}.flow_message_version must be 3")
    if parameters.has("flow_id") == parameters.has("flow_name"):
        raise not_valid(f"{parameters.path}: give either flow_id or flow_name")
    for name in ("flow_id", "flow_name", "flow_token"):
        parameters.optional_text(name)
    if template_text.emojis(parameters.text("flow_cta", most=20)):
        raise not_valid(f"{parameters.path}.flow_cta has an emoji, which buttons of flows can't show")
    _check_flow_action(parameters)


def _check_flow_action(parameters: Node) -> None:
    if parameters.has("mode"):
        parameters.choice("mode", ("draft", "published"))
    if parameters.has("flow_action"):
        parameters.choice("flow_action", ("navigate", "data_exchange"))
    payload = parameters.optional_node("flow_action_payload")
    if payload is not None:
        payload.optional_text("screen")


def check_address(action: Node) -> None:
    """Refuse countries other than the two that have this message."""
    action.choice("name", ("address_message",))
    parameters = action.node("parameters")
    parameters.choice("country", ("IN", "SG"))
    parameters.optional_node("values")
    parameters.nodes("saved_addresses")


def check_voice_call(action: Node) -> None:
    """Refuse a call button that lasts for more than thirty days."""
    action.choice("name", ("voice_call",))
    parameters = action.optional_node("parameters")
    if parameters is not None:
        parameters.optional_text("display_text", most=20)
        parameters.optional_text("payload", most=512)
        parameters.check_count("ttl_minutes", least=1, most=_TTL_MINUTES)
