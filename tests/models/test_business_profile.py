from __future__ import annotations

import pytest

from airflow_provider_whatsapp.models.business_profile import (
    BusinessProfile,
    BusinessProfileResponse,
    BusinessProfileUpdate,
    Vertical,
)
from airflow_provider_whatsapp.models.validation import validate

LONG = "https://example.com/" + "x" * 236


@pytest.mark.parametrize(
    "change",
    [
        {"about": "x"},
        {"about": "x" * 139},
        {"address": "x" * 256},
        {"description": "x" * 512},
        {"email": f"{'x' * 116}@example.com"},
        {"websites": [LONG, "HTTP://example.com"]},
        {"vertical": "RETAIL"},
        {"vertical": "SOMETHING_NEW"},
        {"profile_picture_handle": "4::aW"},
        {"address": "", "description": "", "email": "", "websites": []},
    ],
    ids="-".join,
)
def test_what_is_taken(change):
    """Each field may be as long as Meta allows, is sent as it is, and may be cleared where that is possible."""
    assert validate(BusinessProfileUpdate, change).wire() == {
        "messaging_product": "whatsapp",
        **change,
    }


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"about": ""}, "about: must be at least 1 character"),
        ({"about": "x" * 140}, "about: must be at most 139 characters"),
        ({"address": "x" * 257}, "address: must be at most 256 characters"),
        ({"description": "x" * 513}, "description: must be at most 512 characters"),
        ({"email": f"{'x' * 117}@example.com"}, "email: must be at most 128 characters"),
        ({"email": "me.example.com"}, "email: must be an e-mail address like"),
        ({"email": "me@example"}, "email: must be an e-mail address like"),
        ({"email": "me @example.com"}, "email: must be an e-mail address like"),
        ({"websites": [f"{LONG}x"]}, "websites[0]: must be at most 256 characters"),
        (
            {"websites": ["https://a.b", "example.com"]},
            "websites[1]: must be a URL that begins with http:// or https://",
        ),
        ({"websites": ["https://a b"]}, "websites[0]: must be a URL that begins with"),
        ({"websites": ["https:///x"]}, "websites[0]: must be a URL that begins with"),
        ({"websites": ["https://a.b"] * 3}, "websites: must have at most 2 items"),
        ({"vertical": "retail"}, "vertical: must be capital letters"),
        ({"vertical": ""}, "vertical: must be capital letters"),
        (
            {"profile_picture_handle": ""},
            "profile_picture_handle: must be at least 1 character",
        ),
        ({"colour": "red"}, "colour: must be a known field"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_invalid_fields(invalid, change, rule):
    """An error about what Meta would reject has field, rule and remedy, and never the value."""
    message = invalid(validate, BusinessProfileUpdate, change)
    assert message.startswith(rule)
    assert "(got " in message
    assert "). " in message
    assert "example.com" not in message.replace("name@example.com", "")


@pytest.mark.parametrize("field", ["about", "address", "description"])
def test_a_number_that_native_rendering_made_of_a_text(field):
    """A text of digits that became a number is a text again."""
    assert validate(BusinessProfileUpdate, {field: 2026}).wire()[field] == "2026"


@pytest.mark.parametrize(
    "change",
    [{}, {"messaging_product": "whatsapp"}, {"about": None}],
    ids=["none", "only", "null"],
)
def test_nothing_to_change(invalid, change):
    """An update without a field to change is invalid."""
    assert "must have a field to change" in invalid(
        validate, BusinessProfileUpdate, change, field="profile"
    )


def test_answer():
    """A profile is read as Meta writes it; a line of business that is new is kept, and the picture's link not shown."""
    url = "https://pps.whatsapp.net/v/1.jpg?hash=SECRET"
    body = {
        "messaging_product": "whatsapp",
        "vertical": "SPACE",
        "websites": ["https://a.b"],
        "profile_picture_url": url,
    }
    (profile,) = BusinessProfileResponse.model_validate(
        {"data": [{**body, "email": None}]}
    ).data
    assert (profile.vertical, profile.websites, profile.email) == (
        Vertical("SPACE"),
        ["https://a.b"],
        None,
    )
    assert profile.profile_picture_url == url
    assert "SECRET" not in repr(profile)
    assert BusinessProfile().vertical is None
