"""With any arguments, an operator sends a message that can be read, or fails with an error of ours."""

from __future__ import annotations

import json

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException, AirflowSkipException
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.client.client import WhatsAppClient
from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.http.calls import Response
from airflow_provider_whatsapp.exceptions import WhatsAppError
from airflow_provider_whatsapp.operators import messages
from airflow_provider_whatsapp.operators.business_profile import (
    UpdateBusinessProfileOperator,
)
from airflow_provider_whatsapp.operators.templates import (
    CreateTemplateOperator,
    SyncTemplatesOperator,
)
from tests.arbitrary import ANYTHING, fuzzed_a_lot
from tests.builders import body_component, template_definition
from tests.operator_arguments import send_arguments

NUMBER, SECRET = "+1 650 555 1234", "ЖЩЪЫЭ"
DEFINITION = template_definition("order", f"{SECRET} {{{{1}}}}.", (SECRET,))
ENVELOPE = {
    "to": NUMBER,
    "biz_opaque_callback_data": SECRET,
    "recipient_type": "individual",
}
# What an operator takes, all of it valid; below one or two of its arguments are not.
VALID = [
    *send_arguments(SECRET).items(),
    (
        messages.SendTextOperator,
        {"body": SECRET, "preview_url": True, "fallback_template": "order"},
    ),
    (
        messages.SendTextOperator,
        {"body": SECRET, "fallback_template": {"template_name": "order", "header": SECRET}},
    ),
    (
        messages.SendTemplateOperator,
        {"template_name": "order", "body_parameters": [SECRET], "header": SECRET},
    ),
    (
        messages.SendTemplateOperator,
        {"template_name": "order", "body_parameters": {"name": SECRET}, "buttons": []},
    ),
    (
        messages.SendTemplateOperator,
        {"template_name": "order", "components": [body_component(SECRET)]},
    ),
    (
        messages.SendMediaOperator,
        {"media_id": "1", "media_type": "document", "filename": SECRET},
    ),
    (
        messages.SendInteractiveOperator,
        {"body": SECRET, "buttons": {"a": SECRET}, "header": SECRET, "footer": SECRET},
    ),
    (
        messages.SendInteractiveOperator,
        {
            "body": SECRET,
            "button": SECRET,
            "sections": [{"title": SECRET, "rows": {"a": SECRET}}],
        },
    ),
    (
        messages.SendInteractiveOperator,
        {"body": SECRET, "url": "https://example.com", "display_text": SECRET},
    ),
    (
        messages.SendMessageOperator,
        {"message": {"type": "later", "later": [SECRET]}, "unchecked": True},
    ),
]
OTHERS = [
    (UpdateBusinessProfileOperator, {"about": SECRET, "websites": ["https://example.com"]}),
    (CreateTemplateOperator, {"template": DEFINITION}),
    (SyncTemplatesOperator, {"templates": [DEFINITION]}),
    (messages.MarkMessageReadOperator, {"message_id": "wamid.x"}),
]
SENT = {
    "messages": [{"id": "wamid.x"}],
    "id": "1",
    "status": "APPROVED",
    "success": True,
    "data": [],
    "mime_type": "x",
}


class Wire:
    """Stands in the place of the network: takes every request, and keeps its body."""

    def __init__(self):
        self.posted = []

    def send(self, request, call):
        """Return a success."""
        if request.method == "POST":
            self.posted.append(json.loads(request.body, parse_constant=pytest.fail))
        return Response(200, {}, json.dumps(SENT).encode())


def run(kind, arguments):
    """Run a task; return what it came to, and what it posted."""
    wire = Wire()
    config = ClientConfig(
        api_key="key",
        phone_number_id="1",
        business_account_id="2",
        rate_limit_storage="off",
    )
    operator = kind(task_id="send", **dict.fromkeys(arguments))
    # As Airflow does after rendering; its constructor would search each argument at any depth.
    operator.__dict__.update(arguments)
    operator.client = WhatsAppClient(config, wire)
    try:
        return operator.execute({}), wire.posted
    except (WhatsAppError, AirflowFailException, AirflowSkipException) as error:
        return error, wire.posted


def assert_sound(kind, arguments):
    """Check that a task sends once and returns JSON, or sends nothing and fails with an error that tells nothing."""
    found, posted = run(kind, arguments)
    if isinstance(found, Exception):
        assert posted == []
        said = str(found)
        assert len(said.encode()) < 20_000
        assert not any(secret in said for secret in (SECRET, "5551234", "555 1234"))
    else:
        assert len(posted) == 1 or kind is SyncTemplatesOperator
        assert json.loads(json.dumps(found, allow_nan=False)) == found


@pytest.mark.parametrize(("kind", "arguments"), VALID + OTHERS)
def test_valid_arguments(kind, arguments):
    """The arguments from which the others are made are good ones."""
    envelope = ENVELOPE if (kind, arguments) in VALID else {}
    found, posted = run(kind, {**envelope, **arguments})
    assert not isinstance(found, Exception)
    assert len(posted) == 1


@fuzzed_a_lot
@given(st.sampled_from(VALID), st.data())
def test_sends_with_odd_arguments(choice, data):
    """A send with odd arguments sends one message that is JSON, or none, and no error gives text or number away."""
    kind, arguments = choice
    given_ones = {**ENVELOPE, **arguments}
    for name in data.draw(
        st.lists(st.sampled_from(sorted(given_ones)), min_size=1, max_size=2, unique=True)
    ):
        given_ones[name] = data.draw(ANYTHING, name)
    assert_sound(kind, given_ones)


@fuzzed_a_lot
@given(st.sampled_from(OTHERS), st.data())
def test_other_tasks_with_odd_arguments(choice, data):
    """The tasks that send no message do what they are for, or fail with an error of ours."""
    kind, arguments = choice
    assert_sound(
        kind,
        {**arguments, data.draw(st.sampled_from(sorted(arguments))): data.draw(ANYTHING)},
    )


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        (messages.SendMediaOperator, {"link": 10**5000}),
        (messages.SendMediaOperator, {"media_id": 10**5000}),
        (messages.SendMediaOperator, {"link": ["x"]}),
        (messages.SendTemplateOperator, {"template_name": "order", "header": 10**5000}),
        (
            messages.SendTemplateOperator,
            {"template_name": "order", "buttons": [{"copy_code": 10**5000}]},
        ),
        (
            messages.SendMessageOperator,
            {"message": {"type": "later", "later": {"a": {1: 2}, "b": object()}}},
        ),
        (
            messages.SendMessageOperator,
            {"message": {"type": "later", "later": float("nan")}, "unchecked": True},
        ),
    ],
)
def test_what_used_to_be_an_error_of_python(kind, arguments):
    """Values that once raised an error of Python, or were sent as null, fail the task with an error of ours."""
    found, posted = run(kind, {**ENVELOPE, **arguments})
    assert isinstance(found, AirflowFailException)
    assert str(found).startswith("InvalidRequestError: ")
    assert posted == []
