from __future__ import annotations

import pytest

from airflow_provider_whatsapp.models.phone_numbers import CanSendMessage, HealthStatus


def test_worst_part():
    """The health of the whole, and which part stands in the way and why, are there by name."""
    error = {
        "error_code": 141006,
        "error_description": "No payment",
        "possible_solution": "Add a card",
    }
    health = HealthStatus.model_validate(
        {
            "can_send_message": "BLOCKED",
            "entities": [
                {"entity_type": "PHONE_NUMBER", "id": "1", "can_send_message": "AVAILABLE"},
                {
                    "entity_type": "WABA",
                    "id": "2",
                    "can_send_message": "BLOCKED",
                    "can_receive_call_sip": "AVAILABLE",
                    "errors": [error],
                    "additional_info": ["a"],
                },
            ],
        }
    )
    assert health.can_send_message is CanSendMessage.BLOCKED
    well, ill = health.entities
    assert (well.can_send_message, well.errors, well.additional_info) == (
        CanSendMessage.AVAILABLE,
        [],
        [],
    )
    assert (ill.entity_type, ill.id, ill.additional_info) == ("WABA", "2", ["a"])
    assert ill.errors[0].model_dump() == error


@pytest.mark.parametrize(
    "body",
    [{}, {"can_send_message": None, "entities": None}, {"entities": [{"errors": [{}]}]}],
    ids=["empty", "null", "bare"],
)
def test_least_answer(body):
    """What is missing is unknown."""
    assert HealthStatus.model_validate(body).can_send_message is CanSendMessage.UNKNOWN


def test_new_value():
    """A value that is not known yet is kept as it came."""
    assert (
        HealthStatus.model_validate({"can_send_message": "RESTING"}).can_send_message
        == "RESTING"
    )
