"""Every value becomes a model or one of our errors."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.base import RequestModel
from airflow_provider_whatsapp.models.business_profile import BusinessProfileUpdate
from airflow_provider_whatsapp.models.messages import MESSAGE, RawMessage
from airflow_provider_whatsapp.models.template_definitions import TemplateDefinition
from airflow_provider_whatsapp.models.validation import validate
from tests.arbitrary import ANYTHING, fuzzed_a_lot, mutated

NUMBER, SECRET = "+1 650 555 1234", "ЖЩЪЫЭ"
ENVELOPE = {
    "messaging_product": "whatsapp",
    "to": NUMBER,
    "biz_opaque_callback_data": SECRET,
}
PARTS = {
    "text": {"body": SECRET, "preview_url": True},
    "image": {"link": f"https://example.com/{SECRET}", "caption": SECRET},
    "document": {"id": "1", "filename": SECRET, "caption": SECRET},
    "location": {"latitude": 1.5, "longitude": "2", "name": SECRET, "address": SECRET},
    "reaction": {"message_id": "wamid.x", "emoji": "👍"},
    "contacts": [
        {
            "name": {"formatted_name": SECRET, "first_name": SECRET},
            "phones": [{"phone": NUMBER}],
        }
    ],
    "template": {
        "name": "order",
        "language": {"code": "en"},
        "components": [
            {"type": "header", "parameters": [{"type": "text", "text": SECRET}]},
            {
                "type": "body",
                "parameters": [
                    {"type": "text", "text": SECRET},
                    {"type": "new", "new": [SECRET]},
                ],
            },
            {
                "type": "button",
                "sub_type": "flow",
                "index": "0",
                "parameters": [
                    {
                        "type": "action",
                        "action": {"flow_token": "a", "flow_action_data": {"a": [SECRET]}},
                    }
                ],
            },
        ],
    },
    "interactive": {
        "type": "list",
        "header": {"type": "text", "text": SECRET},
        "body": {"text": SECRET},
        "action": {
            "button": SECRET,
            "sections": [{"title": SECRET, "rows": [{"id": "a", "title": SECRET}]}],
        },
    },
    "later": {"what": [SECRET, {"else": NUMBER}]},
}
MESSAGES = [{**ENVELOPE, "type": kind, kind: content} for kind, content in PARTS.items()]
DEFINITIONS = [
    {
        "name": "order",
        "language": "en",
        "category": "UTILITY",
        "bid_spec": {"a": [SECRET]},
        "components": [
            {"type": "HEADER", "format": "TEXT", "text": SECRET},
            {
                "type": "BODY",
                "text": f"{SECRET} {{{{1}}}}.",
                "example": {"body_text": [[SECRET]]},
            },
            {
                "type": "BUTTONS",
                "buttons": [{"type": "URL", "text": SECRET, "url": "https://example.com"}],
            },
            {
                "type": "CAROUSEL",
                "cards": [{"components": [{"type": "BODY", "text": SECRET}]}],
            },
        ],
    }
]
PROFILES = [
    {"messaging_product": "whatsapp", "about": SECRET, "websites": ["https://example.com"]}
]
CONFIG = ClientConfig(api_key="key")


def outcome(kind, value):
    """Return what a value became: a model or an error, or fail with any other exception."""
    try:
        return validate(kind, value)
    except InvalidRequestError as error:
        return error


def assert_sound(kind, value):
    """Check that a value becomes a model that can be sent, or an error that can be read and gives nothing away."""
    found = outcome(kind, value)
    if isinstance(found, InvalidRequestError):
        said = str(found)
        assert found.__context__ is None
        assert len(said.encode()) < 20_000
        assert not any(secret in said for secret in (SECRET, "5551234", "555 1234"))
        return
    assert isinstance(found, RequestModel)
    assert json.loads(found.encode(), parse_constant=pytest.fail) is not None


@fuzzed_a_lot
@given(mutated(MESSAGES, ANYTHING))
def test_messages_with_one_odd_place(message):
    """A message with an odd value can be sent, or raises an error without number and text."""
    assert_sound(MESSAGE, message)
    assert_sound(RawMessage, message)


@fuzzed_a_lot
@given(mutated(DEFINITIONS, ANYTHING))
def test_definitions_with_one_odd_place(definition):
    """A definition with an odd value can be sent, or raises an error without its texts."""
    assert_sound(TemplateDefinition, definition)


@fuzzed_a_lot
@given(mutated(PROFILES, ANYTHING))
def test_profiles_with_one_odd_place(profile):
    """A business profile with an odd value can be sent, or raises an error without its texts."""
    assert_sound(BusinessProfileUpdate, profile)


@fuzzed_a_lot
@given(ANYTHING)
def test_anything_in_place_of_a_body(value):
    """Anything at all, in place of a body and in place of its type, is a model or an error of ours."""
    for kind in (MESSAGE, RawMessage, TemplateDefinition, BusinessProfileUpdate):
        assert_sound(kind, value)
        assert_sound(kind, {"type": value})
        assert_sound(kind, {"to": NUMBER, "type": "later", "later": value})


@pytest.mark.parametrize("kind", [MESSAGE, RawMessage], ids=["union", "raw"])
@pytest.mark.parametrize("part", ["later", "text"])
def test_keys_that_are_phone_numbers(kind, part):
    """A phone number that has become a key does not stand in the error."""
    assert_sound(
        kind, {"to": NUMBER, "type": part, part: {NUMBER: float("nan")}, NUMBER: object()}
    )
