"""What the tests of the template sync share."""

from __future__ import annotations

import pytest

from airflow_provider_whatsapp.models.template_definitions import TemplateDefinition
from airflow_provider_whatsapp.models.templates import Template
from airflow_provider_whatsapp.templates.plan import plan

BODY = {"type": "BODY", "text": "All is well."}


@pytest.fixture(scope="session")
def define():
    """Return a function that makes a definition: a body, unless told otherwise."""

    def make(*components, **changes):
        written = {
            "name": "order",
            "language": "en",
            "category": "UTILITY",
            "components": list(components) or [BODY],
        }
        return TemplateDefinition.model_validate({**written, **changes})

    return make


@pytest.fixture(scope="session")
def read_back():
    """Return a function that makes the template which Meta keeps of a definition."""

    def make(definition, **changes):
        return Template.model_validate(
            {**definition.wire(), "id": "77", "status": "APPROVED", **changes}
        )

    return make


@pytest.fixture(scope="session")
def step(define, read_back):
    """Return a function that plans for one definition and what exists of it."""

    def make(**template):
        definition = define()
        (one,) = plan([definition], [read_back(definition, **template)])
        assert one.definition is definition
        assert (one.template_id, one.status) == ("77", template.get("status", "APPROVED"))
        return one

    return make
