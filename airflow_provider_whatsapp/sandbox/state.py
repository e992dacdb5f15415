"""All that a sandbox remembers, in memory."""

from __future__ import annotations

import itertools
import threading
from typing import Annotated

from fastapi import Depends, Request

from airflow_provider_whatsapp.sandbox.business_profile import BusinessProfile
from airflow_provider_whatsapp.sandbox.connections import Connections
from airflow_provider_whatsapp.sandbox.fault_store import Faults
from airflow_provider_whatsapp.sandbox.media import MediaStore
from airflow_provider_whatsapp.sandbox.message_statuses import Course
from airflow_provider_whatsapp.sandbox.messages import Messages
from airflow_provider_whatsapp.sandbox.phone_numbers import PhoneNumbers
from airflow_provider_whatsapp.sandbox.rate_limit import SlidingWindow
from airflow_provider_whatsapp.sandbox.read_messages import ReadMessages
from airflow_provider_whatsapp.sandbox.request_log import RequestLog
from airflow_provider_whatsapp.sandbox.settings import SandboxSettings
from airflow_provider_whatsapp.sandbox.templates import Templates


class Sandbox:
    """
    One business account with its phone number, templates, media and messages.

    Requests are served by several threads: whoever reads or changes something holds ``lock``.
    """

    def __init__(self, settings: SandboxSettings) -> None:
        self.settings = settings
        self.lock = threading.RLock()
        numbers = itertools.count(1)
        clock = settings.clock
        self.phone_numbers = PhoneNumbers()
        self.business_profile = BusinessProfile()
        self.connections = Connections(clock=clock)
        self.media = MediaStore(clock=clock, numbers=numbers)
        self.templates = Templates(clock=clock, numbers=numbers, approve_after=settings.approve_after)
        course = Course(delivered_after=settings.delivered_after, read_after=settings.read_after)
        self.messages = Messages(clock=clock, numbers=numbers, course=course)
        self.read_messages = ReadMessages(clock=clock)
        self.rate_limit = SlidingWindow(settings.requests_per_second, clock=clock)
        self.requests = RequestLog(clock=clock)
        self.faults = Faults()

    def reset(self) -> None:
        """Go back to the beginning; ids are not given out twice, so an old one never means something new."""
        for part in (
            self.business_profile,
            self.connections,
            self.media,
            self.templates,
            self.messages,
            self.read_messages,
        ):
            part.reset()
        for record in (self.rate_limit, self.requests, self.faults):
            record.reset()


def _current(request: Request) -> Sandbox:
    sandbox: Sandbox = request.app.state.sandbox
    return sandbox


CurrentSandbox = Annotated[Sandbox, Depends(_current)]


def _base_url(request: Request) -> str:
    return str(request.base_url).rstrip("/")


# Where the caller has reached the sandbox, for the addresses in its answers.
BaseUrl = Annotated[str, Depends(_base_url)]
