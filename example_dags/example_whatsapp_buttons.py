"""
### Buttons, a list and a link.

Asks people what to do about a failed load. What they tap comes back to the webhook of the business, with
the id of the button or row.

Interactive messages reach people who have written to the business within the last 24 hours. Needs an
Airflow connection `maton_default`; the README shows how to make one.
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
    params={"recipient": Param("+1 (650) 555-1234", type="string", description="Country code first")},
    doc_md=__doc__,
)
def example_whatsapp_buttons() -> None:
    """Send three kinds of interactive messages."""
    # Up to three buttons, each {id: title}. Titles have up to 20 characters.
    buttons = SendInteractiveOperator(
        task_id="ask_with_buttons",
        to="{{ params.recipient }}",
        header="Load failed",
        body="The load of {{ dag_run.run_after | ds }} stopped at the table orders. What now?",
        footer="data-platform",
        buttons={"retry": "Run it again", "skip": "Leave it out", "call": "Call somebody"},
    )

    # Up to ten rows in all sections together; titles have up to 24 characters.
    choices = SendInteractiveOperator(
        task_id="ask_with_a_list",
        to="{{ params.recipient }}",
        body="Which tables shall be loaded again?",
        button="Choose",
        sections=[
            {"title": "Sales", "rows": {"orders": "Orders", "returns": "Returns"}},
            {
                "title": "Stock",
                "rows": [{"id": "inventory", "title": "Inventory", "description": "takes about an hour"}],
            },
        ],
    )

    link = SendInteractiveOperator(
        task_id="link_to_the_log",
        to="{{ params.recipient }}",
        body="All that is known about the failure:",
        display_text="Open the run",
        url="https://airflow.example.com/dags/{{ dag.dag_id }}/runs/{{ run_id | urlencode }}",
    )

    # WhatsApp does not promise to deliver in the order of sending, so the next one waits for the last.
    buttons >> choices >> link


example_whatsapp_buttons()
