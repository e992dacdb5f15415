from __future__ import annotations

import pytest

from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.exceptions import ConfigurationError, InvalidRequestError

BOTH = pytest.mark.parametrize(
    ("find", "name", "default"),
    [
        pytest.param(
            ClientConfig.phone_number_id_of,
            "phone_number_id",
            "106540352242922",
            id="phone-number",
        ),
        pytest.param(
            ClientConfig.business_account_id_of,
            "business_account_id",
            "102290129340398",
            id="business-account",
        ),
    ],
)


@BOTH
def test_given(config, find, name, default):
    """An id that the call gives goes before the account's, as text or as an int."""
    assert find(config(), "7") == "7"
    assert find(config(), 7) == "7"
    assert find(config(**{name: None}), "7") == "7"


@BOTH
def test_default(config, find, name, default):
    """Without one the account's id is used."""
    assert find(config(), None) == default


@BOTH
def test_neither(config, find, name, default):
    """Without both the error names the id and where to put it."""
    with pytest.raises(
        ConfigurationError,
        match=rf"^{name}: must be an id of digits .got None.*extra of the Airflow connection",
    ):
        find(config(**{name: None}), None)


@BOTH
@pytest.mark.parametrize("given", ["", "+16505551234", "1/messages", "None"])
def test_not_an_id(config, find, name, default, given):
    """An id that came out of a template empty or wrong is rejected, not replaced by the default."""
    with pytest.raises(InvalidRequestError, match=rf"^{name}: "):
        find(config(), given)
