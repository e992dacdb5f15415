import json

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_whatsapp.exceptions import BadRequestError, TemplateError
from airflow_provider_whatsapp.operators.templates import SyncTemplatesOperator
from tests.builders import template_definition


def sync(templates):
    return SyncTemplatesOperator(task_id="sync", templates=templates).execute({})


def names(report):
    return {
        action: [template["name"] for template in templates]
        for action, templates in report.items()
    }


def changes(sandbox):
    return [call for call in sandbox.requests() if call["method"] != "GET"]


def test_a_second_run_changes_nothing(sandbox):
    """The second run finds equal templates and changes nothing."""
    wanted = [template_definition("order_shipped"), template_definition("order_late")]
    assert names(sync(wanted))["created"] == ["order_shipped", "order_late"]
    made = len(changes(sandbox))
    assert names(sync(wanted)) == {
        "created": [],
        "updated": [],
        "unchanged": ["order_shipped", "order_late"],
        "pending": [],
    }
    assert len(changes(sandbox)) == made


def test_what_differs_is_edited(sandbox):
    """A changed text of an approved template is edited in place, and its review begins anew."""
    (before,) = sync([template_definition()])["created"]
    (after,) = sync(
        [template_definition(text="Hello {{1}}, your order has arrived at last.")]
    )["updated"]
    assert after["id"] == before["id"]
    (stored,) = sandbox.templates()
    assert stored["components"][0]["text"] == "Hello {{1}}, your order has arrived at last."


def test_what_is_in_review_and_equal_is_pending(reviewing_sandbox):
    """A template that Meta has not decided on is reported as pending, with its status."""
    sync([template_definition()])
    report = sync([template_definition()])
    assert names(report)["pending"] == ["order_shipped"]
    assert report["pending"][0]["status"] == "PENDING"


def test_what_is_in_review_and_differs_is_tried_again_later(reviewing_sandbox):
    """Meta takes no edit during a review: the rest is done, and the task may be retried."""
    sync([template_definition()])
    changed = template_definition(text="Hello {{1}}, this is another text.")
    with pytest.raises(
        TemplateError, match=r"order_shipped \(en_US\): BODY differs.*no edit now"
    ) as caught:
        sync([changed, template_definition("order_late")])
    assert not caught.value.permanent
    stored = reviewing_sandbox.templates()
    assert {template["name"] for template in stored} == {"order_shipped", "order_late"}


def test_a_disabled_template_stops_the_task_but_not_the_others(sandbox):
    """A template that only a person can fix fails the task without retries, after all others are done."""
    (made,) = sync([template_definition()])["created"]
    sandbox.set_template_status(template_id=made["id"], status="DISABLED")
    with pytest.raises(AirflowFailException, match="it is DISABLED.*another name"):
        sync([template_definition(), template_definition("order_late")])
    stored = sandbox.templates()
    assert "order_late" in {template["name"] for template in stored}


def test_all_pages_are_compared(sandbox, connect):
    """A template beyond the first page of the listing is found and not created again."""
    connect(extra={"rate_limit_storage": "off"})
    wanted = [template_definition(f"order_{number}") for number in range(130)]
    sync(wanted)
    assert len(sync(wanted)["unchanged"]) == 130


def test_a_folder_of_yaml_and_json_is_read(sandbox, tmp_path):
    """Definitions are taken from all files of a folder, whichever of the formats they are in."""
    (tmp_path / "one.json").write_text(json.dumps(template_definition("order_shipped")))
    (tmp_path / "two.yaml").write_text(
        json.dumps([template_definition("order_late"), template_definition("order_lost")])
    )
    assert names(sync(str(tmp_path)))["created"] == [
        "order_shipped",
        "order_late",
        "order_lost",
    ]


def test_a_broken_file_is_named_and_nothing_is_sent(sandbox, tmp_path):
    """One wrong file stops the sync before the first call."""
    (tmp_path / "good.json").write_text(json.dumps(template_definition()))
    (tmp_path / "wrong.yaml").write_text(
        "name: order_late\nlanguage: en_US\ncomponents: []\n"
    )
    with pytest.raises(
        AirflowFailException, match=r"wrong.yaml: category: must be present"
    ):
        sync(str(tmp_path))
    assert sandbox.requests() == []


def test_a_rejected_template_names_metas_reason(sandbox):
    """A rule that only Meta checks fails the task with the title of Meta's subcode and a remedy."""
    with pytest.raises(AirflowFailException, match="2388299.*Put words before the first"):
        sync([template_definition(text="{{1}} has shipped.")])


def test_a_rejected_template_does_not_keep_the_others_from_being_synced(sandbox):
    """The task names the templates that Meta rejects at the end, after all others have been created."""
    with pytest.raises(AirflowFailException, match=r"order_bad \(en_US\): .*2388299"):
        sync(
            [
                template_definition("order_bad", text="{{1}} has shipped."),
                template_definition("order_good"),
            ]
        )
    stored = sandbox.templates()
    assert [template["name"] for template in stored] == ["order_good"]


def test_a_rejected_category_can_be_corrected(reviewing_sandbox):
    """A template that was rejected for its category is submitted again with the one that is defined now."""
    (made,) = sync([template_definition()])["created"]
    reviewing_sandbox.set_template_status(
        template_id=made["id"], status="REJECTED", reason="INCORRECT_CATEGORY"
    )
    assert names(sync([template_definition(category="MARKETING")]))["updated"] == [
        "order_shipped"
    ]
    (stored,) = reviewing_sandbox.templates()
    assert (stored["category"], stored["status"]) == ("MARKETING", "PENDING")


def rendered(templates):
    operator = SyncTemplatesOperator(task_id="sync", templates=templates)
    operator.render_template_fields({"folder": "invoices"})
    return operator.templates


def test_jinja_leaves_the_variables_of_templates_alone():
    """{{1}} and {{name}} in definitions are WhatsApp's: rendering a task does not touch them."""
    definitions = [
        template_definition(),
        template_definition("order_late", text="Hello {{customer}}, we are sorry."),
    ]
    assert rendered(definitions) == [
        template_definition(),
        template_definition("order_late", text="Hello {{customer}}, we are sorry."),
    ]


def test_a_path_is_rendered():
    """The path of a folder can come from Jinja."""
    assert rendered("/templates/{{ folder }}") == "/templates/invoices"


@pytest.mark.parametrize("templates", [None, 5, "", {"name": "a"}], ids=str)
def test_what_is_neither_a_path_nor_a_list_is_named(sandbox, templates):
    """Definitions of the wrong kind fail the task without retries, by the name of the argument."""
    with pytest.raises(AirflowFailException, match="templates: must be a path or a"):
        sync(templates)


def test_a_rejection_that_may_pass_leaves_the_retries_to_airflow(sandbox):
    """A create whose response is success: false is not taken for a final rejection."""
    sandbox.fault(
        path="/message_templates$", method="POST", status=200, body={"success": False}
    )
    with pytest.raises(BadRequestError, match="success: false"):
        sync([template_definition()])
