"""Everything that a sandbox remembers, in memory."""

from __future__ import annotations

import itertools
import threading
from typing import Annotated

from fastapi import Depends, Request

from airflow_provider_whatsapp.sandbox.account.business_profile import BusinessProfile
from airflow_provider_whatsapp.sandbox.account.phone_numbers import PhoneNumbers
from airflow_provider_whatsapp.sandbox.faults.store import Faults
from airflow_provider_whatsapp.sandbox.gateway.checks import RateLimit
from airflow_provider_whatsapp.sandbox.gateway.connections import Connections
from airflow_provider_whatsapp.sandbox.gateway.request_log import RequestLog
from airflow_provider_whatsapp.sandbox.media.store import MediaStore
from airflow_provider_whatsapp.sandbox.messages.store import (
    DeliverySchedule,
    Messages,
    ReadMessages,
)
from airflow_provider_whatsapp.sandbox.settings import SandboxSettings
from airflow_provider_whatsapp.sandbox.templates.store import Templates


class Sandbox:
    """
    One business account with its phone number, templates, media and messages.

    Several threads serve requests, so a caller holds ``lock`` while it reads or changes anything.
    """

    def __init__(self, settings: SandboxSettings) -> None:
        self.settings = settings
        # Reentrant, because the routes hold it and call the control API, which holds it too.
        self.lock = threading.RLock()
        # One sequence for all kinds of ids, so that a message id never equals a template id.
        numbers = itertools.count(1)
        clock = settings.clock
        schedule = DeliverySchedule(
            delivered_after=settings.delivered_after,
            read_after=settings.read_after,
        )
        self.phone_numbers = PhoneNumbers()
        self.business_profile = BusinessProfile()
        self.connections = Connections(clock=clock)
        self.media = MediaStore(clock=clock, numbers=numbers)
        self.templates = Templates(
            clock=clock,
            numbers=numbers,
            approve_after=settings.approve_after,
        )
        self.messages = Messages(clock=clock, numbers=numbers, schedule=schedule)
        self.read_messages = ReadMessages(clock=clock)
        self.rate_limit = RateLimit(settings.requests_per_second, clock=clock)
        self.requests = RequestLog(clock=clock)
        self.faults = Faults()

    def reset(self) -> None:
        """Return to the start, except that ids continue, so that an old id never means something new."""
        self.business_profile.reset()
        self.connections.reset()
        self.media.reset()
        self.templates.reset()
        self.messages.reset()
        self.read_messages.reset()
        self.rate_limit.reset()
        self.requests.reset()
        self.faults.reset()


def get_sandbox(request: Request) -> Sandbox:
    """Return the state behind the application that serves a request."""
    sandbox: Sandbox = request.app.state.sandbox
    return sandbox


def get_base_url(request: Request) -> str:
    """Return the URL at which the caller reached the sandbox, without a slash at its end."""
    return str(request.base_url).rstrip("/")


CurrentSandbox = Annotated[Sandbox, Depends(get_sandbox)]

# Responses contain URLs of the sandbox. Behind a forwarded port, only the caller's own URL works.
BaseUrl = Annotated[str, Depends(get_base_url)]
