from __future__ import annotations

import pytest

from airflow_provider_whatsapp.client.resources.phone_numbers import PhoneNumbers
from airflow_provider_whatsapp.exceptions import (
    ConfigurationError,
    NotFoundError,
    TransientError,
)


@pytest.mark.parametrize(
    ("given", "asked"), [(None, "106540352242922"), ("7", "7"), (7, "7")], ids=repr
)
def test_get(api, response, given, asked):
    """A number, the account's own unless told otherwise, comes back with name and quality."""
    carrier = api(response(200, "phone_number"))
    number = PhoneNumbers(carrier).get(given)
    assert (number.verified_name, number.quality_rating, number.status) == (
        "Pipelines Inc.",
        "GREEN",
        "CONNECTED",
    )
    assert "5551234" not in repr(number).replace("-", "")
    (request,) = carrier.transport.requests
    assert request.url.endswith(f"/v25.0/{asked}")
    asked_for = set(request.params.pop("fields").split(","))
    assert {"quality_rating", "name_status", "throughput", "health_status"} <= asked_for
    assert "whatsapp_business_manager_messaging_limit" in asked_for
    assert request.params == {}


def test_unknown(api, response):
    """An id of another account is not found, and the error says to check the id."""
    with pytest.raises(NotFoundError, match="must be an id"):
        PhoneNumbers(api(response(400, "no_such_object"))).get()


def test_no_id(api, response):
    """Without an id nothing is asked."""
    carrier = api(response(200, "phone_number"), phone_number_id=None)
    with pytest.raises(ConfigurationError, match="phone_number_id"):
        PhoneNumbers(carrier).get()
    assert carrier.transport.requests == []


def test_fields(api, response):
    """The fields of a number can be chosen."""
    health = {"can_send_message": "BLOCKED", "entities": []}
    carrier = api(response(200, {"id": "1", "health_status": health}))
    assert (
        PhoneNumbers(carrier).get(fields=["health_status"]).health_status.can_send_message
        == "BLOCKED"
    )
    assert carrier.transport.requests[0].params == {"fields": "health_status"}


def test_list(api, response):
    """All numbers of an account are read, page after page, by their cursors."""
    paging = {
        "cursors": {"after": "MjQZD"},
        "next": "https://graph.facebook.com/x?access_token=T",
    }
    carrier = api(
        response(200, {"data": [{"id": "1"}], "paging": paging}),
        response(200, {"data": [{"id": "2"}]}),
    )
    assert [
        number.id for number in PhoneNumbers(carrier).list(fields=["id"], page_size=1)
    ] == [
        "1",
        "2",
    ]
    first, second = carrier.transport.requests
    url = "https://gateway.maton.ai/whatsapp-business/v25.0/102290129340398/phone_numbers"
    assert (first.url, first.params) == (url, {"fields": "id", "limit": 1})
    assert (second.url, second.params) == (
        url,
        {"fields": "id", "limit": 1, "after": "MjQZD"},
    )


def test_list_of_another_account(api, response):
    """The numbers of another account than the default one can be listed."""
    carrier = api(response(200, {"data": []}))
    assert list(PhoneNumbers(carrier).list(business_account_id="7")) == []
    assert carrier.transport.requests[0].url.endswith("/7/phone_numbers")


def test_list_without_account(api, response):
    """Without an account the error comes at once, not with the first number."""
    with pytest.raises(ConfigurationError, match="business_account_id"):
        PhoneNumbers(api(response(200, {"data": []}), business_account_id=None)).list()


def test_unreadable_list(api, response):
    """A list that cannot be read is an error, and not an empty list."""
    with pytest.raises(TransientError, match="data"):
        list(PhoneNumbers(api(response(200, {}))).list())
