"""
### When the outcome of a send is unknown.

A worker can die during a send, or the network can lose the response. Then the task cannot know whether WhatsApp has
the message, and the Cloud API has no call to find out. So each task says which is worse: two messages, or none.

On Airflow 3.3 and newer, the retry of a task that has sent its message returns the first result and sends nothing.
Older versions store nothing between tries. There, set `retries=0` where a second message must not arrive.

The messages are texts, which reach only people who have written to the business within the last 24 hours. The DAG
needs an Airflow connection `maton_default`, which the page "Connection" of the documentation describes.
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
    params={
        "recipient": Param(
            "+1 (650) 555-1234", type="string", description="Country code first"
        )
    },
    default_args={"retries": 3, "retry_delay": pendulum.duration(seconds=30)},
    doc_md=__doc__,
)
def example_whatsapp_unknown() -> None:
    """Send three messages, each with another on_unknown_outcome."""
    # [START on_unknown_outcome]
    # A customer must not get two messages. The task fails at once, and a person decides. A cleared task sends again.
    SendTextOperator(
        task_id="confirm_order",
        to="{{ params.recipient }}",
        body="Your order of {{ dag_run.run_after | ds }} is on its way.",
        on_unknown_outcome="fail",  # the default
    )

    # The engineer on call must get this message, even twice. Without a response, the client sends it again. (Meta
    # rejects texts outside the 24-hour window, so a real alert also names a fallback_template.)
    SendTextOperator(
        task_id="alert_on_call",
        to="{{ params.recipient }}",
        body="The load of {{ dag_run.run_after | ds }} has failed.",
        on_unknown_outcome="resend",
    )

    # This message is optional. Airflow skips the task and its downstream tasks, unless they have another trigger_rule.
    SendTextOperator(
        task_id="say_good_morning",
        to="{{ params.recipient }}",
        body="Good morning! All loads of the night went well.",
        on_unknown_outcome="skip",
    )
    # [END on_unknown_outcome]


example_whatsapp_unknown()
