"""
Places.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages#location-object
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import PlainValidator

from airflow_provider_whatsapp.models.base import IntIsText, RequestModel
from airflow_provider_whatsapp.models.limits import NUMBERS
from airflow_provider_whatsapp.models.validation import rule_error

_NUMBER = re.compile(
    r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?", re.ASCII | re.IGNORECASE
)


def _degrees_validator(path: str) -> PlainValidator:
    minimum, maximum = NUMBERS[path]

    def check(value: Any) -> Any:
        number = None
        # Python's float() takes more than Meta does, such as 1_0 and digits of other scripts.
        if isinstance(value, Decimal) or (
            isinstance(value, str) and _NUMBER.fullmatch(value)
        ):
            number = float(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            number = value
        if number is None or not minimum <= number <= maximum:  # which no NaN is
            raise rule_error(
                f"must be a number of degrees from {minimum} to {maximum}",
                remedy="Write it as 37.4847.",
            )
        # JSON has no Decimal; anything else is sent as it was written.
        if isinstance(value, Decimal):
            return number
        return value

    # In place of the union's own check, which makes 37.0 of 37 and puts the types it tried into the path of an error.
    return PlainValidator(check)


class Location(RequestModel):
    """A place by decimal degrees, which Meta takes as numbers and as text."""

    latitude: Annotated[int | float | str, _degrees_validator("location.latitude")]
    longitude: Annotated[int | float | str, _degrees_validator("location.longitude")]
    name: Annotated[str, IntIsText] | None = None
    address: Annotated[str, IntIsText] | None = None
