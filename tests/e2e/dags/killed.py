"""Sends whose process dies by SIGKILL on the first try, at one of three points; five of each."""

import os
import signal

import pendulum
from airflow.sdk import DAG

from airflow_provider_whatsapp.operators.messages import SendTextOperator

POINTS = ("before", "accepted", "recorded")


def die(*, with_supervisor):
    """End this process as the kernel ends one that takes too much memory: nothing gets to tidy up."""
    if with_supervisor:
        os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


class KilledSendTextOperator(SendTextOperator):
    """
    Send a text, and die while doing so on the first try.

    :param at: ``before`` the request leaves, when it was ``accepted``, or when its outcome was ``recorded``.
    :param with_supervisor: the process that watches over the task's dies, too, as when a machine goes down.
    """

    def __init__(self, *, at, with_supervisor=False, **kwargs):
        super().__init__(**kwargs)
        self.at = at
        self.with_supervisor = with_supervisor

    def execute(self, context):
        """Send, or die."""
        if context["ti"].try_number == 1:
            self._prepare()
        return super().execute(context)

    def _prepare(self):
        from airflow_provider_whatsapp.client.http.transport import Transport
        from airflow_provider_whatsapp.sending.send_record import SendRecord

        owner, name = (
            (SendRecord, "_settle") if self.at == "recorded" else (Transport, "send")
        )
        whole = getattr(owner, name)

        def dying(*arguments):
            if self.at != "before":
                whole(*arguments)
            die(with_supervisor=self.with_supervisor)

        setattr(owner, name, dying)


with DAG(
    "killed",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    schedule=None,
    default_args={"retries": 2, "retry_delay": pendulum.duration(seconds=1)},
):
    for number, (on_unknown_outcome, point) in enumerate(
        [(how, at) for how in ("fail", "resend") for at in POINTS]
    ):
        KilledSendTextOperator.partial(
            task_id=f"{on_unknown_outcome}_{point}",
            body="what only Robert may read",
            at=point,
            on_unknown_outcome=on_unknown_outcome,
        ).expand(to=[f"+1 650 555 7{number}0{index}" for index in range(5)])

with DAG(
    "worker_killed",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    schedule=None,
    default_args={"retries": 2, "retry_delay": pendulum.duration(seconds=1)},
):
    for number, point in enumerate(POINTS):
        KilledSendTextOperator(
            task_id=point,
            to=f"+1 650 555 790{number}",
            body="what only Robert may read",
            at=point,
            with_supervisor=True,
        )
