"""
Meta's error object.

https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

from __future__ import annotations

import secrets

from starlette.responses import JSONResponse

from airflow_provider_whatsapp.sandbox.aliases import Json


class MetaError(Exception):
    """
    The Cloud API rejects a call.

    :param status: HTTP status.
    :param user_title: what Meta's own interface shows to a person, as ``user_message`` does.
    :param error_data: an object whose fields depend on the kind of call.
    """

    def __init__(
        self,
        code: int,
        message: str,
        *,
        status: int = 400,
        subcode: int | None = None,
        user_title: str | None = None,
        user_message: str | None = None,
        error_data: Json | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.subcode = subcode
        self.user_title = user_title
        self.user_message = user_message
        self.error_data = error_data

    def body(self) -> Json:
        """Return the JSON of the response."""
        error = {
            "message": self.message,
            "type": "OAuthException",
            "code": self.code,
            "error_data": self.error_data,
            "error_subcode": self.subcode,
            # Meta adds this flag where it adds a subcode.
            "is_transient": None if self.subcode is None else False,
            "error_user_title": self.user_title,
            "error_user_msg": self.user_message,
            # Only Meta's errors have a trace id. Clients tell them from the gateway's by it.
            "fbtrace_id": f"A{secrets.token_urlsafe(17)}",
        }
        # Meta leaves out absent fields instead of writing null.
        return {
            "error": {name: value for name, value in error.items() if value is not None}
        }

    def to_response(self) -> JSONResponse:
        """Return the response that the Cloud API gives."""
        return JSONResponse(self.body(), self.status)


def invalid_parameter(message: str) -> MetaError:
    """Return the error for a parameter that is absent or malformed."""
    return MetaError(100, f"(#100) {message}")


def unknown_object(object_id: str, *, method: str = "get") -> MetaError:
    """Return the error for an id that does not exist, or that cannot do this: Meta does not say which."""
    return MetaError(
        100,
        f"Unsupported {method.lower()} request: no object with ID '{object_id}' that can be reached with this "
        "token supports this operation",
        subcode=33,
    )


def messaging_error(code: int, title: str, details: str, *, status: int = 400) -> MetaError:
    """Return the error for a message that Meta does not send."""
    return MetaError(
        code,
        f"(#{code}) {title}",
        status=status,
        error_data={"messaging_product": "whatsapp", "details": details},
    )


def missing_parameter(details: str) -> MetaError:
    """Return the error for a message that lacks a required part."""
    return messaging_error(131008, "Required parameter is missing", details)


def invalid_value(details: str) -> MetaError:
    """Return the error for a message with a value that is too long, out of bounds, or malformed."""
    return messaging_error(131009, "Parameter value is not valid", details)


def template_error(
    subcode: int | None, title: str, message: str, *, blame: str | None = None
) -> MetaError:
    """
    Return the error for a template that Meta does not create, edit or delete.

    All of them have code 100; the subcode says what is wrong.

    :param blame: the field that Meta points at.
    """
    return MetaError(
        100,
        "Invalid parameter",
        subcode=subcode,
        user_title=title,
        user_message=message,
        error_data={"blame_field_specs": [[blame]]} if blame else None,
    )
