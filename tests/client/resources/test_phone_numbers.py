from __future__ import annotations

import pytest

from airflow_provider_whatsapp.client.resources.phone_numbers import PhoneNumbers
from airflow_provider_whatsapp.exceptions import ConfigurationError, NotFoundError


@pytest.mark.parametrize(("given", "asked"), [(None, "106540352242922"), ("7", "7"), (7, "7")], ids=repr)
def test_get(api, answer, given, asked):
    """A number, the account's own unless told otherwise, comes back with name and quality."""
    carrier = api(answer(200, "phone_number"))
    number = PhoneNumbers(carrier).get(given)
    assert (number.verified_name, number.quality_rating, number.status) == ("Pipelines Inc.", "GREEN", "CONNECTED")
    assert "5551234" not in repr(number).replace("-", "")
    (request,) = carrier.transport.requests
    assert request.url.endswith(f"/v25.0/{asked}")
    assert request.params == {"fields": "id,display_phone_number,verified_name,quality_rating,status"}


def test_unknown(api, answer):
    """An id that isn't ours is not found, and the error tells to check the id."""
    with pytest.raises(NotFoundError, match="must be an id"):
        PhoneNumbers(api(answer(400, "no_such_object"))).get()


def test_no_id(api, answer):
    """Without an id nothing is asked."""
    carrier = api(answer(200, "phone_number"), phone_number_id=None)
    with pytest.raises(ConfigurationError, match="phone_number_id"):
        PhoneNumbers(carrier).get()
    assert carrier.transport.requests == []
