"""
Refusals in the shapes of the real thing: Meta's error object, and the two of the gateway.

https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

from __future__ import annotations

import secrets
from typing import Any


class MetaError(Exception):
    """A refusal by the Cloud API."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        status: int = 400,
        subcode: int | None = None,
        user_title: str | None = None,
        user_message: str | None = None,
        error_data: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.subcode = subcode
        self.user_title = user_title
        self.user_message = user_message
        self.error_data = error_data

    def body(self) -> dict[str, Any]:
        """Return the answer's body; absent fields are left out, as Meta does."""
        error = {
            "message": self.message,
            "type": "OAuthException",
            "code": self.code,
            "error_data": self.error_data,
            "error_subcode": self.subcode,
            "is_transient": None if self.subcode is None else False,
            "error_user_title": self.user_title,
            "error_user_msg": self.user_message,
            "fbtrace_id": f"A{secrets.token_urlsafe(17)}",
        }
        return {"error": {name: value for name, value in error.items() if value is not None}}


class MatonError(Exception):
    """A refusal by the gateway itself: no ``type`` and no ``fbtrace_id``."""

    def __init__(self, status: int, message: str, *, flat_type: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.flat_type = flat_type

    def body(self) -> dict[str, Any]:
        """Return the answer's body, nested or flat."""
        if self.flat_type:
            return {"message": self.message, "type": self.flat_type, "code": self.status}
        return {"error": {"message": self.message, "code": self.status}}


def invalid_parameter(message: str) -> MetaError:
    """Return the refusal of a parameter that is absent or malformed."""
    return MetaError(100, f"(#100) {message}")


def unknown_object(object_id: str, *, method: str = "get") -> MetaError:
    """Return the refusal of an id that does not exist, or cannot do this; Meta doesn't say which."""
    return MetaError(
        100,
        f"Unsupported {method.lower()} request: no object with ID '{object_id}' that can be reached with this "
        "token supports this operation",
        subcode=33,
    )


def messaging_error(code: int, title: str, details: str, *, status: int = 400) -> MetaError:
    """Return a refusal to send."""
    error_data = {"messaging_product": "whatsapp", "details": details}
    return MetaError(code, f"(#{code}) {title}", status=status, error_data=error_data)


def template_error(subcode: int | None, title: str, message: str, *, blame: str | None = None) -> MetaError:
    """
    Return a refusal to create, change or delete a template.

    All of them have code 100: what was wrong is in the subcode.
    """
    return MetaError(
        100,
        "Invalid parameter",
        subcode=subcode,
        user_title=title,
        user_message=message,
        error_data={"blame_field_specs": [[blame]]} if blame else None,
    )


def connection_not_found(connection_id: str) -> MatonError:
    """Return the gateway's refusal of an unknown connection."""
    return MatonError(404, f"Connection {connection_id} not found", flat_type="Not Found")
