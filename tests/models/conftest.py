"""What the tests of the models share."""

from __future__ import annotations

import pytest

from airflow_provider_whatsapp.exceptions import InvalidRequestError


@pytest.fixture
def refused():
    """Return a function that calls something, expects a refusal before the call, and returns its text."""

    def call(function, *args, **kwargs):
        with pytest.raises(InvalidRequestError) as caught:
            function(*args, **kwargs)
        # A chained error of pydantic would put the value into the log.
        assert caught.value.__context__ is None
        assert caught.value.permanent
        return str(caught.value)

    return call
