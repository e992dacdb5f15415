"""An Airflow home of its own for the tests, made before anything imports airflow, and a sandbox."""

from __future__ import annotations

import atexit
import datetime as dt
import ipaddress
import json
import os
import shutil
import ssl
import sys
import tempfile

for name in [
    name for name in os.environ if name.startswith("AIRFLOW") or name == "MATON_API_KEY"
]:
    del os.environ[name]
# A proxy of the machine's must not stand between the tests and their servers.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="airflow-provider-whatsapp-")
atexit.register(shutil.rmtree, os.environ["AIRFLOW_HOME"], ignore_errors=True)
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__CORE__UNIT_TEST_MODE"] = "True"

import pytest
from hypothesis import HealthCheck, settings

from airflow_provider_whatsapp.exceptions import (
    ConfigurationError,
    InvalidRequestError,
    WhatsAppError,
)
from airflow_provider_whatsapp.sandbox import running_sandbox
from tests.errors import is_in_shape

PACKAGE = "airflow_provider_whatsapp."
SANDBOX = f"{PACKAGE}sandbox."  # its settings are those of a program of its own

# How long an example takes says more about the machine than about the code.
settings.register_profile(
    "tests", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("tests")


@pytest.fixture(autouse=True)
def errors_have_their_shape(monkeypatch):
    """Check the text of every error about configuration or arguments that the package raises in a test."""
    texts = []
    make = WhatsAppError.__init__

    def note(self, message, **fields):
        make(self, message, **fields)
        raised_in = sys._getframe(1).f_globals["__name__"]
        is_ours = raised_in.startswith(PACKAGE) and not raised_in.startswith(SANDBOX)
        if is_ours and isinstance(self, ConfigurationError | InvalidRequestError):
            texts.append(message)

    monkeypatch.setattr(WhatsAppError, "__init__", note)
    yield
    assert [text for text in texts if not is_in_shape(text)] == []


@pytest.fixture
def sandbox(monkeypatch):
    """A gateway that approves at once, behind the Airflow connection ``maton_default``."""
    with running_sandbox(approve_after=0, requests_per_second=1000) as running:
        monkeypatch.setenv("AIRFLOW_CONN_MATON_DEFAULT", running.airflow_connection())
        yield running


@pytest.fixture
def reviewing_sandbox(monkeypatch):
    """A gateway that leaves templates in review until the test decides."""
    with running_sandbox(approve_after=100_000, requests_per_second=1000) as running:
        monkeypatch.setenv("AIRFLOW_CONN_MATON_DEFAULT", running.airflow_connection())
        yield running


@pytest.fixture(scope="session")
def _undecided_sandbox():
    with running_sandbox(
        approve_after=100_000,
        delivered_after=100_000,
        read_after=100_000,
        requests_per_second=1000,
    ) as running:
        yield running


@pytest.fixture
def undecided_sandbox(_undecided_sandbox, monkeypatch, connect):
    """A gateway, new to each test, in which nothing goes on until the test decides."""
    _undecided_sandbox.reset()
    monkeypatch.setenv(
        "AIRFLOW_CONN_MATON_DEFAULT", _undecided_sandbox.airflow_connection()
    )
    connect(extra={"rate_limit_storage": "off"})
    return _undecided_sandbox


@pytest.fixture
def connect(monkeypatch):
    """Change fields of the Airflow connection ``maton_default``."""

    def change(*, extra=None, **fields):
        connection = json.loads(os.environ["AIRFLOW_CONN_MATON_DEFAULT"])
        connection["extra"].update(extra or {})
        monkeypatch.setenv(
            "AIRFLOW_CONN_MATON_DEFAULT", json.dumps({**connection, **fields})
        )

    return change


@pytest.fixture
def self_signed(tmp_path):
    """A server's TLS context with a certificate that no authority has signed."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
    )
    builder = (
        builder.serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
    )
    address = x509.SubjectAlternativeName(
        [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    certificate = builder.add_extension(address, critical=False).sign(key, hashes.SHA256())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    path = tmp_path / "server.pem"
    path.write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context, path


@pytest.fixture(scope="session")
def invalid():
    """Return a function that calls a function, expects an error before anything is sent, and returns its text."""

    def call(function, *args, **kwargs):
        with pytest.raises(InvalidRequestError) as caught:
            function(*args, **kwargs)
        # A chained error of pydantic would put the value into the log.
        assert caught.value.__context__ is None
        assert caught.value.permanent
        return str(caught.value)

    return call
