"""Messages that are invalid for other reasons than lengths and numbers, and similar valid ones."""

from __future__ import annotations

import re

import pytest

from airflow_provider_whatsapp.models.messages import MESSAGE
from airflow_provider_whatsapp.models.validation import validate
from tests.errors import spelled

PARAMETER = "template.components[0].parameters[0]"
# A good body, what is changed in it, and the beginning of the error; None if there is none.
CASES = [
    # recipients
    ("text", {"to": ...}, "to: must be text (got None)"),
    ("text", {"to": None}, "to: must be text (got None)"),
    ("text", {"to": True}, "to: must be text (got bool)"),
    ("text", {"to": "QX"}, "to: must not have letters"),
    ("text", {"to": "00491511234567"}, "to: must not have a leading zero"),
    ("text", {"recipient_type": "group"}, None),
    (
        "text",
        {"recipient_type": "group", "to": " "},
        "to: must be a group's id, which is text (got str, 1",
    ),
    (
        "text",
        {"recipient_type": "group", "to": 16505551234},
        "to: must be a group's id, which is text (got int)",
    ),
    (
        "text",
        {"recipient_type": "group", "to": ...},
        "to: must be a group's id, which is text (got None)",
    ),
    ("text to a group", {"recipient_type": "individual"}, "to: must not have letters"),
    ("text to a group", {"recipient_type": ...}, "to: must not have letters"),
    ("text to a user id", {}, None),
    (
        "text to a user id",
        {"recipient": "us.QX"},
        "recipient: must be a user id such as US.1349… (got str, 5",
    ),
    ("text to a user id", {"recipient": "US." + "Q" * 128}, None),
    (
        "text to a user id",
        {"recipient": "US." + "Q" * 129},
        "recipient: must be a user id such as US.1349… (got str, ",
    ),
    ("text to a user id", {"recipient": "US.QX-1"}, "recipient: must be a user id such as"),
    ("text to a user id of a parent", {"to": "QX"}, "to: must not have letters"),
    ("type of tomorrow", {"to": "QX"}, "to: must not have letters"),
    # types
    ("image by id", {"type": ...}, "type: must be present (got nothing). Add it"),
    ("image by id", {"type": None}, "type: must be text (got None)"),
    ("image by id", {"type": "Image"}, "type: must be 'image'"),
    # message ids
    (
        "text",
        {"context.message_id": "wamid.QX QX"},
        "context.message_id: must be a message id, which begins with wamid.",
    ),
    (
        "text",
        {"context.message_id": ""},
        "context.message_id: must be a message id, which begins with wamid.",
    ),
    ("text", {"context.message_id": "wamid." + "Q" * 506}, None),
    (
        "text",
        {"context.message_id": "wamid." + "Q" * 507},
        "context.message_id: must be a message id, which begins with wamid.",
    ),
    (
        "reaction",
        {"reaction.message_id": "QX\n"},
        "reaction.message_id: must be a message id, which begins with wamid.",
    ),
    (
        "reaction",
        {"reaction.emoji": ...},
        "reaction.emoji: must be present (got nothing). Add it",
    ),
    (
        "read",
        {"message_id": ""},
        "message_id: must be a message id, which begins with wamid.",
    ),
    ("read", {"status": "delivered"}, "status: must be 'read'"),
    (
        "read and typing",
        {"typing_indicator.type": "audio"},
        "typing_indicator.type: must be 'text'",
    ),
    # files
    (
        "image by id",
        {"image.link": "https://a.b/QX"},
        "image: must have exactly one of id and link (got dict, 3",
    ),
    ("image by id", {"image.id": ...}, "image: must have exactly one of id and link"),
    ("audio by id", {"audio.id": ..., "audio.link": "https://a.b/c"}, None),
    ("audio by id", {"audio.caption": "QX"}, "audio.caption: must be a known field"),
    ("sticker by id", {"sticker.caption": "QX"}, "sticker.caption: must be a known field"),
    ("sticker by id", {"sticker.id": "QX/me"}, "sticker.id: must be a media id of digits"),
    (
        "video by link",
        {"video.link": "file:///QX"},
        "video.link: must be a public http(s) URL",
    ),
    (
        "video by link",
        {"video.link": "https://a.b/?X-Amz-Security-Token=" + "Q" * 4000},
        None,
    ),
    ("document by id", {"document.filename": "Q" * 255}, None),
    (
        "document by id",
        {"document.filename": ""},
        "document.filename: must be at least 1 character",
    ),
    (
        "buttons under an image",
        {"interactive.header.image": {}},
        "interactive.header.image: must have exactly one of id and link",
    ),
    (
        "header document",
        {f"{PARAMETER}.document.id": "1"},
        f"{PARAMETER}.document: must have exactly one of id and link",
    ),
    (
        "header image",
        {f"{PARAMETER}.image.caption": "QX"},
        f"{PARAMETER}.image.caption: must be a known field",
    ),
    # places
    *[
        (
            "location in numbers",
            {"location.latitude": value},
            "location.latitude: must be a number of degrees from -90 to 90",
        )
        for value in (
            "QX",
            "",
            "90.1",
            "1_0",
            "٣٧",
            "nan",
            "1e999",
            float("nan"),
            float("inf"),
            10**400,
            True,
            None,
            [],
        )
    ],
    *[
        ("location in numbers", {"location.latitude": value}, None)
        for value in ("-.5", "+1.", "1e-05", 1e-05, 0, -90.0)
    ],
    (
        "location in texts",
        {"location.longitude": ...},
        "location.longitude: must be present",
    ),
    # contacts
    (
        "contact with all its parts",
        {"contacts[0].name": {"formatted_name": "QX"}},
        "contacts[0].name: must have at least one other part of the name beside formatted_name",
    ),
    (
        "contact with all its parts",
        {"contacts[0].name": {"formatted_name": "QX", "suffix": "Jr."}},
        None,
    ),
    (
        "two contacts, a reply",
        {"contacts[1].name": ...},
        "contacts[1].name: must be present",
    ),
    (
        "two contacts, a reply",
        {"contacts[1].name.formatted_name": ...},
        "contacts[1].name.formatted_name: must be present",
    ),
    *[
        (
            "contact with all its parts",
            {"contacts[0].birthday": day},
            "contacts[0].birthday: must be a date as YYYY-MM-DD",
        )
        for day in ("QX", "10.12.1815", "1815-12-1", "1815-12-10\n", "")
    ],
    # templates
    (
        "nothing to fill",
        {"template.name": "QX"},
        "template.name: must be 1 to 512 lower-case letters",
    ),
    (
        "nothing to fill",
        {"template.language": {}},
        "template.language.code: must be present",
    ),
    (
        "nothing to fill",
        {"template.namespace": "QX"},
        "template.namespace: must be a known field",
    ),
    (
        "header document",
        {"template.components[1].parameters[0].text": "Q" * 1025},
        "template.components[1]: must have at most 1024 characters beside other components",
    ),
    ("header document", {"template.components[1].parameters[0].text": "Q" * 1024}, None),
    ("positional body", {f"{PARAMETER}.text": "Q" * 1025}, None),
    (
        "positional body",
        {f"{PARAMETER}.text": "QX\nQX"},
        f"{PARAMETER}.text: must not have a line",
    ),
    (
        "carousel",
        {"template.components[1].cards[0].components[1].parameters[0].text": "QX\tQX"},
        "template.components[1].cards[0].components[1].parameters[0].text: must not have",
    ),
    (
        "positional body",
        {"template.components[0].parameters[1].currency.code": "usd"},
        "template.components[0].parameters[1].currency.code: must be the three capital letters of an ISO 4217",
    ),
    (
        "one-time password",
        {"template.components[1].parameters[0].text": "Q X"},
        "template.components[1].parameters[0].text: must be percent-encoded",
    ),
    (
        "carousel",
        {"template.components[1].cards[0].components": []},
        "template.components[1].cards[0].components: must have at least 1 item",
    ),
    (
        "index in numbers",
        {"template.components[1].index": 10},
        "template.components[1].index: must be a button index from 0 to 9",
    ),
    (
        "date with a day by name and a timestamp",
        {f"{PARAMETER}.date_time.day_of_week": 5.5},
        f"{PARAMETER}.date_time.day_of_week: must be a whole number or text (got float)",
    ),
]


def cases(*, is_invalid):
    """Return the invalid cases, or the valid ones."""
    return [
        pytest.param(
            *(case if is_invalid else case[:2]), id=f"{case[0]}-{'-'.join(case[1])}"
        )
        for case in CASES
        if (case[2] is not None) == is_invalid
    ]


@pytest.mark.parametrize(("name", "changes", "said"), cases(is_invalid=True))
def test_invalid(changed, invalid, name, changes, said):
    """An error names the path of what Meta would reject, and never the value."""
    message = invalid(validate, MESSAGE, changed(name, changes))
    assert message.startswith(spelled(said))
    assert not re.search("QX|QQ|555", message)


@pytest.mark.parametrize(("name", "changes"), cases(is_invalid=False))
def test_valid(changed, name, changes):
    """A message that only looks invalid is sent as it was written."""
    body = changed(name, changes)
    assert (
        MESSAGE.dump_python(
            validate(MESSAGE, body), mode="json", by_alias=True, exclude_none=True
        )
        == body
    )
