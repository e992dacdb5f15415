from types import SimpleNamespace
from unittest.mock import create_autospec
from urllib.parse import parse_qs, urlsplit

import pytest
from airflow.providers.common.compat.sdk import XCom

from airflow_provider_whatsapp.links.whatsapp_manager import PhoneNumbersLink, TemplatesLink
from airflow_provider_whatsapp.operators.business_profile import (
    UpdateBusinessProfileOperator,
)
from airflow_provider_whatsapp.operators.messages import SendTemplateOperator
from airflow_provider_whatsapp.operators.templates import (
    CreateTemplateOperator,
    DeleteTemplateOperator,
    SyncTemplatesOperator,
)
from tests.builders import template_definition

KEY = SimpleNamespace(
    dag_id="orders", task_id="task", run_id="run", map_index=-1, try_number=1
)


class RunningTask:
    """The part of a task instance that a link uses: it keeps XComs."""

    def __init__(self):
        self.xcoms = {}

    def xcom_push(self, key, value):
        """Keep a value."""
        self.xcoms[key] = value


@pytest.fixture
def ti(monkeypatch):
    """A running task; Airflow's own reading of XComs finds what it has kept."""
    running = RunningTask()
    read = create_autospec(
        XCom.get_value, side_effect=lambda *, ti_key, key: running.xcoms.get(key)
    )
    monkeypatch.setattr(XCom, "get_value", read)
    return running


def links_after(task, ti):
    """Run a task, and return for each of its links the path and the query of where it leads."""
    task.execute({"ti": ti})
    found = {
        link.name: urlsplit(link.get_link(task, ti_key=KEY))
        for link in task.operator_extra_links
    }
    assert {(url.scheme, url.hostname) for url in found.values()} == {
        ("https", "business.facebook.com")
    }
    return {
        name: (url.path.rpartition("/")[2], parse_qs(url.query))
        for name, url in found.items()
    }


def test_a_send_leads_to_its_number_and_template(sandbox, ti):
    """The page of a task that sent a template has both links, to the account that it used."""
    SyncTemplatesOperator(task_id="sync", templates=[template_definition()]).execute({})
    task = SendTemplateOperator(
        task_id="task",
        to="16505551234",
        template_name="order_shipped",
        body_parameters=["Ada"],
    )
    account = {"asset_id": [sandbox.business_account_id]}
    assert links_after(task, ti) == {
        "Phone number in WhatsApp Manager": ("phone_numbers", account),
        "Templates in WhatsApp Manager": ("message_templates", account),
    }


def test_a_create_leads_to_the_template(sandbox, ti):
    """The link of a create names the one template."""
    ((page, query),) = links_after(
        CreateTemplateOperator(task_id="task", template=template_definition()), ti
    ).values()
    assert (page, query["asset_id"]) == ("message_templates", [sandbox.business_account_id])
    assert query["id"][0].isdigit()


@pytest.mark.parametrize(
    ("task", "page"),
    [
        (SyncTemplatesOperator(task_id="task", templates=[]), "message_templates"),
        (
            DeleteTemplateOperator(
                task_id="task", template_name="none", ignore_if_missing=True
            ),
            "message_templates",
        ),
        (UpdateBusinessProfileOperator(task_id="task", about="We ship."), "phone_numbers"),
    ],
    ids=["sync", "delete", "profile"],
)
def test_the_others_lead_to_the_account(sandbox, ti, task, page):
    """Each task about an account leads to the page that it is about."""
    assert list(links_after(task, ti).values()) == [
        (page, {"asset_id": [sandbox.business_account_id]})
    ]


def test_an_account_of_the_tasks_own_is_where_it_leads(ti):
    """Values in a URL are encoded, and cannot change where it leads."""
    TemplatesLink.keep({"ti": ti}, "1&tab=other#top")
    assert parse_qs(urlsplit(TemplatesLink().get_link(None, ti_key=KEY)).query) == {
        "asset_id": ["1&tab=other#top"]
    }


@pytest.mark.parametrize("link", [PhoneNumbersLink, TemplatesLink])
def test_there_is_no_link_before_the_task_has_run(ti, link):
    """Until a task leaves an address behind, the link is empty, which Airflow shows as a button that is off."""
    assert link().get_link(None, ti_key=KEY) == ""


@pytest.mark.parametrize("account", [None, ""], ids=str)
def test_an_unknown_account_leaves_nothing_behind(ti, account):
    """Without the account's id there is nowhere to lead to."""
    PhoneNumbersLink.keep({"ti": ti}, account)
    assert ti.xcoms == {}


def test_an_empty_context_is_no_obstacle():
    """A task that runs outside Airflow, as in a test, keeps no links."""
    context = {}
    PhoneNumbersLink.keep(context, "4711")
    TemplatesLink.keep_template(context, "4711", "815")
    assert context == {}
