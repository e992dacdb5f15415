from __future__ import annotations

import json

import pytest

from airflow_provider_whatsapp.models.templates import CreatedTemplate, Template

DAY = 24 * 3600
NEW_BODY = {"type": "BODY", "text": "All is well again."}


def status(client, template_id):
    return client.get(f"{client.graph}/{template_id}?fields=status").json()["status"]


def test_approved_after_a_while(client, clock):
    """A template is PENDING at first and APPROVED once the review is over."""
    created = CreatedTemplate.model_validate(client.create().json())
    assert (created.status, created.category) == ("PENDING", "UTILITY")
    clock.tick(2.9)
    assert status(client, created.id) == "PENDING"
    clock.tick(0.1)
    assert status(client, created.id) == "APPROVED"


def test_rejected_by_name(client, clock):
    """A template with 'reject' in its name is REJECTED, with a reason."""
    template_id = client.create(name="please_reject_this").json()["id"]
    clock.tick(3)
    read = client.get(f"{client.graph}/{template_id}?fields=status,rejected_reason").json()
    assert read == {
        "status": "REJECTED",
        "rejected_reason": "INVALID_FORMAT",
        "id": template_id,
    }


@pytest.mark.parametrize(
    "expected", ["APPROVED", "REJECTED", "PAUSED", "DISABLED", "PENDING", "IN_APPEAL"]
)
def test_set_status_lasts(client, clock, expected):
    """A status that a test sets never changes by itself."""
    template_id = client.create().json()["id"]
    client.set_template_status(template_id, expected)
    clock.tick(DAY)
    assert status(client, template_id) == expected


def test_rejection_has_reason(client):
    """A rejection has the reason that the test gives, or a default one. Other statuses have none."""
    path = f"/sandbox/templates/{client.create().json()['id']}/status"
    reasons = [
        client.post(path, json=change).json()["rejected_reason"]
        for change in (
            {"status": "REJECTED", "reason": "SCAM"},
            {"status": "REJECTED"},
            {"status": "APPROVED"},
        )
    ]
    assert reasons == ["SCAM", "INVALID_FORMAT", "NONE"]


def test_invalid_status_change(client):
    """An unknown template is a 404, and an invalid status is a 422."""
    assert client.set_template_status("1", "APPROVED").status_code == 404
    path = f"/sandbox/templates/{client.create().json()['id']}/status"
    assert client.post(path, json={"state": "APPROVED"}).status_code == 422


def test_read_back_is_normalised(client):
    """Components are read back in upper case, with defaults, and with a link instead of the media handle."""
    created = client.create_with(
        {"type": "header", "format": "image", "example": {"header_handle": ["4::aW1hZ2U="]}},
        {"type": "body", "text": "Look at {{1}} now.", "example": {"body_text": [["it"]]}},
        {"type": "buttons", "buttons": [{"type": "url", "text": "Go", "url": "https://a.b/{{1}}", "example": "https://a.b/c"}]},
        category="utility",
    )  # fmt: skip
    read = Template.model_validate(
        client.get(f"{client.graph}/{created.json()['id']}").json()
    )
    header, body, buttons = read.components
    assert (read.category, read.parameter_format) == ("UTILITY", "POSITIONAL")
    assert (header["type"], header["format"], body["type"]) == ("HEADER", "IMAGE", "BODY")
    assert header["example"]["header_handle"][0].startswith(
        "https://scontent.whatsapp.net/"
    )
    assert buttons["buttons"][0] == {
        "type": "URL",
        "text": "Go",
        "url": "https://a.b/{{1}}",
        "example": ["https://a.b/c"],
    }


def test_carousel_is_normalised(client):
    """The cards of a carousel are read back in the same way."""
    card = {
        "components": [
            {"type": "header", "format": "image", "example": {"header_handle": ["4::a"]}}
        ]
    }
    created = client.create_with(
        {"type": "body", "text": "Choose."}, {"type": "carousel", "cards": [card, card]}
    )
    cards = client.get(f"{client.graph}/{created.json()['id']}").json()["components"][1][
        "cards"
    ]
    assert [part["type"] for part in cards[0]["components"]] == ["HEADER"]


def test_authentication_template(client):
    """Meta writes the texts of an authentication template itself."""
    created = client.create_with(
        {"type": "BODY", "add_security_recommendation": True},
        {"type": "FOOTER", "code_expiration_minutes": 5},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]},
        category="AUTHENTICATION",
    )
    body, footer, buttons = client.get(f"{client.graph}/{created.json()['id']}").json()[
        "components"
    ]
    assert "{{1}}" in body["text"]
    assert "do not share" in body["text"]
    assert "5 minutes" in footer["text"]
    assert buttons["buttons"][0]["type"] == "URL"


def test_plain_authentication_template(client):
    """Without options an authentication template has the code only, and a footer keeps its text."""
    created = client.create_with(
        {"type": "BODY"},
        {"type": "FOOTER", "text": "Bye"},
        {
            "type": "BUTTONS",
            "buttons": [
                {"type": "OTP", "text": "Copy"},
                {"type": "QUICK_REPLY", "text": "No"},
            ],
        },
        category="AUTHENTICATION",
    )
    body, footer, buttons = client.get(f"{client.graph}/{created.json()['id']}").json()[
        "components"
    ]
    assert "share" not in body["text"]
    assert footer["text"] == "Bye"
    assert [button["text"] for button in buttons["buttons"]] == ["Copy", "No"]


def test_list_fields(client):
    """A list shows the default fields, or those that the call asks for with the id."""
    client.create()
    (read,) = client.get(client.templates_path).json()["data"]
    assert set(read) == {
        "name",
        "parameter_format",
        "components",
        "language",
        "status",
        "category",
        "id",
    }
    (read,) = client.get(f"{client.templates_path}?fields=name,quality_score").json()[
        "data"
    ]
    assert set(read) == {"name", "quality_score", "id"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name=task_failed", ["task_failed", "task_failed_v2", "task_failed"]),
        ("name=task_failed&language=de", ["task_failed"]),
        ("name=_v2", ["task_failed_v2"]),
        ("status=APPROVED", ["task_failed_v2"]),
        ("category=MARKETING", ["news"]),
        ("status=REJECTED", []),
    ],
)
def test_filters(client, query, found):
    """The list can be filtered, and a name may match anywhere in the names."""
    client.create()
    client.approve(client.create(name="task_failed_v2"))
    client.create(language="de")
    client.create(name="news", category="MARKETING")
    assert [
        read["name"]
        for read in client.get(f"{client.templates_path}?{query}").json()["data"]
    ] == found


def test_edit_begins_another_review(client, clock):
    """An edited template has the new content, is PENDING, and is reviewed again."""
    template_id = client.approve(client.create())
    path = f"{client.graph}/{template_id}"
    response = client.post(path, json={"components": [NEW_BODY]}).json()
    assert response == {
        "success": True,
        "id": template_id,
        "name": "task_failed",
        "category": "UTILITY",
    }
    read = client.get(path).json()
    assert (read["status"], read["components"]) == ("PENDING", [NEW_BODY])
    clock.tick(3)
    assert status(client, template_id) == "APPROVED"


@pytest.mark.parametrize("current", ["PENDING", "IN_APPEAL", "DISABLED"])
def test_not_editable(client, read_meta_error, current):
    """A template that is in review or disabled can't be edited."""
    template_id = client.create().json()["id"]
    client.set_template_status(template_id, current)
    response = client.post(f"{client.graph}/{template_id}", json={"components": [NEW_BODY]})
    assert read_meta_error(response) == (400, 100, 2388039)


def test_category_of_approved_template_is_fixed(client, read_meta_error):
    """The category can be edited of a rejected template, but not of an approved one."""
    template_id = client.create().json()["id"]
    path = f"{client.graph}/{template_id}"
    client.set_template_status(template_id, "APPROVED")
    assert read_meta_error(client.post(path, json={"category": "MARKETING"}))[:2] == (
        400,
        100,
    )
    client.set_template_status(template_id, "REJECTED")
    assert client.post(path, json={"category": "MARKETING"}).status_code == 200
    assert client.get(path).json()["category"] == "MARKETING"


def test_edit_is_checked(client, read_meta_error):
    """New content must follow the rules, and an edit must have some."""
    path = f"{client.graph}/{client.approve(client.create())}"
    assert (
        read_meta_error(
            client.post(path, json={"components": [{"type": "BODY", "text": "{{1}}"}]})
        )[1]
        == 100
    )
    assert read_meta_error(client.post(path, json={})) == (400, 100, None)
    assert client.get(path).json()["status"] == "APPROVED"


def test_edits_of_approved_template_are_rationed(client, clock, read_meta_error):
    """An approved template can be edited once a day and ten times in thirty days; a rejected one at will."""
    template_id = client.approve(client.create())
    path = f"{client.graph}/{template_id}"
    edit = {"components": [NEW_BODY]}
    for _ in range(10):
        assert client.post(path, json=edit).status_code == 200
        client.set_template_status(template_id, "APPROVED")
        assert read_meta_error(client.post(path, json=edit)) == (400, 100, 2388039)
        clock.tick(DAY)
    assert read_meta_error(client.post(path, json=edit)) == (400, 100, 2388039)
    client.set_template_status(template_id, "REJECTED")
    assert client.post(path, json=edit).status_code == 200
    client.set_template_status(template_id, "APPROVED")
    clock.tick(30 * DAY)
    assert client.post(path, json=edit).status_code == 200


def test_delete_by_name(client):
    """A name is deleted in all its languages, and only exactly that name."""
    client.create()
    client.create(language="de")
    client.create(name="task_failed_v2")
    assert client.delete(f"{client.templates_path}?name=task_failed").json() == {
        "success": True
    }
    assert [read["name"] for read in client.get("/sandbox/templates").json()] == [
        "task_failed_v2"
    ]


def test_delete_one(client):
    """With the id as well, one language is deleted."""
    template_id = client.create().json()["id"]
    client.create(language="de")
    client.delete(
        client.templates_path, params={"name": "task_failed", "hsm_id": template_id}
    )
    assert [read["language"] for read in client.get("/sandbox/templates").json()] == ["de"]


def test_delete_many(client, read_meta_error):
    """A call that deletes by ids deletes all of them or none."""
    ids = [client.create(name=name).json()["id"] for name in ("a", "b", "c")]
    too_many = client.delete(
        client.templates_path, params={"hsm_ids": json.dumps([ids[0], "1"])}
    )
    assert read_meta_error(too_many)[:2] == (400, 100)
    assert len(client.get("/sandbox/templates").json()) == 3
    client.delete(client.templates_path, params={"hsm_ids": json.dumps([*ids[:2], ids[0]])})
    assert [read["name"] for read in client.get("/sandbox/templates").json()] == ["c"]


@pytest.mark.parametrize(
    "query",
    ["", "name=nothing", "name=task_failed&hsm_id=1", "hsm_id=1", "hsm_ids=[]", "hsm_ids=1", "hsm_ids=x",
     f"hsm_ids={json.dumps(['1'] * 101)}"],
    ids=lambda query: query[:30],
)  # fmt: skip
def test_delete_is_checked(client, read_meta_error, query):
    """A deletion without a name is rejected, and so is one with too many ids."""
    client.create()
    assert read_meta_error(client.delete(f"{client.templates_path}?{query}"))[:2] == (
        400,
        100,
    )
    assert len(client.get("/sandbox/templates").json()) == 1


def test_disabled_template_stays(client, read_meta_error):
    """A disabled template can't be deleted."""
    client.set_template_status(client.create().json()["id"], "DISABLED")
    assert read_meta_error(client.delete(f"{client.templates_path}?name=task_failed"))[
        :2
    ] == (
        400,
        100,
    )


def test_name_of_deleted_template_is_blocked(client, clock, read_meta_error):
    """The name of a template that was ever approved can't be used for 30 days, in that language."""
    client.approve(client.create())
    client.delete(f"{client.templates_path}?name=task_failed")
    assert read_meta_error(client.create()) == (400, 100, 2388023)
    assert client.create(language="de").status_code == 200
    clock.tick(30 * DAY)
    assert client.create().status_code == 200


def test_name_of_rejected_template_is_free(client):
    """A rejected template can be deleted and created again at once."""
    client.set_template_status(client.create().json()["id"], "REJECTED")
    client.delete(f"{client.templates_path}?name=task_failed")
    assert client.create().status_code == 200
