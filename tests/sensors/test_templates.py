from __future__ import annotations

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException, TaskDeferred

from airflow_provider_whatsapp.operators.templates import SyncTemplatesOperator
from airflow_provider_whatsapp.sensors.templates import TemplateApprovalSensor
from airflow_provider_whatsapp.triggers.templates import TemplateApprovalTrigger
from tests.builders import template_definition
from tests.threads import LIMIT


@pytest.fixture
def report(undecided_sandbox):
    """Two templates in review, as a sync reports them."""
    wanted = [template_definition("order_shipped"), template_definition("order_late")]
    return SyncTemplatesOperator(task_id="sync", templates=wanted).execute({})


@pytest.fixture
def set_status(undecided_sandbox, report):
    """Put one of the templates, or both, into a status."""

    def to(status, *, only=None, reason=None):
        for template in report["created"]:
            if only in (None, template["name"]):
                undecided_sandbox.set_template_status(
                    template_id=template["id"], status=status, reason=reason
                )

    return to


def sensor(**arguments):
    return TemplateApprovalSensor(
        task_id="wait", poke_interval=0.01, timeout=LIMIT, **arguments
    )


def test_all_approved_is_done(report, set_status):
    """The sensor is done when the last of its templates is approved."""
    wait = sensor(templates=report)
    set_status(status="APPROVED", only="order_shipped")
    assert wait.poke({}) is False
    set_status(status="APPROVED")
    assert wait.poke({}) is True


@pytest.mark.parametrize("status", ["PENDING", "IN_APPEAL", "PAUSED", "SOMETHING_NEW"])
def test_what_may_pass_by_itself_is_waited_for(set_status, status, logged):
    """A review, an appeal, a pause and a status that is not known all leave the sensor waiting, named in the log."""
    set_status(status=status)
    assert sensor(template_name="order_late").poke({}) is False
    assert f"order_late (en_US) is {status}" in logged()


@pytest.mark.parametrize(
    "status", ["REJECTED", "DISABLED", "PENDING_DELETION", "ARCHIVED", "LIMIT_EXCEEDED"]
)
def test_what_never_passes_by_itself_fails_at_once(set_status, status):
    """A template that only a person can fix fails the task without retries, with Meta's reason."""
    set_status(status=status, reason="INVALID_FORMAT")
    with pytest.raises(
        AirflowFailException, match=rf"order_late \(en_US\) is {status}, Meta's reason: "
    ):
        sensor(template_name="order_late").poke({})


def test_metas_reason_for_a_rejection_is_told(set_status):
    """The reason that Meta gives is part of the failure."""
    set_status(status="REJECTED", reason="TAG_CONTENT_MISMATCH")
    with pytest.raises(AirflowFailException, match="TAG_CONTENT_MISMATCH"):
        sensor(template_name="order_late").poke({})


def test_a_missing_template_fails_at_once(set_status):
    """A name that only begins like an existing one is missing, although the API's filter finds it."""
    set_status(status="APPROVED")
    with pytest.raises(AirflowFailException, match=r"order \(en_US\) does not exist"):
        sensor(template_name="order").poke({})


def test_another_language_is_another_template(set_status):
    """An approved template does not stand for the same name in another language."""
    set_status(status="APPROVED")
    with pytest.raises(AirflowFailException, match=r"order_late \(de\) does not exist"):
        sensor(template_name="order_late", language_code="de").poke({})


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({}, "template_name, templates: must have exactly one"),
        (
            {"template_name": "a", "templates": ["b"]},
            "template_name, templates: must have exactly one",
        ),
        ({"templates": []}, "templates: must be a list"),
        ({"templates": "a"}, "templates: must be a list"),
        ({"templates": ["Order"]}, r"templates\[0\]: must be 1 to 512 lower-case letters"),
        ({"templates": [7]}, r"templates\[0\]"),
        ({"template_name": "a", "language_code": "English"}, "language"),
    ],
    ids=str,
)
def test_bad_input_fails_before_any_poll(undecided_sandbox, polls, arguments, named):
    """Arguments that cannot work fail the task, and are never skipped over."""
    with pytest.raises(AirflowFailException, match=named):
        sensor(soft_fail=True, **arguments).execute({})
    assert polls() == 0


def test_a_review_is_deferred(report):
    """A deferrable sensor hands names and languages to the trigger."""
    with pytest.raises(TaskDeferred) as caught:
        sensor(
            templates=report, business_account_id="100000000000001", deferrable=True
        ).execute({})
    assert isinstance(caught.value.trigger, TemplateApprovalTrigger)
    assert caught.value.trigger.serialize()[1] == {
        "maton_conn_id": "maton_default",
        "business_account_id": "100000000000001",
        "templates": [["order_shipped", "en_US"], ["order_late", "en_US"]],
        "poll_interval": 0.01,
    }


def test_a_missing_account_is_told(report, connect):
    """Without a business account id, the argument and the field of the connection are named."""
    connect(extra={"business_account_id": None})
    with pytest.raises(
        AirflowFailException, match="business_account_id: must be an id of digits .got None"
    ):
        sensor(template_name="order_late").poke({})
