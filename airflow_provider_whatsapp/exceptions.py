"""
The errors of this package, by what the caller does about them.

::

    WhatsAppError
    ├── ConfigurationError        the connection or an argument is wrong; nothing was sent
    ├── InvalidRequestError       found wrong before the call (limits, formats); nothing was sent
    ├── TransportError            no connection was made; nothing was sent
    ├── OutcomeUnknownError       the request left and no response came: the server may have processed it
    └── ApiError                  a response came, and it is an error
        ├── AuthenticationError   the Maton key, or the WhatsApp grant behind it
        ├── PermissionDeniedError the grant lacks a right
        ├── NotFoundError         no such phone number, template, media or connection
        ├── RateLimitedError      too many calls or messages; see ``retry_after``
        ├── TransientError        Meta or the gateway is unavailable for now
        ├── RecipientError        this person cannot be reached
        ├── TemplateError         missing, paused, or called with wrong parameters
        ├── MediaError            the file or link cannot be used
        ├── AccountError          locked, unpaid, unregistered
        └── BadRequestError       any other error
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def without_locals(function: Callable[P, T]) -> Callable[P, T]:
    """
    Remove ``function`` and what it calls from the traceback of an error that it raises.

    Error trackers upload the local variables of every frame
    (https://docs.sentry.io/platforms/python/data-management/data-collected/), and here these are keys, phone numbers
    and texts. The errors of this package say what happened, so their traceback can begin at the caller.
    """

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001 - it is raised again below
            failure = error
        # The frame of this function stays in the traceback.
        del args, kwargs
        # Outside the handler, so that it is not chained to itself.
        raise failure.with_traceback(None)

    return call


class WhatsAppError(Exception):
    """
    Root of the tree.

    ``permanent`` means that another attempt at the same call is useless or dangerous until a person has changed
    something. Operators then fail their task without using up its retries.
    """

    def __init__(self, message: str, *, permanent: bool = True) -> None:
        """Keep whether another attempt is useless or dangerous."""
        super().__init__(message)
        self.permanent = permanent


class ConfigurationError(WhatsAppError):
    """The Airflow connection or an argument is wrong. Nothing was sent."""


class InvalidRequestError(WhatsAppError):
    """
    A value breaks a documented limit or format. Nothing was sent.

    The message names the field, the rule, the type and length of the value, and the remedy. It never contains the value
    itself.
    """


class TransportError(WhatsAppError):
    """No connection could be made, so nothing was sent; another attempt is safe."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        """Keep that another attempt may succeed."""
        super().__init__(message, permanent=permanent)


class OutcomeUnknownError(WhatsAppError):
    """
    The request left and no readable response came back: the server may have processed it.

    It is permanent for a send, because a blind retry can put a second message on a phone. It is not permanent for an
    upload or a template change, where a second one is harmless.
    """


class ApiError(WhatsAppError):
    """
    Meta or the gateway rejected the call.

    ``str(error)`` has all of it: what happened, the codes, the trace id and what to do next.
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
        Keep the fields of the response.

        :param message: Meta's own summary, without phone numbers and secrets.
        :param status: HTTP status.
        :param code: ``error.code``.
        :param subcode: ``error.error_subcode``; the finer reason why a template is rejected.
        :param details: ``error.error_data.details`` or ``error.error_user_msg``.
        :param fbtrace_id: the id that Meta's support asks for.
        :param is_gateway: the response is Maton's own, and the call never reached Meta.
        :param permanent: see :class:`WhatsAppError`.
        :param retry_after: seconds that the response asks to wait.
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
        facts = {
            "HTTP": self.status or None,
            "code": self.code,
            "subcode": self.subcode,
            "fbtrace_id": self.fbtrace_id,
        }
        known = [f"{name} {value}" for name, value in facts.items() if value is not None]
        origin = ""
        if known:
            # Who rejected the call decides whom to ask: Maton's support, or Meta's with the trace id.
            sender = "Meta"
            if self.is_gateway:
                sender = "Maton gateway"
            origin = f"[{', '.join([sender, *known])}]"
        return " ".join(part for part in (f"{said}.", origin, self.remedy) if part)


class AuthenticationError(ApiError):
    """The Maton key is not valid, or the WhatsApp grant behind it has ended."""


class PermissionDeniedError(ApiError):
    """The grant is valid but lacks the right for this call."""


class NotFoundError(ApiError):
    """No such phone number, template, media or connection, or not visible to this account."""


class RateLimitedError(ApiError):
    """Too many calls or messages. ``retry_after`` has the seconds to wait, if the response tells them."""


class TransientError(ApiError):
    """Meta or the gateway is unavailable for now."""


class RecipientError(ApiError):
    """This person cannot be reached; the next one may be."""


class TemplateError(ApiError):
    """The template is missing, paused, rejected, or was sent with wrong parameters."""


class MediaError(ApiError):
    """WhatsApp cannot use the file or the link."""


class AccountError(ApiError):
    """The business account or the number is locked, unpaid, unregistered or restricted."""


class BadRequestError(ApiError):
    """Any other error."""
