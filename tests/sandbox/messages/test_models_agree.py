"""The sandbox and the models were written apart; where they disagree, one of them is wrong."""

import json
from pathlib import Path

import pytest

PAYLOADS = Path(__file__).parents[2] / "models" / "payloads"


def written(file):
    """Return bodies by name, without those that only a later version of the API accepts."""
    text = (PAYLOADS / f"{file}.json").read_text()
    # Those uploads were never made.
    kinds = json.loads(
        text.replace('"id": "1013859600285441"', '"link": "https://example.com/file"')
    )
    del kinds["RawMessage" if file == "messages" else "dict"]
    return {name: body for bodies in kinds.values() for name, body in bodies.items()}


BODIES = {**written("messages"), **written("interactive")}


@pytest.mark.parametrize(
    "name", [name for name in BODIES if not name.endswith("of tomorrow")]
)
def test_the_sandbox_takes_what_the_models_take(client, name):
    """The sandbox accepts every body that the models accept."""
    response = client.post(client.messages_path, json=BODIES[name])
    assert response.status_code == 200, response.text
