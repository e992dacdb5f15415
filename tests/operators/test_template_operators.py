import json

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_whatsapp.exceptions import OutcomeUnknownError, RateLimitedError
from airflow_provider_whatsapp.operators.templates import (
    CreateTemplateOperator,
    DeleteTemplateOperator,
)
from tests.builders import template_definition


def create(template, **arguments):
    return CreateTemplateOperator(task_id="create", template=template, **arguments)


def delete(**arguments):
    return DeleteTemplateOperator(task_id="delete", **arguments)


@pytest.fixture
def stored(sandbox):
    """Return a function that lists the account's templates as name and language."""

    def listed():
        found = sandbox.templates()
        return sorted(
            (node["name"], node["language"])
            for node in found
            if node["status"] != "DELETED"
        )

    return listed


@pytest.fixture
def made(sandbox):
    """Create two templates, one of them in two languages, and return their ids."""
    wanted = [
        template_definition("order_late"),
        template_definition("order_shipped"),
        template_definition(
            "order_shipped",
            language="de",
            text="Hallo {{1}}, Ihre Bestellung ist auf dem Weg.",
        ),
    ]
    ids = [create(template).execute({})["template_id"] for template in wanted]
    sandbox.state.requests.reset()
    return ids


def test_a_template_is_created_to_the_letter(sandbox, calls):
    """The definition arrives as it is, and id, status and category come back as small plain JSON."""
    result = create(template_definition()).execute({})
    (node,) = sandbox.templates()
    assert node["components"] == template_definition()["components"]
    assert result == {
        "template_id": node["id"],
        "name": "order_shipped",
        "language": "en_US",
        "status": "PENDING",
        "category": "UTILITY",
    }
    assert json.loads(json.dumps(result)) == result
    assert calls() == ["POST …/message_templates"]


def test_a_category_that_meta_changes_is_told(sandbox, caplog, capfd):
    """Where Meta puts a template into another category, the result says so and the log warns."""
    response = {"id": "4711", "status": "PENDING", "category": "MARKETING"}
    sandbox.fault(path="/message_templates$", status=200, body=response)
    assert create(template_definition()).execute({})["category"] == "MARKETING"
    log = caplog.text + "".join(capfd.readouterr())
    assert "Meta put order_shipped into the category MARKETING, not UTILITY" in log


@pytest.mark.parametrize("name", ["order.json", "order.yaml"])
def test_a_file_holds_one_definition(stored, tmp_path, name):
    """A file is read, JSON and YAML alike; its path is rendered."""
    (tmp_path / name).write_text(json.dumps(template_definition()))
    task = create("{{ folder }}/" + name)
    task.render_template_fields({"folder": str(tmp_path)})
    task.execute({})
    assert stored() == [("order_shipped", "en_US")]


def test_jinja_leaves_the_variables_of_a_definition_alone(stored):
    """{{1}} is WhatsApp's; the other arguments are rendered."""
    task = create(template_definition(), business_account_id="{{ account }}")
    task.render_template_fields({"account": "100000000000001"})
    assert (task.template, task.business_account_id) == (
        template_definition(),
        "100000000000001",
    )
    task.execute({})
    assert stored() == [("order_shipped", "en_US")]


def test_a_name_that_is_taken_fails_with_a_remedy(made, calls):
    """A second create is not an edit: the task fails at once and says what to do."""
    with pytest.raises(
        AirflowFailException,
        match="TemplateError: .*2388024.*edit it, or choose another name",
    ):
        create(template_definition()).execute({})
    assert calls() == ["POST …/message_templates"]


def test_a_lost_response_to_a_create_may_be_tried_again(sandbox, calls):
    """A template does no harm: the client does not repeat the call, but Airflow's retries may."""
    sandbox.fault(path="/message_templates$", behaviour="drop_after")
    with pytest.raises(OutcomeUnknownError, match="another attempt is harmless"):
        create(template_definition()).execute({})
    assert calls() == ["POST …/message_templates"]


@pytest.mark.parametrize(
    ("template", "named"),
    [
        (None, "template: must be a path or a"),
        ("", "template: must be a path or a"),
        ([], "template: must be a path or a"),
        ({}, 'template["name"]: must be present'),
        (
            {
                "name": "Order Shipped",
                "language": "en_US",
                "category": "UTILITY",
                "components": [],
            },
            'template["name"]: ',
        ),
    ],
    ids=["none", "empty", "list", "nothing in it", "name"],
)
def test_what_is_no_definition_fails_before_any_call(error_of, template, named):
    """An error about the definition names the field, and no call is made."""
    assert named in error_of(create(template))


def test_several_definitions_are_led_to_the_sync(error_of, tmp_path):
    """A file with more than one definition is for another operator."""
    (tmp_path / "two.json").write_text(
        json.dumps([template_definition("a_a"), template_definition("b_b")])
    )
    error = error_of(create(str(tmp_path / "two.json")))
    assert (
        "template: must be one definition (got 2). Use SyncTemplatesOperator for several"
        in error
    )


def test_a_name_alone_deletes_all_languages(made, stored, calls):
    """Without an id, the template is gone in each of its languages."""
    assert delete(template_name="order_shipped").execute({}) is None
    assert stored() == [("order_late", "en_US")]
    assert calls() == ["DELETE …/message_templates"]


def test_a_name_with_an_id_deletes_one_language(made, stored):
    """With its id, only this template is gone."""
    delete(template_name="order_shipped", template_id=made[2]).execute({})
    assert stored() == [("order_late", "en_US"), ("order_shipped", "en_US")]


def test_ids_delete_these(made, stored, calls):
    """A list of ids is deleted with one call."""
    delete(template_ids=[made[0], made[2]]).execute({})
    assert stored() == [("order_shipped", "en_US")]
    assert calls() == ["DELETE …/message_templates"]


MISSING = {
    "name": {"template_name": "never_made"},
    "name and id": {"template_name": "order_shipped", "template_id": "4711"},
    "ids": {"template_ids": ["4711"]},
}


@pytest.mark.parametrize("arguments", MISSING.values(), ids=MISSING)
def test_what_is_not_there_fails_the_task_without_retries(made, stored, arguments):
    """Deleting an unknown template is an error, except with ignore_if_missing."""
    with pytest.raises(AirflowFailException, match="no such template"):
        delete(**arguments).execute({})
    assert len(stored()) == 3


@pytest.mark.parametrize("arguments", MISSING.values(), ids=MISSING)
def test_what_is_not_there_can_be_ignored(made, stored, arguments):
    """With ignore_if_missing the task succeeds, and no other template is deleted."""
    delete(**arguments, ignore_if_missing=True).execute({})
    assert len(stored()) == 3


def test_ids_that_are_still_there_are_deleted_beside_missing_ones(made, stored):
    """Meta deletes all of a list or none: with ignore_if_missing, the task still deletes those that exist."""
    delete(template_ids=[made[0], "4711", made[2]], ignore_if_missing=True).execute({})
    assert stored() == [("order_shipped", "en_US")]


def test_what_waits_for_its_deletion_is_as_good_as_gone(sandbox, made):
    """Meta lists a deleted template for some time, and rejects a second delete."""
    sandbox.set_template_status(template_id=made[0], status="PENDING_DELETION")
    before = len(sandbox.requests())
    rejection = {
        "message": "Invalid parameter",
        "type": "OAuthException",
        "code": 100,
        "fbtrace_id": "A1",
    }
    sandbox.fault(
        path="/message_templates$", method="DELETE", status=400, body={"error": rejection}
    )
    delete(template_name="order_late", ignore_if_missing=True).execute({})
    # The rejected delete, and the listing that tells that the template is gone: no second delete.
    calls = [(call["method"], call["status"]) for call in sandbox.requests()[before:]]
    assert calls == [("DELETE", 400), ("GET", 200)]


def test_ignore_if_missing_hides_no_other_rejection(sandbox, made, stored):
    """A template that cannot be deleted fails the task with or without ignore_if_missing."""
    sandbox.set_template_status(template_id=made[0], status="DISABLED")
    with pytest.raises(AirflowFailException, match="disabled template cannot be deleted"):
        delete(template_name="order_late", ignore_if_missing=True).execute({})
    assert len(stored()) == 3


def test_ignore_if_missing_hides_no_wrong_account(made, stored):
    """An account that does not exist is not a template that does not."""
    with pytest.raises(AirflowFailException, match="NotFoundError: "):
        delete(
            template_name="order_late", business_account_id="4711", ignore_if_missing=True
        ).execute({})
    assert len(stored()) == 3


def test_a_rejection_that_may_pass_is_left_to_a_retry(sandbox, calls, monkeypatch):
    """A delete that was throttled says nothing of what is there, so that ignore_if_missing does not end it well."""
    monkeypatch.setattr("airflow_provider_whatsapp.client.http.retry.MAX_ATTEMPTS", 1)
    rejection = {
        "message": "(#80007) Too many calls",
        "type": "OAuthException",
        "code": 80007,
        "fbtrace_id": "A1",
    }
    sandbox.fault(
        path="/message_templates$", method="DELETE", status=400, body={"error": rejection}
    )
    with pytest.raises(RateLimitedError):
        delete(template_name="order_late", ignore_if_missing=True).execute({})
    assert calls() == ["DELETE …/message_templates"]


EITHER = "template_name, template_ids: must have exactly one of them set, and template_id only with the name"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({}, EITHER),
        ({"template_id": "4711"}, EITHER),
        ({"template_name": "order_late", "template_ids": ["4711"]}, EITHER),
        ({"template_id": "4711", "template_ids": ["4711"]}, EITHER),
        ({"template_name": "Order Late"}, "name: must be 1 to 512 lower-case letters"),
        (
            {"template_name": "order_late", "template_id": "47/11"},
            "template_id: must be an id of digits",
        ),
        (
            {"template_name": "order_late", "template_id": ""},
            "template_id: must be an id of digits",
        ),
        (
            {"template_ids": []},
            "template_ids: must be a list of 1 to 100 ids (got list, 0 items)",
        ),
        (
            {"template_ids": ["4711"] * 101},
            "template_ids: must be a list of 1 to 100 ids (got list, 101",
        ),
        (
            {"template_ids": "4711"},
            "template_ids: must be a list of 1 to 100 ids (got str, 4 characters)",
        ),
        ({"template_ids": ["4711", "x"]}, "template_ids[1]: must be an id of digits"),
        (
            {"template_name": "order_late", "business_account_id": "1/2"},
            "business_account_id: must be an id of",
        ),
    ],
    ids=lambda value: str(value)[:50],
)
@pytest.mark.parametrize("ignore", [False, True], ids=["strict", "ignoring"])
def test_a_wrong_argument_fails_before_any_call(error_of, arguments, named, ignore):
    """An error about an argument names the field, and no call is made."""
    assert named in error_of(delete(**arguments, ignore_if_missing=ignore))
