"""
A server on loopback, in a process of its own, that responds to any request as to an accepted message.

It does as little as it can, so that what is measured is the client; with a latency it only waits first.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_BODY = (
    b'{"messaging_product":"whatsapp","contacts":[{"input":"16505551234","wa_id":"16505551234"}],'
    b'"messages":[{"id":"wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNEQTA2RjdGMEY4RTRGAA=="}],"id":"1"}'
)
_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
    % (
        len(_BODY),
        _BODY,
    )
)
_PIECE = 256 * 1024


@contextmanager
def running_server(latency: float = 0.0) -> Iterator[str]:
    """Run one for as long as the block lasts, and return its address; each response takes ``latency`` seconds."""
    command = [sys.executable, "-m", "benchmarks.loopback", str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        port = server.stdout.readline().strip() if server.stdout else ""
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _serve(connection: socket.socket, latency: float) -> None:
    """Respond to the requests of one connection, one after the other."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    got = b""
    while piece := connection.recv(_PIECE):
        got += piece
        head, end, rest = got.partition(b"\r\n\r\n")
        if not end:
            continue
        length = _LENGTH.search(head)
        left = (int(length[1]) if length else 0) - len(rest)
        while left > 0 and (piece := connection.recv(min(left, _PIECE))):
            left -= len(piece)
        if latency:
            time.sleep(latency)
        connection.sendall(_ANSWER)
        got = b""


def main() -> None:
    """Serve connections, each in a thread, until terminated."""
    import threading

    latency = float(sys.argv[1])
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(listening.getsockname()[1], flush=True)
        while True:
            connection, _ = listening.accept()
            threading.Thread(target=_serve, args=(connection, latency), daemon=True).start()


if __name__ == "__main__":
    main()
