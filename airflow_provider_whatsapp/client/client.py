"""The client: hands out the resources of one account."""

from __future__ import annotations

import copy

from airflow_provider_whatsapp.client.api import Api, AroundAttempt
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
    The WhatsApp Business Cloud API of one account. Several threads may use one client.

    :param config: the account and how to reach it.
    :param transport: carries the requests; tests pass one of their own.
    """

    def __init__(self, config: ClientConfig, transport: Transport | None = None) -> None:
        """Keep the settings; the first call connects."""
        self.config = config
        self._use(Api(config, transport))

    def with_around_attempt(self, around_attempt: AroundAttempt) -> WhatsAppClient:
        """
        Return a client of the same account and connections that notes each attempt to send a message.

        :param around_attempt: makes a context manager for each attempt. The client enters it right before the request
            leaves: an error there keeps the message from being sent. It leaves it when the response has been read,
            with the error of the attempt if there is one.
        """
        bound = copy.copy(self)
        bound._use(self._api.with_around_attempt(around_attempt))  # noqa: SLF001 - a copy of this object
        return bound

    def _use(self, api: Api) -> None:
        self._api = api
        self.business_profile = BusinessProfiles(api)
        self.connections = Connections(api)
        self.media = Media(api)
        self.message_history = MessageHistory(api)
        self.messages = Messages(api)
        self.phone_numbers = PhoneNumbers(api)
        self.templates = Templates(api)
