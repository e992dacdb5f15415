"""
What Meta refuses in contact cards.

https://developers.facebook.com/docs/whatsapp/cloud-api/messages/contacts-messages
"""

from __future__ import annotations

import re

from airflow_provider_whatsapp.sandbox.message_nodes import Node, listed, not_valid

_MOST = 257
_OTHER_NAMES = ("first_name", "last_name", "middle_name", "suffix", "prefix")
_LISTS = {
    "addresses": ("street", "city", "state", "zip", "country", "country_code", "type"),
    "emails": ("email", "type"),
    "phones": ("phone", "type", "wa_id"),
    "urls": ("url", "type"),
}


def check_contacts(contacts: object) -> None:
    """Refuse no cards, too many, and cards without a name."""
    for contact in listed(contacts, "contacts", least=1, most=_MOST):
        _check_name(contact.node("name"))
        for name, fields in _LISTS.items():
            for entry in contact.nodes(name):
                _check_texts(entry, fields)
        if organisation := contact.optional_node("org"):
            _check_texts(organisation, ("company", "department", "title"))
        birthday = contact.optional_text("birthday")
        if birthday and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", birthday, re.ASCII):
            raise not_valid(f"{contact.path}.birthday must be of the form YYYY-MM-DD")


def _check_name(name: Node) -> None:
    name.text("formatted_name")
    _check_texts(name, _OTHER_NAMES)
    if not any(name.value.get(field) for field in _OTHER_NAMES):
        raise not_valid(f"{name.path} needs one of {', '.join(_OTHER_NAMES)} besides formatted_name")


def _check_texts(node: Node, fields: tuple[str, ...]) -> None:
    for field in fields:
        node.optional_text(field)
