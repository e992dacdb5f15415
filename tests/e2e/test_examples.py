"""Every example DAG in a real Airflow, as its file stands."""

from collections import Counter
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.threads import LIMIT

KEY = "e2e-key-Zq7xW3vK9pTm2RjL5nYc8BdF"
RUN = "examples"
JINJA = "{{ conn.maton_default.password }}"  # the name of a person, and no more than that
PEOPLE = {
    "Ada": "+1 (650) 555-1234",
    "Unreachable": "+1 555 013 1026",
    "Grace": "+1 650 555 9876",
    JINJA: "+1 650 555 2468",
}
CONF = {
    "example_whatsapp_buttons": {},
    "example_whatsapp_connection": {"about": "We send reports"},
    "example_whatsapp_conversation": {},
    "example_whatsapp_media": {},
    "example_whatsapp_quickstart": {},
    "example_whatsapp_report": {"people": PEOPLE},
    "example_whatsapp_templates": {},
    "example_whatsapp_unknown": {},
}
APPROVAL = "wait_for_approval"
WAITS = {
    "example_whatsapp_connection": "wait_for_a_person",
    "example_whatsapp_conversation": APPROVAL,
    "example_whatsapp_quickstart": APPROVAL,
    "example_whatsapp_report": APPROVAL,
    "example_whatsapp_templates": APPROVAL,
}
INCOMING = "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQQ=="  # which the conversation answers


class Examples:
    """One run of each example, and what there was before, meanwhile and afterwards."""

    def __init__(self, stack):
        self.stack = stack
        self._before = len(stack.sandbox.sent_messages())

    def run(self):
        for dag, conf in CONF.items():
            storage = (
                {"storage": f"file://{self.stack.folder}/storage"}
                if dag.endswith("_media")
                else {}
            )
            self.stack.airflow.trigger(dag, RUN, {**conf, **storage})
        self.stack.processes.wait_until(self._all_wait, "all sensors to wait", timeout=150)
        self.meanwhile = self.stack.left_behind()
        self.stack.set_template_statuses("APPROVED")
        self.open_the_page()
        self.states = {dag: self.stack.wait_for_run(dag, RUN) for dag in CONF}
        self.afterwards, self.logs = self.stack.left_behind(), self.stack.logs()

    def _all_wait(self):
        found = {
            dag: self.stack.airflow.task_states(dag, RUN)[task]
            for dag, task in WAITS.items()
        }
        assert "failed" not in found.values(), found
        # Those of the quickstart have been approved already if the other tests ran first.
        quickstart = found.pop("example_whatsapp_quickstart")
        return quickstart in ("deferred", "success") and set(found.values()) == {"deferred"}

    def open_the_page(self):
        (pending,) = [found for found in self.connections() if found["status"] == "PENDING"]
        requests.get(pending["url"], timeout=LIMIT).raise_for_status()

    def connections(self):
        headers = {"Authorization": f"Bearer {KEY}"}
        url = f"{self.stack.sandbox.url}/connections"
        return requests.get(url, headers=headers, timeout=LIMIT).json()["connections"]

    def messages(self):
        return self.stack.sandbox.sent_messages()[self._before :]

    def reports(self):
        """The templates of the report that each person got."""
        templates = [
            (m["to"], m["body"]["template"])
            for m in self.messages()
            if m["body"]["type"] == "template"
        ]
        return {
            to: template for to, template in templates if template["name"] == "report_ready"
        }

    def tasks(self, dag):
        return self.stack.airflow.get(f"dags/{dag}/dagRuns/{RUN}/taskInstances")[
            "task_instances"
        ]

    def links(self, dag, task):
        """Where the buttons of a task lead: the page, and its parameters."""
        found = self.stack.airflow.get(
            f"dags/{dag}/dagRuns/{RUN}/taskInstances/{task}/links"
        )["extra_links"]
        return {
            name: (urlsplit(url).path, parse_qs(urlsplit(url).query))
            for name, url in found.items()
        }


@pytest.fixture(scope="module")
def ended(stack):
    examples = Examples(stack)
    examples.run()
    return examples


def test_the_runs_end_well(ended):
    """All runs succeed, on the first try of each task, but for the report with its one unreachable person."""
    assert ended.states == {
        **dict.fromkeys(CONF, "success"),
        "example_whatsapp_report": "failed",
    }
    tries = {
        (dag, task["task_id"]): task["try_number"]
        for dag in CONF
        for task in ended.tasks(dag)
    }
    assert set(tries.values()) == {1}, tries


def test_one_unreachable_person_fails_one_task(ended):
    """One of the mapped tasks, which have people's names, has failed, and the others have sent one report each."""
    tasks = ended.tasks("example_whatsapp_report")
    sent = {
        task["rendered_map_index"]: task["state"]
        for task in tasks
        if task["task_id"] == "send_report"
    }
    assert sent == {
        "Ada": "success",
        "Unreachable": "failed",
        "Grace": "success",
        JINJA: "success",
    }
    assert {task["state"] for task in tasks if task["task_id"] != "send_report"} == {
        "success"
    }
    assert sorted(ended.reports()) == ["16505551234", "16505552468", "16505559876"]


def test_a_name_like_jinja_is_data(ended):
    """The person gets the name to the letter, and label, rendered fields and XCom show it so."""
    assert ended.reports()["16505552468"]["components"][1]["parameters"][0]["text"] == JINJA
    (task,) = [
        task
        for task in ended.tasks("example_whatsapp_report")
        if task["rendered_map_index"] == JINJA
    ]
    assert task["rendered_fields"]["body_parameters"][0] == JINJA
    rows = ended.stack.airflow.xcom("example_whatsapp_report", RUN, "one_message_each")
    assert rows[task["map_index"]]["body_parameters"][0] == JINJA


def test_everything_arrives_once(ended):
    """The sandbox has each message once, of all kinds, the read receipt, and the new connection."""
    assert Counter(message["body"]["type"] for message in ended.messages()) == {
        "template": 5,
        "interactive": 3,
        "text": 4,
        "reaction": 1,
        "location": 1,
        "contacts": 1,
        "image": 1,
    }
    assert [receipt["message_id"] for receipt in ended.stack.sandbox.read_messages()] == [
        INCOMING
    ]
    assert {connection["status"] for connection in ended.connections()} == {"ACTIVE"}
    assert not any(
        template["name"].startswith("campaign_")
        for template in ended.stack.sandbox.templates()
    )
    (chart,) = [
        media for media in ended.stack.sandbox.media() if media["mime_type"] == "image/png"
    ]
    assert chart["deleted"]


def test_tasks_link_to_whatsapp_manager(ended, connection):
    """Airflow's API serves a send's link to the phone numbers, and a template's to that template."""
    account = [connection["extra"]["business_account_id"]]
    path, query = ended.links("example_whatsapp_templates", "send")[
        "Phone number in WhatsApp Manager"
    ]
    assert (path, query["asset_id"]) == ("/latest/whatsapp_manager/phone_numbers", account)
    path, query = ended.links("example_whatsapp_templates", "create_template")[
        "Templates in WhatsApp Manager"
    ]
    assert (path, query["asset_id"]) == (
        "/latest/whatsapp_manager/message_templates",
        account,
    )
    made = ended.stack.airflow.xcom("example_whatsapp_templates", RUN, "create_template")
    assert query["id"] == [made["template_id"]]


@pytest.mark.parametrize("moment", ["meanwhile", "afterwards"])
def test_no_secret_is_left_behind(ended, moment):
    """Neither database (with XCom and the rows of triggers) nor logs hold the key or a connection's session token."""
    files = getattr(ended, moment)
    if moment == "meanwhile":
        assert any(b"MatonConnectionTrigger" in content for content in files.values()), (
            "no trigger row searched"
        )
    tokens = [
        connection["url"].partition("session_token=")[2]
        for connection in ended.connections()
    ]
    assert len(tokens) == 2
    for secret in (KEY, *tokens):
        assert [
            str(path) for path, content in files.items() if secret.encode() in content
        ] == []


def test_no_phone_number_is_in_a_log(ended):
    """Logs shorten whom a message is for, also in lists that tasks hand on, and when it fails."""
    assert any("task_id=send_report" in str(path) for path in ended.logs)
    written = ("555-1234", "555 9876", "013 1026", "555 2468")
    for digits in ("6505551234", "6505559876", "5550131026", "6505552468", *written):
        assert [str(path) for path, text in ended.logs.items() if digits in text] == []
