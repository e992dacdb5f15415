"""
### When nobody can know whether a message was sent.

A worker that dies in the middle of a send, or an answer that is lost on its way, leaves it open whether the
message has gone out. The Cloud API cannot be asked. So each task says what is worse: a message twice, or none.

On Airflow 3.3 and newer a retry of a task that has sent its message sends nothing, and returns what the first try
did. Older ones keep nothing between the tries: there give a send that must not happen twice `retries=0`.

The messages are texts, which reach people who have written to the business within the last 24 hours. Needs an
Airflow connection `maton_default`; the README shows how to make one.
"""

from __future__ import annotations

import pendulum
from airflow.sdk import Param, dag

from airflow_provider_whatsapp.operators.messages import SendTextOperator


@dag(
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    tags=["whatsapp"],
    params={"recipient": Param("+1 (650) 555-1234", type="string", description="Country code first")},
    default_args={"retries": 3, "retry_delay": pendulum.duration(seconds=30)},
    doc_md=__doc__,
)
def example_whatsapp_unknown() -> None:
    """Send three messages, each with another answer to that question."""
    # To a customer: twice is worse. The task fails at once, and a person decides; cleared, it sends again.
    SendTextOperator(
        task_id="confirm_order",
        to="{{ params.recipient }}",
        body="Your order of {{ dag_run.run_after | ds }} is on its way.",
        on_unknown_outcome="fail",  # the default
    )

    # To whoever is on call: none is worse. It is sent again if no answer comes, and may arrive twice. (A text is
    # refused after 24 hours of silence: a real alert also names a fallback_template.)
    SendTextOperator(
        task_id="wake_somebody",
        to="{{ params.recipient }}",
        body="The load of {{ dag_run.run_after | ds }} has failed.",
        on_unknown_outcome="resend",
    )

    # Neither matters much: the task is skipped, and with it what follows, unless that has another trigger_rule.
    SendTextOperator(
        task_id="say_good_morning",
        to="{{ params.recipient }}",
        body="Good morning! All loads of the night went well.",
        on_unknown_outcome="skip",
    )


example_whatsapp_unknown()
