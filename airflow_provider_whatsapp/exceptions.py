"""
Every error this package raises on purpose, by what the caller does about it.

::

    WhatsAppError
    ├── ConfigurationError        the connection or an argument is wrong; nothing was sent
    ├── InvalidRequestError       found wrong before the call (limits, formats); nothing was sent
    ├── TransportError            no connection was made; nothing was sent
    ├── OutcomeUnknownError       the request left and no answer came: it may have been carried out
    └── ApiError                  an answer came, and it is a refusal
        ├── AuthenticationError   the Maton key, or the WhatsApp grant behind it
        ├── PermissionDeniedError the grant lacks a right
        ├── NotFoundError         no such phone number, template, media or connection
        ├── RateLimitedError      too many calls or messages; see ``retry_after``
        ├── TransientError        Meta or the gateway is unwell for now
        ├── RecipientError        this person cannot be reached
        ├── TemplateError         missing, paused, or called with wrong parameters
        ├── MediaError            the file or link cannot be used
        ├── AccountError          locked, unpaid, unregistered
        └── BadRequestError       any other refusal
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def without_locals(function: Callable[P, T]) -> Callable[P, T]:
    """
    Take ``function`` and what it calls out of the traceback of an error that it raises.

    Error trackers upload the local variables of every frame
    (https://docs.sentry.io/platforms/python/data-management/data-collected/), and here those are keys, phone numbers
    and texts. Error messages of this package say what happened, so the traceback can begin at the caller.
    """

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001 - it is raised again below
            failure = error
        del args, kwargs
        # Outside the handler, so that it is not chained to itself.
        raise failure.with_traceback(None)

    return call


class WhatsAppError(Exception):
    """
    Root of the tree.

    ``permanent`` says that repeating the same call is pointless or dangerous until a person has
    changed something; operators then fail their task without using up its retries.
    """

    def __init__(self, message: str, *, permanent: bool = True) -> None:
        """Keep whether repeating is pointless or dangerous."""
        super().__init__(message)
        self.permanent = permanent


class ConfigurationError(WhatsAppError):
    """The Airflow connection or an argument is wrong. Nothing was sent."""


class InvalidRequestError(WhatsAppError):
    """
    A value breaks a documented limit or format. Nothing was sent.

    The message names the field, the rule, the shape of the value found and the remedy; it never
    holds the value itself.
    """


class TransportError(WhatsAppError):
    """No connection could be made, so nothing was sent; trying again is safe."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        """Keep that another attempt may succeed."""
        super().__init__(message, permanent=permanent)


class OutcomeUnknownError(WhatsAppError):
    """
    The request left and no readable answer came back: it may have been carried out.

    Permanent for a send, because repeating it blindly can put a second message on somebody's phone;
    not permanent for an upload or a template change, which a second time does no harm.
    """


class ApiError(WhatsAppError):
    """
    Meta or the gateway answered with a refusal.

    ``str(error)`` holds all of it: what happened, the codes, the trace id and what to do next.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        code: int | None = None,
        subcode: int | None = None,
        details: str | None = None,
        fbtrace_id: str | None = None,
        is_gateway: bool = False,
        permanent: bool = True,
        retry_after: float | None = None,
        remedy: str = "",
    ) -> None:
        """
        Keep the fields of the answer.

        :param message: Meta's own summary, with phone numbers and secrets taken out.
        :param status: HTTP status.
        :param code: ``error.code``.
        :param subcode: ``error.error_subcode``; the finer reason for template refusals.
        :param details: ``error.error_data.details`` or ``error.error_user_msg``.
        :param fbtrace_id: the id that Meta's support asks for.
        :param is_gateway: the answer is Maton's own, the call never reached Meta.
        :param permanent: see :class:`WhatsAppError`.
        :param retry_after: seconds that the answer asks to wait.
        :param remedy: what to do next, one sentence.
        """
        super().__init__(message, permanent=permanent)
        self.status = status
        self.code = code
        self.subcode = subcode
        self.details = details
        self.fbtrace_id = fbtrace_id
        self.is_gateway = is_gateway
        self.retry_after = retry_after
        self.remedy = remedy

    def __str__(self) -> str:
        said = ". ".join(part.rstrip(". ") for part in (self.args[0], self.details) if part)
        return " ".join(part for part in (f"{said}.", self._origin(), self.remedy) if part)

    def _origin(self) -> str:
        facts = {
            "HTTP": self.status or None,
            "code": self.code,
            "subcode": self.subcode,
            "fbtrace_id": self.fbtrace_id,
        }
        known = [f"{name} {value}" for name, value in facts.items() if value is not None]
        origin = ", ".join(["Maton gateway" if self.is_gateway else "Meta", *known])
        return f"[{origin}]" if known else ""


class AuthenticationError(ApiError):
    """The Maton key was refused, or the WhatsApp grant behind it has ended."""


class PermissionDeniedError(ApiError):
    """The grant is valid but lacks the right for this call."""


class NotFoundError(ApiError):
    """No such phone number, template, media or connection, or not visible to this account."""


class RateLimitedError(ApiError):
    """Too many calls or messages. ``retry_after`` holds the seconds to wait, where told."""


class TransientError(ApiError):
    """Meta or the gateway cannot answer properly for now."""


class RecipientError(ApiError):
    """This person cannot be reached; the next one may be."""


class TemplateError(ApiError):
    """The template is missing, paused, refused, or was called with wrong parameters."""


class MediaError(ApiError):
    """WhatsApp cannot use the file or the link."""


class AccountError(ApiError):
    """The business account or the number is locked, unpaid, unregistered or restricted."""


class BadRequestError(ApiError):
    """Any other refusal."""
