from __future__ import annotations

import pytest
from pydantic import ValidationError

from airflow_provider_whatsapp.models.messages import MessageStatus, SentMessage


def sent(**message):
    """Return an answer to a send, read."""
    body = {
        "messaging_product": "whatsapp",
        "contacts": [{"input": "16505551234", "wa_id": "16505551234"}],
        "messages": [{"id": "wamid.HBgL", **message}],
    }
    return SentMessage.model_validate(body)


def test_answer():
    """An answer tells the message's id and the recipient's WhatsApp id; the latter stays out of the logs."""
    answer = sent()
    assert (answer.message_id, answer.wa_id, answer.message_status) == (
        "wamid.HBgL",
        "16505551234",
        None,
    )
    assert "16505551234" not in repr(answer)


@pytest.mark.parametrize("status", [*MessageStatus, "something_new"])
def test_message_status(status):
    """What Meta did with a template message is kept, new words too."""
    assert sent(message_status=status).message_status == status


@pytest.mark.parametrize(
    "contacts",
    [{}, {"contacts": []}, {"contacts": [{"input": "1"}]}],
    ids=["absent", "none", "hidden"],
)
def test_answer_without_number(contacts):
    """Where Meta hides the recipient's number there is no WhatsApp id."""
    assert (
        SentMessage.model_validate({"messages": [{"id": "wamid.HBgL"}], **contacts}).wa_id
        is None
    )


def test_answer_without_message():
    """An answer without a message is none."""
    with pytest.raises(ValidationError):
        SentMessage.model_validate({"messages": []})


def test_a_hidden_number_does_not_lose_the_message_id():
    """Where Meta hides the recipient's number, the answer to a send still has its message id."""
    message = {
        "messaging_product": "whatsapp",
        "messages": [{"id": "wamid.1", "message_status": None}],
    }
    for contacts in (None, [], [{"input": None, "wa_id": None, "user_id": "US.1"}]):
        sent = SentMessage.model_validate({**message, "contacts": contacts})
        assert (sent.message_id, sent.wa_id, sent.message_status) == ("wamid.1", None, None)


@pytest.mark.parametrize(
    ("contacts", "wa_id"),
    [
        ([{"wa_id": 16505551234}], "16505551234"),
        ({"input": 1, "wa_id": "16505551234"}, "16505551234"),
        ([{"wa_id": ["1"]}], None),
        ([None, 5], None),
        ("16505551234", None),
        (True, None),
    ],
    ids=repr,
)
def test_odd_contacts_do_not_lose_the_message_id(contacts, wa_id):
    """An accepted message keeps its id if the response has odd contacts."""
    sent = SentMessage.model_validate(
        {"messages": [{"id": "wamid.1", "message_status": 5}], "contacts": contacts}
    )
    assert (sent.message_id, sent.wa_id, sent.message_status) == ("wamid.1", wa_id, "5")


def test_an_odd_status_and_an_odd_second_message_are_left_out():
    """Neither half a character in the status nor a second item makes an accepted message unknown."""
    messages = [{"id": "wamid.1", "message_status": "\ud800"}, {}]
    found = SentMessage.model_validate({"messages": messages})
    assert (found.message_id, found.message_status) == ("wamid.1", None)


def test_a_single_message_is_a_list_of_one():
    """A message that comes without its list is read as well."""
    assert (
        SentMessage.model_validate({"messages": {"id": "wamid.1"}}).message_id == "wamid.1"
    )


@pytest.mark.parametrize("message_id", ["", " ", "\n", None, [], {}, True, 1.5], ids=repr)
def test_a_message_without_an_id_is_no_success(message_id):
    """An answer whose id is empty, or no text, does not say that a message was accepted."""
    with pytest.raises(ValidationError):
        SentMessage.model_validate({"messages": [{"id": message_id}]})


def test_the_repr_hides_the_message_id():
    """The id spells the recipient's number in Base64, and unknown fields may be one: neither is shown."""
    answer = sent(id="wamid.HBgLMTY1MDU1NTEyMzQ", phone="16505551234")
    assert "HBgL" not in repr(answer)
    assert "16505551234" not in repr(answer)


@pytest.mark.parametrize("status", ["held_for_quality_assessment", "PAUSED", "paused"])
def test_held(status):
    """Meta has accepted the message, and not sent it."""
    assert sent(message_status=status).message_status.is_held
    assert not sent(message_status="accepted").message_status.is_held
