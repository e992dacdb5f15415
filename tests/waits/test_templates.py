from __future__ import annotations

import pytest

from airflow_provider_whatsapp.models.templates import Template, TemplateKey
from airflow_provider_whatsapp.waits.poll import Outcome
from airflow_provider_whatsapp.waits.templates import approval, template_keys

KEY = TemplateKey("order", "en")
OTHER = TemplateKey("order", "de")


def template(key=KEY, status="APPROVED", **fields):
    """Return a template in this status."""
    return Template(id="1", name=key.name, language=key.language, status=status, **fields)


def test_approved():
    """The wait is over when all templates are approved; others of the account do not matter."""
    found = [template(), template(OTHER), template(TemplateKey("x", "en"), "REJECTED")]
    outcome, message = approval([KEY, OTHER], found)
    assert outcome is Outcome.SUCCESS
    assert message == "order (en), order (de): approved"


@pytest.mark.parametrize("status", ["PENDING", "IN_APPEAL", "PAUSED", "SOMETHING_NEW"])
def test_waiting(status):
    """One template that may still become approved keeps all waiting, and is named."""
    assert approval([KEY, OTHER], [template(), template(OTHER, status)]) == (
        Outcome.WAITING,
        f"order (de) is {status}",
    )


@pytest.mark.parametrize(
    "status",
    ["REJECTED", "DISABLED", "DELETED", "PENDING_DELETION", "LIMIT_EXCEEDED", "ARCHIVED"],
)
def test_rejected_status(status):
    """One template that needs a person ends the wait for all, even with others in review."""
    outcome, message = approval(
        [OTHER, KEY], [template(OTHER, "PENDING"), template(status=status)]
    )
    assert outcome is Outcome.FAILED
    assert message.startswith(
        f"order (en) is {status}, Meta's reason: none given; change the template"
    )


@pytest.mark.parametrize(
    ("reason", "said"),
    [("SCAM", "SCAM"), ("NONE", "none given"), ("", "none given"), (None, "none given")],
    ids=["scam", "none", "empty", "absent"],
)
def test_reasons(reason, said):
    """The message has Meta's reason if there is one."""
    message = approval([KEY], [template(status="REJECTED", rejected_reason=reason)]).message
    assert f"Meta's reason: {said};" in message


def test_missing():
    """Templates that do not exist, in that language, are all named."""
    outcome, message = approval([KEY, OTHER], [template(TemplateKey("order", "fr"))])
    assert outcome is Outcome.FAILED
    assert "order (en) does not exist" in message
    assert "order (de) does not exist" in message


@pytest.mark.parametrize(
    ("name", "templates", "keys"),
    [
        ("order", None, [KEY]),
        (None, ["order"], [KEY]),
        (None, [{"name": "order", "language": "de"}, "order"], [OTHER, KEY]),
        (None, ({"name": "order"},), [KEY]),
        (
            None,
            {
                "created": [
                    {"name": "order", "language": "de", "id": "1", "status": "PENDING"}
                ],
                "unchanged": [
                    {"name": "order", "language": "en", "id": "2", "status": "APPROVED"}
                ],
                "updated": [],
            },
            [OTHER, KEY],
        ),
    ],
    ids=["name", "names", "mixed list", "tuple", "report"],
)
def test_wanted(name, templates, keys):
    """One name, a list or the report of a sync tells which templates are waited for."""
    assert template_keys(name, templates, "en") == keys


@pytest.mark.parametrize(
    ("name", "templates", "said"),
    [
        (None, None, "template_name, templates: must have exactly one of them set (got "),
        (
            "order",
            ["order"],
            "template_name, templates: must have exactly one of them set (got ",
        ),
        ("QX", None, "template_name: must be 1 to 512 lower-case letters"),
        (
            None,
            "qxqx",
            "templates: must be a list with at least one name or dict (got str, 4 characters)",
        ),
        (
            None,
            [],
            "templates: must be a list with at least one name or dict (got list, 0 items)",
        ),
        (None, 5, "templates: must be a list with at least one name or dict (got int)"),
        (
            None,
            {"name": "qxqx"},
            "templates: must be a list with at least one name or dict (got dict, 1 item)",
        ),
        (
            None,
            {"created": None},
            "templates: must be a list with at least one name or dict (got dict, 1 item)",
        ),
        (
            None,
            {"created": []},
            "templates: must be a list with at least one name or dict (got list, 0 items)",
        ),
        (None, ["order", "QX"], "templates[1]: must be 1 to 512 lower-case letters"),
        (
            None,
            [5],
            "templates[0]: must be a name, or a dict with name and language (got int)",
        ),
        (
            None,
            [{"language": "en"}],
            "templates[0]: must be a name, or a dict with name and language (got dict, 1 item)",
        ),
        (
            None,
            [{"name": "order", "language": "QX"}],
            'templates[0]["language"]: must be a language code such as',
        ),
    ],
    ids=[
        "neither",
        "both",
        "name",
        "bare string",
        "empty",
        "int",
        "bare dict",
        "not a report",
        "empty report",
        "name in list",
        "int in list",
        "no name",
        "language",
    ],
)
def test_wanted_rejected(invalid, name, templates, said):
    """The error about a wrong argument names it and its place, and does not quote it."""
    message = invalid(template_keys, name, templates, "en")
    assert message.startswith(said)
    assert "qx" not in message.lower()
