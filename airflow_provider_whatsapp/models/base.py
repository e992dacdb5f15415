"""What all models share: strict requests, tolerant responses, enums that survive new values."""

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
    """Known values by name; a value that Meta adds later is kept as it came."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member


class RequestModel(BaseModel):
    """A body we send: unknown fields are refused, and Meta's limits hold before it leaves."""

    # Inputs can be phone numbers or message texts: they stay out of every error.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def __repr__(self) -> str:
        """Name the fields that are there, but tell none: texts and numbers belong to people."""
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
    """A body we receive: fields that we don't know are kept."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Leave out fields that we don't know: they may contain a phone number or a token."""
        yield from ((name, value) for name, value in super().__repr_args__() if name in type(self).model_fields)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: Any) -> Any:
        """Meta writes null where it hides something; what is optional then has its default."""
        if not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if value is not None}


def _text_of_int(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int) or json_problem(value):
        return value
    return str(value)


# Undoes native Jinja rendering, which makes an int of a text of digits.
IntIsText = BeforeValidator(_text_of_int)


def _int_or_text(value: object) -> int | str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise rule_error("must be a whole number or text", remedy="Write it as 0 or as '0'.")
    return check_json(value)


# Kept as it was written. For a union pydantic would put the types that it tried into the path of an error.
IntOrText = Annotated[int | str, PlainValidator(_int_or_text)]


def by_type(*known: str, closed: bool = False) -> Discriminator:
    """
    Return a discriminator that reads ``type``: ``<name>`` for the known ones, else ``<as_written>``.

    What Meta adds later thus travels as it was written instead of being refused. A ``closed`` one
    refuses it.
    """
    tags = {name.casefold(): f"<{name}>" for name in known}
    otherwise = None if closed else "<as_written>"

    def tag(value: object) -> str | None:
        kind = value.get("type") if isinstance(value, Mapping) else getattr(value, "type", None)
        return tags.get(kind.casefold() if isinstance(kind, str) else "", otherwise)

    return Discriminator(
        tag,
        custom_error_type="unknown_type",
        custom_error_message=f"must have a type that is one of {', '.join(known)}",
    )


def _has_a_type(value: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(value.get("type"), str):
        raise rule_error("must have a type that is text", remedy="Add type.")
    return value


# A number without a limit of its own, which still has to be written.
WholeNumber = Annotated[int, AfterValidator(check_json)]

# What Meta alone knows the fields of.
JsonObject = Annotated[dict[str, Any], AfterValidator(check_json)]

# The member of a union by type that takes what we don't know.
AsWritten = Annotated[JsonObject, AfterValidator(_has_a_type)]


class Success(ResponseModel):
    """Answer of calls that change something and return nothing."""

    success: Literal[True]
