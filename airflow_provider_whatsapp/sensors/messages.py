"""The sensor for the status of a message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowFailException, AirflowSkipException

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.sensors.base import PollingSensor
from airflow_provider_whatsapp.triggers.messages import MessageStatusTrigger

if TYPE_CHECKING:
    from airflow_provider_whatsapp.waits.messages import MessageWait

_ON_UNAVAILABLE = ("fail", "skip", "succeed")


class MessageStatusSensor(PollingSensor):
    """
    Wait until a message is SENT, DELIVERED or READ. A status that is further than the wanted one will do.

    Fails at once, without retries, with Meta's reason, when the message has failed. It reads Meta's message history,
    which is **not verified against the live service**. If Meta does not offer it to the account, the sensor ends as
    ``on_unavailable`` says. A history without the message is the same as one that Meta has not written yet, so the
    sensor waits until its timeout (``soft_fail`` makes that a skip).

    :param message_id: ``message_id`` of a send. (templated)
    :param status: ``"SENT"``, ``"DELIVERED"`` or ``"READ"``. People can switch read receipts off, and are
        then never seen to read. (templated)
    :param on_unavailable: ``"fail"`` the task, ``"skip"`` it, or let it ``"succeed"``, with a warning.
    :param phone_number_id: the number that sent it, the connection's if absent. (templated)
    :param maton_conn_id: the Airflow connection. (templated)
    :param deferrable: wait in the triggerer.

    .. seealso:: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/message-history
    """

    template_fields: Sequence[str] = (
        "message_id",
        "status",
        "phone_number_id",
        *PollingSensor.template_fields,
    )

    def __init__(
        self,
        *,
        message_id: str,
        status: str = "DELIVERED",
        on_unavailable: str = "fail",
        phone_number_id: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.message_id = message_id
        self.status = status
        self.on_unavailable = on_unavailable
        self.phone_number_id = phone_number_id

    def wait(self) -> MessageWait:
        """Return the wait, with its arguments validated."""
        from airflow_provider_whatsapp.models.validation import describe
        from airflow_provider_whatsapp.waits.messages import MessageWait

        if self.on_unavailable not in _ON_UNAVAILABLE:
            raise InvalidRequestError(
                f"on_unavailable: must be one of {', '.join(_ON_UNAVAILABLE)} "
                f"(got {describe(self.on_unavailable)}). Choose one."
            )
        return MessageWait(
            message_id=self.message_id,
            status=self.status,
            phone_number_id=self.phone_number_id,
        )

    def trigger(self) -> MessageStatusTrigger:
        """Wait for the same status in the triggerer."""
        return MessageStatusTrigger(
            maton_conn_id=self.maton_conn_id,
            message_id=self.message_id,
            status=self.status,
            phone_number_id=self.phone_number_id,
            poll_interval=self.poke_interval,
        )

    def when_unavailable(self, message: str) -> bool:
        """End as the DAG's author has chosen."""
        if self.on_unavailable == "fail":
            raise AirflowFailException(message)
        if self.on_unavailable == "skip":
            raise AirflowSkipException(message)
        from airflow_provider_whatsapp.models.ids import shorten_message_id

        name = shorten_message_id(self.message_id)
        self.log.warning("Whether message %s has arrived is not known. %s", name, message)
        return True
