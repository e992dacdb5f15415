from __future__ import annotations

import pytest
from pydantic import ValidationError

from airflow_provider_whatsapp.models.base import Success
from airflow_provider_whatsapp.models.ids import LanguageCode, TemplateName
from airflow_provider_whatsapp.models.templates import (
    CreatedTemplate,
    Template,
    TemplateStatus,
)
from airflow_provider_whatsapp.models.validation import describe, validate


@pytest.mark.parametrize(
    "name",
    ["a", "order_1_shipped", "9", "_", "x" * 512],
    ids=["a", "usual", "digit", "_", "longest"],
)
def test_names_taken(name):
    """Lower-case letters, digits and underscores make a template name."""
    assert validate(TemplateName, name) == name


@pytest.mark.parametrize(
    "name",
    [
        "Order_Shipped",
        "order-shipped",
        "order shipped",
        "",
        "x" * 513,
        "grüße",
        "order\n",
        "a/b",
    ],
    ids=[
        "capitals",
        "hyphen",
        "space",
        "empty",
        "too long",
        "umlaut",
        "line break",
        "slash",
    ],
)
def test_invalid_names(invalid, name):
    """The error about any other name has rule and remedy, and not the name."""
    assert invalid(validate, TemplateName, name, field="template_name") == (
        "template_name: must be 1 to 512 lower-case letters, digits and underscores "
        f"(got {describe(name)}). Write it in lower case, with _ for everything else."
    )


@pytest.mark.parametrize("code", ["en", "en_US", "fil", "zh_CN"])
def test_languages_taken(code):
    """A language code has a language, and a region where one is needed."""
    assert validate(LanguageCode, code) == code


@pytest.mark.parametrize("code", ["en-US", "EN", "english", "en_us", "", "en_US\n"])
def test_invalid_languages(invalid, code):
    """The error about another spelling of a language has an example."""
    message = invalid(validate, LanguageCode, code, field="language_code")
    assert message.startswith(
        "language_code: must be a language code such as en or en_US (got str, "
    )
    assert message.endswith("). Use a code of Meta's list of template languages.")


IN_REVIEW = {"PENDING", "IN_APPEAL"}
NEED_A_PERSON = {
    "REJECTED",
    "DISABLED",
    "PENDING_DELETION",
    "DELETED",
    "LIMIT_EXCEEDED",
    "ARCHIVED",
}


@pytest.mark.parametrize("status", [*TemplateStatus, "SOMETHING_NEW"])
def test_what_a_status_means(status):
    """A status is in review, or needs a person, or neither; a new one is neither."""
    status = TemplateStatus(status)
    assert status.is_in_review == (status.value in IN_REVIEW)
    assert status.needs_a_person == (status.value in NEED_A_PERSON)


def test_template_with_all_fields():
    """A template is known by name and language."""
    template = Template.model_validate(
        {
            "id": "1",
            "name": "order",
            "language": "en_US",
            "status": "APPROVED",
            "category": "UTILITY",
            "components": [{"type": "BODY", "text": "Hello"}],
            "quality_score": {"score": "GREEN"},
        }
    )
    assert template.key == ("order", "en_US")
    assert str(template.key) == "order (en_US)"
    assert template.status is TemplateStatus.APPROVED


@pytest.mark.parametrize(
    "body", [{"id": "1"}, {"id": "1", "components": None}], ids=["absent", "null"]
)
def test_template_with_an_id_only(body):
    """A template of which only the id was asked for has no components and an unknown status."""
    template = Template.model_validate(body)
    assert (template.components, template.status, template.key) == ([], "UNKNOWN", ("", ""))
    assert not template.status.is_in_review
    assert not template.status.needs_a_person


def test_created():
    """A new template is PENDING unless Meta says otherwise, and may come back in another category."""
    created = CreatedTemplate.model_validate({"id": "1", "category": "MARKETING"})
    assert (created.status, created.category) == (TemplateStatus.PENDING, "MARKETING")
    assert (
        CreatedTemplate.model_validate({"id": "1", "status": "APPROVED"}).status
        is TemplateStatus.APPROVED
    )


@pytest.mark.parametrize(
    "answer", [{}, {"success": False}, {"success": None}, {"error": "no"}], ids=str
)
def test_only_a_success_is_one(answer):
    """An answer that does not say success: true is not taken for one."""
    assert Success.model_validate({"success": True}).success
    with pytest.raises(ValidationError):
        Success.model_validate(answer)
