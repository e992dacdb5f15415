"""
A template as its author writes it: the body of Meta's create call, with Meta's limits checked.

https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates/components
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Field,
    PlainValidator,
    StringConstraints,
    Tag,
    model_validator,
)

from airflow_provider_whatsapp.models.base import (
    AsWritten,
    JsonObject,
    RequestModel,
    WholeNumber,
    discriminate_by_type,
    get_field,
)
from airflow_provider_whatsapp.models.ids import LanguageCode, TemplateName
from airflow_provider_whatsapp.models.templates import TemplateKey
from airflow_provider_whatsapp.models.validation import check_json, rule_error

_VARIABLE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_NAMED = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


def _to_upper(value: object) -> object:
    # Authors may write types in either case; the checks below know them in capitals.
    if isinstance(value, str):
        return value.upper()
    return value


def _check_texts(value: object) -> list[str] | str:
    # For a union pydantic would put the types that it tried into the path of an error.
    if not isinstance(value, str | list) or not all(
        isinstance(text, str) for text in value
    ):
        raise rule_error(
            "must be text or a list of texts",
            remedy="Pass a str; in YAML put it in quotes.",
        )
    return check_json(value)


def variables(text: str) -> list[str]:
    """Return the distinct variables of a template text, in order: ``["1", "2"]`` or names."""
    return list(dict.fromkeys(_VARIABLE.findall(text)))


class Example(RequestModel):
    """Sample values that Meta's reviewers see; each variable needs one."""

    header_text: list[str] | None = None
    header_text_named_params: list[dict[str, str]] | None = None
    header_handle: list[str] | None = None
    body_text: list[list[str]] | None = None
    body_text_named_params: list[dict[str, str]] | None = None


class HeaderDefinition(RequestModel):
    """The part above the body: a text, or a place for media."""

    type: Annotated[Literal["HEADER"], BeforeValidator(_to_upper)]
    format: Annotated[
        Literal["TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION"],
        BeforeValidator(_to_upper),
    ]
    text: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None = None
    example: Example | None = None

    @model_validator(mode="after")
    def _check_content(self) -> HeaderDefinition:
        if (self.format == "TEXT") != (self.text is not None):
            raise rule_error(
                "must have text if its format is TEXT, and only then",
                remedy="Set format or text.",
            )
        example = self.example or Example()
        if self.format in ("IMAGE", "VIDEO", "DOCUMENT") and not example.header_handle:
            raise rule_error(
                "must have a sample file for Meta's reviewers if it is a media header",
                remedy="Add example.header_handle, the handle of a resumable upload (a media id does not do).",
            )
        samples = example.header_text_named_params or example.header_text or []
        _check_variables(self.text or "", len(samples), maximum=1)
        return self


class BodyDefinition(RequestModel):
    """The text of the message; authentication templates leave ``text`` to Meta."""

    type: Annotated[Literal["BODY"], BeforeValidator(_to_upper)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=1024)] | None = None
    example: Example | None = None
    add_security_recommendation: bool | None = None

    @model_validator(mode="after")
    def _check_samples(self) -> BodyDefinition:
        example = self.example or Example()
        rows = example.body_text or [[]]
        _check_variables(self.text or "", len(example.body_text_named_params or rows[0]))
        return self


class FooterDefinition(RequestModel):
    """A line below the body, without variables."""

    type: Annotated[Literal["FOOTER"], BeforeValidator(_to_upper)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None = None
    code_expiration_minutes: Annotated[int, Field(ge=1, le=90)] | None = None

    @model_validator(mode="after")
    def _check_no_variables(self) -> FooterDefinition:
        _check_variables(self.text or "", 0, maximum=0)
        return self


class ButtonDefinition(RequestModel):
    """One button; which fields count depends on ``type`` (URL, QUICK_REPLY, PHONE_NUMBER, …)."""

    type: Annotated[str, BeforeValidator(_to_upper)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=25)] | None = None
    url: Annotated[str, StringConstraints(max_length=2000)] | None = None
    phone_number: Annotated[str, StringConstraints(max_length=20)] | None = None
    example: Annotated[list[str] | str, PlainValidator(_check_texts)] | None = None
    otp_type: str | None = None
    autofill_text: str | None = None
    supported_apps: list[dict[str, str]] | None = None
    flow_id: str | None = None
    flow_name: str | None = None
    flow_action: str | None = None
    navigate_screen: str | None = None
    flow_json: str | None = None
    icon: str | None = None
    app_deep_link: JsonObject | None = None
    ttl_minutes: WholeNumber | None = None
    zero_tap_terms_accepted: bool | None = None
    package_name: str | None = None
    signature_hash: str | None = None

    @model_validator(mode="after")
    def _check_target(self) -> ButtonDefinition:
        target = {"URL": "url", "PHONE_NUMBER": "phone_number", "COPY_CODE": "example"}.get(
            self.type
        )
        if target and not getattr(self, target):
            raise rule_error(
                f"must have {target} if it is a {self.type} button", remedy="Add it."
            )
        if self.url and variables(self.url) and not self.example:
            raise rule_error(
                "must have an example if its url has a variable",
                remedy="Add example: [the whole URL, filled in].",
            )
        return self


class ButtonsDefinition(RequestModel):
    """Up to ten buttons below the message."""

    type: Annotated[Literal["BUTTONS"], BeforeValidator(_to_upper)]
    buttons: Annotated[list[ButtonDefinition], Field(min_length=1, max_length=10)]


ComponentDefinition = Annotated[
    Annotated[HeaderDefinition, Tag("<HEADER>")]
    | Annotated[BodyDefinition, Tag("<BODY>")]
    | Annotated[FooterDefinition, Tag("<FOOTER>")]
    | Annotated[ButtonsDefinition, Tag("<BUTTONS>")]
    # Meta checks CAROUSEL, LIMITED_TIME_OFFER and the types that it adds later.
    | Annotated[AsWritten, Tag("<as_written>")],
    discriminate_by_type("HEADER", "BODY", "FOOTER", "BUTTONS"),
]


class TemplateDefinition(RequestModel):
    """
    One template in one language, as it should be.

    This is the format of definition files, and the body of ``POST /{waba}/message_templates``.
    """

    name: TemplateName
    language: LanguageCode
    category: Annotated[
        Literal["MARKETING", "UTILITY", "AUTHENTICATION"], BeforeValidator(_to_upper)
    ]
    parameter_format: (
        Annotated[Literal["POSITIONAL", "NAMED"], BeforeValidator(_to_upper)] | None
    ) = None
    components: Annotated[list[ComponentDefinition], Field(min_length=1)]
    message_send_ttl_seconds: Annotated[int, Field(ge=30, le=2_592_000)] | None = None
    sub_category: str | None = None
    cta_url_link_tracking_opted_out: bool | None = None
    degrees_of_freedom_spec: JsonObject | None = None
    bid_spec: JsonObject | None = None
    display_format: str | None = None
    is_primary_device_delivery_only: bool | None = None

    @model_validator(mode="after")
    def _check_parts(self) -> TemplateDefinition:
        bodies = [part for part in self.components if isinstance(part, BodyDefinition)]
        if len(bodies) != 1:
            raise rule_error(
                "must have exactly one BODY component",
                got=f"{len(bodies)} of them",
                remedy="Add or remove one.",
            )
        kinds = [get_field(part, "type") for part in self.components]
        if len(set(kinds)) != len(kinds):
            raise rule_error(
                "must have at most one component of each type", remedy="Remove the others."
            )
        if self.category != "AUTHENTICATION" and bodies[0].text is None:
            raise rule_error("must have text in its BODY", remedy="Add text to it.")
        return self

    @model_validator(mode="after")
    def _check_parameter_format(self) -> TemplateDefinition:
        texts = [getattr(part, "text", None) or "" for part in self.components]
        found = [name for text in texts for name in variables(text)]
        is_numbered = any(name.isdecimal() for name in found)
        # Meta takes a definition without parameter_format as POSITIONAL, and then rejects names.
        if found and is_numbered == (self.parameter_format == "NAMED"):
            raise rule_error(
                "must have variables like {{1}} and {{2}} if it is POSITIONAL, and like {{name}} if it is NAMED",
                remedy="Set parameter_format to NAMED or POSITIONAL, as the variables are written.",
            )
        return self

    @property
    def key(self) -> TemplateKey:
        """Name and language."""
        return TemplateKey(self.name, self.language)


def _check_variables(text: str, samples: int, *, maximum: int | None = None) -> None:
    found = variables(text)
    # Meta takes one variable in a header and none in a footer.
    if maximum is not None and len(found) > maximum:
        rule = f"must have at most {maximum} variables in its text"
        raise rule_error(rule, got=f"{len(found)} variables", remedy="Remove some.")
    if any(name.isdecimal() for name in found):
        # The order is the translator's: "{{2}}, {{1}}" has no gap.
        expected = {str(number) for number in range(1, len(found) + 1)}
        if set(found) != expected:
            raise rule_error(
                "must have variables that count up from {{1}} without a gap, or that all have names",
                remedy="Renumber them.",
            )
    elif not all(_NAMED.fullmatch(name) for name in found):
        raise rule_error(
            "must have variables that are numbers or lower-case names",
            remedy="Rename them.",
        )
    if len(found) != samples:
        raise rule_error(
            "must have a sample value for each variable",
            got=f"{len(found)} variables and {samples} sample values",
            remedy="Give each variable a sample in example.",
        )
