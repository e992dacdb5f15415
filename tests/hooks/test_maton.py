import asyncio

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.client.client import WhatsAppClient
from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.http.calls import Call, build_request
from airflow_provider_whatsapp.client.rate_limit.limiter import RateLimiter
from airflow_provider_whatsapp.exceptions import ConfigurationError
from airflow_provider_whatsapp.get_provider_info import CONN_FIELDS
from airflow_provider_whatsapp.hooks.maton import MatonHook, client_config
from tests.arbitrary import ANYTHING, fuzzed_a_lot

KEY = "key-of-the-connection"


def config(
    *, conn_type="maton", password=KEY, host=None, port=None, environment=None, **extra
):
    fields = {
        "conn_type": conn_type,
        "password": password,
        "host": host,
        "port": port,
        "extra": extra,
    }
    return client_config(**fields, environment=environment or {})


def test_an_empty_connection_means_the_documented_defaults():
    """A connection that holds only the key leads to the public gateway with the default limits."""
    found = config()
    assert (found.base_url, found.control_url) == (
        "https://gateway.maton.ai",
        "https://ctrl.maton.ai",
    )
    assert (found.api_version, found.connect_timeout, found.read_timeout) == (
        "v25.0",
        5.0,
        30.0,
    )
    assert (found.requests_per_second, found.proxy, found.rate_limit_storage) == (
        10.0,
        None,
        None,
    )
    assert (found.connection_id, found.phone_number_id, found.business_account_id) == (
        None,
        None,
        None,
    )
    assert (found.check_numbers, found.default_country) == ("warn", None)


def test_every_field_of_the_form_reaches_the_client():
    """Each field that the form offers changes the setting that it names."""
    extra = {
        "phone_number_id": 1065,  # ids are often written as JSON numbers
        "business_account_id": "2099",
        "maton_connection_id": "21fd-90f9",
        "api_version": "v21.0",
        "timeout": "12.5",
        "requests_per_second": 3,
        "control_url": "https://api.maton.ai",
        "proxy": "http://proxy:3128",
        "rate_limit_storage": " redis://cache:6379/0 ",
        "check_numbers": "fail",
        "default_country": "de",
    }
    assert set(extra) == set(CONN_FIELDS)
    found = config(host="api.maton.ai", **extra)
    assert found.base_url == found.control_url == "https://api.maton.ai"
    assert (found.phone_number_id, found.business_account_id, found.connection_id) == (
        "1065",
        "2099",
        "21fd-90f9",
    )
    assert (found.api_version, found.read_timeout, found.requests_per_second) == (
        "v21.0",
        12.5,
        3.0,
    )
    assert (found.proxy, found.rate_limit_storage) == (
        "http://proxy:3128",
        "redis://cache:6379/0",
    )
    assert (found.check_numbers, found.default_country) == ("fail", "DE")


def test_a_short_timeout_also_bounds_the_connect():
    """A timeout below the connect default is not stretched to it."""
    assert config(timeout=2).connect_timeout == 2


def test_the_app_name_in_the_host_is_not_doubled():
    """A host that was copied with the app name still leads to the right paths."""
    assert (
        config(host="https://gateway.maton.ai/whatsapp-business/").base_url
        == "https://gateway.maton.ai"
    )


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [
        (None, 443, "https://gateway.maton.ai"),
        (None, 8443, "https://gateway.maton.ai:8443"),
        ("http://127.0.0.1", 8025, "http://127.0.0.1:8025"),
        ("http://127.0.0.1:8025", 9, "http://127.0.0.1:8025"),
        ("http://[::1]", 8025, "http://[::1]:8025"),
        ("https://api.maton.ai/proxied", 8443, "https://api.maton.ai:8443/proxied"),
    ],
    ids=str,
)
def test_the_port_belongs_to_the_host(host, port, expected):
    """The port of the connection is used, unless the host says one or it is the usual one."""
    assert config(host=host, port=port).base_url == expected


@pytest.mark.parametrize("password", [None, "", "  "], ids=["none", "empty", "blank"])
def test_the_key_falls_back_to_the_environment(password):
    """Without a password the key is MATON_API_KEY."""
    assert (
        config(
            password=password, environment={"MATON_API_KEY": "from-env"}
        ).api_key.get_secret_value()
        == "from-env"
    )


def test_the_connection_goes_before_the_environment():
    """A password of the connection is used although MATON_API_KEY is set."""
    assert (
        config(environment={"MATON_API_KEY": "from-env"}).api_key.get_secret_value() == KEY
    )


def test_no_key_says_where_to_put_one():
    """A missing key is an error that names both places for it."""
    with pytest.raises(
        ConfigurationError, match="password of the Airflow connection.*MATON_API_KEY"
    ):
        config(password=None)


def test_an_unknown_extra_names_the_known_ones():
    """The error about a misspelt extra lists the known ones."""
    with pytest.raises(ConfigurationError) as caught:
        config(phone_id="1")
    assert "extra: must have known fields only (got 'phone_id')" in str(caught.value)
    assert all(name in str(caught.value) for name in CONN_FIELDS)


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        ({"api_version": "21"}, "api_version: must look like v25.0"),
        ({"api_version": 21}, "api_version: must look like v25.0"),
        ({"phone_number_id": "+16505551234"}, "phone_number_id: must be digits"),
        ({"business_account_id": "12/../34"}, "business_account_id: must be digits"),
        ({"maton_connection_id": "a b"}, "maton_connection_id: must be an id"),
        ({"timeout": "soon"}, "timeout: must be a number"),
        ({"timeout": "inf"}, "timeout: must be a finite number"),
        ({"timeout": "nan"}, "must be a finite number"),
        ({"timeout": 0}, "must be a finite number above 0"),
        (
            {"requests_per_second": -1},
            "requests_per_second: must be a finite number above 0",
        ),
        ({"control_url": "ftp://x"}, "control_url: must be a URL"),
        ({"control_url": "http://ctrl.maton.ai"}, "control_url: must begin with https://"),
        ({"phone_number_id": ["1"]}, "phone_number_id: must be text"),
        ({"proxy": True}, "proxy: must be text"),
        (
            {"rate_limit_storage": "memory"},
            "rate_limit_storage: must be empty, machine, off, or a URL",
        ),
        ({"rate_limit_storage": False}, "rate_limit_storage: must be text"),
        ({"check_numbers": "Fail"}, "check_numbers: must be warn, fail, off or empty"),
        (
            {"check_numbers": False},
            "check_numbers: must be text",
        ),  # which YAML makes of off
        (
            {"default_country": "Germany"},
            "default_country: must be the two capital letters",
        ),
        ({"default_country": 49}, "default_country: must be the two capital letters"),
        (
            {"default_country": False},
            "default_country: must be text",
        ),  # which YAML makes of NO, for Norway
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_extra_is_named(extra, named):
    """The error about an invalid extra names it before anything is sent."""
    with pytest.raises(ConfigurationError, match=named):
        config(**extra)


def test_the_key_never_travels_in_the_clear():
    """An http address is accepted for this machine only."""
    assert config(host="http://127.0.0.1:8025").base_url == "http://127.0.0.1:8025"
    with pytest.raises(ConfigurationError, match="host: must begin with https://"):
        config(host="http://gateway.maton.ai")


@given(key=st.text(max_size=60).map(lambda text: f"q7Q{text}Z9z"))
def test_the_key_stands_in_no_error_and_no_repr(key):
    """For any text, neither the repr of the settings nor an error about the key shows it."""
    try:
        shown = repr(config(password=key))
    except ConfigurationError as error:
        shown = str(error)
    assert key not in shown


@pytest.mark.parametrize("host", ["localhost:8025", "127.0.0.1:8025"])
def test_a_host_of_this_machine_needs_no_scheme(host):
    """An address of this machine without a scheme is not taken for https, which nothing there speaks."""
    assert config(host=host).base_url == f"http://{host}"


@pytest.mark.parametrize("conn_type", ["postgres", "http", "generic", None])
def test_a_connection_of_another_type_is_rejected(conn_type):
    """The password of a database does not go out as a bearer key."""
    with pytest.raises(
        ConfigurationError, match="conn_type: must be maton .*maton_conn_id"
    ) as caught:
        config(conn_type=conn_type)
    assert KEY not in str(caught.value)


ENVIRONMENT = {"MATON_API_KEY": "from-env"}


@pytest.mark.parametrize(
    "urls",
    [
        {},
        {"host": "gateway.maton.ai:443"},
        {"host": "http://127.0.0.1:8025", "control_url": "http://localhost:8025"},
        {"host": "http://[::1]:8025"},
    ],
    ids=["default", "port", "loopback", "IPv6"],
)
def test_the_key_of_the_environment_goes_to_maton_and_this_machine(urls):
    """The default hosts and loopback addresses get MATON_API_KEY."""
    assert (
        config(password=None, environment=ENVIRONMENT, **urls).api_key.get_secret_value()
        == "from-env"
    )


@pytest.mark.parametrize(
    "urls",
    [
        {"host": "https://proxy.example.com"},
        {"control_url": "https://proxy.example.com"},
        {"host": "https://gateway.maton.ai.example.com"},
        {"host": "https://notgateway.maton.ai"},
        {"host": "https://192.168.1.7"},
    ],
    ids=["host", "control_url", "suffix", "prefix", "private"],
)
def test_the_key_of_the_environment_goes_to_no_other_host(urls):
    """A host that a connection names gets a key only from that connection itself."""
    with pytest.raises(
        ConfigurationError, match=r"(host|control_url): must be Maton's own .*password"
    ):
        config(password=None, environment=ENVIRONMENT, **urls)
    (field,) = urls
    assert config(environment=ENVIRONMENT, **urls).api_key.get_secret_value() == KEY, field


ANY_EXTRA = st.dictionaries(
    st.sampled_from(sorted(CONN_FIELDS)) | st.text(max_size=5), ANYTHING, max_size=3
)
ODD_ADDRESSES = st.sampled_from(
    ["[::1", "http://[::1", "::1", "//", "://", "http://", "https://[v1.x]", "https://a:b:c", "https://[::1]:99999",
     "@", "https://a..b", "https://*.a", "https://a b", "https://a\x00", "https://\ud800", "https://a/\ud800",
     "https://é",
     "https://" + "a" * 70, "https://%zz", "127.0.0.1:x", "https://a?b", "http://127.0.0.1:0", "https://a\\b", "HTTPS://A"]
)  # fmt: skip
ADDRESSES = (
    ODD_ADDRESSES | st.text(max_size=9).map(lambda text: f"https://{text}") | ANYTHING
)
PORTS = st.sampled_from([None, 0, 1, 443, 65_535, 65_536, -1, True, "443", 1.5]) | ANYTHING


def outcome(**fields):
    """Return the settings or the error, or fail with any other exception."""
    try:
        return client_config(conn_type="maton", password=KEY, environment={}, **fields)
    except ConfigurationError as error:
        return error


@fuzzed_a_lot
@given(ADDRESSES, PORTS, ANY_EXTRA)
def test_any_connection(host, port, extra):
    """Any host, port and extra are settings with which a request can be built, or an error that can be read."""
    found = outcome(host=host, port=port, extra=extra)
    if isinstance(found, ConfigurationError):
        assert len(str(found).encode()) < 3000
        return
    address = requests.PreparedRequest()
    address.prepare_url(build_request(Call(method="GET", path="1"), found).url, None)
    assert found.read_timeout <= 3600
    assert found.requests_per_second <= 1_000_000
    assert RateLimiter(found)


@fuzzed_a_lot
@given(
    st.sampled_from(
        [
            "proxy",
            "timeout",
            "requests_per_second",
            "control_url",
            "rate_limit_storage",
            "api_version",
        ]
    ),
    ADDRESSES | st.floats() | st.floats().map(str) | st.integers(),
)
def test_any_value_of_one_extra(name, value):
    """Each extra is accepted, or the error names it."""
    found = outcome(host=None, port=None, extra={name: value})
    assert isinstance(found, ClientConfig) or str(found).startswith(name)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"host": "[::1"},
            "host: must be a URL such as https://gateway.maton.ai (got str, 12 characters)",
        ),
        ({"host": "https://a..b"}, "host: must be a URL"),
        ({"host": "https://a/\ud800"}, "host: must be a URL"),
        ({"host": 5}, "host: must be text (got int). Write it as https://gateway.maton.ai"),
        (
            {"port": 65_536},
            "port: must be a number up to 65535 (got int). Leave it empty for 443",
        ),
        ({"port": "443"}, "port: must be a number up to 65535 (got str, 3 characters)"),
        ({"port": True}, "port: must be a number up to 65535 (got bool)"),
        ({"control_url": "[::1"}, "control_url: must be a URL"),
        ({"timeout": 1e10}, "timeout: must be at most 3600 (got 10000000000.0). Lower it"),
        (
            {"timeout": 10**400},
            "timeout: must be a finite number above 0 (got inf). Leave it out for the default",
        ),
        ({"timeout": True}, "timeout: must be a number of seconds or calls (got bool)"),
        (
            {"requests_per_second": 1e7},
            "requests_per_second: must be at most 1000000 (got 10000000.0). Lower it",
        ),
        (
            {"phone_number_id": 10**5000},
            "phone_number_id: must be an id (got int). Copy it again",
        ),
        ({"x" * 10**6: 1}, "extra: must have known fields only (got 'xxxx"),
        (
            {f"x{n}": 1 for n in range(1000)},
            "extra: must have known fields only (got 'x0', 'x1', 'x10'",
        ),
    ],
    ids=lambda value: str(value)[:30] if isinstance(value, str) else None,
)
def test_what_used_to_crash_or_pass(fields, said):
    """Values that once crashed, or broke the request, are errors that name the extra."""
    with pytest.raises(ConfigurationError) as caught:
        config(**fields)
    assert str(caught.value).startswith(said)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("extra", [[], "x", None, 5], ids=repr)
def test_an_extra_that_is_no_object(extra):
    """An extra that is JSON but not an object is an error."""
    with pytest.raises(ConfigurationError, match="extra: must be a JSON object"):
        client_config(
            conn_type="maton",
            password=KEY,
            host=None,
            port=None,
            extra=extra,
            environment={},
        )


def test_the_longest_timeout():
    """An hour is the longest timeout."""
    assert config(timeout=3600).read_timeout == 3600


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
    assert message.startswith(
        "maton_connection_id: must be an ACTIVE WhatsApp Business connection (got none"
    )
    assert "maton.ai/connections" in message


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("maton_connection_id", "other"),
        ("phone_number_id", "999"),
        ("business_account_id", "999"),
    ],
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
    error = {
        "message": "expired",
        "type": "OAuthException",
        "code": 190,
        "fbtrace_id": "A1",
    }
    sandbox.fault(path="/connections", status=401, body={"error": error})
    good, message = MatonHook().test_connection()
    assert not good
    assert message.startswith("Meta rejects the WhatsApp grant")
    assert "maton.ai/connections" in message


def test_the_test_only_reads(sandbox):
    """Testing a connection makes no call but GET."""
    MatonHook().test_connection()
    assert {call["method"] for call in sandbox.requests()} == {"GET"}
