"""
What Meta refuses in the parameter of a limited-time offer.

https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates/limited-time-offer-templates
"""

from __future__ import annotations

from typing import Any

from airflow_provider_whatsapp.sandbox.errors import messaging_error
from airflow_provider_whatsapp.sandbox.template_parameters import mismatch


def check_offer(component: dict[str, Any] | None, parameters: list[dict[str, Any]]) -> None:
    """Refuse an offer that doesn't say when it ends, and one that the template doesn't have."""
    if component is None:
        if parameters:
            raise mismatch("limited_time_offer", "no such component", "one")
        return
    if parameters:
        _check_end(parameters)
    elif _expires(component):
        raise messaging_error(
            131008, "Required parameter is missing", "limited_time_offer: expiration_time_ms is required"
        )


def _expires(component: dict[str, Any]) -> bool:
    offer = component.get("limited_time_offer")
    return isinstance(offer, dict) and bool(offer.get("has_expiration"))


def _check_end(parameters: list[dict[str, Any]]) -> None:
    kind = parameters[0].get("type")
    offer = parameters[0].get("limited_time_offer")
    if len(parameters) != 1 or kind != "limited_time_offer" or not isinstance(offer, dict):
        raise mismatch("limited_time_offer", "one parameter of this type", kind)
    end = offer.get("expiration_time_ms")
    if end is None:
        raise messaging_error(
            131008, "Required parameter is missing", "limited_time_offer: expiration_time_ms is required"
        )
    if not isinstance(end, int) or isinstance(end, bool) or end <= 0:
        raise messaging_error(
            131009,
            "Parameter value is not valid",
            "limited_time_offer: expiration_time_ms must be milliseconds since 1970",
        )
