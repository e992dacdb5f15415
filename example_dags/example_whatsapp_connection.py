"""
### Connection set-up.

Begins a Maton connection to WhatsApp Business, waits until a person has finished it in the browser, looks at
the phone numbers, and fills in the business profile.

Needs an Airflow connection `maton_default` with the Maton API key, the phone number id and the business account id;
the README shows how to make one.
"""

from __future__ import annotations

import pendulum
from airflow.sdk import Param, dag, task

from airflow_provider_whatsapp.operators.business_profile import UpdateBusinessProfileOperator
from airflow_provider_whatsapp.sensors.connections import MatonConnectionSensor


@dag(
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    tags=["whatsapp"],
    params={"about": Param("Reports and alerts of the data platform", type="string")},
    doc_md=__doc__,
)
def example_whatsapp_connection() -> None:
    """Connect WhatsApp Business and introduce the business."""

    @task
    def begin() -> str:
        """
        Clean up what failed before, begin a connection, and return its id.

        Its url holds a session token, so it stays out of logs and XCom: open maton.ai/connections instead.
        """
        # Imported here, so that parsing the DAG stays cheap.
        from airflow_provider_whatsapp.hooks.maton import MatonHook

        connections = MatonHook().client.connections
        for failed in connections.list(status="FAILED"):
            connections.delete(failed.connection_id)
        return connections.create().connection_id

    # Somebody has to open maton.ai/connections now, as the log says.
    active = MatonConnectionSensor(
        task_id="wait_for_a_person",
        maton_connection_id=begin(),
        deferrable=True,
        poke_interval=10,
        timeout=24 * 60 * 60,
    )

    @task
    def look_at_the_numbers() -> list[dict[str, str | None]]:
        """Return id, name, quality and limit of each number of the account."""
        from airflow_provider_whatsapp.hooks.maton import MatonHook

        return [
            {
                "phone_number_id": number.id,
                "verified_name": number.verified_name,
                "quality_rating": number.quality_rating.value,
                "messaging_limit": number.messaging_limit and number.messaging_limit.value,
            }
            for number in MatonHook().client.phone_numbers.list()
        ]

    introduce = UpdateBusinessProfileOperator(
        task_id="update_profile",
        about="{{ params.about }}",
        websites=["https://example.com/"],
        vertical="PROF_SERVICES",
    )

    @task
    def check() -> dict[str, str | None]:
        """Return what people see now, and whether the number can send."""
        from airflow_provider_whatsapp.hooks.maton import MatonHook

        client = MatonHook().client
        number = client.phone_numbers.get()
        return {
            "verified_name": number.verified_name,
            "status": number.status,
            "about": client.business_profile.get().about,
        }

    active >> look_at_the_numbers() >> introduce >> check()


example_whatsapp_connection()
