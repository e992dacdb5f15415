"""WhatsAppRetryPolicy in a real Airflow."""

import pytest


@pytest.fixture(scope="module")
def ended(stack):
    """A run in which the gateway throttles a send until the client gives up, and a template is not found."""
    stack.sandbox.fault(
        path="/messages",
        status=429,
        times=5,
        headers={"Retry-After": "1"},
        body={"message": "Too many requests for this account"},
    )
    stack.airflow.trigger("policies", "one", {})
    stack.wait_for_run("policies", "one", timeout=120)
    tasks = stack.airflow.get("dags/policies/dagRuns/one/taskInstances")["task_instances"]
    stack.ends = {task["task_id"]: (task["state"], task["try_number"]) for task in tasks}
    return stack


def test_it_comes_back_when_the_response_says(ended):
    """A throttled send is tried again after Retry-After, not after the task's own hour, and arrives once."""
    assert ended.ends["throttled"] == ("success", 2)
    assert [message["to"] for message in ended.sandbox.sent_messages()].count(
        "16505556001"
    ) == 1


def test_a_permanent_error_of_the_client_fails_at_once(ended):
    """A task that uses the hook itself is not tried again after an error that no retry mends."""
    assert ended.ends["permanent"] == ("failed", 1)
