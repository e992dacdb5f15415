from __future__ import annotations

import json

import pytest

from airflow_provider_whatsapp.client.resources.business_profile import (
    FIELDS,
    BusinessProfiles,
)
from airflow_provider_whatsapp.exceptions import BadRequestError, InvalidRequestError
from airflow_provider_whatsapp.models.business_profile import BusinessProfileUpdate

PATH = "https://gateway.maton.ai/whatsapp-business/v25.0/106540352242922/whatsapp_business_profile"


def test_get(api, response):
    """The profile is read with all its fields."""
    carrier = api(
        response(
            200,
            {
                "data": [
                    {
                        "messaging_product": "whatsapp",
                        "about": "Hello",
                        "vertical": "RETAIL",
                    }
                ]
            },
        )
    )
    profile = BusinessProfiles(carrier).get()
    assert (profile.about, profile.vertical, profile.email, profile.websites) == (
        "Hello",
        "RETAIL",
        None,
        [],
    )
    (request,) = carrier.transport.requests
    assert (request.method, request.url, request.params) == (
        "GET",
        PATH,
        {"fields": ",".join(FIELDS)},
    )


def test_get_of_another_number(api, response):
    """Another number and other fields can be asked for, and no profile at all is an empty one."""
    carrier = api(response(200, {"data": []}))
    assert BusinessProfiles(carrier).get("7", fields=["about", "email"]).about is None
    assert carrier.transport.requests[0].url.endswith("/7/whatsapp_business_profile")
    assert carrier.transport.requests[0].params == {"fields": "about,email"}


@pytest.mark.parametrize(
    "profile",
    [{"about": "Hello", "address": ""}, BusinessProfileUpdate(about="Hello", address="")],
    ids=["dict", "model"],
)
def test_update(api, response, profile):
    """Only what is given is sent, an empty text included."""
    carrier = api(response(200, {"success": True}))
    assert BusinessProfiles(carrier).update(profile) is None
    (request,) = carrier.transport.requests
    assert (request.method, request.url) == ("POST", PATH)
    assert json.loads(request.body) == {
        "messaging_product": "whatsapp",
        "about": "Hello",
        "address": "",
    }


def test_update_of_another_number(api, response):
    """The profile of another number than the account's can be changed."""
    carrier = api(response(200, {"success": True}))
    BusinessProfiles(carrier).update({"about": "Hello"}, phone_number_id="7")
    assert carrier.transport.requests[0].url.endswith("/7/whatsapp_business_profile")


def test_lost_update(api, response):
    """An update whose response got lost is repeated, since it does no harm."""
    carrier = api(response(502, b""), response(200, {"success": True}))
    BusinessProfiles(carrier).update({"about": "Hello"})
    assert len(carrier.transport.requests) == 2


def test_not_carried_out(api, response):
    """A response with success: false is an error."""
    with pytest.raises(BadRequestError, match="success: false"):
        BusinessProfiles(api(response(200, {"success": False}))).update({"about": "Hello"})


@pytest.mark.parametrize(
    "profile", [{}, {"about": "x" * 140}, {"colour": "red"}, None, "about"], ids=repr
)
def test_update_rejects(api, response, profile):
    """A profile that breaks a rule is not sent."""
    carrier = api(response(200, {"success": True}))
    with pytest.raises(InvalidRequestError, match="^profile"):
        BusinessProfiles(carrier).update(profile)
    assert carrier.transport.requests == []
