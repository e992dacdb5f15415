"""
What Meta rejects when a template is sent.

https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_whatsapp.models.templates import TemplateStatus
from airflow_provider_whatsapp.sandbox.aliases import Json
from airflow_provider_whatsapp.sandbox.graph.errors import (
    MetaError,
    invalid_parameter,
    messaging_error,
    missing_parameter,
)
from airflow_provider_whatsapp.sandbox.templates.parameters import (
    ParameterRules,
    mismatch,
    validate_button_parameters,
    validate_offer,
)
from airflow_provider_whatsapp.sandbox.templates.store import StoredTemplate

if TYPE_CHECKING:
    from airflow_provider_whatsapp.sandbox.state import Sandbox

COMPONENT_TYPES = (
    "header",
    "body",
    "button",
    "carousel",
    "limited_time_offer",
    "order_status",
    "tap_target_configuration",
)
CARD_COMPONENT_TYPES = ("header", "body", "button")


def validate_template_message(sandbox: Sandbox, content: Json, *, has_wa_id: bool) -> None:
    """
    Reject a message whose template cannot be sent, or whose parameters do not fit the template.

    :param has_wa_id: whether the recipient is known by a phone number.
    """
    name, language = read_name_and_language(content)
    template = find_approved(sandbox, name, language)
    # A code must reach the person whose number it verifies.
    if template.category == "AUTHENTICATION" and not has_wa_id:
        raise messaging_error(
            131062,
            "Recipient must be a phone number",
            "A user id takes no authentication template",
        )
    # From here on only the parameters can be wrong.
    rules = ParameterRules(
        is_named=template.parameter_format == "NAMED", media=sandbox.media
    )
    # As they are read back: the buttons of authentication templates are others than those sent.
    definition = _by_type(template.read_back())
    given = GivenComponents.read(
        content.get("components") or [],
        allowed=COMPONENT_TYPES,
        path="template.components",
    )
    validate_shared(rules, definition, given)
    validate_offer(
        definition.get("limited_time_offer"), given.get_parameters("limited_time_offer")
    )
    validate_cards(rules, definition.get("carousel"), given.find("carousel"))


@dataclass(frozen=True)
class GivenComponents:
    """The components of a message, or those of one of its cards."""

    items: list[Json]

    @classmethod
    def read(
        cls, components: object, *, allowed: tuple[str, ...], path: str
    ) -> GivenComponents:
        """Read an array of components; ``allowed`` are their types, in lower case."""
        if not isinstance(components, list):
            raise invalid_parameter(f"Param {path} must be an array")
        for component in components:
            component_type = None
            if isinstance(component, dict):
                component_type = component.get("type")
            if not isinstance(component_type, str) or component_type.lower() not in allowed:
                raise invalid_parameter(
                    f"Param {path}[].type must be one of {{{', '.join(allowed)}}}"
                )
        return cls(components)

    def find_all(self, component_type: str) -> list[Json]:
        """Return the components of a type."""
        return [
            component
            for component in self.items
            if component["type"].lower() == component_type
        ]

    def find(self, component_type: str) -> Json:
        """Return the component of a type, of which there may be only one; empty if there is none."""
        found = self.find_all(component_type)
        if len(found) > 1:
            raise invalid_parameter(
                f"template.components has more than one {component_type}"
            )
        return next(iter(found), {})

    def get_parameters(self, component_type: str) -> list[Json]:
        """Return the parameters for the component of a type."""
        parameters = self.find(component_type).get("parameters") or []
        if not _is_list_of_objects(parameters):
            raise invalid_parameter(
                f"The parameters of the {component_type} must be an array of objects"
            )
        return list(parameters)


def validate_shared(
    rules: ParameterRules, definition: dict[str, Json], given: GivenComponents
) -> None:
    """Reject parameters of header, body and buttons, which both templates and cards have."""
    rules.validate_header(definition.get("header"), given.get_parameters("header"))
    rules.validate_body(
        definition.get("body"),
        given.get_parameters("body"),
        is_alone=len(definition) == 1,
    )
    buttons = definition.get("buttons", {})
    validate_button_parameters(buttons.get("buttons", []), given.find_all("button"))


def validate_cards(rules: ParameterRules, carousel: Json | None, given: Json) -> None:
    """Reject a message that does not give parameters for each card of the template, in any order."""
    cards = (carousel or {}).get("cards", [])
    given_cards = given.get("cards") or []
    if not _is_list_of_objects(given_cards):
        raise invalid_parameter(
            "Param template.components[carousel].cards must be an array of objects"
        )
    indexes = [str(card.get("card_index")) for card in given_cards]
    expected = [str(index) for index in range(len(cards))]
    # Each card exactly once; Meta shows them by index, not in the order of the message.
    if sorted(indexes) != expected:
        raise mismatch(
            "carousel",
            f"{len(cards)} cards, with card_index from 0 on",
            f"{len(given_cards)} cards",
        )
    for index, card in zip(indexes, given_cards, strict=True):
        definition = _by_type(cards[int(index)]["components"])
        components = GivenComponents.read(
            card.get("components") or [],
            allowed=CARD_COMPONENT_TYPES,
            path="cards[].components",
        )
        validate_shared(rules, definition, components)


def read_name_and_language(content: Json) -> tuple[str, str]:
    """Return name and language code of the template to send."""
    name = content.get("name")
    language = content.get("language")
    code = None
    if isinstance(language, dict):
        code = language.get("code")
    if not isinstance(name, str) or not name:
        raise missing_parameter("template.name is required")
    if not isinstance(code, str) or not code:
        raise missing_parameter("template.language.code is required")
    return name, code


def find_approved(sandbox: Sandbox, name: str, language: str) -> StoredTemplate:
    """Return the template to send. Meta treats one that is in review or rejected as absent."""
    for template in sandbox.templates.find_by_name(name, language):
        if template.status == TemplateStatus.APPROVED:
            return template
        if template.status == TemplateStatus.PAUSED:
            raise messaging_error(
                132015,
                "Template is paused",
                f"{name} ({language}) is paused for low quality",
            )
        if template.status == TemplateStatus.DISABLED:
            raise messaging_error(
                132016,
                "Template is disabled",
                f"{name} ({language}) is disabled permanently",
            )
    raise _not_found(name, language)


def _not_found(name: str, language: str) -> MetaError:
    return messaging_error(
        132001,
        "No such template in this language",
        f"No approved {name} in {language}",
        status=404,
    )


def _by_type(components: list[Json]) -> dict[str, Json]:
    return {component["type"].lower(): component for component in components}


def _is_list_of_objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)
