"""The settings of a sandbox, and the credentials that it accepts."""

from __future__ import annotations

import ipaddress
import json
import math
import time
from dataclasses import dataclass, field

from airflow_provider_whatsapp.exceptions import ConfigurationError
from airflow_provider_whatsapp.sandbox.aliases import Clock

# Fixed and public, so that examples can show them: they give access to a sandbox only.
API_KEY = "sandbox-key-not-a-secret"
CONNECTION_ID = "5a4db0c5-0000-4000-8000-000000000001"
BUSINESS_ACCOUNT_ID = "100000000000001"
PHONE_NUMBER_ID = "200000000000001"
# Area code 555 is not assigned, so no person has this number.
DISPLAY_PHONE_NUMBER = "+1 555-010-0001"

MAX_PORT = 65_535


def airflow_connection(url: str, api_key: str = API_KEY) -> str:
    """Return the JSON of an Airflow connection to a sandbox, for ``AIRFLOW_CONN_MATON_DEFAULT``."""
    extra = {
        "control_url": url,
        "maton_connection_id": CONNECTION_ID,
        "phone_number_id": PHONE_NUMBER_ID,
        "business_account_id": BUSINESS_ACCOUNT_ID,
    }
    connection = {
        "conn_type": "maton",
        "host": url,
        "password": api_key,
        "extra": extra,
    }
    return json.dumps(connection)


@dataclass(frozen=True, kw_only=True)
class SandboxSettings:
    """
    How a sandbox behaves.

    :param host: a loopback address, because the control API under ``/sandbox`` needs no key.
    :param port: a TCP port; 0 takes a free one.
    :param api_key: the Maton key that the sandbox accepts.
    :param approve_after: seconds that a template is PENDING before it is APPROVED or REJECTED.
    :param delivered_after: seconds from accepting a message until it is DELIVERED, or FAILED.
    :param read_after: seconds from accepting it until it is READ; never before it is DELIVERED.
    :param requests_per_second: calls that the account has each second; the sandbox answers more with 429.
    :param clock: returns seconds since the epoch; tests pass their own.
    :raises ConfigurationError: if a setting cannot work, or lets other machines in.
    """

    host: str = "127.0.0.1"
    # Fixed, so that an Airflow connection can be made once and kept.
    port: int = 8025
    # Out of the repr, because it may be a key that the user also has elsewhere.
    api_key: str = field(default=API_KEY, repr=False)
    # Long enough to see a sensor wait, and short enough not to wait for it.
    approve_after: float = 3.0
    delivered_after: float = 1.0
    read_after: float = 2.0
    # The limit of the real gateway.
    requests_per_second: int = 10
    clock: Clock = time.time

    def __post_init__(self) -> None:
        # The control API needs no key: on any other address, everyone in the network could use it.
        if not _is_loopback(self.host):
            raise ConfigurationError(
                f"host: must be a loopback address (got {self.host!r}). "
                "Use 127.0.0.1, ::1 or localhost, and forward the port (ssh -L) for another machine."
            )
        if not 0 <= self.port <= MAX_PORT:
            raise ConfigurationError(
                f"port: must be 0 to {MAX_PORT} (got {self.port}). Use 0 to take any free port."
            )
        if not self.api_key:
            raise ConfigurationError(
                "api_key: must not be empty. Leave it out to use the default key."
            )
        for name in ("approve_after", "delivered_after", "read_after"):
            seconds = getattr(self, name)
            if not math.isfinite(seconds) or seconds < 0:
                raise ConfigurationError(
                    f"{name}: must be a number of seconds, 0 or more (got {seconds}). Use 0 for at once."
                )
        if self.requests_per_second < 1:
            raise ConfigurationError(
                f"requests_per_second: must be 1 or more (got {self.requests_per_second}). "
                "Use a large number for no limit."
            )


def _is_loopback(host: str) -> bool:
    # A name could resolve to any address, so localhost is the only one allowed.
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
