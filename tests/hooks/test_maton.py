import asyncio

import pytest

from airflow_provider_whatsapp.client.client import WhatsAppClient
from airflow_provider_whatsapp.hooks.maton import MatonHook


def test_the_hook_hands_out_a_client_that_works(sandbox):
    """The client of the default connection reads from the account."""
    client = MatonHook().client
    assert isinstance(client, WhatsAppClient)
    assert client.phone_numbers.get().id == sandbox.phone_number_id


def test_the_client_is_made_once(sandbox):
    """get_conn and client are the same object, so one hook has one set of connections."""
    hook = MatonHook()
    assert hook.get_conn() is hook.client


def test_making_a_hook_needs_no_connection():
    """A hook for a connection that does not exist can be made; only using it fails."""
    assert MatonHook("no_such_connection").maton_conn_id == "no_such_connection"


def test_the_async_door_leads_to_the_same_settings(sandbox):
    """A trigger's client has the settings of a task's client."""
    assert asyncio.run(MatonHook().get_async_client()).config == MatonHook().client.config


def test_a_good_connection_passes(sandbox):
    """The connection test tells what it has found to be right."""
    good, message = MatonHook().test_connection()
    assert good
    assert "key and connection are right" in message
    assert "Sandbox" in message


def test_a_wrong_key_is_named(sandbox, connect):
    """The error about a rejected key names the key as the cause, and does not show it."""
    connect(password="wrong-key-0123456789")
    good, message = MatonHook().test_connection()
    assert not good
    assert message.startswith("The Maton API key is not valid")
    assert "maton.ai/settings" in message
    assert "wrong-key-0123456789" not in message


def test_no_active_connection_is_named(sandbox):
    """A right key without a finished OAuth has another error than a wrong key."""
    sandbox.set_connection_status(status="PENDING")
    good, message = MatonHook().test_connection()
    assert not good
    assert message.startswith("maton_connection_id: must be an ACTIVE WhatsApp Business connection (got none")
    assert "maton.ai/connections" in message


@pytest.mark.parametrize(
    ("field", "value"),
    [("maton_connection_id", "other"), ("phone_number_id", "999"), ("business_account_id", "999")],
)
def test_a_wrong_id_is_named(sandbox, connect, field, value):
    """With a right key, the error names the wrong id of the extra."""
    connect(extra={field: value})
    good, message = MatonHook().test_connection()
    assert not good
    assert message.startswith(f"{field}: must be ")
    assert "the key is valid" in message


def test_an_unusable_connection_fails_the_test_with_its_reason(sandbox, connect):
    """Invalid fields are reported and do not crash the form."""
    connect(extra={"api_version": "21"})
    assert MatonHook().test_connection()[0] is False
    assert "api_version" in MatonHook().test_connection()[1]


def test_a_grant_that_meta_rejects_is_not_called_a_wrong_key(sandbox):
    """An expired WhatsApp grant leads to reconnecting, not to the key."""
    error = {"message": "expired", "type": "OAuthException", "code": 190, "fbtrace_id": "A1"}
    sandbox.fault(path="/connections", status=401, body={"error": error})
    good, message = MatonHook().test_connection()
    assert not good
    assert message.startswith("Meta rejects the WhatsApp grant")
    assert "maton.ai/connections" in message


def test_the_test_only_reads(sandbox):
    """Testing a connection makes no call but GET."""
    MatonHook().test_connection()
    assert {call["method"] for call in sandbox.requests()} == {"GET"}
