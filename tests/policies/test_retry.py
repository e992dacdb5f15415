import importlib
import subprocess
import sys
from datetime import timedelta

import pytest
from airflow.providers.common.compat import sdk

from airflow_provider_whatsapp.exceptions import (
    AuthenticationError,
    BadRequestError,
    InvalidRequestError,
    OutcomeUnknownError,
    RateLimitedError,
    RecipientError,
    TransientError,
    TransportError,
)
from tests.threads import LIMIT

MODULE = "airflow_provider_whatsapp.policies.retry"
has_policies = hasattr(sdk, "RetryPolicy")
from_3_3 = pytest.mark.skipif(
    not has_policies, reason="Airflow has retry policies from 3.3 on"
)
before_3_3 = pytest.mark.skipif(
    has_policies, reason="Airflow has retry policies from 3.3 on"
)


@pytest.fixture
def decide():
    """Return a function that asks the policy about an error."""
    policy = importlib.import_module(MODULE).WhatsAppRetryPolicy()
    return lambda error, try_number=1: policy.evaluate(error, try_number, 3, {})


@from_3_3
@pytest.mark.parametrize(
    "error",
    [
        pytest.param(RecipientError("cannot be reached", code=131026), id="recipient"),
        pytest.param(AuthenticationError("key"), id="key"),
        pytest.param(InvalidRequestError("body: is too long"), id="request"),
        pytest.param(OutcomeUnknownError("lost"), id="outcome-unknown"),
        pytest.param(RateLimitedError("spam", code=131048), id="throttled-for-days"),
    ],
)
def test_what_no_retry_fixes_fails_at_once(decide, error):
    """A permanent error, and a send that may have happened, are not tried again, and the reason is the error."""
    decision = decide(error)
    assert decision.action.value == "fail"
    assert decision.reason == f"{type(error).__name__}: {error}"


@from_3_3
@pytest.mark.parametrize(
    ("error", "try_number", "seconds"),
    [
        pytest.param(
            RateLimitedError("slow", permanent=False, retry_after=7), 1, 7, id="as-told"
        ),
        pytest.param(
            RateLimitedError("slow", permanent=False, retry_after=0),
            1,
            0,
            id="told-at-once",
        ),
        pytest.param(RateLimitedError("slow", permanent=False), 1, 16, id="grows-on"),
        pytest.param(
            RateLimitedError("slow", permanent=False), 2, 32, id="grows-with-the-tries"
        ),
        pytest.param(
            TransientError("down", code=131000, permanent=False), 1, 4, id="few-attempts"
        ),
        pytest.param(
            RateLimitedError("app", code=4, permanent=False), 1, 480, id="limit-of-the-app"
        ),
        pytest.param(
            RateLimitedError("app", code=4, permanent=False),
            5,
            900,
            id="at-most-15-minutes",
        ),
        pytest.param(TransportError("no connection"), 1, None, id="no-connection"),
        pytest.param(
            OutcomeUnknownError("upload", permanent=False), 1, None, id="harmless-unknown"
        ),
        pytest.param(
            BadRequestError("success: false", permanent=False), 1, None, id="other"
        ),
    ],
)
def test_what_may_pass_is_tried_again(decide, error, try_number, seconds):
    """A throttle and an outage decide the delay; after other errors the task's own delay counts."""
    decision = decide(error, try_number)
    assert decision.action.value == "retry"
    assert decision.retry_delay == (None if seconds is None else timedelta(seconds=seconds))


@from_3_3
def test_no_opinion_on_other_errors(decide):
    """An error that is not of this package is left to Airflow."""
    assert decide(ValueError("of another library")).action.value == "default"


@from_3_3
def test_it_survives_serialization():
    """The policy is named by its path, and comes back as itself."""
    policy = importlib.import_module(MODULE).WhatsAppRetryPolicy
    data = policy().serialize()
    assert data == {"__type": f"{MODULE}.WhatsAppRetryPolicy"}
    assert isinstance(policy.deserialize(data), policy)


@before_3_3
def test_an_older_airflow_says_what_to_do():
    """Before 3.3 the import fails with the version that is needed, and what counts without a policy."""
    command = [sys.executable, "-c", f"import {MODULE}"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=2 * LIMIT
    )
    assert (
        "WhatsAppRetryPolicy needs Airflow 3.3 or newer. Leave retry_policy out"
        in done.stderr
    )
