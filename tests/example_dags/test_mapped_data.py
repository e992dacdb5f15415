"""Results of earlier tasks are data: a name that looks like Jinja is sent as it is, on every Airflow."""

from __future__ import annotations

import pytest

ADA, GRACE = "+1 (650) 555-1234", "+1 650 555 9876"
# What would be sent in place of the name, were it rendered.
JINJA = "{{ conn.maton_default.password }}"


@pytest.mark.usefixtures("airflow_sdk")
def test_a_name_like_jinja_is_sent_to_the_letter(run, sandbox, database, caplog, capfd):
    """The person gets their name, and the key stands in no message, label, rendered field, XCom or log."""
    ended = run("example_whatsapp_report", people={JINJA: ADA, "Grace": GRACE})
    assert ended.state == "success"
    names = [
        message["body"]["template"]["components"][1]["parameters"][0]["text"]
        for message in sandbox.sent_messages()
    ]
    assert sorted(names) == ["Grace", JINJA]
    assert sorted(ended.labels("send_report")) == ["Grace", JINJA]
    tables, log = (
        database().decode(errors="replace"),
        caplog.text + "".join(capfd.readouterr()),
    )
    assert JINJA in tables
    assert sandbox.api_key not in tables + log
