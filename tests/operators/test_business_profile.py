import logging

import pytest
import requests
from airflow.providers.common.compat.sdk import DAG, AirflowFailException

from airflow_provider_whatsapp.operators.business_profile import (
    UpdateBusinessProfileOperator,
)
from tests.threads import LIMIT

SECRET = "what only Robert may read"
PROFILE = {
    "about": "We ship within a day.",
    "address": "1 Hacker Way",
    "description": "Everything for your garden",
    "email": "shop@example.com",
    "websites": ["https://example.com", "https://example.org"],
    "vertical": "RETAIL",
}
ARGUMENTS = {
    ("email_address" if name == "email" else name): value for name, value in PROFILE.items()
}


def update(**arguments):
    return UpdateBusinessProfileOperator(task_id="update", **arguments)


@pytest.fixture
def profile(sandbox):
    """Return a function that reads the profile as the API shows it."""

    def read():
        url = f"{sandbox.url}/whatsapp-business/v25.0/{sandbox.phone_number_id}/whatsapp_business_profile"
        headers = {"Authorization": f"Bearer {sandbox.api_key}"}
        fields = {"fields": ",".join((*PROFILE, "profile_picture_url"))}
        (found,) = requests.get(url, params=fields, headers=headers, timeout=LIMIT).json()[
            "data"
        ]
        # What the API adds, and shows of a field that was never set.
        return {
            name: value
            for name, value in found.items()
            if value not in ("whatsapp", "UNDEFINED")
        }

    return read


def test_all_fields_arrive_to_the_letter(profile, calls):
    """Every field is changed by one call, and nothing is returned."""
    assert update(**ARGUMENTS).execute({}) is None
    assert calls() == ["POST …/whatsapp_business_profile"]
    assert profile() == PROFILE


def test_what_is_left_out_stays_as_it_is(profile):
    """Only the fields that are given are changed."""
    update(**ARGUMENTS).execute({})
    update(about="We ship within the hour.").execute({})
    assert profile() == {**PROFILE, "about": "We ship within the hour."}


def test_an_empty_field_is_cleared(profile):
    """An empty text and an empty list take away what was there."""
    update(**ARGUMENTS).execute({})
    update(description="", websites=[]).execute({})
    assert set(profile()) == set(PROFILE) - {"description", "websites"}


def test_a_picture_is_set_by_its_handle(profile):
    """The handle of a resumable upload becomes the picture."""
    update(profile_picture_handle="4::aW1hZ2U=").execute({})
    assert profile()["profile_picture_url"].startswith("https://")


def test_a_dags_default_args_do_not_become_the_profile(profile):
    """The email that many DAGs have in their default_args is whom Airflow writes to, and no field of the profile."""
    with DAG("shop", schedule=None, default_args={"email": "oncall@example.com"}):
        task = update(about="We ship.")
    task.execute({})
    assert profile() == {"about": "We ship."}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (
            {},
            "vertical, profile_picture_handle: must have at least one of them set (got none). Pass one.",
        ),
        ({"about": ""}, "about: must be at least 1 character (got str, 0 characters)"),
        (
            {"about": SECRET * 6},
            "about: must be at most 139 characters (got str, 150 characters)",
        ),
        ({"address": SECRET * 11}, "address: must be at most 256 characters"),
        ({"description": SECRET * 21}, "description: must be at most 512 characters"),
        (
            {"email_address": SECRET},
            "email_address: must be an e-mail address like name@example.com",
        ),
        (
            {"email_address": f"{'a' * 128}@example.com"},
            "email_address: must be at most 128 characters",
        ),
        ({"websites": ["https://a.b"] * 3}, "websites: must have at most 2 items"),
        ({"websites": "https://a.b"}, "websites: must be a list"),
        (
            {"websites": ["https://a.b", SECRET]},
            "websites[1]: must be a URL that begins with http:// or https://",
        ),
        (
            {"websites": [f"https://a.b/{'c' * 256}"]},
            "websites[0]: must be at most 256 characters",
        ),
        ({"vertical": "retail shop"}, "vertical: must be capital letters and underscores"),
        (
            {"profile_picture_handle": ""},
            "profile_picture_handle: must be at least 1 character",
        ),
        (
            {"about": "We ship.", "phone_number_id": "1/2"},
            "phone_number_id: must be an id of digits",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_field_fails_before_any_call(error_of, arguments, named):
    """Every limit is named with the argument that breaks it, without its text, and no call is made."""
    error = error_of(update(**arguments))
    assert named in error
    assert SECRET not in error


def test_a_number_that_does_not_exist_fails_without_retries(sandbox):
    """phone_number_id takes the place of the connection's."""
    with pytest.raises(AirflowFailException, match="NotFoundError: "):
        update(about="We ship.", phone_number_id="200000000000009").execute({})


def test_a_lost_response_is_repeated(profile, calls, sandbox):
    """An update changes nothing more the second time, so that a broken connection does not fail the task."""
    sandbox.fault(path="/whatsapp_business_profile$", behaviour="drop_after")
    update(about="We ship.").execute({})
    assert calls() == ["POST …/whatsapp_business_profile"] * 2
    assert profile() == {"about": "We ship."}


def test_the_log_names_the_fields_but_not_what_they_say(sandbox, caplog, capfd):
    """Which fields were changed is logged, down to the debug level no more than that."""
    with caplog.at_level(logging.DEBUG):
        update(about=SECRET, email_address="shop@example.com").execute({})
    log = caplog.text + "".join(capfd.readouterr())
    assert "Updated about, email of the business profile" in log
    assert SECRET not in log
    assert "shop@" not in log


def test_all_fields_are_rendered(profile):
    """Jinja reaches texts and the list of websites."""
    task = update(about="{{ what }}", websites=["https://{{ host }}/"])
    task.render_template_fields({"what": "We ship.", "host": "example.com"})
    task.execute({})
    assert profile() == {"about": "We ship.", "websites": ["https://example.com/"]}
