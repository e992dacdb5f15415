import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_whatsapp.exceptions import (
    ConfigurationError,
    InvalidRequestError,
    OutcomeUnknownError,
    RateLimitedError,
    RecipientError,
    TransientError,
    TransportError,
)
from airflow_provider_whatsapp.hooks.failures import fail_on_permanent_error


@pytest.mark.parametrize(
    "error",
    [
        ConfigurationError("wrong"),
        InvalidRequestError("too long"),
        OutcomeUnknownError("lost"),
        RecipientError("blocked", code=131026, remedy="Leave it out."),
    ],
    ids=lambda error: type(error).__name__,
)
def test_permanent_errors_use_up_no_retries(error):
    """A permanent error fails the task at once, with its own text."""
    with pytest.raises(AirflowFailException) as caught, fail_on_permanent_error():
        raise error
    assert str(caught.value) == f"{type(error).__name__}: {error}"
    assert caught.value.__cause__ is error


@pytest.mark.parametrize(
    "error",
    [
        TransportError("refused"),
        OutcomeUnknownError("lost", permanent=False),
        RateLimitedError("slow down", permanent=False, retry_after=3),
        TransientError("unavailable", permanent=False),
    ],
    ids=lambda error: type(error).__name__,
)
def test_other_errors_leave_the_retries_to_airflow(error):
    """A temporary error is raised unchanged, with its fields."""
    with pytest.raises(type(error)) as caught, fail_on_permanent_error():
        raise error
    assert caught.value is error


def test_errors_that_are_not_ours_are_left_alone():
    """A bug stays a bug."""
    with pytest.raises(ZeroDivisionError), fail_on_permanent_error():
        _ = 1 / 0
