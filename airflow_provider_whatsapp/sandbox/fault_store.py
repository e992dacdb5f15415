"""Misbehaviour that was ordered for the next calls."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from airflow_provider_whatsapp.models.validation import check_json

_MAX_SECONDS = 86_400
# What HTTP can carry; anything else would be an error of the server.
_HeaderName = Annotated[str, StringConstraints(pattern=r"\A[A-Za-z0-9!#$%&'*+.^_`|~-]+\z")]
_HeaderValue = Annotated[str, StringConstraints(pattern=r"\A[\x20-\x7e\xa0-\xff]*\z")]


class Fault(BaseModel):
    """
    An order: how the next calls that match are to be mistreated.

    ``status`` (with ``body`` and ``headers``) answers in place of the API. ``drop`` closes the
    connection without an answer and without carrying the call out; ``drop_after`` carries it out
    first. ``hang`` keeps the caller waiting: for ``seconds`` and then the call is carried out, or
    without ``seconds`` until the caller gives up. For the others ``seconds`` is a delay, too.
    """

    model_config = ConfigDict(extra="forbid")

    path: str
    method: str | None = None
    times: Annotated[int, Field(ge=1)] = 1
    status: Annotated[int, Field(ge=200, le=599)] | None = None
    body: Annotated[Any, AfterValidator(check_json)] = None
    headers: dict[_HeaderName, _HeaderValue] = Field(default_factory=dict)
    behaviour: Literal["hang", "drop", "drop_after"] | None = None
    seconds: Annotated[float, Field(ge=0, le=_MAX_SECONDS, allow_inf_nan=False)] | None = None

    @field_validator("path")
    @classmethod
    def _is_a_pattern(cls, path: str) -> str:
        try:
            re.compile(path)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"not a regular expression: {error}") from None
        return path

    @model_validator(mode="after")
    def _does_one_thing(self) -> Fault:
        if (self.status is None) == (self.behaviour is None):
            raise ValueError("give either a status or a behaviour")
        return self

    def matches(self, method: str, path: str) -> bool:
        """Whether a call is meant: ``path`` is searched for anywhere in the call's path."""
        same_method = self.method is None or self.method.upper() == method
        return same_method and re.search(self.path, path) is not None


class Faults:
    """Orders in the sequence in which they were given; each is used up by its matching calls."""

    def __init__(self) -> None:
        self._orders: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """Add one behind the others."""
        self._orders.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the first order that fits a call, and count it as used once."""
        fault = next((order for order in self._orders if order.matches(method, path)), None)
        if fault is not None:
            fault.times -= 1
            self._orders = [order for order in self._orders if order.times > 0]
        return fault

    def listed(self) -> list[dict[str, Any]]:
        """Return what is still to come."""
        return [order.model_dump() for order in self._orders]

    def reset(self) -> None:
        """Behave again."""
        self._orders = []
