"""
### Buttons, a list and a link.

This DAG asks people what to do about a failed load. WhatsApp reports each tap to the webhook of the business,
with the id of the button or row.

Interactive messages reach only people who have written to the business within the last 24 hours. The DAG needs an
Airflow connection `maton_default`, which the page "Connection" of the documentation describes.
"""

from __future__ import annotations

import pendulum
from airflow.sdk import Param, dag

from airflow_provider_whatsapp.operators.messages import SendInteractiveOperator


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
    doc_md=__doc__,
)
def example_whatsapp_buttons() -> None:
    """Send three kinds of interactive messages."""
    # [START send_buttons]
    # A message has up to three buttons, each {id: title}. A title has up to 20 characters.
    buttons = SendInteractiveOperator(
        task_id="ask_with_buttons",
        to="{{ params.recipient }}",
        header="Load failed",
        body="The load of {{ dag_run.run_after | ds }} stopped at the table orders. What now?",
        footer="data-platform",
        buttons={"retry": "Run it again", "skip": "Leave it out", "call": "Call on-call"},
    )
    # [END send_buttons]

    # [START send_list]
    # All sections together have up to ten rows. A title has up to 24 characters.
    choices = SendInteractiveOperator(
        task_id="ask_with_a_list",
        to="{{ params.recipient }}",
        body="Which tables do you want to load again?",
        button="Choose",
        sections=[
            {"title": "Sales", "rows": {"orders": "Orders", "returns": "Returns"}},
            {
                "title": "Stock",
                "rows": [
                    {
                        "id": "inventory",
                        "title": "Inventory",
                        "description": "takes about an hour",
                    }
                ],
            },
        ],
    )
    # [END send_list]

    # [START send_link_button]
    link = SendInteractiveOperator(
        task_id="link_to_the_log",
        to="{{ params.recipient }}",
        body="The log of the failed run:",
        display_text="Open the run",
        url="https://airflow.example.com/dags/{{ dag.dag_id }}/runs/{{ run_id | urlencode }}",
    )
    # [END send_link_button]

    # WhatsApp can deliver messages in another order, so each task waits for the one before.
    buttons >> choices >> link


example_whatsapp_buttons()
