from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.models.connections import MatonConnection
from airflow_provider_whatsapp.waits.connections import activation
from airflow_provider_whatsapp.waits.poll import Outcome

WHERE = "open maton.ai/connections, sign in, and finish it in the browser"
STATUSES = st.sampled_from(["PENDING", "ACTIVE", "FAILED", "EXPIRING"])


def connection(status, connection_id="c1"):
    """Return a connection whose page is a secret."""
    url = "https://connect.maton.ai/?session_token=SECRET"
    return MatonConnection(connection_id=connection_id, status=status, url=url)


@pytest.mark.parametrize(
    ("status", "outcome", "message"),
    [
        ("ACTIVE", Outcome.SUCCESS, "Maton connection c1 is ACTIVE"),
        ("PENDING", Outcome.WAITING, f"Maton connection c1 is PENDING: {WHERE}"),
        ("EXPIRING", Outcome.WAITING, f"Maton connection c1 is EXPIRING: {WHERE}"),
        (
            "FAILED",
            Outcome.FAILED,
            "Maton connection c1 has FAILED: delete it and make another one",
        ),
    ],
)
def test_the_chosen_one(status, outcome, message):
    """The status of the chosen connection decides, and a status that is not known is waited through."""
    assert activation([connection(status)], "c1") == (outcome, message)


@given(st.lists(STATUSES))
def test_any(statuses):
    """Without a choice one ACTIVE connection is enough, and is named; the others' failures don't matter."""
    found = [connection(status, f"c{place}") for place, status in enumerate(statuses)]
    outcome, message = activation(found, None)
    if "ACTIVE" in statuses:
        assert (outcome, message) == (
            Outcome.SUCCESS,
            f"Maton connection c{statuses.index('ACTIVE')} is ACTIVE",
        )
    else:
        assert outcome is Outcome.WAITING
        assert message == f"The account has no ACTIVE WhatsApp Business connection: {WHERE}"


@given(status=STATUSES | st.text(max_size=20), chosen=st.sampled_from(["c1", None]))
def test_the_page_stays_out(status, chosen):
    """Log and stored messages never contain the connection's page or its session token."""
    message = activation([connection(status)], chosen).message
    assert "SECRET" not in message
    assert "session_token" not in message
