"""Each example DAG, run from its first task to its last against a sandbox."""

import base64

import pytest
from airflow import __version__ as airflow_version

pytestmark = pytest.mark.skipif(
    airflow_version.startswith("2."), reason="the examples are written for Airflow 3"
)

ADA, GRACE, UNREACHABLE, LONG_SILENT = (
    "+1 (650) 555-1234",
    "+1 650 555 9876",
    "+1 555 013 1026",
    "+1 555 013 1047",
)


def bodies(sandbox, recipient="16505551234"):
    """The messages to one recipient, without the fields that all messages have."""
    common = ("messaging_product", "recipient_type", "to")
    sent = [
        message["body"] for message in sandbox.sent_messages() if message["to"] == recipient
    ]
    return [
        {name: value for name, value in body.items() if name not in common} for body in sent
    ]


def test_quickstart(run, sandbox):
    """Both templates are made and waited for, and the invoice that was written arrives as a PDF."""
    ended = run("example_whatsapp_quickstart", customer="Grace Hopper", invoice="INV-7")
    assert (ended.state, set(ended.tasks.values())) == ("success", {"success"})
    assert {template["status"] for template in sandbox.templates()} == {"APPROVED"}
    (media,) = sandbox.media()
    assert (media["filename"], media["mime_type"]) == ("INV-7.pdf", "application/pdf")
    assert b"Invoice INV-7 for Grace Hopper" in base64.b64decode(media["content_base64"])
    (body,) = bodies(sandbox)
    header, text = body["template"]["components"]
    assert header["parameters"][0]["document"] == {
        "id": media["id"],
        "filename": "INV-7.pdf",
    }
    assert [parameter["text"] for parameter in text["parameters"]] == [
        "Grace Hopper",
        "INV-7",
    ]


def test_buttons(run, sandbox):
    """Buttons, list and link arrive in this order."""
    ended = run("example_whatsapp_buttons", recipient=GRACE)
    assert (ended.state, set(ended.tasks.values())) == ("success", {"success"})
    buttons, choices, link = [
        body["interactive"] for body in bodies(sandbox, "16505559876")
    ]
    assert [button["reply"]["id"] for button in buttons["action"]["buttons"]] == [
        "retry",
        "skip",
        "call",
    ]
    rows = [
        row["id"] for section in choices["action"]["sections"] for row in section["rows"]
    ]
    assert rows == ["orders", "returns", "inventory"]
    assert (
        "/dags/example_whatsapp_buttons/runs/manual__"
        in link["action"]["parameters"]["url"]
    )


def test_unknown(run, sandbox):
    """Each of the three sends its message once: no outcome is unknown here."""
    ended = run("example_whatsapp_unknown", recipient=GRACE)
    assert (ended.state, set(ended.tasks.values())) == ("success", {"success"})
    first_words = {
        body["text"]["body"].split()[0] for body in bodies(sandbox, "16505559876")
    }
    assert first_words == {"Your", "The", "Good"}
    assert len(sandbox.sent_messages()) == 3


def test_report(run, sandbox):
    """One person of three cannot be reached: that task fails, and each of the others has one report."""
    ended = run(
        "example_whatsapp_report",
        people={"Ada": ADA, "Unreachable": UNREACHABLE, "Grace": GRACE},
    )
    tasks = ended.tasks
    assert (ended.state, tasks.pop("send_report")) == (
        "failed",
        ["success", "failed", "success"],
    )
    assert set(tasks.values()) == {"success"}
    (media,) = sandbox.media()
    for recipient, name in (("16505551234", "Ada"), ("16505559876", "Grace")):
        (body,) = bodies(sandbox, recipient)
        header, text = body["template"]["components"]
        assert header["parameters"][0]["document"]["id"] == media["id"]
        assert text["parameters"][0]["text"] == name
    assert len(sandbox.sent_messages()) == 2


@pytest.mark.parametrize(
    ("recipient", "state", "sent"),
    [(ADA, "success", 1), (UNREACHABLE, "failed", 0)],
    ids=["reached", "not reached"],
)
def test_templates(run, sandbox, calls, recipient, state, sent):
    """The template of a campaign is gone afterwards, also when the recipient cannot be reached, which fails the run."""
    ended = run("example_whatsapp_templates", recipient=recipient)
    assert (ended.state, ended.tasks["send"], ended.tasks["delete_template"]) == (
        state,
        state,
        "success",
    )
    assert ended.xcom("category") == "MARKETING"
    made = ended.xcom("create_template")
    assert made["name"].startswith("campaign_2")
    assert ("DELETE", "message_templates") in calls()
    assert sandbox.templates() == []
    assert [message["body"]["template"]["name"] for message in sandbox.sent_messages()] == [
        made["name"]
    ] * sent


INCOMING = "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQ1QQ=="


def test_conversation(run, sandbox):
    """The question is marked as read, and an answer, a reaction, a place and a contact follow."""
    ended = run("example_whatsapp_conversation", message_id=INCOMING)
    assert (ended.state, set(ended.tasks.values())) == ("success", {"success"})
    (receipt,) = sandbox.read_messages()
    assert (receipt["message_id"], receipt["typing_indicator"]) == (
        INCOMING,
        {"type": "text"},
    )
    answer, reaction, place, contact = bodies(sandbox)
    assert reaction["reaction"] == {"message_id": INCOMING, "emoji": "👍"}
    assert answer["context"] == {"message_id": INCOMING}
    assert "https://example.com/office" in answer["text"]["body"]
    assert place["location"]["name"] == "Office"
    assert contact["contacts"][0]["name"]["formatted_name"] == "Grace Hopper"
    assert ended.xcom("answer")["used_fallback"] is False


def test_conversation_after_a_day(run, sandbox):
    """A recipient who has not written for long gets a template in place of all other messages, and XCom says so."""
    ended = run("example_whatsapp_conversation", sender=LONG_SILENT)
    skipped = {task for task, state in ended.tasks.items() if state == "skipped"}
    assert (ended.state, skipped) == ("success", {"react", "send_location", "send_contact"})
    (body,) = bodies(sandbox, "15550131047")
    assert body["template"]["name"] == "answer_ready"
    (message,) = sandbox.sent_messages()
    answer = ended.xcom("answer")
    assert (answer["used_fallback"], answer["message_id"]) == (True, message["id"])


def test_media(run, sandbox, tmp_path):
    """The chart is delivered, the copy equals what was drawn, and the upload is gone afterwards."""
    ended = run("example_whatsapp_media", storage=f"file://{tmp_path}")
    assert (ended.state, set(ended.tasks.values())) == ("success", {"success"})
    (message,) = sandbox.sent_messages()
    (media,) = sandbox.media()
    assert (message["status"], message["body"]["image"]["id"]) == ("DELIVERED", media["id"])
    (drawn,), (copy,) = tmp_path.glob("sales-*.png"), tmp_path.glob("sent-*.png")
    assert (
        drawn.read_bytes() == copy.read_bytes() == base64.b64decode(media["content_base64"])
    )
    assert media["deleted"]
