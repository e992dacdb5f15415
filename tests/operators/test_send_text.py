import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_whatsapp.operators.messages import SendTextOperator
from airflow_provider_whatsapp.operators.templates import SyncTemplatesOperator
from tests.builders import (
    body_component,
    sent_message,
    template_content,
    template_definition,
)

NUMBER = "+1 (650) 555-1234"
OUTSIDE_THE_WINDOW = "15550131047"
UNDELIVERABLE = "15550131026"
SECRET = "what only Robert may read"


def text(**arguments):
    return SendTextOperator(
        task_id="send", **{"to": NUMBER, "body": "Your order has shipped.", **arguments}
    )


def test_the_text_arrives_to_the_letter(sent):
    """One call carries recipient, text and preview; ids and the kind of send are returned."""
    result, body = sent(text(body="See https://example.com\nThank you!", preview_url=True))
    assert body == sent_message(
        "text", {"body": "See https://example.com\nThank you!", "preview_url": True}
    )
    assert result == {
        "message_id": result["message_id"],
        "wa_id": "16505551234",
        "message_status": None,
        "used_fallback": False,
    }


def test_what_is_not_given_is_not_sent(sent):
    """Without preview_url the choice is Meta's."""
    _, body = sent(text())
    assert body["text"] == {"body": "Your order has shipped."}


def test_the_longest_text_is_sent(sent):
    """A text of 4096 characters is within the limit."""
    _, body = sent(text(body="é" * 4096))
    assert len(body["text"]["body"]) == 4096


def test_a_number_that_native_rendering_made_of_a_text_is_sent_as_text(sent):
    """A body of digits that arrives as an int is the same text."""
    _, body = sent(text(body=4711))
    assert body["text"]["body"] == "4711"


@pytest.mark.parametrize(
    ("arguments", "field", "rule", "remedy"),
    [
        (
            {"body": SECRET * 200},
            "body: ",
            "at most 4096 characters (got str, 5000",
            "Shorten it.",
        ),
        ({"body": ""}, "body: ", "at least 1 character", "Give it a value."),
        ({"body": None}, "body: ", "must be present", "Add it."),
        ({"body": {"text": SECRET}}, "body: ", "got dict, 1 item", "Pass a str"),
        ({"preview_url": SECRET}, "preview_url: ", "must be true or false", ""),
        ({"to": "call me"}, "to: ", "must not have letters", "Remove words"),
        (
            {"fallback_template": 5},
            "fallback_template: ",
            "a template's name",
            "a dict with template_name",
        ),
        (
            {"fallback_template": {"body_parameters": [SECRET]}},
            "fallback_template: ",
            "dict with template_name",
            "",
        ),
        (
            {"fallback_template": {"template_name": "order_late", "to": NUMBER}},
            "fallback_template: ",
            "fallback_template: must have known arguments only (got to)",
            "known arguments are template_name, language_code",
        ),
        (
            {"fallback_template": "Order Late"},
            'fallback_template["template_name"]: ',
            "lower-case letters",
            "Write it in lower case",
        ),
        (
            {
                "fallback_template": {
                    "template_name": "order_late",
                    "body_parameters": SECRET,
                }
            },
            'fallback_template["body_parameters"]: ',
            "must be a list",
            "Wrap a single value in [ ].",
        ),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_wrong_argument_fails_before_any_call(error_of, arguments, field, rule, remedy):
    """A text or fallback that cannot be sent is found before the text is, and named without number or text."""
    error = error_of(text(**arguments))
    assert field in error
    assert rule in error
    assert remedy in error
    assert SECRET not in error
    assert "555" not in error


def test_outside_the_window_the_task_fails_with_the_remedy(sandbox, calls):
    """Without a fallback, a closed window fails the task without retries and advises a template."""
    with pytest.raises(
        AirflowFailException,
        match=r"RecipientError: .*code 131047.*send a template instead",
    ):
        text(to=OUTSIDE_THE_WINDOW).execute({})
    assert calls() == ["POST …/messages"]


def test_the_fallback_goes_to_the_same_national_number(template, connect, sent):
    """With a default country both the text and the template in its place go to the number in international form."""
    connect(extra={"default_country": "DE"})
    error = {"message": "No", "type": "OAuthException", "code": 131047, "fbtrace_id": "A"}
    template.fault(path="/messages$", status=400, body={"error": error})
    fallback = {"template_name": "order_shipped", "body_parameters": ["Ada"]}
    result, body = sent(text(to="0160 1234567", fallback_template=fallback))
    assert (result["used_fallback"], body["to"]) == (True, "491601234567")


@pytest.mark.parametrize(
    ("fallback", "parameters"),
    [
        (
            {"template_name": "order_shipped", "body_parameters": ["Ada\nLovelace"]},
            "Ada Lovelace",
        ),
        (
            {
                "template_name": "order_shipped",
                "language_code": "en_US",
                "body_parameters": [7],
            },
            "7",
        ),
    ],
    ids=["fixed as in SendTemplateOperator", "with a language"],
)
def test_outside_the_window_the_fallback_is_sent(
    template, sent, calls, fallback, parameters
):
    """After 131047 the task sends the template to the same recipient in the same envelope, and the result says so."""
    task = text(
        to=OUTSIDE_THE_WINDOW,
        fallback_template=fallback,
        biz_opaque_callback_data="order 7",
    )
    result, body = sent(task)
    assert calls() == ["POST …/messages"] * 2
    assert body == sent_message(
        "template",
        template_content(body_component(parameters)),
        to=OUTSIDE_THE_WINDOW,
        biz_opaque_callback_data="order 7",
    )
    assert result == {
        "message_id": result["message_id"],
        "wa_id": OUTSIDE_THE_WINDOW,
        "message_status": "accepted",
        "used_fallback": True,
    }


def test_the_name_alone_is_a_fallback(sandbox, sent):
    """A template without variables is named by a text."""
    plain = template_definition("please_write", text="Please write to us.", samples=())
    SyncTemplatesOperator(task_id="sync", templates=[plain]).execute({})
    result, body = sent(text(to=OUTSIDE_THE_WINDOW, fallback_template="please_write"))
    assert result["used_fallback"] is True
    assert body["template"] == template_content(name="please_write")


def test_within_the_window_no_fallback_is_sent(template, sent, calls):
    """A text that is accepted is all that is sent."""
    result, body = sent(text(fallback_template="order_shipped"))
    assert (result["used_fallback"], body["type"]) == (False, "text")
    assert calls() == ["POST …/messages"]


def test_no_other_rejection_leads_to_the_fallback(template, calls):
    """A recipient who cannot be reached by a text gets no template."""
    with pytest.raises(AirflowFailException, match="RecipientError: .*131026"):
        text(to=UNDELIVERABLE, fallback_template="order_shipped").execute({})
    assert calls() == ["POST …/messages"]


@pytest.mark.parametrize(
    "behaviour", ["drop", "drop_after"], ids=["lost on the way", "lost after acceptance"]
)
def test_a_lost_response_never_leads_to_the_fallback(template, calls, behaviour):
    """Where it is not known whether the text went out, the template would be a second message."""
    template.fault(path="/messages$", behaviour=behaviour)
    with pytest.raises(
        AirflowFailException,
        match="OutcomeUnknownError: .*Ask the recipient or check the webhooks",
    ):
        text(to=NUMBER, fallback_template="order_shipped").execute({})
    assert calls() == ["POST …/messages"]


def test_a_lost_response_to_the_fallback_is_not_sent_again(template, calls):
    """The fallback is sent once, like any message."""
    template.fault(
        path="/messages$",
        status=400,
        body={
            "error": {
                "message": "(#131047) Re-engagement message",
                "type": "OAuthException",
                "code": 131047,
            }
        },
    )
    template.fault(path="/messages$", behaviour="drop_after")
    task = text(
        fallback_template={"template_name": "order_shipped", "body_parameters": ["Ada"]}
    )
    with pytest.raises(AirflowFailException, match="OutcomeUnknownError: "):
        task.execute({})
    assert calls() == ["POST …/messages"] * 2
    assert len(template.sent_messages()) == 1


def test_a_rejected_fallback_fails_the_task_without_retries(sandbox, calls):
    """The task fails with Meta's error about the fallback."""
    with pytest.raises(AirflowFailException, match="TemplateError: .*132001"):
        text(to=OUTSIDE_THE_WINDOW, fallback_template="no_such_template").execute({})
    assert calls() == ["POST …/messages"] * 2


def test_body_and_fallback_are_rendered(template, sent):
    """Jinja reaches into the arguments of the fallback."""
    task = text(
        to="{{ who }}",
        body="{{ what }}",
        fallback_template={
            "template_name": "order_{{ what }}",
            "body_parameters": ["{{ name }}"],
        },
    )
    task.render_template_fields(
        {"who": OUTSIDE_THE_WINDOW, "what": "shipped", "name": "Ada"}
    )
    assert task.body == "shipped"
    result, body = sent(task)
    assert result["used_fallback"] is True
    assert body["template"]["components"] == [body_component("Ada")]
