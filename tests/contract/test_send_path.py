"""A send takes one short path, which a reader can follow."""

import traceback

import pytest
from urllib3 import HTTPConnectionPool

from airflow_provider_whatsapp.operators.messages import (
    SendInteractiveOperator,
    SendLocationOperator,
    SendTemplateOperator,
    SendTextOperator,
)

MAX_FRAMES = 11
TO = "+1 650 555 1234"
OPERATORS = [
    (SendTextOperator, {"body": "Hello"}),
    (SendLocationOperator, {"latitude": 1, "longitude": 2}),
    (SendInteractiveOperator, {"body": "Hello", "buttons": {"yes": "Yes"}}),
    (SendTemplateOperator, {"template_name": "missing"}),
]


@pytest.mark.parametrize(
    ("operator", "arguments"), OPERATORS, ids=lambda value: getattr(value, "__name__", "")
)
def test_few_frames_between_execute_and_the_connection(
    sandbox, monkeypatch, operator, arguments
):
    """At most eleven frames of this package are between ``execute`` and urllib3."""
    urlopen = HTTPConnectionPool.urlopen
    counts = []

    def count(self, *args, **kwargs):
        frames = [frame.filename for frame in traceback.extract_stack()]
        counts.append(sum("/airflow_provider_whatsapp/" in name for name in frames))
        return urlopen(self, *args, **kwargs)

    monkeypatch.setattr(HTTPConnectionPool, "urlopen", count)
    task = operator(task_id="send", to=TO, **arguments)
    if operator is SendTemplateOperator:
        # The sandbox has no such template: the path to the connection is the same.
        with pytest.raises(Exception, match="132001"):
            task.execute({})
    else:
        task.execute({})
    assert 1 <= max(counts) <= MAX_FRAMES
