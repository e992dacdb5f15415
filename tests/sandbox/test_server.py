from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

import airflow_provider_whatsapp.sandbox as sandbox_package
from airflow_provider_whatsapp.exceptions import ConfigurationError
from airflow_provider_whatsapp.sandbox import SandboxSettings, create_app, running_sandbox
from airflow_provider_whatsapp.sandbox.__main__ import main
from airflow_provider_whatsapp.sandbox.server import SandboxServer
from airflow_provider_whatsapp.sandbox.settings import (
    API_KEY,
    BUSINESS_ACCOUNT_ID,
    CONNECTION_ID,
    PHONE_NUMBER_ID,
    airflow_connection,
)
from tests.threads import LIMIT, running_program

COMMAND = [sys.executable, "-m", "airflow_provider_whatsapp.sandbox", "--port", "0"]


def test_serves_at_once():
    """The sandbox serves from the first line of the block to its end."""
    with running_sandbox() as running:
        assert httpx.get(f"{running.url}/sandbox/messages", timeout=LIMIT).json() == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{running.url}/sandbox/messages", timeout=LIMIT)


def test_sandboxes_are_apart():
    """Two sandboxes have different ports and different states."""
    with running_sandbox() as one, running_sandbox(api_key="other") as other:
        assert one.url != other.url
        httpx.post(
            f"{one.url}/connections",
            headers={"Authorization": f"Bearer {one.api_key}"},
            timeout=LIMIT,
        )
        assert (len(one.requests()), len(other.requests())) == (1, 0)
        assert other.api_key == "other"


def test_airflow_connection():
    """The Airflow connection has the URL, the key and the ids."""
    with running_sandbox() as running:
        assert json.loads(running.airflow_connection()) == {
            "conn_type": "maton",
            "host": running.url,
            "password": API_KEY,
            "extra": {
                "control_url": running.url,
                "maton_connection_id": CONNECTION_ID,
                "phone_number_id": PHONE_NUMBER_ID,
                "business_account_id": BUSINESS_ACCOUNT_ID,
            },
        }
        assert running.sent_messages() == []


def test_many_callers():
    """Parallel callers get different ids, and share the rate limit."""
    with running_sandbox(requests_per_second=20, clock=lambda: 1_800_000_000.0) as running:
        headers = {"Authorization": f"Bearer {running.api_key}"}
        with (
            httpx.Client(base_url=running.url, headers=headers, timeout=LIMIT) as client,
            ThreadPoolExecutor(10) as pool,
        ):
            body = {"app": "whatsapp-business"}
            responses = list(
                pool.map(lambda _: client.post("/connections", json=body), range(30))
            )
    assert sorted(response.status_code for response in responses) == [200] * 20 + [429] * 10


def test_ipv6():
    """The sandbox can listen on the IPv6 loopback address."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with running_sandbox(host="::1") as running:
        assert running.url.startswith("http://[::1]:")
        assert (
            httpx.get(f"{running.url}/sandbox/messages", timeout=LIMIT).status_code == 200
        )


def test_start_that_fails(monkeypatch):
    """A server that cannot start is an error, not an endless wait."""

    def failing(_server, sockets):
        assert sockets

    monkeypatch.setattr(SandboxServer, "run", failing)
    with pytest.raises(RuntimeError, match="could not start"), running_sandbox():
        pass


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ({"host": "0.0.0.0"}, "loopback"),  # noqa: S104 - must be rejected
        ({"host": "192.168.1.2"}, "loopback"),
        ({"host": "example.com"}, "loopback"),
        ({"host": "::"}, "loopback"),
        ({"port": 65536}, "port"),
        ({"port": -1}, "port"),
        ({"api_key": ""}, "api_key"),
        ({"approve_after": -1}, "approve_after"),
        ({"approve_after": float("nan")}, "approve_after"),
        ({"requests_per_second": 0}, "requests_per_second"),
    ],
    ids=str,
)
def test_settings_are_checked(setting, named):
    """The error names a setting that is unsafe or invalid."""
    with pytest.raises(ConfigurationError, match=named):
        SandboxSettings(**setting)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_hosts(host):
    """Every loopback address is accepted."""
    assert SandboxSettings(host=host).host == host


def test_settings_hide_the_key():
    """The repr of the settings does not contain the key."""
    assert "hidden" not in repr(SandboxSettings(api_key="hidden"))


def test_unknown_setting():
    """A misspelt setting is an error."""
    with pytest.raises(TypeError, match="aprove_after"), running_sandbox(aprove_after=1):
        pass


def test_default_app():
    """An application needs no settings."""
    assert create_app().state.sandbox.settings == SandboxSettings()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_command(stop):
    """The command prints its address, credentials and Airflow connection, serves, and stops on a signal."""
    with running_program(
        [*COMMAND, "--approve-after", "0"], stdout=subprocess.PIPE
    ) as process:
        line = process.stdout.readline()
        url = line.split(" at ")[1].split()[0]
        assert {API_KEY, CONNECTION_ID, BUSINESS_ACCOUNT_ID, PHONE_NUMBER_ID} <= set(
            line.strip(")\n").replace(",", "").split()
        )
        name, _, connection = process.stdout.readline().strip().partition("=")
        assert name == "export AIRFLOW_CONN_MATON_DEFAULT"
        assert json.loads(connection.strip("'")) == json.loads(airflow_connection(url))
        assert httpx.get(f"{url}/sandbox/messages", timeout=LIMIT).json() == []
        process.send_signal(stop)
        assert process.stdout.read() == ""
    assert process.returncode in {0, -stop}


def test_command_in_process(monkeypatch, capsys):
    """Ctrl-C ends the command with success."""

    def interrupted(_server, sockets):
        assert sockets
        raise KeyboardInterrupt

    monkeypatch.setattr(SandboxServer, "run", interrupted)
    assert main(["--port", "0"]) == 0
    assert capsys.readouterr().out.startswith("WhatsApp sandbox at http://127.0.0.1:")


def test_command_help(capsys):
    """The help has the credentials, the options and the control API."""
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    text = capsys.readouterr().out
    for part in (API_KEY, PHONE_NUMBER_ID, "--approve-after", "/sandbox/faults"):
        assert part in text


def test_command_rejects_other_hosts(capsys):
    """The command listens on loopback addresses only, and says how to reach it from elsewhere."""
    with pytest.raises(SystemExit, match="2"):
        main(["--host", "0.0.0.0"])  # noqa: S104 - must be rejected
    assert "Use 127.0.0.1, ::1 or localhost" in capsys.readouterr().err


def test_command_port_in_use(capsys):
    """If the port is in use, the error names it and the remedy."""
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(SystemExit, match="2"),
    ):
        main(["--port", str(taken.getsockname()[1])])
    assert "--port 0" in capsys.readouterr().err


def test_command_without_extra(monkeypatch, capsys):
    """Without its extra the command says what to install."""
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: None if name == "uvicorn" else find_spec(name),
    )
    with pytest.raises(SystemExit, match="1"):
        main(["--port", "0"])
    error = capsys.readouterr().err
    assert "pip install 'airflow-provider-whatsapp[sandbox]'" in error
    assert "uvicorn" in error


def test_package_is_cheap_to_import():
    """Importing the package loads neither FastAPI nor uvicorn, until something of it is used."""
    code = (
        "import sys, airflow_provider_whatsapp.sandbox as s;"
        "assert not {'fastapi', 'uvicorn', 'pydantic'} & set(sys.modules);"
        "s.running_sandbox; assert 'fastapi' in sys.modules"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(
        [sys.executable, "-c", code], check=True, env=environment, timeout=2 * LIMIT
    )


def test_public_names():
    """The package has its public names, and no other."""
    assert all(getattr(sandbox_package, name) for name in sandbox_package.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        sandbox_package.nothing  # noqa: B018 - reading it is the test
