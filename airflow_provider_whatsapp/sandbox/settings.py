"""What can be set on a sandbox, and the credentials that it accepts."""

from __future__ import annotations

import ipaddress
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from airflow_provider_whatsapp.exceptions import ConfigurationError

# Fixed and public: they open nothing but a sandbox.
API_KEY = "sandbox-key-not-a-secret"
CONNECTION_ID = "5a4db0c5-0000-4000-8000-000000000001"
BUSINESS_ACCOUNT_ID = "100000000000001"
PHONE_NUMBER_ID = "200000000000001"
DISPLAY_PHONE_NUMBER = "+1 555-010-0001"


def airflow_connection(url: str, api_key: str = API_KEY) -> str:
    """Return the JSON of an Airflow connection to a sandbox, for ``AIRFLOW_CONN_MATON_DEFAULT``."""
    extra = {
        "control_url": url,
        "maton_connection_id": CONNECTION_ID,
        "phone_number_id": PHONE_NUMBER_ID,
        "business_account_id": BUSINESS_ACCOUNT_ID,
    }
    return json.dumps({"conn_type": "maton", "host": url, "password": api_key, "extra": extra})


@dataclass(frozen=True, kw_only=True)
class SandboxSettings:
    """
    How a sandbox behaves.

    :param host: a loopback address; the instructions under ``/sandbox`` ask for no key.
    :param port: 0 takes a free one.
    :param api_key: the Maton key that is accepted.
    :param approve_after: seconds that a template is PENDING before it is decided.
    :param delivered_after: seconds from the acceptance of a message until it is DELIVERED, or FAILED.
    :param read_after: seconds from its acceptance until it is READ; not before it is delivered.
    :param requests_per_second: how many calls the account has each second, before 429.
    :param clock: returns seconds since the epoch; tests pass their own.
    """

    host: str = "127.0.0.1"
    port: int = 8025
    api_key: str = field(default=API_KEY, repr=False)
    approve_after: float = 3.0
    delivered_after: float = 1.0
    read_after: float = 2.0
    requests_per_second: int = 10
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        """Refuse what could not work, or would let other machines in."""
        if not _is_loopback(self.host):
            raise ConfigurationError(
                f"host {self.host!r} is not a loopback address, and the sandbox would let anybody in; "
                "use 127.0.0.1, ::1 or localhost, and forward the port (ssh -L) for another machine"
            )
        if not 0 <= self.port <= 65535:
            raise ConfigurationError("port must be 0 (any free one) to 65535")
        if not self.api_key:
            raise ConfigurationError("api_key is empty; leave it out for the default one")
        for name in ("approve_after", "delivered_after", "read_after"):
            seconds = getattr(self, name)
            if not (math.isfinite(seconds) and seconds >= 0):
                raise ConfigurationError(f"{name} is a number of seconds, 0 or more")
        if self.requests_per_second < 1:
            raise ConfigurationError("requests_per_second must be 1 or more")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
