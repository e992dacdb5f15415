from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.models.business_profile import (
    BusinessProfileResponse,
    BusinessProfileUpdate,
    Vertical,
)
from airflow_provider_whatsapp.sandbox.account.business_profile import BusinessProfile
from airflow_provider_whatsapp.sandbox.graph.errors import MetaError
from airflow_provider_whatsapp.sandbox.settings import PHONE_NUMBER_ID

PATH = f"/whatsapp-business/v25.0/{PHONE_NUMBER_ID}/whatsapp_business_profile"
ALL = "?fields=about,address,description,email,profile_picture_url,websites,vertical"
FULL = {
    "about": "Hello",
    "address": "1 Way",
    "description": "We load data.",
    "email": "me@example.com",
    "websites": ["https://example.com"],
    "vertical": "RETAIL",
}

# Meta names an industry even if none was chosen.
EMPTY = {"messaging_product": "whatsapp", "vertical": "UNDEFINED"}


def update(client, **changes):
    return client.post(PATH, json={"messaging_product": "whatsapp", **changes})


def test_life(client):
    """The sandbox stores the fields of an update, keeps the others, and clears a field on request."""
    assert client.get(f"{PATH}{ALL}").json() == {"data": [EMPTY]}
    assert update(client, **FULL).json() == {"success": True}
    update(client, about="Good morning", address="", websites=[])
    (shown,) = client.get(f"{PATH}{ALL}").json()["data"]
    kept = {name: FULL[name] for name in ("description", "email", "vertical")}
    assert shown == {"messaging_product": "whatsapp", "about": "Good morning", **kept}
    client.post("/sandbox/reset")
    assert client.get(f"{PATH}{ALL}").json() == {"data": [EMPTY]}


def test_model_reads_it(client):
    """The model reads a full profile."""
    update(client, **FULL, profile_picture_handle="4::aW")
    (profile,) = BusinessProfileResponse.model_validate(
        client.get(f"{PATH}{ALL}").json()
    ).data
    assert profile.model_dump(include=set(FULL)) == FULL
    assert profile.profile_picture_url.startswith("https://pps.whatsapp.net/")


def test_fields(client, read_meta_error):
    """A call returns the fields that it asks for, none by default. An unknown field is rejected."""
    update(client, **FULL)
    assert client.get(PATH).json() == {"data": [{"messaging_product": "whatsapp"}]}
    (shown,) = client.get(f"{PATH}?fields=about, email").json()["data"]
    assert shown == {
        "messaging_product": "whatsapp",
        "about": "Hello",
        "email": "me@example.com",
    }
    assert read_meta_error(client.get(f"{PATH}?fields=colour")) == (400, 100, None)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"about": ""},
        {"about": "x" * 140},
        {"about": 5},
        {"address": "x" * 257},
        {"description": "x" * 513},
        {"email": "unknown"},
        {"email": f"{'x' * 120}@example.com"},
        {"email": None},
        {"websites": "https://example.com"},
        {"websites": ["https://example.com"] * 3},
        {"websites": ["example.com"]},
        {"websites": [None]},
        {"websites": [f"https://example.com/{'x' * 256}"]},
        {"vertical": "SPACE"},
        {"vertical": []},
        {"profile_picture_handle": ""},
        {"colour": "red"},
    ],
    ids=lambda change: "-".join(change) or "nothing",
)
def test_rejected_changes(client, read_meta_error, change):
    """The sandbox rejects an invalid field, and stores none of the others in the same call."""
    good = {"description": "New"} if change and "description" not in change else {}
    assert read_meta_error(update(client, **good, **change)) == (400, 100, None)
    assert client.get(f"{PATH}{ALL}").json() == {"data": [EMPTY]}


@pytest.mark.parametrize(
    "product", [{}, {"messaging_product": "telegram"}], ids=["none", "other"]
)
def test_product(client, read_meta_error, product):
    """The messaging product must be WhatsApp."""
    assert read_meta_error(client.post(PATH, json={**product, "about": "Hello"})) == (
        400,
        100,
        None,
    )


@pytest.mark.parametrize("method", ["get", "post"])
def test_other_number(client, read_meta_error, method):
    """Another number has no profile."""
    options = (
        {"json": {"messaging_product": "whatsapp", "about": "Hello"}}
        if method == "post"
        else {}
    )
    path = PATH.replace(PHONE_NUMBER_ID, "12345")
    assert read_meta_error(client.request(method, path, **options)) == (400, 100, 33)


TEXT = st.text(max_size=600) | st.sampled_from(
    ["me@example.com", "https://example.com", "RETAIL"]
)


@given(
    st.dictionaries(
        st.sampled_from([*FULL, "colour"]), TEXT | st.lists(TEXT, max_size=3) | st.none()
    )
)
def test_accepted_changes_are_shown(changes):
    """The sandbox accepts or rejects any update, and shows the fields that it has accepted."""
    profile = BusinessProfile()
    try:
        profile.update(changes)
    except MetaError:
        changes = {}
    shown = profile.to_json(",".join(FULL))
    assert shown == {**EMPTY, **{name: changes[name] for name in changes if changes[name]}}


def test_every_vertical_of_the_model_is_known(client):
    """The sandbox accepts every field that the model has."""
    for vertical in Vertical:
        assert (
            update(client, **BusinessProfileUpdate(vertical=vertical).wire()).status_code
            == 200
        )
