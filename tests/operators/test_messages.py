import logging

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_whatsapp.exceptions import TransportError
from airflow_provider_whatsapp.operators.messages import SendTemplateOperator
from tests.builders import body_component

NUMBER = "+1 (650) 555-1234"


def send(**arguments):
    arguments = {
        "to": NUMBER,
        "template_name": "order_shipped",
        "body_parameters": ["Ada"],
        **arguments,
    }
    return SendTemplateOperator(task_id="send", **arguments).execute({})


def calls(sandbox):
    request_log = sandbox.requests()
    return [call for call in request_log if call["path"].endswith("/messages")]


def test_one_message_is_sent_and_its_ids_returned(template):
    """A send is one accepted message, in the gateway's form, and small plain JSON for XCom."""
    result = send()
    (message,) = template.sent_messages()
    assert result == {
        "message_id": message["id"],
        "wa_id": "16505551234",
        "message_status": "accepted",
    }
    assert {type(value) for value in result.values()} == {str}
    assert message["body"]["to"] == "16505551234"
    assert message["body"]["template"]["components"] == [body_component("Ada")]


def test_invalid_text_is_fixed_by_default(template):
    """Line breaks and tabs, which Meta rejects in a parameter, arrive as a space."""
    send(body_parameters=["Task failed\n\tin line 3"])
    (message,) = template.sent_messages()
    assert (
        message["body"]["template"]["components"][0]["parameters"][0]["text"]
        == "Task failed in line 3"
    )


def test_invalid_text_can_be_rejected(template):
    """With invalid_text='fail' nothing is sent, and the error says what is not allowed."""
    with pytest.raises(
        AirflowFailException,
        match=r"body.*line break.*invalid_text='fix'|components\[0\].*line break",
    ):
        send(body_parameters=["a\nb"], invalid_text="fail")
    assert calls(template) == []


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"to": "0049 30 123456"}, "to: .*leading zero"),
        ({"to": "call me"}, "to: must not have letters"),
        ({"to": ""}, "to: .*empty"),
        ({"to": None}, r"to: .*got None"),
        ({"template_name": "Order_Shipped"}, "template.name: .*lower-case"),
        ({"language_code": "english"}, "language_code: .*en_US"),
        (
            {"body_parameters": [None]},
            r"body_parameters\[0\]: must be text or a number \(got None",
        ),
        ({"body_parameters": "Ada"}, "body_parameters: must be a list .* or a dict"),
        (
            {"body_parameters": {"1": "a", "name": "b"}},
            r'body_parameters\["1"\]: must be a name',
        ),
        (
            {"header": {"document": {"id": "1/../2"}}},
            r'header\["document"\]\["id"\]: must be a media id of digits',
        ),
        ({"components": [{"type": "body"}]}, "components: must not be set together"),
        ({"invalid_text": "ignore"}, "invalid_text: must be one of fix, fail"),
        ({"phone_number_id": "12/34"}, "phone_number_id: must be an id of digits"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_input_fails_before_anything_is_sent(template, arguments, named):
    """Input that cannot work fails the task without retries, named and without its value, and no call is made."""
    with pytest.raises(AirflowFailException, match=named) as caught:
        send(**arguments)
    assert calls(template) == []
    assert "1234" not in str(caught.value)


def test_a_number_that_native_rendering_made_an_int_is_accepted(template):
    """A phone number that arrives as an int is the same number."""
    send(to=16505551234)
    assert template.sent_messages()[0]["to"] == "16505551234"


def test_a_rejection_of_meta_fails_the_task_without_retries(template):
    """The API rejects a wrong number of parameters, and the task does not retry."""
    with pytest.raises(
        AirflowFailException, match="TemplateError: .*132000.*Pass exactly as many"
    ):
        send(body_parameters=["Ada", "Lovelace"])
    assert len(calls(template)) == 1


@pytest.mark.parametrize(
    "behaviour", ["drop", "drop_after"], ids=["lost on the way", "lost after acceptance"]
)
def test_a_lost_response_is_never_sent_again(template, behaviour):
    """Whether or not the message was accepted, the operator makes one call and fails without retries."""
    template.fault(path="/messages$", behaviour=behaviour)
    with pytest.raises(
        AirflowFailException,
        match="OutcomeUnknownError: .*Ask the recipient or check the webhooks",
    ):
        send()
    assert len(calls(template)) == 1
    assert len(template.sent_messages()) == (1 if behaviour == "drop_after" else 0)


def test_no_connection_leaves_the_retries_to_airflow(template, connect, monkeypatch):
    """When nothing can have been sent, the error is one that Airflow's retries may repeat."""
    monkeypatch.setattr("airflow_provider_whatsapp.client.http.retry.MAX_ATTEMPTS", 1)
    connect(host="http://127.0.0.1:9")
    with pytest.raises(TransportError, match="nothing was sent"):
        send()


def test_no_number_and_no_key_in_the_log(template, caplog, capfd):
    """The log names ids and shortens the recipient, down to the debug level."""
    with caplog.at_level(logging.DEBUG):
        send()
    log = caplog.text + "".join(capfd.readouterr())
    assert "1650•••1234" in log
    assert "5551234" not in log
    assert template.api_key not in log


def test_everything_that_varies_is_templated():
    """Recipient, template, parameters, ids and connection can come from Jinja and XCom."""
    assert {
        "to",
        "template_name",
        "language_code",
        "body_parameters",
        "header",
        "buttons",
        "components",
        "recipient_type",
        "reply_to_message_id",
        "biz_opaque_callback_data",
        "phone_number_id",
        "maton_conn_id",
    } == set(SendTemplateOperator.template_fields)


@pytest.fixture(params=["held_for_quality_assessment", "paused"])
def held(request, template):
    """Meta accepts the next message, and holds it."""
    message = {"id": "wamid.HBgLMTY1MDU1NTEyMzQ", "message_status": request.param}
    template.fault(
        path="/messages$",
        status=200,
        body={"messages": [message], "contacts": [{"wa_id": "16505551234"}]},
    )
    return request.param


def test_a_held_message_is_told(held, caplog, capfd):
    """A message that Meta holds is a warning in the log, and its status is in XCom."""
    assert send()["message_status"] == held
    log = caplog.text + "".join(capfd.readouterr())
    lines = [line.lower() for line in log.splitlines() if f"holds it ({held})" in line]
    assert lines
    assert all("warning" in line for line in lines)
    assert "HBgL" not in log


def test_a_held_message_can_fail_the_task(held):
    """With on_held="fail" the task fails without retries: another try would be another message."""
    with pytest.raises(
        AirflowFailException,
        match=rf"TemplateError: Meta accepted message .* holds it \({held}\)",
    ):
        send(on_held="fail")


def test_on_held_is_checked(template):
    """An unknown choice fails before anything is sent."""
    with pytest.raises(
        AirflowFailException, match=r"on_held: must be one of warn, fail \(got str, 4"
    ):
        send(on_held="skip")
    assert calls(template) == []
