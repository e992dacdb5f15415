"""Where one fault is played: a sandbox, a task in its tries, and what there is to tell in the end."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from types import SimpleNamespace

import requests
from airflow.providers.common.compat.sdk import AirflowFailException, AirflowSkipException

from airflow_provider_whatsapp.client.api import Api
from airflow_provider_whatsapp.client.http.transport import Transport
from airflow_provider_whatsapp.exceptions import TransportError, WhatsAppError
from airflow_provider_whatsapp.operators.messages import SendTextOperator
from tests.chaos import tasks
from tests.threads import LIMIT, CheckedThread

TO = "+1 650 555 1234"
RETRIES = 2
# After how many steps a worker dies: see ``steps`` of ``tasks.Worker``.
TLS_HANDSHAKE = b"\x16"  # its first byte
BEFORE, INTENT_KEPT, ACCEPTED, WAITING, OUTCOME_KEPT = 0, 1, 3, 4, 5


def text(**arguments):
    """Return a task that sends a text."""
    return SendTextOperator(
        task_id="send", **{"to": TO, "body": "Shipped.", "retries": RETRIES, **arguments}
    )


class Stage:
    """One fault and its consequences."""

    def __init__(self, sandbox, connect, folder, monkeypatch):
        self.sandbox = sandbox
        self.connect = connect
        self.folder = folder
        self.kept = {}
        self.requests = 0
        self.waits = []
        self.relay = None
        self.task = self.error = ""
        self.before_send = self.after_send = self.in_a_wait = lambda: None
        # For calls that a scenario makes before the first try.
        tasks.here.worker = tasks.Worker(None)
        self._watch(monkeypatch)

    def _watch(self, monkeypatch):
        whole, stage = Transport.send, self

        def send(self, request, call):
            tasks.here.worker.step("send")
            stage.before_send()
            with stage._counted():
                response = whole(self, request, call)
            stage.after_send()
            tasks.here.worker.step("has sent")
            return response

        def sleep(seconds):
            tasks.here.worker.step("wait")
            stage.waits.append(round(seconds))
            stage.in_a_wait()

        monkeypatch.setattr(Transport, "send", send)
        monkeypatch.setitem(Api.__init__.__kwdefaults__, "sleep", sleep)
        monkeypatch.setitem(Api.__init__.__kwdefaults__, "jitter", lambda: 0.0)

    @contextmanager
    def _counted(self):
        self.requests += 1
        try:
            yield
        except TransportError:
            self.requests -= 1
            raise

    def fault(self, path="/messages$", **fault):
        """Make the next sends go wrong, unless another path is given."""
        self.sandbox.fault(path=path, **fault)

    def reject(self, code, status=400, times=9, **fields):
        """Let sends be rejected with a code of Meta's."""
        error = {
            "message": "No",
            "type": "OAuthException",
            "code": code,
            "fbtrace_id": "A",
            **fields,
        }
        self.fault(status=status, body={"error": error}, times=times)

    def try_(
        self,
        operator,
        number=1,
        *,
        steps=None,
        max_tries=RETRIES,
        has_store=True,
        store_set=None,
    ):
        """Run one try of a task as Airflow would, and keep what Airflow would do next."""
        worker = tasks.here.worker = tasks.Worker(steps)
        ti = SimpleNamespace(
            try_number=number, max_tries=max_tries, map_index=-1, xcom_push=lambda **_: None
        )
        store = tasks.Store(self.kept, worker)
        store.set = store_set or store.set
        end = self._end(
            operator, {"ti": ti, **({"task_state_store": store} if has_store else {})}
        )
        # Airflow does not see what a killed process does after that.
        self.task, self.error = ("is retried", "") if worker.is_dead else end

    def _end(self, operator, context):
        try:
            operator.execute(context)
        except AirflowSkipException:
            return "is skipped", ""
        except AirflowFailException as error:
            return "fails at once", type(error.__cause__).__name__
        except BaseException as error:  # noqa: BLE001 - Airflow tries again after any error
            return "is retried", type(error).__name__ if isinstance(
                error, WhatsAppError
            ) else ""
        return "succeeds", ""

    def done(self, what):
        """Return the largest number of messages that one recipient got, or the number of uploads or templates."""
        if what == "sent":
            return max(
                Counter(message["to"] for message in self.sandbox.sent_messages()).values(),
                default=0,
            )
        found = {"uploaded": self.sandbox.media, "created": self.sandbox.templates}[what]
        return len(found())

    def respond_with(self, response, *, is_accepted=False, pause=0.0):
        """Put a server before the sandbox that passes requests on, or not, and sends this response."""
        self.relay = Relay(response, self.sandbox.url if is_accepted else None, pause)
        return self.relay.url

    def close(self):
        """Take away what was put up."""
        if self.relay:
            self.relay.stop()


class Relay:
    """Forwards requests if it has an address, and sends its own response to all of them, slowly if asked to."""

    def __init__(self, response, url=None, pause=0.0):
        self._response = response
        self._to = url
        self._pause = pause
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = CheckedThread(self._serve)

    def stop(self):
        """Take no more connections."""
        self._stopping.set()
        with suppress(OSError):  # if an error has ended the thread
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.result()

    def _serve(self):
        # When this thread ends, the client's connections are refused at once, and the client does not wait.
        with self._listener, suppress(OSError):  # which is how the listener ends
            while True:
                connection, _ = self._listener.accept()
                connection.settimeout(LIMIT)
                with connection, connection.makefile("rb") as stream:
                    if stream.peek(1)[:1] != TLS_HANDSHAKE:
                        self._treat(stream)
                    # That the client hangs up first is a fault of its own.
                    with suppress(OSError):
                        self._reply(connection)

    def _reply(self, connection):
        size = 1 if self._pause else max(len(self._response), 1)
        for start in range(0, len(self._response), size):
            connection.sendall(self._response[start : start + size])
            if self._stopping.wait(self._pause):
                return

    def _treat(self, stream):
        path = next(stream).split()[1].decode()
        headers = dict(
            line.split(": ", 1) for line in iter(lambda: next(stream).decode().strip(), "")
        )
        body = stream.read(int(headers.get("Content-Length", "0")))
        if self._to:
            kept = {name: headers[name] for name in ("Authorization", "Content-Type")}
            requests.post(
                f"{self._to}{path}", data=body, headers=kept, timeout=LIMIT
            ).raise_for_status()
