"""
### Connection set-up.

This DAG creates a Maton connection to WhatsApp Business and waits until a person has finished it in the browser.
Then it lists the phone numbers and updates the business profile.

The DAG needs an Airflow connection `maton_default` with the Maton API key, the phone number id and the business
account id. The page "Connection" of the documentation describes it.
"""

from __future__ import annotations

import pendulum
from airflow.sdk import Param, dag, task

from airflow_provider_whatsapp.operators.business_profile import (
    UpdateBusinessProfileOperator,
)
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
    """Connect WhatsApp Business and describe the business."""

    # [START create_connection]
    @task
    def begin() -> str:
        """
        Delete failed connections, create a new one, and return its id.

        The url of a connection contains a session token. So this task returns the id, and a person opens
        maton.ai/connections.
        """
        # Imported here, so that parsing the DAG stays cheap.
        from airflow_provider_whatsapp.hooks.maton import MatonHook

        connections = MatonHook().client.connections
        for failed in connections.list(status="FAILED"):
            connections.delete(failed.connection_id)
        return connections.create().connection_id

    # The log asks a person to open maton.ai/connections.
    active = MatonConnectionSensor(
        task_id="wait_for_a_person",
        maton_connection_id=begin(),
        deferrable=True,
        poke_interval=10,
        timeout=24 * 60 * 60,
    )
    # [END create_connection]

    # [START list_phone_numbers]
    @task
    def list_phone_numbers() -> list[dict[str, str | None]]:
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

    # [END list_phone_numbers]

    # [START update_business_profile]
    introduce = UpdateBusinessProfileOperator(
        task_id="update_profile",
        about="{{ params.about }}",
        websites=["https://example.com/"],
        vertical="PROF_SERVICES",
    )
    # [END update_business_profile]

    @task
    def check() -> dict[str, str | None]:
        """Return the profile that people see, and the status of the number."""
        from airflow_provider_whatsapp.hooks.maton import MatonHook

        client = MatonHook().client
        number = client.phone_numbers.get()
        return {
            "verified_name": number.verified_name,
            "status": number.status,
            "about": client.business_profile.get().about,
        }

    active >> list_phone_numbers() >> introduce >> check()


example_whatsapp_connection()
