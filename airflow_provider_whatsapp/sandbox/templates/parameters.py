"""What Meta rejects in the parameters of a template message: header, body, offer and buttons."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from airflow_provider_whatsapp.sandbox.aliases import Json
from airflow_provider_whatsapp.sandbox.graph.errors import (
    MetaError,
    invalid_parameter,
    invalid_value,
    messaging_error,
    missing_parameter,
)
from airflow_provider_whatsapp.sandbox.graph.parts import Part
from airflow_provider_whatsapp.sandbox.media.store import MediaStore, validate_media
from airflow_provider_whatsapp.sandbox.messages.interactive import validate_product_sections
from airflow_provider_whatsapp.sandbox.templates import text as template_text

MAX_HEADER_LENGTH = 60
MAX_BODY_LENGTH = 1024
MAX_LONE_BODY_LENGTH = 32_768  # of a template that has no other component

_BODY_TYPES = ("text", "currency", "date_time")
_FORBIDDEN_IN_TEXT = re.compile(r"[\n\r\t]| {5}")
# The type of parameter that a button of each type takes. Other buttons take none.
_BUTTON_PARAMETER_TYPES = {
    "url": "text",
    "otp": "text",
    "quick_reply": "payload",
    "copy_code": "coupon_code",
    "flow": "action",
    "catalog": "action",
    "mpm": "action",
}
_OPTIONAL_BUTTONS = ("flow", "catalog")
_OTP_URL = "https://www.whatsapp.com/otp/"


def mismatch(part: str, expected: str, found: object) -> MetaError:
    """Return the error for a parameter of the wrong type."""
    return messaging_error(
        132012,
        "A parameter has another format than in the template",
        f"{part}: expected {expected}, received {found or 'nothing'}",
    )


@dataclass(frozen=True, kw_only=True)
class ParameterRules:
    """
    The rules for the parameters of header and body.

    :param is_named: whether the template's variables have names instead of numbers.
    :param media: the uploads that a header may refer to.
    """

    is_named: bool
    media: MediaStore

    def validate_header(self, header: Json | None, parameters: list[Json]) -> None:
        """Reject another format of header than the template's, a text that is too long, and unusable media."""
        # A template without a header accepts no parameters for one.
        header_format = "text"
        text = ""
        expected = "no header"
        if header:
            header_format = header["format"].lower()
            text = header.get("text", "")
            expected = "text"
        if header_format != "text":
            self.validate_media_header(header_format, parameters)
            return
        for parameter in parameters:
            if parameter.get("type") != "text":
                raise mismatch("header", expected, parameter.get("type"))
        filled_in = self.fill_in("header", text, parameters)
        if len(filled_in) > MAX_HEADER_LENGTH:
            raise _too_long(f"The header has over {MAX_HEADER_LENGTH} characters")

    def validate_media_header(self, header_format: str, parameters: list[Json]) -> None:
        """Reject a header with a file or location that does not have exactly its one parameter."""
        parameter = next(iter(parameters), {})
        content = parameter.get(header_format)
        found = parameter.get("type")
        if len(parameters) != 1 or found != header_format or not isinstance(content, dict):
            raise mismatch("header", header_format, found)
        if header_format != "location":
            validate_media(header_format, content, self.media)
        elif not {"latitude", "longitude"} <= content.keys():
            raise missing_parameter("location: latitude and longitude")

    def validate_body(
        self, body: Json | None, parameters: list[Json], *, is_alone: bool
    ) -> None:
        """
        Reject parameters of the wrong type, and a text that is too long once filled in.

        :param is_alone: whether the template has no other component.
        """
        for parameter in parameters:
            if parameter.get("type") not in _BODY_TYPES:
                raise mismatch("body", "text, currency or date_time", parameter.get("type"))
        text = ""
        if body:
            text = body["text"]
        filled_in = self.fill_in("body", text, parameters)
        max_length = MAX_BODY_LENGTH
        if body and is_alone:
            max_length = MAX_LONE_BODY_LENGTH
        if len(filled_in) > max_length:
            raise _too_long(f"The body has more than {max_length} characters")

    def fill_in(self, part: str, text: str, parameters: list[Json]) -> str:
        """Return a text with its parameters filled in, which must fit its variables."""
        variables = template_text.find_variables(text)
        if len(parameters) != len(variables):
            raise messaging_error(
                132000,
                "The number of parameters differs from the template",
                f"{part}: {len(parameters)} parameters were given, the template has {len(variables)}",
            )
        self.validate_names(part, variables, parameters)
        texts = [read_parameter_text(part, parameter) for parameter in parameters]
        if self.is_named:
            names = [parameter["parameter_name"] for parameter in parameters]
        else:
            # Positional parameters follow the numbers of the variables, not their places in the text.
            names = sorted(variables, key=int)
        return template_text.fill_in(text, dict(zip(names, texts, strict=True)))

    def validate_names(
        self, part: str, variables: list[str], parameters: list[Json]
    ) -> None:
        """Reject parameters whose names are not those of the variables."""
        names = [
            str(parameter["parameter_name"])
            for parameter in parameters
            if parameter.get("parameter_name")
        ]
        if not self.is_named:
            if names:
                raise mismatch(part, "positional parameters", "named ones")
            return
        if sorted(names) != sorted(variables):
            given = ", ".join(names) or "none with a name"
            raise mismatch(part, f"parameters named {', '.join(variables)}", given)


def read_parameter_text(part: str, parameter: Json) -> str:
    """Return what a parameter is filled in with. Meta sends the fallback of a currency or date."""
    parameter_type = parameter["type"]
    content = parameter.get(parameter_type)
    if parameter_type != "text":
        # A str has no fallback, and is as invalid as an absent one.
        content = content.get("fallback_value") if isinstance(content, dict) else None
    if not isinstance(content, str) or not content:
        raise missing_parameter(f"{part}: a parameter has no text")
    if _FORBIDDEN_IN_TEXT.search(content):
        raise messaging_error(
            132018,
            "A template parameter is not valid",
            f"{part}: a parameter has a line break, a tab, or more than four spaces in a row",
        )
    return content


def validate_offer(component: Json | None, parameters: list[Json]) -> None:
    """
    Reject a limited-time offer without its end, and one that the template does not have.

    https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates/limited-time-offer-templates
    """
    missing_end = missing_parameter("limited_time_offer: expiration_time_ms is required")
    if component is None:
        if parameters:
            raise mismatch("limited_time_offer", "no such component", "one")
        return
    if not parameters:
        offer = component.get("limited_time_offer")
        if isinstance(offer, dict) and offer.get("has_expiration"):
            raise missing_end
        return
    offer = read_offer(parameters)
    end = offer.get("expiration_time_ms")
    if end is None:
        raise missing_end
    if not isinstance(end, int) or isinstance(end, bool) or end <= 0:
        raise invalid_value(
            "limited_time_offer: expiration_time_ms must be milliseconds since 1970"
        )


def read_offer(parameters: list[Json]) -> Json:
    """Return the content of the one parameter that an offer has."""
    parameter = parameters[0]
    parameter_type = parameter.get("type")
    offer = parameter.get("limited_time_offer")
    if (
        len(parameters) == 1
        and parameter_type == "limited_time_offer"
        and isinstance(offer, dict)
    ):
        return offer
    raise mismatch("limited_time_offer", "one parameter of this type", parameter_type)


def validate_button_parameters(buttons: list[Json], given: list[Json]) -> None:
    """
    Reject parameters for buttons that do not exist or take none, and missing parameters.

    :param buttons: those of the template.
    :param given: the components of the message that are for buttons.
    """
    indexes = [read_button_index(component, len(buttons)) for component in given]
    # A second entry would silently replace the first one.
    if len(set(indexes)) < len(indexes):
        raise invalid_parameter("template.components has two entries for one button")
    for index, component in zip(indexes, given, strict=True):
        validate_button(index, buttons[index], component)
    for index, button in enumerate(buttons):
        if needs_parameter(button) and index not in indexes:
            raise _missing_button_parameter(index)


def read_button_index(component: Json, count: int) -> int:
    """Return which of the template's buttons a component is for."""
    index = str(component.get("index", ""))
    if not (index.isascii() and index.isdecimal()):
        raise invalid_parameter("A button component needs its index")
    if int(index) >= count:
        raise mismatch("buttons", f"an index below {count}", index)
    return int(index)


def validate_button(index: int, button: Json, component: Json) -> None:
    """Reject a parameter for a button of another type, or for a URL that has no variable."""
    sub_type = str(component.get("sub_type", "")).lower()
    expected = button["type"].lower()
    # Callers may use the name of the button that they sent or of the one that Meta made of it.
    is_otp = sub_type == "otp" and is_otp_button(button)
    if sub_type != expected and not is_otp:
        raise mismatch(f"button {index}", expected, sub_type)
    parameter_type = _BUTTON_PARAMETER_TYPES.get(sub_type)
    parameters = component.get("parameters")
    is_optional = sub_type in _OPTIONAL_BUTTONS and not parameters
    if parameter_type is None or is_optional:
        return
    if sub_type == "url" and not template_text.find_variables(button["url"]):
        raise messaging_error(
            132018,
            "A template parameter is not valid",
            f"buttons: the button at index {index} does not require parameters",
        )
    content = read_button_parameter(index, parameter_type, parameters)
    if sub_type == "mpm":
        validate_product_sections(Part(content, f"button {index}: action"))


def read_button_parameter(index: int, parameter_type: str, parameters: object) -> Any:
    """Return the content of a button's one parameter: an object for an action, else a text."""
    parameter = None
    if isinstance(parameters, list) and len(parameters) == 1:
        parameter = parameters[0]
    if not isinstance(parameter, dict):
        raise _missing_button_parameter(index)
    if parameter.get("type") != parameter_type:
        raise mismatch(f"button {index}", parameter_type, parameter.get("type"))
    content = parameter.get(parameter_type)
    expected_type: type = str
    if parameter_type == "action":
        expected_type = dict
    if not content or not isinstance(content, expected_type):
        raise _missing_button_parameter(index)
    return content


def needs_parameter(button: Json) -> bool:
    """Whether a message must give a parameter for a button."""
    if button["type"] == "URL":
        return bool(template_text.find_variables(button["url"]))
    return button["type"] in ("COPY_CODE", "MPM")


def is_otp_button(button: Json) -> bool:
    """Whether Meta made this button, for the code of an authentication template."""
    return button["type"] == "URL" and str(button["url"]).startswith(_OTP_URL)


def _missing_button_parameter(index: int) -> MetaError:
    return missing_parameter(f"buttons: the button at index {index} needs one parameter")


def _too_long(details: str) -> MetaError:
    return messaging_error(132005, "Text is too long once filled in", details)
