from __future__ import annotations

import pytest

from airflow_provider_whatsapp.models.phone_numbers import BusinessPhoneNumber
from airflow_provider_whatsapp.sandbox.settings import BUSINESS_ACCOUNT_ID, PHONE_NUMBER_ID
from tests.builders import upload_fields


@pytest.mark.parametrize("version", ["v21.0", "v25.0", "v99.9"])
def test_any_version(client, version):
    """Every API version such as v25.0 is accepted."""
    assert client.get(f"/whatsapp-business/{version}/{PHONE_NUMBER_ID}").status_code == 200


@pytest.mark.parametrize(
    "path", ["25.0/1", "v25/1", "latest/1", "v25.0/1/nothing", "v25.0", "v25.0/"]
)
def test_unknown_path(client, read_meta_error, path):
    """An unknown path is an error of Meta."""
    assert read_meta_error(client.get(f"/whatsapp-business/{path}"))[:2] == (400, 2500)


@pytest.mark.parametrize("method", ["get", "post", "delete", "put"])
def test_unknown_id(client, read_meta_error, method):
    """An unknown id is HTTP 400 with code 100 and subcode 33, for any method."""
    options = {"json": {}} if method == "post" else {}
    assert read_meta_error(client.request(method, f"{client.graph}/12345", **options)) == (
        400,
        100,
        33,
    )


@pytest.mark.parametrize(
    "edge",
    [("get", "message_templates"), ("post", "message_templates"), ("delete", "message_templates"),
     ("get", "phone_numbers"), ("post", "messages"), ("post", "media")],
    ids=" ".join,
)  # fmt: skip
def test_unknown_owner(client, read_meta_error, edge):
    """An unknown account or phone number id is rejected in the same way."""
    method, name = edge
    form = {"data": upload_fields(), "files": {"file": ("a", b"a")}}
    options = form if name == "media" else {"json": {}} if method == "post" else {}
    assert read_meta_error(
        client.request(method, f"{client.graph}/12345/{name}", **options)
    ) == (
        400,
        100,
        33,
    )


@pytest.mark.parametrize("content", [b"", b"no json", b"[]", b'"text"', b"\xff"])
def test_body_is_json_object(client, read_meta_error, content):
    """A body that is not a JSON object is rejected."""
    assert read_meta_error(client.post(client.messages_path, content=content)) == (
        400,
        100,
        None,
    )


def test_phone_number(client):
    """A phone number shows its default fields, which the model can read."""
    read = client.get(f"{client.graph}/{PHONE_NUMBER_ID}").json()
    assert set(read) == {"id", "display_phone_number", "verified_name", "quality_rating"}
    assert BusinessPhoneNumber.model_validate(read).id == PHONE_NUMBER_ID


def test_fields(client):
    """A call returns the fields that it asks for, and the id."""
    read = client.get(
        f"{client.graph}/{PHONE_NUMBER_ID}?fields=status, quality_rating"
    ).json()
    assert read == {"status": "CONNECTED", "quality_rating": "GREEN", "id": PHONE_NUMBER_ID}


def test_unknown_field(client, read_meta_error):
    """An unknown field is rejected."""
    assert read_meta_error(
        client.get(f"{client.graph}/{PHONE_NUMBER_ID}?fields=colour")
    ) == (
        400,
        100,
        None,
    )


def test_list_phone_numbers(client):
    """The account has the one number."""
    read = client.get(f"{client.graph}/{BUSINESS_ACCOUNT_ID}/phone_numbers").json()
    assert [number["id"] for number in read["data"]] == [PHONE_NUMBER_ID]
    assert "next" not in read["paging"]


def test_account(client):
    """The account can be read."""
    assert (
        client.get(f"{client.graph}/{BUSINESS_ACCOUNT_ID}").json()["id"]
        == BUSINESS_ACCOUNT_ID
    )


@pytest.mark.parametrize(
    "node", [PHONE_NUMBER_ID, BUSINESS_ACCOUNT_ID], ids=["phone number", "account"]
)
def test_health(client, node):
    """The health of a number or account names the account that it belongs to."""
    health = client.get(f"{client.graph}/{node}?fields=health_status").json()[
        "health_status"
    ]
    ids = {entity["entity_type"]: entity["id"] for entity in health["entities"]}
    assert ids["WABA"] == BUSINESS_ACCOUNT_ID
    assert ("PHONE_NUMBER" in ids) == (node == PHONE_NUMBER_ID)


def test_paging(client):
    """A page has 25 nodes by default. The next one starts after the cursor, and its URL contains a token."""
    for number in range(30):
        client.create(name=f"template_{number}")
    first = client.get(client.templates_path).json()
    assert len(first["data"]) == 25
    assert first["paging"]["next"].startswith("https://graph.facebook.com/v25.0/")
    assert "access_token=" in first["paging"]["next"]
    rest = client.get(
        client.templates_path, params={"after": first["paging"]["cursors"]["after"]}
    ).json()
    assert [template["name"] for template in rest["data"]] == [
        f"template_{number}" for number in range(25, 30)
    ]
    assert "next" not in rest["paging"]
    assert rest["paging"]["cursors"]["before"]


def test_paging_survives_deletion(client):
    """A cursor stays valid if its template is deleted."""
    for name in ("a", "b", "c"):
        client.create(name=name)
    cursor = client.get(f"{client.templates_path}?limit=2").json()["paging"]["cursors"][
        "after"
    ]
    client.delete(f"{client.templates_path}?name=b")
    rest = client.get(client.templates_path, params={"after": cursor}).json()["data"]
    assert [template["name"] for template in rest] == ["c"]


def test_empty_page(client):
    """An empty list has no paging."""
    assert client.get(client.templates_path).json() == {"data": []}


@pytest.mark.parametrize("limit", ["0", "-1", "many", "1.5"])
def test_limit(client, read_meta_error, limit):
    """A limit must be a positive number."""
    assert read_meta_error(client.get(f"{client.templates_path}?limit={limit}")) == (
        400,
        100,
        None,
    )


@pytest.mark.parametrize("cursor", ["x", "%%%", "bm90IGEgbnVtYmVy", "é"])
def test_invalid_cursor(client, read_meta_error, cursor):
    """An invalid cursor is rejected with the code that says to start again."""
    assert read_meta_error(client.get(client.templates_path, params={"after": cursor})) == (
        400,
        131059,
        None,
    )
