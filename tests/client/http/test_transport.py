"""The real transport against a real socket that misbehaves; the server's own request log counts."""

from __future__ import annotations

import gzip
import io
import logging
import socket
import threading
from contextlib import ExitStack, suppress
from dataclasses import replace

import pytest
import requests

from airflow_provider_whatsapp.client.http.calls import Request, build_request
from airflow_provider_whatsapp.client.http.multipart import MultipartStream
from airflow_provider_whatsapp.client.http.retry import MAX_ATTEMPTS
from airflow_provider_whatsapp.client.http.transport import CHUNK_BYTES, Transport
from airflow_provider_whatsapp.client.resources.message_history import MessageHistory
from airflow_provider_whatsapp.client.resources.messages import Messages
from airflow_provider_whatsapp.client.resources.phone_numbers import PhoneNumbers
from airflow_provider_whatsapp.exceptions import (
    ApiError,
    OutcomeUnknownError,
    TransportError,
    WhatsAppError,
)
from airflow_provider_whatsapp.models.json_values import encode_json
from airflow_provider_whatsapp.models.media import MediaFile
from tests.threads import LIMIT, run_together

# A connection that is kept open could be used again just when the server closes it.
OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
GOOD = (
    OK
    + b'Content-Type: application/json\r\nX-Case: A\r\nContent-Length: 10\r\n\r\n{"id":"1"}'
)
FAULTS = {
    "closed": b"",
    "half-header": b"HTTP/1.1 200 OK\r\nContent-Le",
    "half-body": OK + b'Content-Length: 99\r\n\r\n{"id":"1"}',
    "half-chunk": OK + b'Transfer-Encoding: chunked\r\n\r\n63\r\n{"id":"1"}',
    "half-gzip": OK
    + b"Content-Encoding: gzip\r\nContent-Length: 20\r\n\r\n"
    + gzip.compress(b'{"id":"1"}')[:20],
    "not-gzip": OK + b'Content-Encoding: gzip\r\nContent-Length: 10\r\n\r\n{"id":"1"}',
    "two-lengths": OK + b'Content-Length: 10, 11\r\n\r\n{"id":"1"}',
    "not-http": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "endless-header": OK + b"X: " + b"a" * 70_000 + b"\r\n\r\n",
    "empty": OK + b"Content-Length: 0\r\n\r\n",
    "html": OK + b"Content-Type: text/html\r\nContent-Length: 15\r\n\r\n<html>hi</html>",
    "bad-gateway": b"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 6\r\n\r\n<html>",
    "timeout": b"HTTP/1.1 504 Gateway Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
}


@pytest.fixture(params=[*FAULTS, "reset", "hang"])
def fault(request):
    """Each way in which a response gets lost."""
    return (
        FAULTS[request.param]
        if request.param in FAULTS
        else request.getfixturevalue(request.param)
    )


def test_response(loopback, config, read, key):
    """Status, headers in lower case and body come back; the key goes out."""
    server = loopback(GOOD)
    settings = config(base_url=server.url)
    response = Transport(settings).send(build_request(read, settings), read)
    assert (response.status, response.headers["x-case"], response.body) == (
        200,
        "A",
        b'{"id":"1"}',
    )
    assert f"Authorization: Bearer {key}\r\n" in server.requests[0]


def test_lost_response_to_a_send(loopback, live_api, message, fault):
    """If the response to a message is lost in any way, the outcome is unknown and the client sends nothing again."""
    server = loopback(fault)
    with pytest.raises(OutcomeUnknownError) as caught:
        Messages(live_api(server.url, read_timeout=0.5)).send(message)
    assert len(server.requests) == 1
    assert caught.value.permanent


def test_lost_response_to_a_read(loopback, live_api, fault):
    """If the response to a read is lost in any way, the client reads again, and the last error is not permanent."""
    server = loopback(fault)
    with pytest.raises(WhatsAppError) as caught:
        PhoneNumbers(live_api(server.url, read_timeout=0.5)).get()
    assert len(server.requests) == MAX_ATTEMPTS
    assert not caught.value.permanent


def test_recovery(loopback, live_api, reset):
    """A read that succeeds at the third attempt is a success."""

    def third_time_lucky(connection, server):
        connection.sendall(GOOD) if len(server.requests) == 3 else reset(connection, server)

    server = loopback(third_time_lucky)
    api = live_api(server.url)
    assert PhoneNumbers(api).get().id == "1"
    assert api.waits == [1, 2]


@pytest.mark.parametrize(
    "address",
    [None, "https://gateway.invalid", "http://127.0.0.1:1"],
    ids=["port-closed", "no-such-name", "no-service"],
)
def test_no_connection(live_api, refused_url, message, address):
    """Without a connection nothing was sent, so even a message is tried again before the error says so."""
    api = live_api(address or refused_url)
    with pytest.raises(TransportError, match="nothing was sent") as caught:
        Messages(api).send(message)
    assert len(api.waits) == MAX_ATTEMPTS - 1
    assert not caught.value.permanent


def test_full_queue(config, send):
    """A host that doesn't take the connection in time has got nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as busy, ExitStack() as waiting:
        for _ in range(2):
            queued = waiting.enter_context(socket.socket())
            queued.setblocking(False)  # noqa: FBT003 - the socket's own signature
            queued.connect_ex(busy.getsockname())
        settings = config(
            base_url=f"http://127.0.0.1:{busy.getsockname()[1]}", connect_timeout=0.1
        )
        with pytest.raises(TransportError, match="ConnectTimeout"):
            Transport(settings).send(build_request(send, settings), send)


@pytest.mark.parametrize(
    "said",
    [b"", b"HTTP/1.1 200 OK\r\n", GOOD[:-5]],
    ids=["at-once", "in-header", "in-body"],
)
def test_silence(loopback, config, send, said):
    """The client gives up a server that stops anywhere in its response, after the read timeout."""

    def fall_silent(connection, server):
        connection.sendall(said)
        server.stopping.wait(LIMIT)

    settings = config(base_url=loopback(fall_silent).url, read_timeout=0.5)
    with pytest.raises(OutcomeUnknownError, match=r"ReadTimeout"):
        Transport(settings).send(build_request(send, settings), send)


def test_older_error_does_not_count(loopback, config, send, refused_url, reset):
    """A send in the handler of a refused connection still reports that its own response was lost."""
    settings = config(base_url=loopback(reset).url)
    try:
        requests.get(refused_url, timeout=LIMIT)
    except requests.ConnectionError:
        with pytest.raises(OutcomeUnknownError):
            Transport(settings).send(build_request(send, settings), send)
    else:
        pytest.fail("the address should have refused")


@pytest.mark.parametrize(
    "path",
    ["/elsewhere", "http://[broken", "http://\xff/", "//"],
    ids=["other-host", "bracket", "bytes", "slashes"],
)
def test_redirects(loopback, live_api, message, path):
    """A redirect is a rejection: it is not followed, however it is written, and its host never sees the key."""
    other = loopback(GOOD)
    location = (other.url + path if path == "/elsewhere" else path).encode("latin-1")
    server = loopback(
        b"HTTP/1.1 301 Moved\r\nConnection: close\r\nContent-Length: 2\r\nLocation: "
        + location
        + b"\r\n\r\n{}"
    )
    with pytest.raises(ApiError, match="redirects are not followed") as caught:
        Messages(live_api(server.url)).send(message)
    assert (caught.value.status, len(server.requests), other.requests) == (301, 1, [])


def test_netrc(loopback, live_api, monkeypatch, tmp_path, key):
    """A .netrc file for the host does not put another Authorization in the key's place."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ada password else\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    server = loopback(GOOD)
    assert requests.utils.get_netrc_auth(server.url) == ("ada", "else")
    PhoneNumbers(live_api(server.url)).get()
    assert [
        line for line in server.requests[0].splitlines() if line.startswith("Authorization")
    ] == [f"Authorization: Bearer {key}"]


def test_huge_response(loopback, live_api, message, monkeypatch):
    """A response longer than any real one is not read to its end."""
    monkeypatch.setattr(
        "airflow_provider_whatsapp.client.http.transport.MAX_RESPONSE_BYTES", 1000
    )
    body = b'{"messages":[{"id":"' + b"x" * 5000 + b'"}]}'
    server = loopback(OK + b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    with pytest.raises(OutcomeUnknownError, match="1000 bytes"):
        Messages(live_api(server.url)).send(message)


def test_connections_of_a_thread(config):
    """Two threads with one transport have connections of their own, each keeping them."""
    transport = Transport(config())
    barrier = threading.Barrier(2)

    def pools():
        first = transport._route("https://gateway.invalid/x").pool
        barrier.wait(LIMIT)
        return first, transport._route("https://gateway.invalid/y").pool

    one, other = run_together(pools, 2)
    assert one[0] is one[1]
    assert other[0] is other[1]
    assert one[0] is not other[0]


KEPT = b'HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 10\r\n\r\n{"id":"1"}'


def test_kept_connection(loopback, config, read):
    """The next request goes over the same connection, and tells no cookie of the response before."""

    def twice(connection, server):
        connection.sendall(KEPT)
        server.requests.append(connection.recv(65536).decode())
        connection.sendall(KEPT)

    server = loopback(twice)
    settings = config(base_url=server.url)
    transport = Transport(settings)
    responses = [transport.send(build_request(read, settings), read) for _ in range(2)]
    assert [response.status for response in responses] == [200, 200]
    assert (len(server.drained), len(server.requests)) == (1, 2)
    assert "Cookie" not in server.requests[1]


def test_many_hosts(loopback, config, read, monkeypatch):
    """More hosts than connections are kept to are still reached, in any order."""
    monkeypatch.setattr("airflow_provider_whatsapp.client.http.transport.MAX_HOSTS", 2)
    servers = [loopback(GOOD) for _ in range(3)]
    transport = Transport(config())
    for server in servers * 2:
        assert (
            transport.send(build_request(read, config(base_url=server.url)), read).status
            == 200
        )
        assert len(transport._local.routes) <= 2
    assert [len(server.requests) for server in servers] == [2, 2, 2]


def test_length(loopback, config, send):
    """Both a short body and a file go out whole, after their length instead of in chunks."""
    server = loopback(GOOD)
    settings = config(base_url=server.url)
    file = MediaFile(name="a.png", mime_type="image/png", size=100_000)
    bodies = [
        b'{"a":1}',
        MultipartStream(
            fields={"type": "x"}, file=file, content=io.BytesIO(bytes(100_000))
        ),
    ]
    lengths = [len(body) for body in bodies]
    for body in bodies:
        Transport(settings).send(Request("POST", f"{server.url}/1", {}, {}, body), send)
    assert server.drained == lengths
    for head, length in zip(server.requests, lengths, strict=True):
        assert f"Content-Length: {length}\r\n" in head
        assert "Transfer-Encoding" not in head


def test_headers_that_come_twice(loopback, config, read):
    """A header that comes twice is joined, as HTTP has it."""
    settings = config(
        base_url=loopback(OK + b"X-A: 1\r\nX-A: 2\r\nContent-Length: 0\r\n\r\n").url
    )
    assert (
        Transport(settings).send(build_request(read, settings), read).headers["x-a"]
        == "1, 2"
    )


def test_an_upload_has_time_to_be_sent_and_passed_on(config):
    """A stall while a file is sent is not cut off by the short timeout for connecting, nor is the gateway's relay."""
    file = MediaFile(name="a.png", mime_type="image/png", size=1)
    stream = MultipartStream(fields={}, file=file, content=io.BytesIO(b"x"))
    transport = Transport(config(connect_timeout=1.0, read_timeout=30.0))
    assert transport._timeout(Request("POST", "https://x", {}, {}, b"{}")) == (1.0, 30.0)
    assert transport._timeout(Request("POST", "https://x", {}, {}, stream)) == (30.0, 300.0)


@pytest.mark.parametrize("with_key", [True, False])
def test_fetch(loopback, config, read, monkeypatch, tmp_path, key, with_key):
    """A file is handed out in pieces; where it may not have the key, its host gets no Authorization at all."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ada password else\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    content = b"x" * (CHUNK_BYTES + 1)
    server = loopback(OK + b"Content-Length: %d\r\n\r\n%b" % (len(content), content))
    pieces = []
    settings = config(base_url=server.url)
    response = Transport(settings).fetch(
        build_request(read, settings), read, pieces.append, with_key=with_key
    )
    assert (response.status, response.body) == (200, b"")
    assert [len(piece) for piece in pieces] == [CHUNK_BYTES, 1]
    sent = [
        line for line in server.requests[0].splitlines() if line.startswith("Authorization")
    ]
    assert sent == ([f"Authorization: Bearer {key}"] if with_key else [])


@pytest.mark.parametrize("status", [b"302 Found", b"404 Not Found", b"503 Busy"])
def test_fetch_without_a_file(loopback, config, read, status):
    """The body of a rejection comes back instead of going to where the file should, and no redirect is followed."""
    other = loopback(GOOD)
    head = (
        b"HTTP/1.1 %b\r\nConnection: close\r\nLocation: %b\r\nContent-Length: 2\r\n\r\nno"
    )
    server = loopback(head % (status, other.url.encode()))
    pieces = []
    settings = config(base_url=server.url)
    response = Transport(settings).fetch(
        build_request(read, settings), read, pieces.append, with_key=True
    )
    assert (response.status, response.body) == (int(status[:3]), b"no")
    assert (pieces, other.requests) == ([], [])


def test_certificates_that_are_not_there(config, send, monkeypatch, tmp_path):
    """A certificate file that does not exist shows before anything has left, so that the send may be repeated."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    settings = config(base_url="https://127.0.0.1:9")
    with pytest.raises(
        TransportError, match=r"\(OSError\), so nothing was sent.*REQUESTS_CA_BUNDLE"
    ):
        Transport(settings).send(build_request(send, settings), send)


def dripping(before, drops, after=b""):
    """A reply that comes one byte at a time, each well within the timeout."""

    def reply(connection, server):
        connection.sendall(before)
        for drop in drops:
            if server.stopping.wait(0.05):
                return
            connection.sendall(bytes([drop]))
        connection.sendall(after)

    return reply


DRIPS = {
    "status line": dripping(b"", GOOD + b" " * 200),
    "headers": dripping(
        OK, b"X-Slow: " + b"a" * 200 + b"\r\n", b'Content-Length: 10\r\n\r\n{"id":"1"}'
    ),
    "body": dripping(OK + b"Content-Length: 200\r\n\r\n", b'{"id":"1"}' + b" " * 190),
    "chunks": dripping(
        OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 100, b"0\r\n\r\n"
    ),
}


@pytest.mark.parametrize("drip", DRIPS.values(), ids=DRIPS)
def test_a_whole_response_has_a_deadline(loopback, live_api, message, drip):
    """A response that drips is given up after four timeouts, and the message may have been sent."""
    server = loopback(drip)
    with pytest.raises(OutcomeUnknownError, match="TimeoutError|Protocol|ReadTimeout"):
        Messages(live_api(server.url, read_timeout=0.2)).send(message)
    assert len(server.requests) == 1


def test_a_file_that_drips_has_a_deadline(loopback, config, read):
    """A download that drips ends as well."""
    server = loopback(DRIPS["body"])
    request = build_request(read, config(base_url=server.url))
    with pytest.raises(OutcomeUnknownError):
        Transport(config(read_timeout=0.2)).fetch(
            request, read, lambda _: None, with_key=False
        )


def test_a_steady_response_is_not_given_up(loopback, config, read, monkeypatch):
    """A response that comes at the minimum speed or faster has the time that it takes."""
    # A whole response may take 1.2 s, and a second more for each byte of its body; this one takes 1.5 s.
    monkeypatch.setattr(
        "airflow_provider_whatsapp.client.http.transport.MAX_TIMEOUTS", 1.2 / LIMIT
    )
    monkeypatch.setattr(
        "airflow_provider_whatsapp.client.http.transport.MIN_BYTES_PER_SECOND", 1
    )
    slow = dripping(OK + b"Content-Length: 30\r\n\r\n", b'{"id":"1"}' + b" " * 20)
    response = Transport(config()).send(
        build_request(read, config(base_url=loopback(slow).url)), read
    )
    assert len(response.body) == 30


class Clock:
    """The clock of the transport, which stands still unless it moves by a step at each call."""

    now = 0.0
    step = 0.0

    def monotonic(self):
        """Return the time."""
        self.now += self.step
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("airflow_provider_whatsapp.client.http.transport.time", clock)
    return clock


def test_a_kept_connection_has_its_full_timeout_again(loopback, config, read, clock):
    """The time that one response has used of its deadline is not taken from the next one."""
    clock.step = 2.5 * LIMIT  # for each response, of four times the timeout

    def reply(connection, server):
        connection.sendall(KEPT)
        if len(server.requests) < 3:
            server._respond(connection)

    server = loopback(reply)
    transport, request = (
        Transport(config()),
        build_request(read, config(base_url=server.url)),
    )
    assert [transport.send(request, read).status for _ in range(3)] == [200, 200, 200]


STRANGERS = [
    MemoryError,
    OverflowError,
    KeyError,
    UnicodeError,
    RuntimeError,
    RecursionError,
]


@pytest.mark.parametrize("stranger", STRANGERS)
def test_an_error_that_no_library_should_raise(
    loopback, config, send, monkeypatch, stranger
):
    """After any error while a message leaves its outcome is unknown; before that, the message was not sent."""

    def fail(*_, **__):
        raise stranger("of the library")

    settings = config(base_url=loopback(GOOD).url)
    request = build_request(replace(send, json=encode_json({"text": "Hello"})), settings)
    with monkeypatch.context() as patch:
        patch.setattr("urllib3.connection.HTTPConnection.getresponse", fail)
        with pytest.raises(OutcomeUnknownError, match=stranger.__name__) as caught:
            Transport(settings).send(request, send)
    assert caught.value.permanent
    monkeypatch.setattr("urllib3.connection.HTTPConnection.connect", fail)
    with pytest.raises(TransportError, match=stranger.__name__):
        Transport(settings).send(request, send)


def test_interim_responses_have_a_deadline(loopback, live_api, message):
    """A server that promises to continue, again and again, is given up as well."""

    def reply(connection, server):
        while not server.stopping.wait(0.005):
            connection.sendall(b"HTTP/1.1 100 Continue\r\nX: " + b"a" * 2000 + b"\r\n\r\n")

    with pytest.raises(OutcomeUnknownError):
        Messages(live_api(loopback(reply).url, read_timeout=0.2)).send(message)


def test_a_slow_disk_is_not_the_servers_fault(loopback, config, read, clock):
    """The time that the receiver of a file needs for a piece is not taken from the server's."""
    body = b"x" * 3 * CHUNK_BYTES
    server = loopback(OK + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
    request, taken = build_request(read, config(base_url=server.url)), []

    def keep(piece):
        clock.now += 5 * LIMIT
        taken.append(piece)

    Transport(config()).fetch(request, read, keep, with_key=False)
    assert b"".join(taken) == body


LEAKY = (
    OK
    + b"Content-Type: application/json\r\n no-header\r\nbroken header line\r\nContent-Length: 12\r\n\r\n"
    + b'{"data": []}'
)


@pytest.mark.parametrize("reply", [GOOD, LEAKY], ids=["at DEBUG", "at WARNING"])
def test_no_address_in_a_log(loopback, live_api, caplog, reply):
    """The message id of a call, which spells a phone number, is in no log line; the call is in one of ours."""
    caplog.set_level(logging.DEBUG)
    message_id = "wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA"
    with suppress(WhatsAppError):
        list(MessageHistory(live_api(loopback(reply).url)).list(message_id=message_id))
    assert "GET 106540352242922/message_history: HTTP 200" in caplog.text
    assert "HBgLMTY1MDU1NTEyMzQ" not in caplog.text


def test_log_lines_of_other_programs_stay(loopback, live_api, caplog):
    """Others in this process who use urllib3 see its lines as before."""
    caplog.set_level(logging.DEBUG, "urllib3")
    url = loopback(GOOD).url
    PhoneNumbers(live_api(url)).get()
    assert "urllib3" not in {record.name.partition(".")[0] for record in caplog.records}
    requests.get(f"{url}/theirs", timeout=LIMIT)
    assert "/theirs" in caplog.text
