"""A Redis of its own, Debian's ``redis-server``, which keeps nothing on disk."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_STARTED_WITHIN = 10.0  # seconds


@contextmanager
def running_redis() -> Iterator[str]:
    """Run one on a free port of loopback for as long as the block lasts, and return its URL."""
    program = shutil.which("redis-server")
    if program is None:
        sys.exit(
            "redis-server is missing; on Debian and Ubuntu: apt-get install redis-server"
        )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [
            program,
            "--bind",
            "127.0.0.1",
            "--port",
            str(port),
            "--dir",
            folder,
            "--save",
            "",
            "--appendonly",
        ]
        with subprocess.Popen([*command, "no"], stdout=subprocess.DEVNULL) as server:
            try:
                _wait_for(port, server)
                yield f"redis://127.0.0.1:{port}/0"
            finally:
                server.terminate()


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _STARTED_WITHIN
    while time.monotonic() < until and server.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    sys.exit(f"redis-server did not start on port {port} within {_STARTED_WITHIN:.0f} s")
