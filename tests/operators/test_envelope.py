"""The common behaviour of all operators that send a message."""

import base64
import json
import logging

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_whatsapp.models.ids import shorten_message_id
from airflow_provider_whatsapp.operators.messages import SendTemplateOperator
from tests.operator_arguments import send_arguments

NUMBER = "+1 (650) 555-1234"
SECRET = "what only Robert may read"
MESSAGE_ID = "wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNEQTA2RjdGMEY4RTRGAA=="

# In place of each free text: it stays between sender and recipient.
SENDS = send_arguments(SECRET)
each_send = pytest.mark.parametrize("cls", SENDS, ids=lambda cls: cls.__name__)


def task(cls, **arguments):
    return cls(task_id="send", **{"to": NUMBER, **SENDS[cls], **arguments})


@each_send
def test_the_envelope_is_the_same_for_all(template, sent, cls):
    """Recipient, reply and callback data arrive beside any content, and the ids come back."""
    result, body = sent(
        task(cls, reply_to_message_id=MESSAGE_ID, biz_opaque_callback_data="run 7")
    )
    content = {key: body.pop(key) for key in ("type", body["type"])}
    assert content[content["type"]]
    assert body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "16505551234",
        "context": {"message_id": MESSAGE_ID},
        "biz_opaque_callback_data": "run 7",
    }
    assert {"message_id", "wa_id", "message_status"} <= set(result)
    assert result["wa_id"] == "16505551234"


@each_send
def test_a_group_gets_it_under_its_id(template, sent, cls):
    """A group's id goes out as it is, letters and all."""
    _, body = sent(task(cls, to="Y2FwaV9ncm91cDox", recipient_type="group"))
    assert (body["to"], body["recipient_type"]) == ("Y2FwaV9ncm91cDox", "group")


@each_send
def test_another_number_can_send_it(template, cls):
    """phone_number_id takes the place of the connection's; here it is unknown."""
    with pytest.raises(AirflowFailException, match="NotFoundError: "):
        task(cls, phone_number_id="200000000000009").execute({})
    request_log = template.requests()
    assert [call["path"].split("/")[-2:] for call in request_log] == [
        ["200000000000009", "messages"]
    ]


@each_send
@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"to": "0049 30 5551234"}, "to: must not have a leading zero"),
        ({"to": "+49 30 5551234 ext"}, "to: must not have letters"),
        ({"to": "5551234" * 3}, "to: must have 7 to 15 digits"),
        ({"to": True}, "to: must be text (got bool). Pass '+<country code><number>'."),
        ({"to": None}, "to: must be text (got None)"),
        ({"to": "", "recipient_type": "group"}, "to: must be a group's id"),
        (
            {"recipient_type": "everybody"},
            "recipient_type: must be 'individual' or 'group'",
        ),
        (
            {"reply_to_message_id": "wamid.a 5551234"},
            "reply_to_message_id: must be a message id, which begins with wamid.",
        ),
        ({"reply_to_message_id": 5551234}, "reply_to_message_id: must be text"),
        (
            {"biz_opaque_callback_data": SECRET * 21},
            "biz_opaque_callback_data: must be at most 512",
        ),
        (
            {"to": [NUMBER]},
            "to: must be one recipient (got list, 1 item). Pass one number; for several, map",
        ),
        (
            {"to": (NUMBER,), "recipient_type": "group"},
            "map the task with .expand(to=[...]).",
        ),
        ({"to": "['+49 30 5551234']"}, "map the task with .expand(to=[...])."),
        (
            {"to": "5551234 5555678"},
            "to: must be one phone number, but looks like two or more",
        ),
        ({"to": "495551234567.0"}, "to: must not have a decimal point"),
        ({"to": 495551234567.0}, "to: must be text, because a float can gain a digit"),
        ({"phone_number_id": "20/5551234"}, "phone_number_id: must be an id of digits"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_envelope_fails_before_any_call(template, error_of, cls, arguments, named):
    """An error about the envelope names field and rule, never the value, and no call is made."""
    error = error_of(task(cls, **arguments))
    assert named in error
    assert SECRET not in error
    assert "5551234" not in error


@each_send
def test_no_number_no_text_and_no_key_in_the_log(template, cls, caplog, capfd):
    """The log has the message's id and kind and a shortened recipient, down to the debug level, and no more."""
    with caplog.at_level(logging.DEBUG):
        result = task(cls, biz_opaque_callback_data=SECRET).execute({})
    log = caplog.text + "".join(capfd.readouterr())
    assert f"for 1650•••1234 as message {shorten_message_id(result['message_id'])}" in log
    assert SECRET not in log
    assert "5551234" not in log
    # Ids of messages spell the number in Base64.
    spelled = base64.b64encode(b"16505551234")[:12].decode()
    assert spelled in result["message_id"]
    assert spelled not in log
    assert template.api_key not in log


@each_send
def test_a_group_is_not_shown_in_the_log(template, cls, caplog, capfd):
    """The id of a group is kept out of the log altogether."""
    with caplog.at_level(logging.DEBUG):
        task(cls, to="Y2FwaV9ncm91cDox", recipient_type="group").execute({})
    log = caplog.text + "".join(capfd.readouterr())
    assert "for ••• as message" in log
    assert "Y2FwaV9ncm91cDox" not in log


@each_send
@pytest.mark.parametrize(
    "behaviour", ["drop", "drop_after"], ids=["lost on the way", "lost after acceptance"]
)
def test_a_lost_response_is_never_sent_again(template, calls, cls, behaviour):
    """Whether or not the message was accepted, one call is made and the task fails without retries."""
    template.fault(path="/messages$", behaviour=behaviour)
    with pytest.raises(
        AirflowFailException,
        match="OutcomeUnknownError: .*Ask the recipient or check the webhooks",
    ):
        task(cls).execute({})
    assert calls() == ["POST …/messages"]


class RunningTask:
    """The part of a task instance that an operator uses: it keeps XComs, or cannot store them."""

    def __init__(self, failure=None):
        self.xcoms = {}
        self.failure = failure

    def xcom_push(self, key, value):
        """Keep a value."""
        if self.failure:
            raise self.failure
        self.xcoms[key] = value


@each_send
def test_the_way_to_whatsapp_manager_is_left_behind(template, cls):
    """A task in Airflow leaves the addresses for its links, without number or text."""
    ti = RunningTask()
    task(cls).execute({"ti": ti})
    templates = {"message_templates_link"} if cls is SendTemplateOperator else set()
    assert set(ti.xcoms) == {"phone_numbers_link", *templates}
    assert all(
        link.endswith(f"?asset_id={template.business_account_id}")
        for link in ti.xcoms.values()
    )
    assert SECRET not in json.dumps(ti.xcoms)


@each_send
def test_a_connection_without_account_sends_all_the_same(template, connect, cls):
    """No business account is needed to send; there is only no link then."""
    connect(extra={"business_account_id": None})
    ti = RunningTask()
    assert task(cls).execute({"ti": ti})["message_id"]
    assert ti.xcoms == {}


@each_send
def test_what_can_fail_in_airflow_fails_before_the_send(template, calls, cls):
    """A link's XCom must not fail the task after the message has left: a retry would send a second one."""
    with pytest.raises(ConnectionError):
        task(cls).execute({"ti": RunningTask(failure=ConnectionError("no XComs now"))})
    assert calls() == []


@each_send
@pytest.mark.parametrize(
    ("to", "number"),
    [
        ("0160 1234567", "491601234567"),
        ("+1 650 555 1234", "16505551234"),
        (1601234567, "491601234567"),
    ],
    ids=["national", "international", "int"],
)
def test_a_national_number_becomes_international(template, connect, sent, cls, to, number):
    """With a default country each operator sends to national numbers of that country, and to others."""
    connect(extra={"default_country": "de"})
    result, body = sent(task(cls, to=to))
    assert body["to"] == result["wa_id"] == number


@each_send
def test_a_group_has_no_country(template, connect, sent, cls):
    """A group's id of digits stays as it is, default country or not."""
    connect(extra={"default_country": "DE"})
    _, body = sent(task(cls, to="01601234567", recipient_type="group"))
    assert body["to"] == "01601234567"


@each_send
@pytest.mark.parametrize(
    ("extra", "to", "named"),
    [
        ({}, "0160 1234567", "to: must not have a leading zero"),
        (
            {"default_country": "DE"},
            "0160 12",
            "to: must be a valid number as dialled in DE",
        ),
        ({"default_country": "US"}, 3685147406, "to: must be clear, but could be"),
        (
            {"default_country": "DE"},
            ["0160 1234567"],
            "map the task with .expand(to=[...]).",
        ),
        (
            {"default_country": "UK"},
            "0160 1234567",
            "default_country: must be the ISO 3166-1 code",
        ),
        (
            {"check_numbers": "fail"},
            "650 555 1234",
            "to: must be a valid phone number (got 10 digits, read as",
        ),
    ],
    ids=["no country", "too short", "ambiguous", "list", "no such country", "invalid"],
)
def test_a_number_that_is_not_sent(template, connect, error_of, cls, extra, to, named):
    """A number that may belong to another person fails the task at once, before any call."""
    connect(extra=extra)
    assert named in error_of(task(cls, to=to))


@each_send
def test_an_invalid_number_is_sent_with_a_warning(template, sent, caplog, cls):
    """By default a number that libphonenumber calls invalid goes out, and the log says how it was read."""
    _, body = sent(task(cls, to="650 555 1234"))
    assert body["to"] == "6505551234"
    assert (
        caplog.text.count(
            "to: 6505•••1234 is read as country code 65 (SG), and is not a valid number there"
        )
        == 1
    )
    assert "6505551234" not in caplog.text
