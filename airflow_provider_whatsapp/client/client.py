"""The client: hands out the resources of one account."""

from __future__ import annotations

from airflow_provider_whatsapp.client.api import Api
from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.http.transport import Transport
from airflow_provider_whatsapp.client.resources.business_profile import BusinessProfiles
from airflow_provider_whatsapp.client.resources.connections import Connections
from airflow_provider_whatsapp.client.resources.media import Media
from airflow_provider_whatsapp.client.resources.message_history import MessageHistory
from airflow_provider_whatsapp.client.resources.messages import Messages
from airflow_provider_whatsapp.client.resources.phone_numbers import PhoneNumbers
from airflow_provider_whatsapp.client.resources.templates import Templates


class WhatsAppClient:
    """
    The WhatsApp Business Cloud API of one account. May be used from several threads.

    :param config: the account and how to reach it.
    :param transport: what carries requests; another one takes the network's place in tests.
    """

    def __init__(self, config: ClientConfig, transport: Transport | None = None) -> None:
        """Connect nowhere yet."""
        self.config = config
        api = Api(config, transport)
        self.business_profile = BusinessProfiles(api)
        self.connections = Connections(api)
        self.media = Media(api)
        self.message_history = MessageHistory(api)
        self.messages = Messages(api)
        self.phone_numbers = PhoneNumbers(api)
        self.templates = Templates(api)
