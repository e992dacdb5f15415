"""
The template part of a message: which template, in which language, with which parameters.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages#template-object
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from airflow_provider_whatsapp.models.base import IntOrText, RequestModel
from airflow_provider_whatsapp.models.ids import LanguageCode, TemplateName
from airflow_provider_whatsapp.models.limits import (
    LENGTHS,
    MAX_BODY_WITH_OTHER_COMPONENTS,
    between,
    within,
)
from airflow_provider_whatsapp.models.template_parameters import Parameter, TextParameter
from airflow_provider_whatsapp.models.validation import rule_error, rule_error_at

_HEADER_TEXT = int(LENGTHS["template.components[header].parameters[].text"].maximum)
_URL_TEXT = re.compile(r"[!-~]*", re.ASCII)


def _check_button_index(index: int | str) -> int | str:
    if not re.fullmatch("[0-9]", str(index)):
        raise rule_error("must be a button index from 0 to 9", remedy="Count from 0.")
    return index


# Meta writes it as text, and takes a number too.
ButtonIndex = Annotated[IntOrText, AfterValidator(_check_button_index)]


class Component(RequestModel):
    """One filled part of the template: ``header``, ``body``, ``button``, ``carousel`` and others."""

    type: Annotated[str, StringConstraints(min_length=1)]
    sub_type: str | None = None
    index: ButtonIndex | None = None
    parameters: list[Parameter] | None = None
    cards: Annotated[list[Card], within("template.components[carousel].cards")] | None = (
        None
    )

    @property
    def kind(self) -> str:
        """The type in lower case, as Meta's reference writes it."""
        return self.type.lower()

    @property
    def texts(self) -> list[TextParameter]:
        """The parameters that are texts."""
        return [
            parameter
            for parameter in self.parameters or []
            if isinstance(parameter, TextParameter)
        ]

    @model_validator(mode="after")
    def _check_parameter_names(self) -> Component:
        if len({p.parameter_name is None for p in self.texts}) > 1:
            raise rule_error(
                "must have all parameters named, or all positional",
                got="both kinds",
                remedy="Name all of them (a dict) or none of them (a list), as the template does.",
            )
        return self

    @model_validator(mode="after")
    def _check_texts(self) -> Component:
        is_url = (self.sub_type or "").lower() == "url"
        for place, parameter in enumerate(self.parameters or []):
            if not isinstance(parameter, TextParameter):
                continue
            path, text = ("parameters", place, "text"), parameter.text
            if self.kind == "header" and len(text) > _HEADER_TEXT:
                rule = f"must be at most {_HEADER_TEXT} characters in a header"
                raise rule_error_at(*path, value=text, rule=rule, remedy="Shorten it.")
            # Meta puts the text behind the button's URL as it is: a blank in it would break the link.
            if is_url and not _URL_TEXT.fullmatch(text):
                raise rule_error_at(
                    *path,
                    value=text,
                    rule="must be percent-encoded for the URL of a button",
                    remedy="Use invalid_text='fix', or Jinja's urlencode filter.",
                )
        return self


class Card(RequestModel):
    """One card of a carousel, counted from 0."""

    card_index: Annotated[int, between("template.components[carousel].cards[].card_index")]
    components: Annotated[list[Component], Field(min_length=1)]


class Language(RequestModel):
    """Language and region, for example ``en_US``; ``policy`` is always deterministic and may be left out."""

    code: LanguageCode
    policy: str | None = None


class TemplateContent(RequestModel):
    """A template and the values for its parameters."""

    name: TemplateName
    language: Language
    components: Annotated[list[Component], Field(max_length=14)] | None = None

    @field_validator("components")
    @classmethod
    def _check_body_length(
        cls, components: list[Component] | None
    ) -> list[Component] | None:
        """Check that the texts of a body leave room for the template's own words."""
        if components is None or len(components) == 1:
            return components
        for place, component in enumerate(components):
            length = sum(len(parameter.text) for parameter in component.texts)
            if component.kind == "body" and length > MAX_BODY_WITH_OTHER_COMPONENTS:
                raise rule_error_at(
                    place,
                    value=component,
                    rule=f"must have at most {MAX_BODY_WITH_OTHER_COMPONENTS} characters beside other components",
                    got=f"{length} characters in its parameters",
                    remedy="Shorten them.",
                )
        return components
