"""Errors of the gateway itself: they have no ``fbtrace_id``, which tells them from Meta's."""

from __future__ import annotations

from starlette.responses import JSONResponse

from airflow_provider_whatsapp.sandbox.aliases import Json


class MatonError(Exception):
    """
    The gateway rejects a call before it reaches Meta.

    :param status: HTTP status.
    :param flat_type: the gateway writes some errors flat, with a type. None stands for the nested ones.
    """

    def __init__(self, status: int, message: str, *, flat_type: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.flat_type = flat_type

    def body(self) -> Json:
        """Return the JSON of the response."""
        # Clients have to read both, so the sandbox writes both.
        if self.flat_type:
            return {
                "message": self.message,
                "type": self.flat_type,
                "code": self.status,
            }
        return {"error": {"message": self.message, "code": self.status}}

    def to_response(self, headers: dict[str, str] | None = None) -> JSONResponse:
        """Return the response that the gateway gives."""
        return JSONResponse(self.body(), self.status, headers)


def connection_not_found(connection_id: str) -> MatonError:
    """Return the error for an unknown connection."""
    return MatonError(404, f"Connection {connection_id} not found", flat_type="Not Found")
