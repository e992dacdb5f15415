"""
The record of a task's message, which tries of the task share, so that a retry does not send it a second time.

Airflow stores it from 3.3 on, in its task state store:
https://www.astronomer.io/docs/learn/airflow-task-state-store
"""

from __future__ import annotations

import hashlib
import json
import logging
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr

from airflow_provider_whatsapp.client.client import WhatsAppClient
from airflow_provider_whatsapp.exceptions import OutcomeUnknownError, WhatsAppError
from airflow_provider_whatsapp.models.ids import shorten_message_id

STATE_KEY = "whatsapp_send"
SENDING, SENT, NOT_SENT = "sending", "sent", "not sent"

Result = dict[str, Any]
# Sends with the client that it is given, and returns plain JSON with ``message_id``.
Deliver = Callable[[WhatsAppClient], Result]

_NEXT = (
    "Ask the recipient, or check the webhooks of your number. Mark the task as success if the message arrived, and "
    "clear it to send the message if it did not. on_unknown_outcome='resend' or 'skip' decides this in advance"
)
_NOTHING = "nothing"  # unlike None, which a store can hold

log = logging.getLogger(__name__)


class SendRecord:
    """
    The record of the one message of a task.

    Its state is ``sending`` from right before the request leaves, and ``sent`` or ``not sent`` once the response is
    known. A try that finds ``sending`` thus knows that an earlier one was interrupted in between. The record contains
    recipient and content as hashes, and seals these and the result with the Maton key: it tells nothing to a person
    who reads Airflow's database.

    :param context: Airflow's. Without a ``task_state_store`` in it nothing is remembered.
    :param retries: of the task; with Airflow's ``max_tries`` it tells a retry from a task that was cleared.
    :param api_key: the Maton key.
    :param recipient: who the message is for.
    :param content: everything else that makes it the same message.
    """

    def __init__(
        self,
        context: Mapping[str, Any],
        *,
        retries: int,
        api_key: SecretStr,
        recipient: str,
        content: bytes,
    ) -> None:
        self._ti = ti = context.get("ti")
        self._store = context.get("task_state_store")
        # Without a task instance, as when a test calls the operator by hand, this is the first try.
        self._try_number = getattr(ti, "try_number", 0)
        self._max_tries = getattr(ti, "max_tries", 0)
        self._retries = retries
        # In one expression, because an error tracker uploads local variables. The prefix keeps this key different from
        # others that are derived from the Maton key.
        self._fernet = Fernet(
            urlsafe_b64encode(
                _digest(f"record of sends: {api_key.get_secret_value()}".encode())
            )
        )
        self._recipient = _digest(recipient.encode()).hex()
        self._content = _digest(content).hex()
        # Of the message in this try; None until the request leaves.
        self._state: str | None = None
        self._has_lost_response = False
        self._result: Result | None = None

    def send_once(
        self,
        client: WhatsAppClient,
        deliver: Deliver,
        *,
        retry_unknown_outcome: bool = False,
    ) -> Result:
        """
        Return the result of an earlier try that has sent the message, or send it now and remember that.

        :param deliver: sends with the client that it is given, which notes each attempt in this record.
        :param retry_unknown_outcome: send it if it is not known whether an earlier try has.
        :raises OutcomeUnknownError: if that is not known, and whenever ``deliver`` raises it.
        """
        earlier = self._earlier_result(retry_unknown_outcome=retry_unknown_outcome)
        if earlier is not None:
            name = shorten_message_id(str(earlier.get("message_id")))
            log.info("An earlier try has sent it as message %s: not sent again", name)
            return earlier
        try:
            self._result = deliver(client.with_around_attempt(self._around_attempt))
            self._settle(SENT)
        except BaseException as error:
            # After a rejection it is known that nothing was sent, however the task ends.
            if self._state == NOT_SENT:
                self._settle(NOT_SENT)
            if self._state != SENDING or isinstance(error, OutcomeUnknownError):
                raise
            # A person who has marked or cleared the task while it was sending needs no error. Airflow 2 then ends it
            # by a signal, and keeps what the person has set only if the signal reaches it.
            current_state = getattr(self._ti, "current_state", None)
            if current_state is not None and current_state() != "running":
                raise
            failure = self._interrupted(error, retry_unknown_outcome=retry_unknown_outcome)
        else:
            return self._result
        # Outside the handler: what a signal or a timeout raises has frames of the HTTP library that contain the key.
        raise failure

    def _interrupted(
        self, error: BaseException, *, retry_unknown_outcome: bool
    ) -> WhatsAppError:
        """
        Return the error for a task whose message may have left, and whose last error does not say so.

        That is an ``execution_timeout``, a signal, or a lack of memory: Airflow would try again, and before 3.3 the
        next try would not know that a message has left. It is also a rejection after an attempt whose response was
        lost.
        """
        if isinstance(error, WhatsAppError):
            rejected = f"The response to an earlier attempt was lost, and the last one was rejected: {error}"
            return OutcomeUnknownError(f"{rejected} {_NEXT}", permanent=error.permanent)
        kind = type(error).__name__
        if self._result is not None:
            name = shorten_message_id(str(self._result.get("message_id")))
            accepted = f"WhatsApp accepted message {name}, and {kind} ended the task before Airflow kept that"
            return WhatsAppError(
                f"{accepted}. Mark the task as success, or clear it to send another message"
            )
        remedy = _NEXT
        if retry_unknown_outcome:
            remedy = "Its next try sends it again, as was asked for"
        return OutcomeUnknownError(
            f"{kind} ended the task while it was sending. {remedy}",
            permanent=not retry_unknown_outcome,
        )

    @contextmanager
    def _around_attempt(self) -> Iterator[None]:
        """Note that the message is about to leave, and whether the response is a rejection."""
        if self._state is None:
            self._write(SENDING)
        self._state = SENDING
        try:
            yield
        except OutcomeUnknownError:
            self._has_lost_response = True
            raise
        except WhatsAppError:
            # A rejected attempt says nothing about an earlier one whose response was lost.
            if not self._has_lost_response:
                self._state = NOT_SENT
            raise

    def _earlier_result(self, *, retry_unknown_outcome: bool) -> Result | None:
        if self._store is None:
            if self._retries and self._try_number == 1:
                log.warning(
                    "This Airflow keeps no record from one try to the next (3.3 and newer do): if the worker dies "
                    "after the message has left, a retry sends it again. Set retries=0 where that must not happen"
                )
            return None
        # A first try has nothing to look up, and must not fail because the store is not available.
        if self._try_number <= 1:
            return None
        stored: Any = self._store.get(STATE_KEY, _NOTHING)
        if stored == _NOTHING:
            return None
        try:
            return self._read(stored)
        except (KeyError, TypeError, ValueError):
            # People can edit it in Airflow, and a custom store can lose it.
            problem = OutcomeUnknownError(
                f"The record of an earlier try of this task cannot be read. {_NEXT}"
            )
        except OutcomeUnknownError as error:
            problem = error
        if not retry_unknown_outcome:
            raise problem
        log.warning("%s. It is sent now, as was asked for", str(problem).partition(". ")[0])
        return None

    def _read(self, stored: Mapping[str, Any]) -> Result | None:
        """Return the result in a record, or ``None`` if this try has to send; raise if it cannot be told."""
        # A cleared task gets a higher max_tries from Airflow. It sends again: that is why it was cleared.
        if stored["state"] == NOT_SENT or stored["max_tries"] != self._max_tries:
            return None
        try_ = f"Try {stored['try_number']} of this task"
        if stored["retries"] != self._retries:
            raise OutcomeUnknownError(
                f"{try_} has begun to send, and the task's retries were changed since. {_NEXT}"
            )
        try:
            sealed = json.loads(self._fernet.decrypt(stored["sealed"]))
        except InvalidToken:
            raise OutcomeUnknownError(
                f"{try_} has begun to send with another Maton key, which sealed its record. {_NEXT}"
            ) from None
        if sealed["recipient"] != self._recipient:
            # The list of a mapped task has changed: another one had this map index.
            log.warning(
                "%s was for another recipient; its message has the state: %s",
                try_,
                stored["state"],
            )
            return None
        if stored["state"] != SENT:
            raise OutcomeUnknownError(
                f"{try_} has begun to send and learned no outcome: it was interrupted, or no response came. {_NEXT}"
            )
        if sealed["content"] != self._content:
            raise OutcomeUnknownError(
                f"{try_} has sent another message to this recipient. Clear the task to send this message as well"
            )
        return dict(sealed["result"])

    def _settle(self, state: str) -> None:
        # Nothing was kept, so that a task that is ended from now on still has to say that a message has left.
        if self._store is None:
            return
        try:
            self._write(state)
            self._state = state
        except Exception:
            # Of any kind: the response to the message has come, and the task must know.
            log.warning(
                "Airflow could not keep that the message was %s: a retry will not know it",
                state,
                exc_info=True,
            )

    def _write(self, state: str) -> None:
        if self._store is None:
            return
        sealed = {
            "recipient": self._recipient,
            "content": self._content,
            "result": self._result,
        }
        record = {
            "state": state,
            "try_number": self._try_number,
            "max_tries": self._max_tries,
            "retries": self._retries,
            "sealed": self._fernet.encrypt(json.dumps(sealed).encode()).decode(),
        }
        del sealed  # an error tracker uploads local variables if the store fails
        self._store.set(STATE_KEY, record)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
