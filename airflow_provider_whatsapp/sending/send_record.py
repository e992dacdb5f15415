"""
What a task remembers of its message from one try to the next, so that a retry does not send it a second time.

Airflow keeps it from 3.3 on, in its task state store:
https://www.astronomer.io/docs/learn/airflow-task-state-store
"""

from __future__ import annotations

import hashlib
import json
import logging
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr

from airflow_provider_whatsapp.exceptions import OutcomeUnknownError, WhatsAppError
from airflow_provider_whatsapp.models.ids import shorten_message_id

STATE_KEY = "whatsapp_send"
SENDING, SENT, NOT_SENT = "sending", "sent", "not sent"

Result = dict[str, Any]
# Sends, with each attempt in what it is given; see ``in_flight`` of ``client.messages.send``.
Send = Callable[[Callable[[], AbstractContextManager[None]]], Result]

_NEXT = (
    "Find out whether it arrived, from the recipient or from the webhooks of your number. If it has, mark the task as "
    "success; if not, clear it, and it is sent. on_unknown_outcome='resend' or 'skip' decides this in advance"
)
_NOTHING = "nothing"  # unlike None, which a store can have been left with

log = logging.getLogger(__name__)


class SendRecord:
    """
    The record of the one message of a task.

    It says ``sending`` from right before the message leaves, and ``sent`` or ``not sent`` once the answer is
    known. So a try that finds ``sending`` knows that an earlier one was cut off in between. Recipient and content
    are kept as hashes, and those and the result are sealed with the Maton key: the record tells nothing to
    somebody who reads Airflow's database.

    :param context: Airflow's. Where it has no ``task_state_store``, nothing is remembered.
    :param retries: of the task; with Airflow's ``max_tries`` it tells a retry from a task that was cleared.
    :param api_key: the Maton key.
    :param recipient: who the message is for.
    :param content: all else that makes it this message and no other.
    """

    def __init__(
        self,
        context: Mapping[str, Any],
        *,
        retries: int,
        api_key: SecretStr,
        recipient: str,
        content: Mapping[str, Any],
    ) -> None:
        self._ti = ti = context.get("ti")
        self._store = context.get("task_state_store")
        # Without a task instance, as when a test calls the operator by hand, it is no retry.
        self._try_number = getattr(ti, "try_number", 0)
        self._max_tries = getattr(ti, "max_tries", 0)
        self._retries = retries
        self._fernet = Fernet(urlsafe_b64encode(_digest(f"record of sends: {api_key.get_secret_value()}")))
        self._recipient, self._content = _digest(recipient).hex(), _digest(json.dumps(content, sort_keys=True)).hex()
        self._state: str | None = None  # of the message in this try; nothing before it leaves
        self._is_lost = False
        self._result: Result | None = None

    def once(self, send: Send, *, retry_unknown_outcome: bool = False) -> Result:
        """
        Return the result of an earlier try that has sent the message, or send it now and remember that.

        :param resend_unknown: send it if it is not known whether an earlier try has.
        :raises OutcomeUnknownError: if that is not known, and in all cases in which ``send`` does.
        """
        try:
            earlier = self._earlier()
        except OutcomeUnknownError as error:
            if not retry_unknown_outcome:
                raise
            log.warning("%s. It is sent now, as was asked for", str(error).partition(". ")[0])
            earlier = None
        if earlier is not None:
            name = shorten_message_id(str(earlier.get("message_id")))
            log.info("An earlier try has sent it as message %s: not sent again", name)
            return earlier
        return self._sent(send, retry_unknown_outcome=retry_unknown_outcome)

    def _sent(self, send: Send, *, retry_unknown_outcome: bool) -> Result:
        try:
            self._result = send(self._in_flight)
            self._settle(SENT)
        except BaseException as error:
            # After a refusal it is known that nothing was sent, however the task ends.
            if self._state == NOT_SENT:
                self._settle(NOT_SENT)
            if self._state != SENDING or isinstance(error, OutcomeUnknownError) or self._is_ended_by_a_person():
                raise
            failure = self._interrupted(error, retry_unknown_outcome=retry_unknown_outcome)
        else:
            return self._result
        # Outside the handler: what a signal or a timeout raises has frames of the HTTP library with the key in them.
        raise failure

    def _is_ended_by_a_person(self) -> bool:
        """
        Tell whether somebody has marked or cleared the task while it was sending.

        Airflow 2 then ends it by a signal, and keeps that state only if the signal gets through to it.
        """
        current_state = getattr(self._ti, "current_state", None)
        return current_state is not None and current_state() != "running"

    def _interrupted(self, error: BaseException, *, retry_unknown_outcome: bool) -> WhatsAppError:
        """
        Return the error for a task whose message may have left, and whose last error does not say so.

        That is an ``execution_timeout``, a signal, or no memory: Airflow would try again, and before 3.3 the next try
        would not know that a message has left. It is also a refusal after an attempt whose answer was lost.
        """
        if isinstance(error, WhatsAppError):
            refused = f"The answer to an earlier attempt was lost, and the last one was refused: {error}"
            return OutcomeUnknownError(f"{refused} {_NEXT}", permanent=error.permanent)
        kind = type(error).__name__
        if self._result is not None:
            name = shorten_message_id(str(self._result.get("message_id")))
            accepted = f"WhatsApp accepted message {name}, and {kind} ended the task before Airflow kept that"
            return WhatsAppError(f"{accepted}. Mark the task as success, or clear it to send another message")
        remedy = "Its next try sends it again, as was asked for" if retry_unknown_outcome else _NEXT
        return OutcomeUnknownError(
            f"{kind} ended the task while it was sending. {remedy}", permanent=not retry_unknown_outcome
        )

    @contextmanager
    def _in_flight(self) -> Iterator[None]:
        """Note that the message is about to leave, and whether the answer is a refusal."""
        if self._state is None:
            self._write(SENDING)
        self._state = SENDING
        try:
            yield
        except OutcomeUnknownError:
            self._is_lost = True
            raise
        except WhatsAppError:
            # One attempt that was refused says nothing about one before it, whose answer was lost.
            if not self._is_lost:
                self._state = NOT_SENT
            raise

    def _earlier(self) -> Result | None:
        if self._store is None:
            self._warn()
            return None
        found: Any = self._store.get(STATE_KEY, _NOTHING) if self._try_number > 1 else _NOTHING
        if found == _NOTHING:
            return None
        try:
            return self._result_of(found)
        except (KeyError, TypeError, ValueError):
            # People can edit it in Airflow, and a store of somebody's own can lose it.
            raise OutcomeUnknownError(
                f"What an earlier try of this task has left behind cannot be read. {_NEXT}"
            ) from None

    def _warn(self) -> None:
        if self._retries and self._try_number == 1:
            log.warning(
                "This Airflow keeps nothing from one try to the next (3.3 and newer do): if the worker dies after "
                "the message has gone out, a retry sends it again. Set retries=0 where that must not happen"
            )

    def _result_of(self, found: Mapping[str, Any]) -> Result | None:
        # A cleared task gets a higher max_tries from Airflow. It sends again: that is why it was cleared.
        if found["state"] == NOT_SENT or found["max_tries"] != self._max_tries:
            return None
        who = f"Try {found['try_number']} of this task"
        if found["retries"] != self._retries:
            raise OutcomeUnknownError(f"{who} has begun to send, and the task's retries were changed since. {_NEXT}")
        try:
            sealed = json.loads(self._fernet.decrypt(found["sealed"]))
        except InvalidToken:
            raise OutcomeUnknownError(
                f"{who} has begun to send with another Maton key, which sealed what it has left behind. {_NEXT}"
            ) from None
        if sealed["recipient"] != self._recipient:
            # A mapped task, in whose place stood another one.
            log.warning("%s was for somebody else; its message was left in the state: %s", who, found["state"])
            return None
        if found["state"] != SENT:
            raise OutcomeUnknownError(
                f"{who} has begun to send and learned no outcome: it was cut off, or no answer came. {_NEXT}"
            )
        if sealed["content"] != self._content:
            raise OutcomeUnknownError(
                f"{who} has sent something else to this recipient. Clear the task to send this message as well"
            )
        return dict(sealed["result"])

    def _settle(self, state: str) -> None:
        try:
            self._write(state)
            self._state = self._state if self._store is None else state
        except Exception:  # whatever it is: the message has been answered, and the task must know
            log.warning(
                "Airflow could not keep that the message was %s: a retry will not know it", state, exc_info=True
            )

    def _write(self, state: str) -> None:
        if self._store is None:
            return
        sealed = {"recipient": self._recipient, "content": self._content, "result": self._result}
        record = {
            "state": state,
            "try_number": self._try_number,
            "max_tries": self._max_tries,
            "retries": self._retries,
            "sealed": self._fernet.encrypt(json.dumps(sealed).encode()).decode(),
        }
        del sealed  # an error tracker uploads local variables if the store fails
        self._store.set(STATE_KEY, record)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
