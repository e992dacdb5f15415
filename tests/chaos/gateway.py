"""A gateway that misbehaves by chance, and logs what it did and accepted."""

from __future__ import annotations

import json
import random
import re
import socket
import struct
from collections import Counter, defaultdict
from contextlib import suppress
from itertools import takewhile

from tests.chaos.faults import LOST, NONE, PASSING, REJECTED, Fault, Meaning, response
from tests.threads import LIMIT, CheckedThread

_REQUEST = re.compile(rb"POST /whatsapp-business/v[\d.]+/(\d+)/messages HTTP/1.1\r\n")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Gateway:
    """
    Treats the n-th request for a message as its seed says. The order of different messages does not matter.

    A message is known by the phone number id in the address, as some connections end before there is more to
    read, and by ``biz_opaque_callback_data`` in the body.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.request_log: dict[str, list[Fault]] = defaultdict(list)
        self.accepted: Counter[str] = Counter()
        self._talks: list[tuple[CheckedThread, socket.socket]] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._acceptor = CheckedThread(self._serve)

    def message_id(self, key: str) -> str:
        """Return the id that a message gets."""
        return f"wamid.{key}"

    def stop(self) -> None:
        """Take no more connections, and end those that are there."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._acceptor.result()
        self._listener.close()
        for thread, connection in self._talks:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.result()

    def _serve(self) -> None:
        with suppress(OSError):  # which is how the listener ends
            while True:
                connection, _ = self._listener.accept()
                connection.settimeout(LIMIT)
                self._talks.append((CheckedThread(self._talk, connection), connection))

    def _talk(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while (key := _peeked(connection)) and self._treat(connection, key):
                pass

    def _treat(self, connection: socket.socket, key: str) -> bool:
        """Respond to one request, or not, and tell whether the connection is kept."""
        chance = random.Random(f"{self.seed} {key} {len(self.request_log[key])}")  # noqa: S311 - to be repeatable
        of_key = random.Random(f"{self.seed} {key}")  # noqa: S311 - to be repeatable
        fault = _drawn(chance, is_stubborn=of_key.random() < 0.03)
        self.request_log[key].append(fault)
        if not fault.unread:
            body = json.loads(_read(connection))
            # A message whose response gets lost has been accepted, or not.
            if fault.meaning is Meaning.SENT or (
                fault.meaning is Meaning.LOST and chance.random() < 0.5
            ):
                self.accepted[body["biz_opaque_callback_data"]] += 1
        if fault.write is None:
            connection.recv(1)  # until the client gives up
            return False
        good = response(
            200,
            {"messaging_product": "whatsapp", "messages": [{"id": self.message_id(key)}]},
        )
        connection.sendall(fault.write(good))
        if fault.breaks:
            connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
        return fault.meaning is not Meaning.LOST


def _drawn(chance: random.Random, *, is_stubborn: bool) -> Fault:
    if is_stubborn:
        return chance.choice(PASSING)
    (kind,) = chance.choices([(NONE,), PASSING, REJECTED, LOST], weights=[50, 28, 6, 16])
    return chance.choice(kind)


def _peeked(connection: socket.socket) -> str:
    """Return which message a request is about, and leave the request unread; nothing if there is none."""
    while piece := connection.recv(1024, socket.MSG_PEEK):
        if b"\r\n" in piece:
            found = _REQUEST.match(piece)
            assert found, "no request for a message"
            return found[1].decode()
    return ""


def _read(connection: socket.socket) -> bytes:
    """Read a request to its end and return its body."""
    with connection.makefile("rb") as stream:
        head = b"".join(takewhile(lambda line: line != b"\r\n", stream))
        length = _LENGTH.search(head)
        return stream.read(int(length[1]) if length else 0)
