"""A proxy between us and the gateway, and TLS."""

from __future__ import annotations

import select
import socket
import struct
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from airflow_provider_whatsapp.client.resources.messages import Messages
from airflow_provider_whatsapp.client.resources.phone_numbers import PhoneNumbers
from airflow_provider_whatsapp.exceptions import OutcomeUnknownError, TransportError
from tests.threads import LIMIT, CheckedThread

GOOD = b'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\n{"id":"1"}'
DENIED = b"HTTP/1.1 407 Proxy Authentication Required\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def gateway(loopback, self_signed, monkeypatch):
    """Return a function that starts a server with TLS, whose certificate is trusted, and gives its https address."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(self_signed[1]))

    def start(reply=GOOD):
        server = loopback(reply, self_signed[0])
        server.url = server.url.replace("http:", "https:")
        return server

    return start


@pytest.fixture
def tunnel(loopback):
    """Return a function that starts a proxy, which opens a tunnel to any host."""

    def pass_on(connection, proxy):
        if proxy.stopping.is_set():
            return
        host, _, port = proxy.requests[-1].split()[1].rpartition(":")
        with socket.create_connection((host, int(port)), LIMIT) as upstream:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            ends = {connection: upstream, upstream: connection}
            with suppress(OSError):  # which is how the gateway's faults reach us
                while not proxy.stopping.is_set():
                    for end in select.select(list(ends), [], [], 0.1)[0]:
                        if not (piece := end.recv(65536)):
                            return
                        ends[end].sendall(piece)

    return lambda: loopback(pass_on)


def test_proxy(tunnel, gateway, live_api):
    """With a proxy every call goes through a tunnel of it."""
    proxy, server = tunnel(), gateway()
    assert PhoneNumbers(live_api(server.url, proxy=proxy.url)).get().id == "1"
    assert proxy.requests[0].startswith(f"CONNECT {urlsplit(server.url).netloc} ")
    assert server.requests[0].startswith("GET /whatsapp-business/")


def test_proxy_of_the_connection_counts(tunnel, gateway, live_api, monkeypatch):
    """The connection's proxy goes before the one that the environment names."""
    proxy, other = tunnel(), tunnel()
    monkeypatch.setenv("HTTPS_PROXY", other.url)
    PhoneNumbers(live_api(gateway().url, proxy=proxy.url)).get()
    assert (len(proxy.requests), len(other.requests)) == (1, 0)


def test_proxy_of_the_environment(tunnel, gateway, live_api, monkeypatch):
    """Without a proxy of its own the connection uses the environment's, as other programs do."""
    proxy = tunnel()
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    PhoneNumbers(live_api(gateway().url)).get()
    assert len(proxy.requests) == 1


def test_no_proxy_of_the_environment(gateway, live_api, refused_url, monkeypatch):
    """A host that the environment takes out is reached without a proxy."""
    monkeypatch.setenv("HTTPS_PROXY", refused_url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert PhoneNumbers(live_api(gateway().url)).get().id == "1"


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", None])
def test_no_proxy_gets_the_key_in_the_clear(loopback, live_api, monkeypatch, variable):
    """A call to this machine without TLS never goes through a proxy: it contains the key."""
    proxy, server = loopback(GOOD), loopback(GOOD)
    if variable:
        monkeypatch.setenv(variable, proxy.url)
    assert (
        PhoneNumbers(live_api(server.url, proxy=None if variable else proxy.url)).get().id
        == "1"
    )
    assert (len(server.requests), proxy.requests) == (1, [])


def test_credentials_of_a_proxy(tunnel, gateway, live_api, key):
    """A proxy gets the name and password of its address, and the gateway alone gets the key."""
    proxy, server = tunnel(), gateway()
    PhoneNumbers(
        live_api(server.url, proxy=proxy.url.replace("//", "//user:hunter2@"))
    ).get()
    assert (
        "proxy-authorization: basic dxnlcjpodw50zxiy"
        in proxy.requests[0].lower().splitlines()
    )
    assert key not in proxy.requests[0]
    assert f"Authorization: Bearer {key}" in server.requests[0].splitlines()


@pytest.mark.parametrize("fault", ["reset", "hang", "closed"])
def test_proxy_that_loses_a_send(request, tunnel, gateway, live_api, message, fault):
    """A tunnel that breaks after the message went through it leaves the outcome unknown."""
    server = gateway(b"" if fault == "closed" else request.getfixturevalue(fault))
    with pytest.raises(OutcomeUnknownError):
        Messages(live_api(server.url, proxy=tunnel().url, read_timeout=0.5)).send(message)
    assert len(server.requests) == 1


def test_proxy_that_rejects(loopback, live_api, message):
    """A proxy that opens no tunnel has passed nothing on."""
    proxy = loopback(DENIED)
    with pytest.raises(TransportError, match="nothing was sent"):
        Messages(live_api("https://gateway.invalid", proxy=proxy.url)).send(message)
    assert all(head.startswith("CONNECT gateway.invalid:443") for head in proxy.requests)


def test_absent_proxy(live_api, refused_url, message):
    """If the proxy cannot be reached, nothing was sent."""
    with pytest.raises(TransportError, match="proxy of the Airflow connection"):
        Messages(live_api("https://gateway.invalid", proxy=refused_url)).send(message)


@pytest.mark.parametrize(
    "proxy",
    [
        "http://",
        "socks5://127.0.0.1:1",
        "socks://127.0.0.1:1",
        "http//proxy",
        "http://:@",
        "http://user:hunter2@[x",
    ],
)
def test_unusable_proxy_of_the_environment(live_api, monkeypatch, message, proxy, all_said):
    """If the environment's proxy is invalid, nothing was sent; its password is not shown."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(TransportError, match="this machine's network, proxies") as caught:
        Messages(live_api("https://gateway.invalid")).send(message)
    assert "hunter2" not in all_said(caught.value)


def test_untrusted_certificate(loopback, live_api, message, self_signed):
    """A server that cannot prove its name gets neither the key nor the message."""
    server = loopback(GOOD, self_signed[0])
    with pytest.raises(TransportError, match="nothing was sent"):
        Messages(live_api(server.url.replace("http:", "https:"))).send(message)
    assert server.requests == []


HANDSHAKES = {
    "closed": b"",
    "reset": None,
    "plain HTTP": b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    "garbage": b"\x00" * 100,
}


@pytest.mark.parametrize("said", HANDSHAKES.values(), ids=HANDSHAKES)
def test_a_handshake_that_fails(said, live_api, message):
    """An error before the TLS handshake ends has sent nothing, so that the client retries the message."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(LIMIT)

        def talk():
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        connection.settimeout(LIMIT)
                        connection.recv(1)
                        if said is None:
                            connection.setsockopt(
                                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                            )
                        else:
                            connection.sendall(said)

        thread = CheckedThread(talk)
        with pytest.raises(TransportError, match="nothing was sent"):
            Messages(live_api(f"https://127.0.0.1:{listener.getsockname()[1]}")).send(
                message
            )
        listener.shutdown(socket.SHUT_RDWR)
        thread.result()


@pytest.mark.parametrize(
    "said",
    [b"", b"hello\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"],
    ids=["silent", "garbage", "no TLS"],
)
def test_a_proxy_that_opens_no_tunnel(loopback, live_api, message, said):
    """A proxy that closes the connection, or sends nonsense, has got nothing of the message."""
    proxy = loopback(said)
    with pytest.raises(TransportError, match="nothing was sent"):
        Messages(live_api("https://gateway.invalid", proxy=proxy.url)).send(message)


def test_trusted_certificate(gateway, live_api):
    """A company's own authority is trusted through the usual environment variable."""
    assert PhoneNumbers(live_api(gateway().url)).get().id == "1"
