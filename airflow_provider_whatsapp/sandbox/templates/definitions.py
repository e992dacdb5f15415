"""
What Meta rejects when a template is created or edited.

https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates/components
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass

from airflow_provider_whatsapp.models.templates import TemplateStatus
from airflow_provider_whatsapp.sandbox.aliases import Json
from airflow_provider_whatsapp.sandbox.graph.errors import (
    MetaError,
    invalid_parameter,
    template_error,
)
from airflow_provider_whatsapp.sandbox.templates import text as template_text
from airflow_provider_whatsapp.sandbox.templates.store import StoredTemplate, Templates

CATEGORIES = ("AUTHENTICATION", "MARKETING", "UTILITY")
PARAMETER_FORMATS = ("POSITIONAL", "NAMED")
MAX_BUTTONS = 10

# Seconds in which Meta tries to deliver a message, from and to.
_TTL_BOUNDS = {
    "AUTHENTICATION": (30, 900),
    "UTILITY": (30, 43_200),
    "MARKETING": (43_200, 2_592_000),
}
_EDITABLE_STATUSES = (
    TemplateStatus.APPROVED,
    TemplateStatus.REJECTED,
    TemplateStatus.PAUSED,
)
_COMPONENT_TYPES = (
    "HEADER",
    "BODY",
    "FOOTER",
    "BUTTONS",
    "CAROUSEL",
    "LIMITED_TIME_OFFER",
    "CALL_PERMISSION_REQUEST",
)
_MEDIA_FORMATS = ("IMAGE", "VIDEO", "DOCUMENT")
_MAX_BUTTONS_OF_TYPE = {
    "URL": 2,
    "PHONE_NUMBER": 1,
    "COPY_CODE": 1,
    "QUICK_REPLY": 10,
    "OTP": 1,
}
_MAX_BUTTON_LENGTH = {"text": 25, "url": 2000, "phone_number": 20}
_REQUIRED_OF_BUTTON = {
    "URL": ("text", "url"),
    "PHONE_NUMBER": ("text", "phone_number"),
    "QUICK_REPLY": ("text",),
    "COPY_CODE": ("example",),
}


def read_new_template(body: Json, templates: Templates) -> Json:
    """Return the content of a template to create, or reject it."""
    for name in ("name", "language", "category", "components"):
        if name not in body:
            raise invalid_parameter(f"The parameter {name} is required")
    name = validate_name(body["name"])
    language = validate_language(body["language"])
    category = read_choice("category", body["category"], CATEGORIES)
    validate_is_new(name, language, category, templates)
    content = read_content(body, category=category)
    return {"name": name, "language": language, **content}


def read_changed_template(
    body: Json, template: StoredTemplate, templates: Templates
) -> Json:
    """Return the changed content of a template, or reject the change."""
    validate_is_editable(template, templates)
    category = read_choice("category", body.get("category", template.category), CATEGORIES)
    if template.status == TemplateStatus.APPROVED and category != template.category:
        raise template_error(
            None,
            "Category can't be changed",
            "The category of an approved template cannot be changed.",
        )
    # All rules are checked again: a new category can make old components invalid.
    current = {
        "components": template.components,
        "parameter_format": template.parameter_format,
        "message_send_ttl_seconds": template.message_send_ttl_seconds,
    }
    return read_content({**current, **body}, category=category)


def read_content(body: Json, *, category: str) -> Json:
    """Return what creating and editing have in common."""
    given_format = body.get("parameter_format") or "POSITIONAL"
    parameter_format = read_choice("parameter_format", given_format, PARAMETER_FORMATS)
    rules = ComponentRules(category=category, is_named=parameter_format == "NAMED")
    rules.validate_all(body["components"])
    return {
        "category": category,
        "parameter_format": parameter_format,
        "components": body["components"],
        "message_send_ttl_seconds": validate_ttl(
            body.get("message_send_ttl_seconds"), category
        ),
    }


def validate_name(name: object) -> str:
    """Return the name of a template."""
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9_]{1,512}", name, re.ASCII):
        raise template_error(
            2388046,
            "Name format is incorrect",
            "Template names have up to 512 lower-case letters, digits and underscores.",
            blame="name",
        )
    return name


def validate_language(language: object) -> str:
    """Return the language of a template."""
    # Only the format: Meta's list of languages grows.
    if not isinstance(language, str) or not re.fullmatch(
        r"[a-z]{2,3}(_[A-Z]{2,3})?", language, re.ASCII
    ):
        raise invalid_parameter(
            "Param language must be a supported language, for example en_US"
        )
    return language


def read_choice(field: str, value: object, allowed: tuple[str, ...]) -> str:
    """Return a value that must be one of those allowed, in upper case."""
    choice = ""
    if isinstance(value, str):
        choice = value.upper()
    if choice not in allowed:
        raise invalid_parameter(f"Param {field} must be one of {{{', '.join(allowed)}}}")
    return choice


def validate_ttl(seconds: object, category: str) -> int | None:
    """Return a time to live, whose bounds depend on the category. -1 stands for Meta's default."""
    if seconds is None:
        return None
    minimum, maximum = _TTL_BOUNDS[category]
    if isinstance(seconds, int) and (seconds == -1 or minimum <= seconds <= maximum):
        return seconds
    raise invalid_parameter(
        f"Param message_send_ttl_seconds must be {minimum} to {maximum} for {category}"
    )


def validate_is_new(name: str, language: str, category: str, templates: Templates) -> None:
    """Reject a name that is taken in this language, or that has another category in another one."""
    if templates.is_blocked(name, language):
        raise template_error(
            2388023,
            "This language is being deleted",
            f"Content in {language} cannot be added while the existing one is being deleted. "
            "Use another name, or try again in 4 weeks.",
        )
    if templates.find_by_name(name, language):
        raise template_error(
            2388024,
            "This language exists already",
            f"This template has {language} content already. Change that, or use another name.",
        )
    # Meta keeps one category for all languages of a name.
    for translation in templates.find_by_name(name):
        if translation.category != category:
            raise template_error(
                None,
                "Category does not match",
                f"The category {category} does not match {translation.category}, which this name already has.",
            )


def validate_is_editable(template: StoredTemplate, templates: Templates) -> None:
    """Reject a change in this status, and one too many of an approved template."""
    problem = None
    if template.status not in _EDITABLE_STATUSES:
        problem = f"A template that is {template.status} cannot be edited."
    elif template.status == TemplateStatus.APPROVED and not templates.can_be_edited(
        template
    ):
        problem = "An approved template can be edited once a day and ten times in 30 days."
    if problem:
        raise template_error(2388039, "Message template can't be changed", problem)


@dataclass(frozen=True, kw_only=True)
class ComponentRules:
    """
    The rules for the components of one template.

    :param is_named: whether variables have names instead of numbers.
    """

    category: str
    is_named: bool

    def validate_all(self, components: object) -> None:
        """Reject components that are malformed, present twice, or against a rule of their type."""
        if not isinstance(components, list) or not components:
            raise invalid_parameter("Param components must be a non-empty array")
        # Every template needs a body. A second component of a type would replace the first one.
        counts = Counter(read_component_type(component) for component in components)
        if counts["BODY"] != 1 or max(counts.values()) > 1:
            raise _missing("Each template has one BODY, and no component twice.")
        for component in components:
            self.validate_component(component)

    def validate_component(self, component: Json) -> None:
        """Reject a component that breaks a rule of its type."""
        component_type = read_component_type(component)
        # Meta itself writes body and footer of authentication templates.
        has_fixed_texts = self.category == "AUTHENTICATION"
        if component_type == "HEADER":
            self.validate_header(component)
        elif component_type == "BODY" and not has_fixed_texts:
            self.validate_body(component)
        elif component_type == "FOOTER" and not has_fixed_texts:
            validate_footer(component)
        elif component_type == "BUTTONS":
            validate_buttons(component.get("buttons"), category=self.category)
        elif component_type == "CAROUSEL":
            self.validate_cards(component.get("cards"))

    def validate_cards(self, cards: object) -> None:
        """Reject cards without components, and cards within cards."""
        if not isinstance(cards, list) or not 2 <= len(cards) <= 10:
            raise invalid_parameter("Param cards must be an array of 2 to 10 cards")
        # Meta offers cards for marketing only, so that category's rules apply to them.
        rules = ComponentRules(category="MARKETING", is_named=self.is_named)
        for card in cards:
            for component in read_card_components(card):
                if read_component_type(component) == "CAROUSEL":
                    raise invalid_parameter("A card has no cards of its own")
                rules.validate_component(component)

    def validate_header(self, header: Json) -> None:
        """Reject a header with an unknown format, without a sample, or with an invalid text."""
        header_format = str(header.get("format", "")).upper()
        if header_format in _MEDIA_FORMATS:
            validate_sample(header)
        elif header_format == "TEXT":
            self.validate_header_text(header)
        elif header_format != "LOCATION":
            raise invalid_parameter(
                "Param components[].format must be one of {TEXT, IMAGE, VIDEO, DOCUMENT, LOCATION}"
            )

    def validate_header_text(self, header: Json) -> None:
        """Reject formatting, and more than one variable."""
        title = "Message header format is incorrect"
        text = read_text(header, max_length=60)
        # The name of a variable may have an underscore, which is formatting everywhere else.
        plain = template_text.remove_variables(text)
        if re.search(r"[\n*~`]", plain) or template_text.count_emojis(plain):
            raise template_error(
                2388072,
                title,
                "A header has no line breaks, formatting characters, emojis or asterisks.",
            )
        names = self.read_variables(text, title=title)
        if len(names) > 1:
            raise template_error(2388047, title, "A header has at most one variable.")
        example = _read_example(header)
        self.validate_samples(
            names,
            positional=example.get("header_text"),
            named=example.get("header_text_named_params"),
        )

    def validate_body(self, body: Json) -> None:
        """Reject a body whose text or samples are invalid."""
        text = read_text(body, max_length=1024)
        names = self.read_variables(text, title="Message body format is incorrect")
        validate_body_text(text, names)
        example = _read_example(body)
        row = example.get("body_text")
        # Meta documents a list of lists, and also accepts the inner list alone.
        if isinstance(row, list) and row and isinstance(row[0], list):
            row = row[0]
        self.validate_samples(
            names,
            positional=row,
            named=example.get("body_text_named_params"),
        )

    def read_variables(self, text: str, *, title: str) -> list[str]:
        """Return the names of a text's variables, which must fit the parameter format."""
        names = template_text.find_variables(text)
        if self.is_named:
            is_valid = template_text.has_valid_names(names)
            rule = "lower-case names"
        else:
            is_valid = template_text.is_numbered_from_one(names)
            rule = "numbers from 1 on, without a gap"
        if not is_valid:
            raise template_error(2388072, title, f"Variables must be {rule}.")
        return names

    def validate_samples(
        self, names: list[str], *, positional: object, named: object
    ) -> None:
        """Reject a component that lacks the sample value of a variable, or has one too many."""
        if self.is_named:
            is_complete = sorted(_read_sample_names(named)) == sorted(names)
        else:
            samples = _as_list(positional)
            is_complete = len(samples) == len(names) and all(samples)
        if not is_complete:
            raise _missing("Give one sample value for each variable.")


def read_component_type(component: object) -> str:
    """Return the type of a component, in upper case."""
    component_type = _as_object(component).get("type")
    if (
        not isinstance(component_type, str)
        or component_type.upper() not in _COMPONENT_TYPES
    ):
        raise invalid_parameter(
            f"Param components[].type must be one of {{{', '.join(_COMPONENT_TYPES)}}}"
        )
    return component_type.upper()


def read_card_components(card: object) -> list[Json]:
    """Return the components of a card, which must have some."""
    components = _as_list(_as_object(card).get("components"))
    if not components:
        raise invalid_parameter("Each card needs components")
    return components


def validate_sample(header: Json) -> None:
    """Reject a media header without the handle of a sample file."""
    handles = _as_list(_read_example(header).get("header_handle"))
    handle = next(iter(handles), None)
    # People try the id of a media upload or a link first. Neither is a handle.
    if (
        not isinstance(handle, str)
        or not handle
        or handle.isdecimal()
        or handle.startswith("http")
    ):
        raise template_error(
            2388273,
            "Media sample is missing",
            "A media header needs the handle of an uploaded sample file.",
        )


def validate_body_text(text: str, names: list[str]) -> None:
    """Reject a text with too many line breaks, emojis or variables, or with variables in the wrong place."""
    has_too_much = re.search(r"\n{3}", text) or template_text.count_emojis(text) > 10
    if has_too_much or template_text.has_adjacent_variables(text):
        raise template_error(
            2388072,
            "Message body format is incorrect",
            "A body has no more than two line breaks in a row, ten emojis, and no variables side by side.",
        )
    if template_text.has_variable_at_edge(text):
        raise template_error(
            2388299,
            "Leading or trailing variables",
            "Variables cannot stand at the start or the end of the body.",
        )
    # Meta publishes no threshold. This one is lower than all that people have reported.
    if template_text.count_words(text) < len(names):
        raise template_error(
            2388293,
            "Too many variables",
            "The body has too many variables for its length.",
        )


def validate_footer(footer: Json) -> None:
    """Reject a footer with variables."""
    text = read_text(footer, max_length=60)
    if template_text.find_variables(text):
        raise template_error(
            2388073, "Message footer format is incorrect", "A footer has no variables."
        )


def read_text(component: Json, *, max_length: int) -> str:
    """Return the text of a component, which must have one; ``max_length`` is in characters."""
    text = component.get("text")
    component_type = component["type"].upper()
    if not isinstance(text, str) or not text.strip():
        raise _missing(f"A {component_type} component needs its text.")
    if len(text) > max_length:
        raise template_error(
            2388040,
            "Character limit exceeded",
            f"The {component_type} has more than {max_length} characters.",
        )
    return text


def validate_buttons(buttons: object, *, category: str) -> None:
    """Reject too many buttons, buttons in the wrong order, and incomplete ones."""
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= MAX_BUTTONS:
        raise invalid_parameter(
            f"Param buttons must be an array of 1 to {MAX_BUTTONS} buttons"
        )
    types = [read_button_type(button) for button in buttons]
    for button_type, count in Counter(types).items():
        limit = _MAX_BUTTONS_OF_TYPE.get(button_type, MAX_BUTTONS)
        if count > limit:
            raise invalid_parameter(
                f"A template has at most {limit} buttons of type {button_type}"
            )
    # Two groups are quick replies and others, in either order.
    groups = [
        is_reply
        for is_reply, _ in itertools.groupby(types, lambda one: one == "QUICK_REPLY")
    ]
    if len(groups) > 2:
        raise invalid_parameter(
            "Quick replies must stand together, not among other buttons"
        )
    if ("OTP" in types) != (category == "AUTHENTICATION"):
        raise invalid_parameter(
            "OTP buttons belong to authentication templates, and these have no others"
        )
    for button_type, button in zip(types, buttons, strict=True):
        validate_button(button_type, button)


def read_button_type(button: object) -> str:
    """Return the type of a button, in upper case. Types that the sandbox does not know are allowed."""
    button_type = _as_object(button).get("type")
    if not isinstance(button_type, str):
        raise invalid_parameter("Each button needs a type")
    return button_type.upper()


def validate_button(button_type: str, button: Json) -> None:
    """Reject a button that lacks a field, or that has a text which is too long."""
    for field in _REQUIRED_OF_BUTTON.get(button_type, ()):
        if not button.get(field):
            raise _missing(f"A button of type {button_type} needs {field}.")
    for field, max_length in _MAX_BUTTON_LENGTH.items():
        text = button.get(field, "")
        if not isinstance(text, str):
            raise invalid_parameter(f"Param {field} of a button must be a string")
        if len(text) > max_length:
            raise template_error(
                2388040,
                "Character limit exceeded",
                f"The {field} of a button has more than {max_length} characters.",
            )
    if button_type == "URL":
        validate_button_url(button)


def validate_button_url(button: Json) -> None:
    """Reject a URL with more than one variable, one that is not at its end, and one without an example."""
    names = template_text.find_variables(button["url"])
    if not names:
        return
    # Meta appends the parameter to the URL.
    if len(names) > 1 or not button["url"].endswith("}}"):
        raise invalid_parameter(
            "The URL of a button has at most one variable, and that at its end"
        )
    if not button.get("example"):
        raise _missing("A URL with a variable needs a filled-in example.")


def _read_example(component: Json) -> Json:
    return _as_object(component.get("example"))


def _read_sample_names(params: object) -> list[str]:
    """Return the names of the variables that have a sample."""
    rows = [_as_object(row) for row in _as_list(params)]
    return [str(row.get("param_name")) for row in rows if row.get("example")]


def _as_object(value: object) -> Json:
    if isinstance(value, dict):
        return value
    return {}


def _as_list(value: object) -> list[Json]:
    if isinstance(value, list):
        return value
    return []


def _missing(message: str) -> MetaError:
    return template_error(2388043, "Component or example is missing", message)
