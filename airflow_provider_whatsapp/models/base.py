"""What all models share: strict requests, tolerant responses, enums that keep unknown values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    PlainValidator,
    model_validator,
)

from airflow_provider_whatsapp.models.json_values import encode_json, json_problem
from airflow_provider_whatsapp.models.validation import check_json, rule_error


class OpenEnum(StrEnum):
    """Known values by name; a value that Meta adds later is kept unchanged."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member


class RequestModel(BaseModel):
    """A body that the client sends: unknown fields are invalid, and Meta's limits are checked before it is sent."""

    # Inputs can be phone numbers or message texts: they stay out of every error.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def __repr__(self) -> str:
        """Show which fields are set, never their values: they may contain personal data."""
        return f"{type(self).__name__}({', '.join(sorted(self.model_fields_set))})"

    __str__ = __repr__

    def wire(self) -> dict[str, Any]:
        """Return the JSON body as the Cloud API takes it, absent fields left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    def encode(self) -> bytes:
        """
        Return the body as it goes over the wire.

        :raises InvalidRequestError: if a value changed after validation to one that JSON cannot hold.
        """
        return encode_json(self.wire())


class ResponseModel(BaseModel):
    """A body that the client receives: unknown fields are kept."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Leave out unknown fields: they may contain a phone number or a token."""
        known = type(self).model_fields
        yield from (
            (name, value) for name, value in super().__repr_args__() if name in known
        )

    @model_validator(mode="before")
    @classmethod
    def _drop_nulls(cls, data: Any) -> Any:
        """Give optional fields their default where Meta writes null, as it does for hidden values."""
        if not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if value is not None}


def _int_to_text(value: object) -> object:
    # A longer int than Python can write is left to the model, which rejects it without writing it.
    if isinstance(value, bool) or not isinstance(value, int) or json_problem(value):
        return value
    return str(value)


# Undoes native Jinja rendering, which makes an int of a text of digits.
IntIsText = BeforeValidator(_int_to_text)


def _check_int_or_text(value: object) -> int | str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise rule_error(
            "must be a whole number or text", remedy="Write it as 0 or as '0'."
        )
    return check_json(value)


# Kept as it was written. For a union pydantic would put the types that it tried into the path of an error.
IntOrText = Annotated[int | str, PlainValidator(_check_int_or_text)]


def get_field(value: object, name: str) -> Any:
    """Return a field of a model or of the dict that a model is made of; ``None`` if it is absent."""
    if isinstance(value, Mapping):
        return value.get(name)
    return getattr(value, name, None)


def fold_type(kind: object) -> str:
    """Return a type in the spelling in which two are compared; an empty text for what is no text."""
    if isinstance(kind, str):
        return kind.casefold()
    return ""


def discriminate_by_type(*known: str, closed: bool = False) -> Discriminator:
    """
    Return a discriminator that reads ``type``: ``<name>`` for the known ones, else ``<as_written>``.

    Thus a type that Meta adds later is sent as it was written. A ``closed`` discriminator rejects it.
    """
    tags: dict[str, str | None] = {name.casefold(): f"<{name}>" for name in known}
    # None has no tag: pydantic then raises the error below.
    tags[""] = None if closed else "<as_written>"

    def choose_tag(value: object) -> str | None:
        # A slip in upper and lower case leads to the right model, which says how the type is written.
        return tags.get(fold_type(get_field(value, "type")), tags[""])

    return Discriminator(
        choose_tag,
        custom_error_type="unknown_type",
        custom_error_message=f"must have a type that is one of {', '.join(known)}",
    )


def _check_type(value: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(value.get("type"), str):
        raise rule_error("must have a type that is text", remedy="Add type.")
    return value


# A number without a limit of its own, which still has to be written.
WholeNumber = Annotated[int, AfterValidator(check_json)]

# An object whose fields only Meta knows.
JsonObject = Annotated[dict[str, Any], AfterValidator(check_json)]

# The member of a union by type that takes unknown types.
AsWritten = Annotated[JsonObject, AfterValidator(_check_type)]


class Success(ResponseModel):
    """Response to calls that change something and return nothing."""

    success: Literal[True]
