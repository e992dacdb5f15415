from __future__ import annotations

import json

import pytest

from airflow_provider_whatsapp.client.resources.templates import FIELDS, Templates
from airflow_provider_whatsapp.exceptions import (
    InvalidRequestError,
    OutcomeUnknownError,
    TemplateError,
    TransientError,
)
from airflow_provider_whatsapp.models.template_definitions import TemplateDefinition
from airflow_provider_whatsapp.models.templates import TemplateStatus

WABA = "102290129340398"


@pytest.fixture
def written():
    """A template as its author writes it."""
    body = {
        "type": "body",
        "text": "The task {{1}} has failed.",
        "example": {"body_text": [["load"]]},
    }
    data = {
        "name": "task_failed",
        "language": "en_US",
        "category": "utility",
        "components": [body],
    }
    return TemplateDefinition.model_validate({**data, "message_send_ttl_seconds": 600})


def test_list(api, response):
    """All pages are read by their cursors; the address of the next page, with a token in it, never is."""
    carrier = api(response(200, "templates_page_1"), response(200, "templates_page_2"))
    found = list(Templates(carrier).list(page_size=2))
    assert [template.id for template in found] == [
        "594425479261596",
        "594425479261597",
        "594425479261598",
    ]
    assert found[2].status == "SOMETHING_NEW"
    url = f"https://gateway.maton.ai/whatsapp-business/v25.0/{WABA}/message_templates"
    assert [request.url for request in carrier.transport.requests] == [url, url]
    first, second = [request.params for request in carrier.transport.requests]
    assert first == {"fields": ",".join(FIELDS), "limit": 2}
    assert second == {**first, "after": "MjQZD"}


def test_list_of_a_name(api, response):
    """A name finds its own languages only, although the API also finds longer names."""
    carrier = api(response(200, "templates_page_1"), response(200, "templates_page_2"))
    found = Templates(carrier).list(
        name="task_failed", fields=["name", "language"], business_account_id="7"
    )
    assert [str(template.key) for template in found] == [
        "task_failed (en_US)",
        "task_failed (de)",
    ]
    assert carrier.transport.requests[0].url.endswith("/7/message_templates")
    assert carrier.transport.requests[0].params == {
        "fields": "name,language",
        "limit": 100,
        "name": "task_failed",
    }


def test_page_that_never_ends(api, response):
    """A listing whose cursor repeats ends in an error."""
    carrier = api(response(200, "templates_page_1"))
    with pytest.raises(TransientError, match="cursor"):
        list(Templates(carrier).list())
    assert len(carrier.transport.requests) == 2


def test_failing_page(api, response):
    """A page that fails for now is read again, and nothing is yielded twice."""
    carrier = api(
        response(200, "templates_page_1"),
        response(502, b""),
        response(200, "templates_page_2"),
    )
    assert len(list(Templates(carrier).list())) == 3


def test_get(api, response):
    """One template is read with the fields that are asked for."""
    carrier = api(response(200, {"id": "594425479261596", "status": "APPROVED"}))
    assert Templates(carrier).get("594425479261596", fields=["status"]).status == "APPROVED"
    (request,) = carrier.transport.requests
    assert (request.url.rpartition("/")[2], request.params) == (
        "594425479261596",
        {"fields": "status"},
    )


def test_create(api, response, written):
    """A definition is posted as it is written, and Meta's category comes back."""
    carrier = api(response(200, {"id": "1", "status": "PENDING", "category": "MARKETING"}))
    assert Templates(carrier).create(written).category == "MARKETING"
    (request,) = carrier.transport.requests
    assert (request.method, request.url.rpartition("v25.0/")[2]) == (
        "POST",
        f"{WABA}/message_templates",
    )
    assert json.loads(request.body) == written.wire()


def test_rejected(api, response, written):
    """The subcode decides the error, which has Meta's reason and a remedy, and the client does not retry."""
    carrier = api(response(400, "template_rejected"))
    with pytest.raises(
        TemplateError,
        match=r"Leading or trailing.*As variáveis.*punctuation does not count",
    ):
        Templates(carrier).create(written)
    assert len(carrier.transport.requests) == 1


def test_lost_creation(api, response, written):
    """The client does not retry a create after a lost response, but the task may."""
    carrier = api(response(504, b""))
    with pytest.raises(OutcomeUnknownError) as caught:
        Templates(carrier).create(written)
    assert not caught.value.permanent
    assert len(carrier.transport.requests) == 1


@pytest.mark.parametrize(
    ("category", "sent"),
    [
        pytest.param(
            False, {"components", "message_send_ttl_seconds"}, id="without-category"
        ),
        pytest.param(
            True, {"components", "message_send_ttl_seconds", "category"}, id="with-category"
        ),
    ],
)
def test_edit(api, response, written, category, sent):
    """An edit replaces the content; name and language stay, and the category travels only if asked."""
    carrier = api(response(200, {"success": True}))
    Templates(carrier).edit("594425479261596", written, category=category)
    (request,) = carrier.transport.requests
    assert request.url.endswith("/v25.0/594425479261596")
    assert json.loads(request.body) == {name: written.wire()[name] for name in sent}


@pytest.mark.parametrize(
    ("arguments", "params"),
    [({}, {}), ({"template_id": 594425479261596}, {"hsm_id": "594425479261596"})],
    ids=["all-languages", "one-language"],
)
def test_delete(api, response, arguments, params):
    """A template is deleted by name, in one language if its id is given too."""
    carrier = api(response(200, {"success": True}))
    Templates(carrier).delete("task_failed", **arguments)
    (request,) = carrier.transport.requests
    assert (request.method, request.params) == ("DELETE", {"name": "task_failed", **params})


@pytest.mark.parametrize(
    ("name", "template_id", "named"),
    [("Task Failed", None, "name"), ("", None, "name"), ("ok", "x", "template_id")],
)
def test_delete_rejects(api, response, name, template_id, named):
    """A wrong name or id deletes nothing."""
    carrier = api(response(200, {"success": True}))
    with pytest.raises(InvalidRequestError, match=f"^{named}: "):
        Templates(carrier).delete(name, template_id=template_id)
    assert carrier.transport.requests == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"status": "APPROVED"}, ["a"]),
        ({"status": TemplateStatus.PENDING}, ["b", "c"]),
        ({"category": "UTILITY", "language": "de"}, ["b"]),
        ({"language": "fr"}, []),
    ],
    ids=["status", "enum", "two", "none"],
)
def test_filters(api, response, wanted, found):
    """Status, category and language are asked for, and kept to if the API ignores them."""
    rows = [
        ("a", "APPROVED", "UTILITY", "en"),
        ("b", "PENDING", "UTILITY", "de"),
        ("c", "PENDING", "MARKETING", "de"),
    ]
    data = [
        dict(zip(("id", "status", "category", "language"), row, strict=True))
        for row in rows
    ]
    carrier = api(response(200, {"data": data}))
    assert [template.id for template in Templates(carrier).list(**wanted)] == found
    assert {name: carrier.transport.requests[0].params[name] for name in wanted} == wanted


def test_filters_in_small_letters(api, response):
    """Status and category in small letters find what Meta writes in capitals."""
    carrier = api(
        response(200, {"data": [{"id": "1", "status": "APPROVED", "category": "UTILITY"}]})
    )
    assert [
        template.id
        for template in Templates(carrier).list(status="approved", category="utility")
    ] == ["1"]
    params = carrier.transport.requests[0].params
    assert (params["status"], params["category"]) == ("APPROVED", "UTILITY")


def test_filter_by_what_is_not_shown(api, response):
    """Filters on absent fields are left to the API, but the name is always compared."""
    carrier = api(
        response(200, {"data": [{"id": "1", "name": "a"}, {"id": "2", "name": "a_2"}]})
    )
    found = Templates(carrier).list(name="a", status="APPROVED", fields=["id"])
    assert [template.id for template in found] == ["1"]
    assert carrier.transport.requests[0].params["fields"] == "id,name"


def test_delete_many(api, response):
    """Many templates are deleted by their ids in one call, each named once."""
    carrier = api(response(200, {"success": True}))
    assert Templates(carrier).delete_many(["1", 2, "1"]) is None
    (request,) = carrier.transport.requests
    assert (request.method, request.url.rpartition("v25.0/")[2]) == (
        "DELETE",
        f"{WABA}/message_templates",
    )
    assert request.params == {"hsm_ids": "[1,2]"}


@pytest.mark.parametrize(
    ("template_ids", "named"),
    [
        ([], r"template_ids: must be a list of 1 to 100 ids \(got list, 0 items\)"),
        ("12", r"template_ids: .*got str"),
        (7, r"template_ids: .*got int"),
        ([str(number) for number in range(101)], r"template_ids: .*got list, 101 items"),
        (["1", "1,2"], r"template_ids\[1\]: must be an id"),
    ],
    ids=["none", "text", "number", "too many", "no id"],
)
def test_delete_many_rejects(api, response, template_ids, named):
    """A list that is empty, too long or has an invalid item deletes nothing."""
    carrier = api(response(200, {"success": True}))
    with pytest.raises(InvalidRequestError, match=f"^{named}"):
        Templates(carrier).delete_many(template_ids)
    assert carrier.transport.requests == []
