from __future__ import annotations

import json

import pytest

from airflow_provider_whatsapp.exceptions import (
    BadRequestError,
    TemplateError,
    TransientError,
)
from airflow_provider_whatsapp.hooks.maton import MatonHook
from airflow_provider_whatsapp.models.templates import TemplateStatus
from airflow_provider_whatsapp.templates.apply import (
    StepResult,
    apply,
    raise_if_stuck,
    report,
    sync,
)
from airflow_provider_whatsapp.templates.plan import plan

OTHER_BODY = [{"type": "BODY", "text": "All is lost."}]


def result(step, **changes):
    """What came of a step, by default nothing new."""
    return StepResult(
        **{"step": step, "template_id": step.template_id, "status": step.status, **changes}
    )


def test_a_script_can_sync(sandbox, define):
    """Without Airflow, a client creates what is missing, edits what differs, and leaves the rest alone."""
    client = MatonHook().client
    first, second = define(), define(name="other")
    assert [one.step.action for one in sync(client, [first])] == ["create"]
    assert [one.step.action for one in sync(client, [first, second])] == ["leave", "create"]
    (edited, left) = sync(client, [define(*OTHER_BODY), second])
    assert (edited.step.action, left.step.action) == ("update", "leave")
    assert {template.id for template in client.templates.list()} == {
        edited.template_id,
        left.template_id,
    }


class FailingTemplates:
    """Rejects each change with the next of some errors."""

    def __init__(self, *errors):
        self.templates, self.errors = self, iter(errors)

    def create(self, definition, **_):
        raise next(self.errors)


def test_a_rejected_template_keeps_no_other_from_being_applied(define):
    """Each template that Meta rejects is a problem of its own."""
    client = FailingTemplates(
        TemplateError("no such word"), BadRequestError("no such field")
    )
    results = apply(client, plan([define(), define(name="other")], []))
    assert [
        "no such word." in one.rejection or "no such field." in one.rejection
        for one in results
    ] == [True, True]
    assert report(results) == {"created": [], "updated": [], "unchanged": [], "pending": []}
    with pytest.raises(
        TemplateError, match="no such word.*; other.*no such field"
    ) as caught:
        raise_if_stuck(results)
    assert caught.value.permanent


@pytest.mark.parametrize(
    "error",
    [TransientError("busy", permanent=False), BadRequestError("busy", permanent=False)],
)
def test_an_error_that_passes_ends_it(define, error):
    """An error that says nothing about the template is raised, so that the task is tried again."""
    with pytest.raises(type(error), match="busy"):
        apply(FailingTemplates(error), plan([define()], []))


def test_raise_if_stuck(step):
    """What could not be brought to its definition is named; a review in the way passes, the rest does not."""
    fine = [step(), step(status="PENDING"), step(components=OTHER_BODY)]
    later = step(status="PENDING", components=OTHER_BODY)
    blocked = step(status="DISABLED")
    assert raise_if_stuck(list(map(result, fine))) is None
    with pytest.raises(
        TemplateError, match=r"^order \(en\): BODY differs, and it is PENDING"
    ) as caught:
        raise_if_stuck(list(map(result, [*fine, later])))
    assert not caught.value.permanent
    with pytest.raises(
        TemplateError, match=r"it is PENDING.*; order \(en\): it is DISABLED"
    ) as caught:
        raise_if_stuck(list(map(result, [later, blocked])))
    assert caught.value.permanent


def test_report(define, read_back, step):
    """The report is plain JSON with the id and status that each template has in the end."""
    (create,) = plan([define(language="de")], [])
    created = result(create, template_id="5", status=TemplateStatus.APPROVED)
    assert (created.step.key, created.step.definition) == (
        ("order", "de"),
        create.definition,
    )
    updated = result(step(components=OTHER_BODY), status=TemplateStatus.PENDING)
    others = [
        result(step(status=status)) for status in ("SOMETHING_NEW", "PENDING", "DELETED")
    ]
    made = report([created, updated, *others])
    assert json.loads(json.dumps(made)) == {
        "created": [{"name": "order", "language": "de", "id": "5", "status": "APPROVED"}],
        "updated": [{"name": "order", "language": "en", "id": "77", "status": "PENDING"}],
        "unchanged": [
            {"name": "order", "language": "en", "id": "77", "status": "SOMETHING_NEW"}
        ],
        "pending": [{"name": "order", "language": "en", "id": "77", "status": "PENDING"}],
    }
