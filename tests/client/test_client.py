from __future__ import annotations

from airflow_provider_whatsapp.client.client import WhatsAppClient
from airflow_provider_whatsapp.client.http.transport import Transport


class Recorder(Transport):
    """Returns the same response to each call, and keeps where the call went."""

    def __init__(self, config, response):
        super().__init__(config)
        self.response = response
        self.urls = []

    def send(self, request, call):
        """Keep the address."""
        self.urls.append(request.url)
        return self.response


def test_resources(config, response, message):
    """Every resource of a client talks through the one transport, with the account's settings."""
    body = {
        "id": "1",
        "messages": [{"id": "wamid.1"}],
        "connections": [],
        "data": [],
        "success": True,
    }
    transport = Recorder(config(), response(200, body))
    client = WhatsAppClient(config(), transport)
    client.business_profile.get()
    client.connections.list()
    client.media.get("2")
    assert list(client.message_history.list()) == []
    client.messages.send(message)
    client.phone_numbers.get()
    assert list(client.templates.list()) == []
    assert [url.partition(".ai/")[2] for url in transport.urls] == [
        "whatsapp-business/v25.0/106540352242922/whatsapp_business_profile",
        "connections",
        "whatsapp-business/v25.0/2",
        "whatsapp-business/v25.0/106540352242922/message_history",
        "whatsapp-business/v25.0/106540352242922/messages",
        "whatsapp-business/v25.0/106540352242922",
        "whatsapp-business/v25.0/102290129340398/message_templates",
    ]
    assert client.config == config()


def test_over_the_network(loopback, config):
    """Without a transport of its own the client uses the network."""
    server = loopback(
        b'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\n{"id":"1"}'
    )
    assert WhatsAppClient(config(base_url=server.url)).phone_numbers.get().id == "1"
    assert len(server.requests) == 1
