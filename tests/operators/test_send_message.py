import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.client.client import WhatsAppClient
from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.messages import (
    Location,
    LocationMessage,
    PreparedMessage,
    RawMessage,
    ReadReceipt,
    Text,
    TextMessage,
)
from airflow_provider_whatsapp.operators.messages import SendMessageOperator
from tests.builders import body_component, reaction, sent_message, template_content

NUMBER = "+1 (650) 555-1234"
SECRET = "what only Robert may read"
MESSAGE_ID = "wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNEQTA2RjdGMEY4RTRGAA=="


def send(message, **arguments):
    return SendMessageOperator(
        task_id="send", message=message, **{"to": NUMBER, **arguments}
    )


REACTION = reaction(MESSAGE_ID)


def test_a_dict_arrives_to_the_letter(sent):
    """Meta's own body is sent with the recipient put in, and the ids are returned."""
    result, body = sent(send(REACTION))
    assert body == sent_message("reaction", {"message_id": MESSAGE_ID, "emoji": "👍"})
    assert result == {
        "message_id": result["message_id"],
        "wa_id": "16505551234",
        "message_status": None,
    }


def test_a_model_arrives_to_the_letter(sent):
    """A model has its own recipient and context; absent fields are not sent."""
    message = LocationMessage(
        to=NUMBER,
        context={"message_id": MESSAGE_ID},
        location=Location(latitude=1, longitude=2),
    )
    _, body = sent(SendMessageOperator(task_id="send", message=message))
    assert body == sent_message(
        "location", {"latitude": 1, "longitude": 2}, context={"message_id": MESSAGE_ID}
    )


@pytest.mark.parametrize(
    "message",
    [
        {
            "to": "+49 30 901820",
            "type": "text",
            "text": {"body": "Hi"},
            "context": {"message_id": "wamid.other"},
            "biz_opaque_callback_data": "of the message",
        },
        TextMessage(
            to="+49 30 901820",
            text=Text(body="Hi"),
            context={"message_id": "wamid.other"},
            biz_opaque_callback_data="of the message",
        ),
    ],
    ids=["dict", "model"],
)
@pytest.mark.parametrize("unchecked", [False, True], ids=["checked", "unchecked"])
def test_the_operators_arguments_win(sent, message, unchecked):
    """Recipient, reply and callback data of the operator take the place of the message's own, which keeps them."""
    task = send(
        message,
        unchecked=unchecked,
        reply_to_message_id=MESSAGE_ID,
        biz_opaque_callback_data="of the task",
    )
    _, body = sent(task)
    assert body["to"] == "16505551234"
    assert body["context"] == {"message_id": MESSAGE_ID}
    assert body["biz_opaque_callback_data"] == "of the task"
    assert task.message is message


def test_a_message_knows_its_recipient(sent):
    """Without arguments of the operator's, the message's own count, also a user id in place of a number."""
    message = {
        "recipient": "US.13491208655302741918",
        "type": "text",
        "text": {"body": "Hi"},
    }
    result, body = sent(SendMessageOperator(task_id="send", message=message))
    assert body["recipient"] == "US.13491208655302741918"
    assert "to" not in body
    assert result["wa_id"] is None


def test_a_text_without_type_goes_out_without_one(sent):
    """Meta takes a text without a type for one, so that none is added."""
    _, body = sent(send({"text": {"body": "Hi"}}))
    assert "type" not in body


@pytest.mark.parametrize(
    "message",
    [
        {
            "type": "text",
            "text": {"body": "Hello {{ name }}"},
            "biz_opaque_callback_data": "run {{ run }}",
        },
        TextMessage(
            to=NUMBER,
            text=Text(body="Hello {{ name }}"),
            biz_opaque_callback_data="run {{ run }}",
        ),
        RawMessage(
            to=NUMBER,
            type="text",
            text={"body": "Hello {{ name }}"},
            biz_opaque_callback_data="run {{ run }}",
        ),
    ],
    ids=["dict", "model", "raw model"],
)
def test_inner_texts_are_rendered(sent, message):
    """Jinja reaches every text of a dict and of a model."""
    task = send(message)
    task.render_template_fields({"name": "Ada", "run": 7})
    _, body = sent(task)
    assert (body["text"], body["biz_opaque_callback_data"]) == (
        {"body": "Hello Ada"},
        "run 7",
    )


def test_lists_within_are_rendered(sent):
    """Jinja reaches into lists, and keys are left alone."""
    card = {
        "name": {"formatted_name": "{{ name }}", "first_name": "{{ name }}"},
        "phones": [{"phone": "{{ phone }}"}],
    }
    task = send({"type": "contacts", "contacts": [card]})
    task.render_template_fields({"name": "Ada", "phone": "+44 20 7946 0000"})
    _, body = sent(task)
    assert body["contacts"] == [
        {
            "name": {"formatted_name": "Ada", "first_name": "Ada"},
            "phones": [{"phone": "+44 20 7946 0000"}],
        }
    ]


@pytest.mark.parametrize("unchecked", [False, True], ids=["checked", "unchecked"])
def test_a_type_that_is_not_known_yet_goes_out_as_it_is(template, calls, unchecked):
    """A type that Meta may add later is sent; here Meta rejects it."""
    with pytest.raises(AirflowFailException, match="131051"):
        send(
            {"type": "hologram", "hologram": {"of": "a cat"}}, unchecked=unchecked
        ).execute({})
    assert calls() == ["POST …/messages"]


def test_a_field_that_is_not_known_yet_needs_unchecked(sent, error_of):
    """A field that this version does not know is an error, except with unchecked."""
    message = {
        "type": "text",
        "text": {"body": "Hi", "typeface": "Garamond"},
        "later": None,
    }
    assert 'message["text"]["typeface"]: must be a known field' in error_of(send(message))
    _, body = sent(send(message, unchecked=True))
    assert (body["text"], body["later"]) == ({"body": "Hi", "typeface": "Garamond"}, None)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "template", "template": template_content(body_component("Ada"))},
        {"type": "text", "text": {"body": "Hi"}, "template": "of tomorrow"},
    ],
    ids=["template", "something else"],
)
def test_no_part_that_is_unchecked_fails_a_task_that_has_sent(template, message):
    """A task never fails over what it could not read in a message that went out: its retry would send another."""
    result = send(message, unchecked=True).execute({})
    assert [sent["id"] for sent in template.sent_messages()] == [result["message_id"]]


def test_unchecked_still_checks_the_envelope(error_of):
    """Recipient and envelope are still validated."""
    error = error_of(send({"type": "text", "text": {}}, unchecked=True, to="call me"))
    assert "to: must not have letters" in error
    assert 'message["type"]: must be present' in error_of(
        send({"text": {"body": SECRET}}, unchecked=True)
    )


@pytest.mark.parametrize("unchecked", [False, True])
def test_a_national_number_in_the_body_becomes_international(
    sandbox, connect, sent, unchecked
):
    """With a default country the body's own recipient is read as the argument is."""
    connect(extra={"default_country": "DE"})
    message = {"to": "0160 1234567", "type": "text", "text": {"body": "hi"}}
    _, body = sent(send(message, to=None, unchecked=unchecked))
    assert body["to"] == "491601234567"


@pytest.mark.parametrize("unchecked", [False, True])
@pytest.mark.parametrize(
    "extra", [{}, {"default_country": "DE"}], ids=["international", "with a country"]
)
def test_a_list_in_the_body_says_how_to_send_to_many(connect, error_of, unchecked, extra):
    """A list as the body's own recipient is an error, as in the argument."""
    connect(extra=extra)
    message = {"to": ["+49 160 1234567"], "type": "text", "text": {"body": "hi"}}
    assert "map the task with .expand(to=[...])." in error_of(
        send(message, to=None, unchecked=unchecked)
    )


def test_a_user_id_has_no_country(sandbox, connect, sent):
    """A default country does not matter to a message that has a user id and no number."""
    connect(extra={"default_country": "DE"})
    message = {
        "recipient": "US.13491208655302741918",
        "type": "text",
        "text": {"body": "hi"},
    }
    _, body = sent(send(message, to=None))
    assert "to" not in body


@pytest.mark.parametrize(
    ("message", "named"),
    [
        (
            None,
            "message: must be a dict or a model (got NoneType). Check the XCom it comes from",
        ),
        (SECRET, "message: must be a dict or a model (got str)"),
        ([REACTION], "message: must be a dict or a model (got list)"),
        ({}, 'message["type"]: must be present'),
        ({"type": "text"}, 'message["text"]: must be present'),
        (
            {"type": "text", "text": {"body": SECRET * 200}},
            'message["text"]["body"]: must be at most 4096 characters',
        ),
        ({"type": "text", "text": {"body": "Hi"}, SECRET: 1}, "must be a known field"),
        (
            {"type": "reaction", "reaction": {"message_id": MESSAGE_ID}},
            'message["reaction"]["emoji"]: must be present',
        ),
        (
            {"type": "", "text": {"body": SECRET}},
            'message["type"]: must be at least 1 character',
        ),
        ({"type": 5}, 'message["type"]: must be text'),
        (
            {"type": "text", "text": {"body": "Hi"}, "messaging_product": "sms"},
            'message["messaging_product"]: ',
        ),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_wrong_message_fails_before_any_call(error_of, message, named):
    """An error about a message shows neither number nor text, and no call is made."""
    error = error_of(send(message))
    assert named in error
    assert "5551234" not in error


@pytest.mark.parametrize(
    "arguments", [{"to": None}, {}], ids=["as Meta has it", "with a recipient"]
)
@pytest.mark.parametrize(
    "receipt",
    [{"status": "read", "message_id": MESSAGE_ID}, ReadReceipt(message_id=MESSAGE_ID)],
    ids=["dict", "model"],
)
@pytest.mark.parametrize("unchecked", [False, True], ids=["checked", "unchecked"])
def test_a_read_receipt_is_no_message(error_of, receipt, arguments, unchecked):
    """A receipt, which would be posted to the same address, is led to its own operator."""
    error = error_of(send(receipt, unchecked=unchecked, **arguments))
    assert (
        "message: must be a message (got a read receipt). Use MarkMessageReadOperator"
        in error
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
TYPES = [
    "text",
    "image",
    "audio",
    "location",
    "contacts",
    "reaction",
    "interactive",
    "template",
    "hologram",
]


COUNTRIES = st.sampled_from([None, "DE"])


@given(
    kind=st.sampled_from(TYPES),
    content=JSON,
    rest=st.dictionaries(st.text(max_size=8), JSON, max_size=2),
    country=COUNTRIES,
)
def test_anything_is_a_message_or_rejected(kind, content, rest, country):
    """Any result of an upstream task becomes a message with an envelope, or an error that says why."""
    task = send({**rest, "type": kind, kind: content})
    task.client = WhatsAppClient(ClientConfig(api_key="key", default_country=country))
    try:
        message = task.build_message(task.content())
    except InvalidRequestError as error:
        rejection = str(error)
        message = None
    assert isinstance(message, PreparedMessage) or ": " in rejection
