"""
What goes over the wire, one noun a file. :data:`Message` is the union of all messages.

``validate(MESSAGE, body)``, of ``models.validation`` and ``models.messages``, keeps texts and phone numbers out of
errors. A ``TypeAdapter(Message)`` needs ``config=ConfigDict(hide_input_in_errors=True)`` for that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_provider_whatsapp.models.messages import Message, RawMessage

__all__ = ["Message", "RawMessage"]


def __getattr__(name: str) -> Any:
    """Import the messages on first use: other models load without them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from airflow_provider_whatsapp.models import messages

    return getattr(messages, name)
