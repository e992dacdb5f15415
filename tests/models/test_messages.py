from __future__ import annotations

import pytest
from pydantic import ValidationError

from airflow_provider_whatsapp.models.base import checked
from airflow_provider_whatsapp.models.messages import MessageStatus, SentMessage, TemplateMessage
from airflow_provider_whatsapp.models.phone_numbers import BusinessPhoneNumber, QualityRating

TEMPLATE = {"name": "hello_world", "language": {"code": "en_US"}}


def test_message_on_the_wire():
    """A message leaves as the Cloud API takes it, with the number in digits and nothing absent."""
    assert checked(TemplateMessage, {"to": "+1 650 555 1234", "template": TEMPLATE}).wire() == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "16505551234",
        "type": "template",
        "template": TEMPLATE,
    }


def test_number_is_not_repeated(refused):
    """A refused recipient is not repeated in the error."""
    message = refused(checked, TemplateMessage, {"to": "0049 151 1234567", "template": TEMPLATE})
    assert message.startswith("to: an international phone number has no leading zero")
    assert "1234567" not in message


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
    assert (answer.message_id, answer.wa_id, answer.message_status) == ("wamid.HBgL", "16505551234", None)
    assert "16505551234" not in repr(answer)


@pytest.mark.parametrize("status", [*MessageStatus, "something_new"])
def test_message_status(status):
    """What Meta did with a template message is kept, new words too."""
    assert sent(message_status=status).message_status == status


@pytest.mark.parametrize(
    "contacts", [{}, {"contacts": []}, {"contacts": [{"input": "1"}]}], ids=["absent", "none", "hidden"]
)
def test_answer_without_number(contacts):
    """Where Meta hides the recipient's number there is no WhatsApp id."""
    assert SentMessage.model_validate({"messages": [{"id": "wamid.HBgL"}], **contacts}).wa_id is None


def test_answer_without_message():
    """An answer without a message is none."""
    with pytest.raises(ValidationError):
        SentMessage.model_validate({"messages": []})


def test_business_phone_number():
    """A number that sends has an id and a rating; its digits stay out of the logs."""
    body = {"id": "106540352242922", "display_phone_number": "+1 650-555-1234", "quality_rating": "RED"}
    number = BusinessPhoneNumber.model_validate(body)
    assert (number.id, number.quality_rating) == ("106540352242922", QualityRating.RED)
    assert "555-1234" not in repr(number)
    assert BusinessPhoneNumber.model_validate({"id": "1", "quality_rating": "NA"}).quality_rating == "NA"
    assert BusinessPhoneNumber.model_validate({"id": "1"}).quality_rating is QualityRating.UNKNOWN


def test_a_hidden_number_does_not_lose_the_message_id():
    """Where Meta hides the recipient's number, the answer to a send still has its message id."""
    message = {"messaging_product": "whatsapp", "messages": [{"id": "wamid.1", "message_status": None}]}
    for contacts in (None, [], [{"input": None, "wa_id": None, "user_id": "US.1"}]):
        sent = SentMessage.model_validate({**message, "contacts": contacts})
        assert (sent.message_id, sent.wa_id, sent.message_status) == ("wamid.1", None, None)
