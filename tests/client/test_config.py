from __future__ import annotations

import dataclasses

import pytest

from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.rate_limit.limiter import RateLimiter
from airflow_provider_whatsapp.exceptions import ConfigurationError


def test_defaults():
    """A key is enough: addresses, version, timeouts and rate limit are the documented ones."""
    config = ClientConfig(api_key="abc")
    assert (config.base_url, config.control_url) == (
        "https://gateway.maton.ai",
        "https://ctrl.maton.ai",
    )
    assert (config.api_version, config.requests_per_second) == ("v25.0", 10)
    assert (config.connect_timeout, config.read_timeout) == (5, 30)
    assert (config.check_numbers, config.default_country) == ("warn", None)


def test_frozen(config):
    """Settings cannot be changed after they were checked."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        config().api_key = "other"


def test_secrets_stay_out_of_repr(config, key):
    """Neither the key nor a URL that may hold a password is shown."""
    shown = repr(
        config(
            proxy="http://user:hunter2@proxy:3128",
            rate_limit_storage="redis://:hunter2@cache",
        )
    )
    assert key not in shown
    assert "hunter2" not in shown


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"base_url": "https://api.maton.ai"}, id="newer-host"),
        pytest.param({"base_url": "https://proxy.example/maton/"}, id="path"),
        pytest.param({"base_url": "http://127.0.0.1:8080"}, id="loopback-ipv4"),
        pytest.param({"control_url": "http://[::1]:8080"}, id="loopback-ipv6"),
        pytest.param({"base_url": "http://localhost:8080"}, id="localhost"),
        pytest.param({"api_version": "v21.0"}, id="older-version"),
        pytest.param(
            {"connection_id": "21fd90f9-5935-43cd-b6c8-bde9d915ca80"}, id="connection"
        ),
        pytest.param({"phone_number_id": None, "business_account_id": None}, id="no-ids"),
        pytest.param({"requests_per_second": 0.5}, id="slow"),
        pytest.param({"rate_limit_storage": ""}, id="process"),
        pytest.param({"rate_limit_storage": "machine"}, id="machine"),
        pytest.param({"rate_limit_storage": "off"}, id="no-limit"),
        pytest.param({"rate_limit_storage": "rediss://:hunter2@cache:6380/0"}, id="redis"),
        pytest.param({"rate_limit_storage": "unix:///run/redis.sock"}, id="redis-socket"),
        pytest.param({"check_numbers": "off"}, id="numbers-off"),
        pytest.param({"default_country": "DE"}, id="country"),
        pytest.param({"default_country": "XX"}, id="country-that-a-task-rejects"),
    ],
)
def test_accepted(config, changes):
    """Usual settings are kept as they are."""
    settings = config(**changes)
    assert {name: getattr(settings, name) for name in changes} == changes


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        pytest.param({"base_url": "gateway.maton.ai"}, "host", id="no-scheme"),
        pytest.param({"base_url": "ftp://gateway.maton.ai"}, "host", id="ftp"),
        pytest.param({"base_url": None}, "host", id="none"),
        pytest.param({"base_url": 5}, "host", id="int"),
        pytest.param({"base_url": "https://"}, "host", id="no-host"),
        pytest.param({"base_url": "https://[::1"}, "host", id="open-bracket"),
        pytest.param({"rate_limit_storage": "memory"}, "rate_limit_storage", id="storage"),
        pytest.param(
            {"rate_limit_storage": "redis:cache"}, "rate_limit_storage", id="no-redis-url"
        ),
        pytest.param(
            {"rate_limit_storage": "redis://"}, "rate_limit_storage", id="no-redis-host"
        ),
        pytest.param(
            {"rate_limit_storage": "redis://a b"}, "rate_limit_storage", id="redis-blank"
        ),
        pytest.param(
            {"rate_limit_storage": "http://cache:6379"},
            "rate_limit_storage",
            id="http-storage",
        ),
        pytest.param({"rate_limit_storage": 5}, "rate_limit_storage", id="storage-int"),
        pytest.param(
            {"base_url": "https://gateway.maton.ai:https"}, "host", id="port-in-words"
        ),
        pytest.param(
            {"base_url": "https://gateway.maton.ai:99999"}, "host", id="port-too-high"
        ),
        pytest.param({"base_url": "https://gateway.maton.ai:0"}, "host", id="port-zero"),
        pytest.param({"base_url": "https://gätéway.maton.ai"}, "host", id="not-punycode"),
        pytest.param({"base_url": "https://ª"}, "host", id="no-name"),
        pytest.param({"base_url": "https://a..b"}, "host", id="empty-label"),
        pytest.param({"base_url": "https://[v1.x]"}, "host", id="no-address"),
        pytest.param({"base_url": "https://gateway.maton.ai "}, "host", id="blank-behind"),
        pytest.param(
            {"base_url": "https://gateway.maton.ai\n"}, "host", id="line-break-behind"
        ),
        pytest.param(
            {"control_url": "https://user:pw@ctrl.maton.ai"}, "control_url", id="user"
        ),
        pytest.param(
            {"control_url": "https://:pw@ctrl.maton.ai"}, "control_url", id="password-only"
        ),
        pytest.param(
            {"control_url": "https://ctrl.maton.ai?x=1"}, "control_url", id="query"
        ),
        pytest.param(
            {"control_url": "https://ctrl.maton.ai#x"}, "control_url", id="fragment"
        ),
        pytest.param(
            {"control_url": "http://ctrl.maton.ai"}, "control_url", id="key-in-the-clear"
        ),
        pytest.param(
            {"control_url": "http://10.0.0.1"}, "control_url", id="key-in-the-clear-to-ip"
        ),
        pytest.param(
            {"control_url": "http://localhost.evil.example"},
            "control_url",
            id="not-localhost",
        ),
        pytest.param({"api_version": "25.0"}, "api_version", id="version-without-v"),
        pytest.param({"api_version": "v25.0/../x"}, "api_version", id="version-with-path"),
        pytest.param(
            {"phone_number_id": "+1 650 555 1234"}, "phone_number_id", id="number-for-id"
        ),
        pytest.param(
            {"phone_number_id": 106540352242922}, "phone_number_id", id="id-as-int"
        ),
        pytest.param(
            {"business_account_id": "../me"}, "business_account_id", id="path-for-id"
        ),
        pytest.param(
            {"business_account_id": "١٢٣"}, "business_account_id", id="arabic-digits"
        ),
        pytest.param(
            {"connection_id": "a\r\nX: y"}, "maton_connection_id", id="header-injection"
        ),
        pytest.param({"read_timeout": 0}, "read_timeout", id="timeout-zero"),
        pytest.param({"read_timeout": float("inf")}, "read_timeout", id="timeout-infinite"),
        pytest.param(
            {"connect_timeout": float("nan")}, "connect_timeout", id="timeout-nan"
        ),
        pytest.param({"connect_timeout": "5"}, "connect_timeout", id="timeout-text"),
        pytest.param({"connect_timeout": True}, "connect_timeout", id="timeout-bool"),
        pytest.param(
            {"requests_per_second": -1}, "requests_per_second", id="rate-negative"
        ),
        pytest.param({"check_numbers": "on"}, "check_numbers", id="numbers-on"),
        pytest.param({"check_numbers": None}, "check_numbers", id="numbers-none"),
        pytest.param({"check_numbers": ["warn"]}, "check_numbers", id="numbers-list"),
        pytest.param(
            {"default_country": "de"}, "default_country", id="country-in-small-letters"
        ),
        pytest.param(
            {"default_country": "DEU"}, "default_country", id="country-with-three-letters"
        ),
        pytest.param({"default_country": "49"}, "default_country", id="country-in-digits"),
        pytest.param({"default_country": ""}, "default_country", id="country-empty"),
    ],
)
def test_rejected(config, changes, named):
    """An invalid setting fails at once, and the error uses the connection's name for it."""
    with pytest.raises(ConfigurationError, match=rf"^{named}\b") as caught:
        config(**changes)
    assert caught.value.permanent


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@gateway.maton.ai",
        "https://user:hunter2@gateway\u2100.ai",
        "https://u@h:hunter2",
    ],
    ids=["user", "unnormalised", "port"],
)
def test_rejected_url_is_not_shown(config, url):
    """The error about a URL with a password does not quote it, and neither does a chained error."""
    with pytest.raises(ConfigurationError) as caught:
        config(base_url=url)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("absent", [None, "", "  ", 5], ids=repr)
def test_no_key(config, absent):
    """Without a key the error says where to put one and where to get one."""
    with pytest.raises(
        ConfigurationError, match=r"^password: must be .*maton\.ai/settings.*MATON_API_KEY"
    ):
        config(api_key=absent)


@pytest.mark.parametrize(
    "garbled", ["abc def", "abcdef\n", "abc\x00", "abc…", "Bearer abc"], ids=ascii
)
def test_garbled_key(config, garbled):
    """The error about a badly copied key does not quote the key."""
    with pytest.raises(ConfigurationError, match="Copy it again") as caught:
        config(api_key=garbled)
    assert garbled not in str(caught.value)


@pytest.mark.parametrize(
    "proxy",
    [
        "http://proxy",
        "https://proxy:3128/",
        "HTTP://user:p%40ss@proxy:3128",
        "http://[::1]:3128",
        "http://a_b.c",
        "",
    ],
)
def test_proxies(config, proxy):
    """Each proxy that requests can use is kept as it is."""
    assert config(proxy=proxy).proxy == proxy


@pytest.mark.parametrize("scheme", ["socks4", "socks4a", "socks5", "socks5h"])
def test_socks_proxies(config, monkeypatch, scheme):
    """A SOCKS proxy needs its package; without it the error names the package."""
    monkeypatch.setattr(
        "airflow_provider_whatsapp.client.config.find_spec",
        lambda name: name == "socks" or None,
    )
    assert config(proxy=f"{scheme}://user:hunter2@proxy:1080").proxy
    monkeypatch.setattr(
        "airflow_provider_whatsapp.client.config.find_spec", lambda name: None
    )
    with pytest.raises(
        ConfigurationError,
        match=r"proxy: .*PySocks is missing .got a SOCKS proxy.. Install requests\[socks\]",
    ):
        config(proxy=f"{scheme}://user:hunter2@proxy:1080")


@pytest.mark.parametrize(
    "proxy",
    [
        "proxy:3128", "hunter2", "ftp://hunter2@proxy", "http://", "http//proxy", "http://user:hunter2@", "http://:3128",
        "http://user:hunter2@[x", "http://user:hunter2@proxy:x", "http://user:hunter2@proxy:99999", "http://proxy:0",
        "http://user:hun/ter2@proxy", "http://user:12/hunter2@proxy", "http://user:12#hunter2@proxy",
        "http://user:12?hunter2@proxy", "http://user:h@unter2@proxy", "http://hunter2 @proxy", "http://hunter2\n@proxy",
        "http://hunter2@pro xy", "http://hunter2@a..b", "http://hunter2@\u2100", "http://hunter2@proxy/\ud800", 5, True,
        b"http://hunter2@proxy", ["http://hunter2@proxy"],
    ],
    ids=ascii,
)  # fmt: skip
def test_wrong_proxies(config, proxy):
    """The error about an invalid proxy says what to write, and shows no part of the proxy."""
    with pytest.raises(
        ConfigurationError, match=r"^proxy: must be a URL .*Write it as http://user:pass"
    ) as caught:
        config(proxy=proxy)
    assert not any(part in str(caught.value) for part in ("hunter2", "ter2", "3128"))
    assert caught.value.__context__ is None


@pytest.mark.parametrize("name", ["connect_timeout", "read_timeout"])
def test_timeouts_are_limited(config, name):
    """A timeout of more than an hour is an error at once: a socket could fail with it after the message has left."""
    assert config(**{name: 3600})
    for value in (3600.1, 1e10, 10**5000):
        with pytest.raises(
            ConfigurationError, match=rf"^{name}: must be at most 3600 \(got .*\). Lower it"
        ):
            config(**{name: value})


@pytest.mark.parametrize("value", [5e-324, 1e-9, 1_000_000, True, 1e7, 10**400], ids=str)
def test_extreme_rates(config, value):
    """A rate is an error, or works in the rate limiter."""
    try:
        settings = config(requests_per_second=value)
    except ConfigurationError as error:
        error_text = str(error)
    else:
        assert RateLimiter(settings)
        return
    assert error_text.startswith("requests_per_second: must be ")
