"""Faults that a test has added, and the calls that they are for."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from airflow_provider_whatsapp.models.validation import check_json
from airflow_provider_whatsapp.sandbox.aliases import Json

Behaviour = Literal["hang", "drop", "drop_after"]

# A day. A longer number of seconds is a mistake, and a very large one is an error of asyncio.
MAX_SECONDS = 86_400

# What HTTP can carry. The server could not send anything else, and would answer 500.
_HeaderName = Annotated[str, StringConstraints(pattern=r"\A[A-Za-z0-9!#$%&'*+.^_`|~-]+\z")]
_HeaderValue = Annotated[str, StringConstraints(pattern=r"\A[\x20-\x7e\xa0-\xff]*\z")]


class Fault(BaseModel):
    """
    What goes wrong with the next calls that match.

    ``status`` (with ``body`` and ``headers``) replaces the response of the API. ``drop`` closes the
    connection before the call is carried out, ``drop_after`` afterwards. ``hang`` keeps the caller
    waiting: for ``seconds``, after which the call is carried out, or without ``seconds`` until the
    caller gives up. For the others, ``seconds`` is a delay.
    """

    model_config = ConfigDict(extra="forbid")

    path: str
    method: str | None = None
    # A fault ends by itself, so that a test that fails in between does not affect the next one.
    times: Annotated[int, Field(ge=1)] = 1
    status: Annotated[int, Field(ge=200, le=599)] | None = None
    body: Annotated[Any, AfterValidator(check_json)] = None
    headers: dict[_HeaderName, _HeaderValue] = Field(default_factory=dict)
    behaviour: Behaviour | None = None
    seconds: Annotated[float, Field(ge=0, le=MAX_SECONDS, allow_inf_nan=False)] | None = (
        None
    )

    @field_validator("path")
    @classmethod
    def _path_is_a_pattern(cls, path: str) -> str:
        # Here, and not when a call arrives: there it would be an error of that call.
        try:
            re.compile(path)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"must be a regular expression: {error}") from None
        return path

    @model_validator(mode="after")
    def _has_status_or_behaviour(self) -> Fault:
        if (self.status is None) == (self.behaviour is None):
            raise ValueError("must have either a status or a behaviour")
        return self

    def matches(self, method: str, path: str) -> bool:
        """Whether the fault is for a call. ``path`` may match anywhere in the path of the call."""
        # In any case, because people write methods in both.
        if self.method is not None and self.method.upper() != method:
            return False
        return re.search(self.path, path) is not None


class Faults:
    """The faults that are still to come, in the order in which they were added."""

    def __init__(self) -> None:
        self._pending: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Add a fault after the others."""
        self._pending.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the first fault that matches a call, and count it as used once."""
        for fault in self._pending:
            if fault.matches(method, path):
                fault.times -= 1
                self._pending = [one for one in self._pending if one.times > 0]
                return fault
        return None

    def to_json(self) -> list[Json]:
        """Return the faults that are still to come; ``times`` counts the calls that are left."""
        return [fault.model_dump() for fault in self._pending]

    def reset(self) -> None:
        """Forget all faults."""
        self._pending = []
