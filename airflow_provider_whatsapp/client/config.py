"""The client's settings, validated once and then frozen."""

from __future__ import annotations

import math
import re
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Literal, get_args
from urllib.parse import urlsplit

from pydantic import SecretStr

from airflow_provider_whatsapp.exceptions import ConfigurationError
from airflow_provider_whatsapp.models.ids import DIGITS, graph_id
from airflow_provider_whatsapp.models.validation import describe, printable

GATEWAY_URL = "https://gateway.maton.ai"
CONTROL_URL = "https://ctrl.maton.ai"
API_VERSION = "v25.0"
CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 30.0
REQUESTS_PER_SECOND = 10.0
CheckNumbers = Literal["warn", "fail", "off"]
MAX_TIMEOUT = 3600.0  # seconds; a socket rejects far longer ones
# One each microsecond, which is as fine as the rate limiter counts.
MAX_REQUESTS_PER_SECOND = 1_000_000.0

# Names with other letters are written in Punycode (xn--…), about which Python and requests disagree in places.
_HOST = re.compile(r"[\w-][\w.-]*", re.ASCII)
_PROXY_SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
_STORAGE = re.compile(r"machine|off|(redis|rediss|unix)://\S+")
_UNPRINTABLE = re.compile(r"[^!-~]")
_VERSION = re.compile(r"v[0-9]{1,3}\.[0-9]{1,2}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_CONNECTION_ID = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class ClientConfig:
    """
    Settings of one Maton account.

    :param api_key: the Maton API key. A plain ``str`` works as well, but an error of this class then shows it to an
        error tracker that uploads local variables.
    :param base_url: where the gateway is.
    :param control_url: where the control plane (connections) is.
    :param connection_id: which Maton connection to use; the oldest active one if absent.
    :param phone_number_id: the number that sends, unless a call names another one.
    :param business_account_id: the account that owns the templates, unless a call names another one.
    :param api_version: Graph API version, ``vN.N``.
    :param connect_timeout: seconds for a connection to be made.
    :param read_timeout: seconds without a byte before the client gives a request up.
    :param requests_per_second: of all calls of this account that share ``rate_limit_storage``, evenly spaced.
    :param proxy: URL of an HTTP or SOCKS proxy for all calls; it may hold a user and a password.
    :param rate_limit_storage: what shares the rate limit: nothing for the threads of this process, ``machine`` for
        all processes of this machine and user, a ``redis://`` URL for all who use it; ``off`` for no limit.
    :param check_numbers: what happens to a message whose recipient libphonenumber calls an invalid number: ``warn``
        logs how the number is read, ``fail`` raises :class:`InvalidRequestError`, ``off`` does not check.
    :param default_country: ISO 3166-1 alpha-2 code of the country whose national numbers operators, and
        ``client.messages.international_number``, turn into international ones; with none, ``to`` is international.
    :raises ConfigurationError: naming the setting and the remedy.
    """

    api_key: SecretStr
    base_url: str = GATEWAY_URL
    control_url: str = CONTROL_URL
    connection_id: str | None = None
    phone_number_id: str | None = None
    business_account_id: str | None = None
    api_version: str = API_VERSION
    connect_timeout: float = CONNECT_TIMEOUT
    read_timeout: float = READ_TIMEOUT
    requests_per_second: float = REQUESTS_PER_SECOND
    proxy: str | None = field(default=None, repr=False)
    rate_limit_storage: str | None = field(default=None, repr=False)
    check_numbers: CheckNumbers = "warn"
    default_country: str | None = None

    def __post_init__(self) -> None:
        """Reject what would fail later, or with an error that is hard to read."""
        if isinstance(self.api_key, str):
            object.__setattr__(self, "api_key", SecretStr(self.api_key))
        key: object = self.api_key
        if not isinstance(key, SecretStr) or not key.get_secret_value().strip():
            raise ConfigurationError(
                "password: must be a Maton API key (got nothing). Put a key from maton.ai/settings into the password "
                "of the Airflow connection, or set the environment variable MATON_API_KEY."
            )
        if _UNPRINTABLE.search(key.get_secret_value()):
            raise ConfigurationError(
                "password: must be a Maton API key without blanks, line breaks and special characters "
                f"(got {describe(key.get_secret_value())}). Copy it again from maton.ai/settings."
            )
        _check_url("host", self.base_url)
        _check_url("control_url", self.control_url)
        _check(
            "api_version",
            self.api_version or "",
            _VERSION,
            "must look like v25.0",
            "Write the v and both numbers.",
        )
        for name in ("phone_number_id", "business_account_id"):
            _check(
                name,
                getattr(self, name),
                DIGITS,
                "must be digits",
                "Copy the id, not the phone number or name.",
            )
        rule = "must be an id from maton.ai/connections"
        _check(
            "maton_connection_id",
            self.connection_id,
            _CONNECTION_ID,
            rule,
            "Copy it whole.",
        )
        check_number("connect_timeout", self.connect_timeout, MAX_TIMEOUT)
        check_number("read_timeout", self.read_timeout, MAX_TIMEOUT)
        check_number(
            "requests_per_second", self.requests_per_second, MAX_REQUESTS_PER_SECOND
        )
        _check_proxy(self.proxy)
        rule = "must be empty, machine, off, or a URL that begins with redis:// or rediss:// or unix://"
        _check(
            "rate_limit_storage",
            self.rate_limit_storage or None,
            _STORAGE,
            rule,
            "Correct it.",
        )
        if self.check_numbers not in get_args(CheckNumbers):
            raise ConfigurationError(
                f"check_numbers: must be {', '.join(get_args(CheckNumbers))} or empty "
                f"(got {describe(self.check_numbers)}). Choose one."
            )
        rule = "must be the two capital letters of a country"
        _check("default_country", self.default_country, _COUNTRY, rule, "Write it like DE.")

    def phone_number_id_of(self, given: str | None) -> str:
        """
        Return the id of the number that a call uses: ``given``, or the account's.

        :raises ConfigurationError: if neither the call nor the account names one.
        """
        return _id_of("phone_number_id", given, self.phone_number_id)

    def business_account_id_of(self, given: str | None) -> str:
        """
        Return the id of the business account that a call uses: ``given``, or the account's.

        :raises ConfigurationError: if neither the call nor the account names one.
        """
        return _id_of("business_account_id", given, self.business_account_id)


def _id_of(name: str, given: str | None, default: str | None) -> str:
    if given is None:
        given = default
    if given is None:
        raise ConfigurationError(
            f"{name}: must be an id of digits (got None). Pass it, or put it into the extra of the Airflow connection; "
            "WhatsApp Manager shows it under API setup."
        )
    return graph_id(given, name)


def check_number(name: str, value: object, limit: float) -> None:
    """
    Check that a setting is a number above 0 and not above ``limit``.

    :raises ConfigurationError: naming the setting and the remedy.
    """
    # Python counts True as 1.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigurationError(
            f"{name}: must be a number (got {describe(value)}). Pass a float or an int."
        )
    if not 0 < value < math.inf:
        raise ConfigurationError(
            f"{name}: must be a finite number above 0 (got {printable(value)}). Leave it out for the default."
        )
    if value > limit:
        raise ConfigurationError(
            f"{name}: must be at most {limit:.0f} (got {printable(value)}). Lower it."
        )


def _check(
    name: str, value: object, pattern: re.Pattern[str], rule: str, remedy: str
) -> None:
    if value is not None and not (isinstance(value, str) and pattern.fullmatch(value)):
        raise ConfigurationError(f"{name}: {rule} (got {describe(value)}). {remedy}")


def _check_url(name: str, url: str) -> None:
    host = _host(url)
    if not host or not _is_printable_without_spaces(url):
        raise ConfigurationError(
            f"{name}: must be a URL such as {GATEWAY_URL} (got {describe(url)}). Correct it."
        )
    parts = urlsplit(url)
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigurationError(
            f"{name}: must not have a user, a query or a fragment (got {describe(url)}). Keep only the address."
        )
    if parts.scheme == "http" and not is_loopback(host):
        # The key goes with every request: in the clear it may travel inside this machine only.
        raise ConfigurationError(
            f"{name}: must begin with https://, because the key travels with every call (got http://). Change it."
        )


def _check_proxy(setting: object) -> None:
    if setting is None or setting == "":
        return
    if (
        not isinstance(setting, str)
        or not _is_printable_without_spaces(setting)
        or not _is_proxy(setting)
    ):
        # It can hold a password, so that no part of it is shown.
        raise ConfigurationError(
            f"proxy: must be a URL with a host that begins with {', '.join(f'{name}://' for name in _PROXY_SCHEMES)} "
            f"(got {describe(setting)}). Write it as http://user:password@host:port, with %-codes for /, ?, #, @ "
            "and : in user and password."
        )
    # requests finds out only when it connects, and its error would read as one of the network.
    if setting.lower().startswith("socks") and find_spec("socks") is None:
        raise ConfigurationError(
            "proxy: must be an HTTP proxy where PySocks is missing (got a SOCKS proxy). "
            "Install requests[socks] on this worker."
        )


def _is_proxy(url: str) -> bool:
    host = _host(url, _PROXY_SCHEMES)
    if not host:
        return False
    parts = urlsplit(url)
    # A sign in the password that ends the host would make another host of the user.
    is_only_host = parts.path in ("", "/") and not parts.query and not parts.fragment
    return is_only_host and parts.netloc.count("@") <= 1


def is_maton_or_loopback(url: str) -> bool:
    """Tell whether ``url`` leads to one of Maton's own hosts or to this machine."""
    host = _host(url) or ""
    return host in (_host(GATEWAY_URL), _host(CONTROL_URL)) or is_loopback(host)


def _is_printable_without_spaces(url: str) -> bool:
    return url.isprintable() and not any(sign.isspace() for sign in url)


def _host(url: str, schemes: tuple[str, ...] = ("http", "https")) -> str | None:
    """Return the host of ``url``, or ``None`` if nothing can be reached by it."""
    # A setting of another type than text has an error of the last two kinds.
    with suppress(ValueError, AttributeError, TypeError):
        parts = urlsplit(url)
        host = parts.hostname
        if parts.scheme not in schemes or parts.port == 0 or host is None:
            return None
        # Both raise a ValueError for what is not a host.
        if "[" in parts.netloc:
            ip_address(host)
            return host
        host.encode("idna")
        if _HOST.fullmatch(host):
            return host
    return None


def is_loopback(host: str) -> bool:
    """Tell whether ``host`` is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
