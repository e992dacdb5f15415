from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.models.templates import TemplateStatus
from airflow_provider_whatsapp.templates.apply import StepResult, report
from airflow_provider_whatsapp.templates.plan import Action, plan

OTHER_BODY = [{"type": "BODY", "text": "All is lost."}]
STATUSES = [*(status.value for status in TemplateStatus), "SOMETHING_NEW"]


def test_create(define, read_back):
    """What does not exist in this name and language is created."""
    others = [read_back(define(name="other")), read_back(define(language="de"))]
    (one,) = plan([define()], others)
    assert (one.action, one.template_id, one.status, one.reason) == (Action.CREATE, "", "PENDING", "")


@pytest.mark.parametrize(
    ("status", "equal", "differing"),
    [
        ("APPROVED", Action.LEAVE, Action.UPDATE),
        ("REJECTED", Action.LEAVE, Action.UPDATE),
        ("PAUSED", Action.LEAVE, Action.UPDATE),
        ("SOMETHING_NEW", Action.LEAVE, Action.UPDATE),
        ("PENDING", Action.WAIT, Action.RETRY_LATER),
        ("IN_APPEAL", Action.WAIT, Action.RETRY_LATER),
        ("DISABLED", Action.BLOCKED, Action.BLOCKED),
        ("PENDING_DELETION", Action.BLOCKED, Action.BLOCKED),
        ("DELETED", Action.BLOCKED, Action.BLOCKED),
        ("LIMIT_EXCEEDED", Action.BLOCKED, Action.BLOCKED),
        ("ARCHIVED", Action.BLOCKED, Action.BLOCKED),
    ],
    ids=lambda value: value if value in STATUSES else "",
)
def test_action_for_status(step, status, equal, differing):
    """The action follows from the status and from whether anything differs."""
    assert step(status=status).action is equal
    assert step(status=status, components=OTHER_BODY).action is differing


def test_reasons(step):
    """A step that is not plain says why, with the names of what differs and what to do."""
    assert step().reason == ""
    assert step(status="PENDING").reason == ""
    assert step(components=OTHER_BODY).reason == "BODY differs"
    assert step(status="PENDING", components=OTHER_BODY).reason == (
        "BODY differs, and it is PENDING: Meta takes no edit now; try again later"
    )
    assert step(status="ARCHIVED").reason.endswith("; un-archive it in WhatsApp Manager")
    assert step(status="DELETED").reason == "it is DELETED and cannot be edited; define it under another name"


def test_the_kind_of_parameters_is_not_edited(step):
    """Meta changes no parameter_format, so a template that has another one needs another name."""
    blocked = step(components=OTHER_BODY, parameter_format="NAMED")
    assert blocked.action is Action.BLOCKED
    assert "parameter_format differs" in blocked.reason


def test_a_rejected_template_may_get_another_category(step):
    """A template that was rejected for its category is edited, category included."""
    corrected = step(status="REJECTED", category="MARKETING")
    assert (corrected.action, corrected.changes_category) == (Action.UPDATE, True)
    assert not step(components=OTHER_BODY).changes_category


def test_category_is_told_and_left(step):
    """The plan reports a category that Meta has changed, and edits it only in a rejected template."""
    moved = step(category="MARKETING")
    assert (moved.action, moved.reason) == (Action.LEAVE, "Meta has it as MARKETING, the definition says UTILITY")
    assert step(category=None).reason == ""


KEYS = st.tuples(st.sampled_from(["a", "b", "c", "d"]), st.sampled_from(["en", "de"]))


@given(
    st.lists(KEYS, unique=True),
    st.dictionaries(KEYS, st.tuples(st.sampled_from(STATUSES), st.booleans())),
)
def test_each_definition_once(define, read_back, wanted, found):
    """Each definition has one step, in order, and the report has each template once that is not stuck."""
    definitions = [define(name=name, language=language) for name, language in wanted]
    existing = [
        read_back(
            define(name=name, language=language), status=status, **({"components": OTHER_BODY} if differs else {})
        )
        for (name, language), (status, differs) in found.items()
    ]
    steps = plan(definitions, existing)
    assert [one.key for one in steps] == wanted
    assert [one.definition for one in steps] == definitions
    results = [StepResult(step=one, template_id="77", status=one.status) for one in steps]
    reported = [(entry["name"], entry["language"]) for entries in report(results).values() for entry in entries]
    stuck = [one.key for one in steps if one.action in (Action.BLOCKED, Action.RETRY_LATER)]
    assert sorted(reported + stuck) == sorted(wanted)
