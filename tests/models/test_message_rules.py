"""What is refused in messages beside lengths and numbers, and what comes close but is let through."""

from __future__ import annotations

import re

import pytest

from airflow_provider_whatsapp.models.messages import MESSAGE
from airflow_provider_whatsapp.models.validation import validate

PARAMETER = "template.components[0].parameters[0]"
# A good body, what is changed in it, and the beginning of the error; None if there is none.
CASES = [
    # recipients
    ("text", {"to": ...}, "to: must be text (found None)"),
    ("text", {"to": None}, "to: must be text (found None)"),
    ("text", {"to": True}, "to: must be text (found a bool)"),
    ("text", {"to": "QX"}, "to: must not have letters"),
    ("text", {"to": "00491511234567"}, "to: must not have a leading zero"),
    ("text", {"recipient_type": "group"}, None),
    ("text", {"recipient_type": "group", "to": " "}, "to: must be a group's id, which is text (found a str of 1 char"),
    ("text", {"recipient_type": "group", "to": 16505551234}, "to: must be a group's id, which is text (found an int)"),
    ("text", {"recipient_type": "group", "to": ...}, "to: must be a group's id, which is text (found None)"),
    ("text to a group", {"recipient_type": "individual"}, "to: must not have letters"),
    ("text to a group", {"recipient_type": ...}, "to: must not have letters"),
    ("text to a user id", {}, None),
    ("text to a user id", {"recipient": "us.QX"}, "recipient: a user id looks like US.1349… (found a str of 5"),
    ("text to a user id", {"recipient": "US." + "Q" * 128}, None),
    ("text to a user id", {"recipient": "US." + "Q" * 129}, "recipient: a user id looks like US.1349… (found a str of"),
    ("text to a user id", {"recipient": "US.QX-1"}, "recipient: a user id looks like"),
    ("text to a user id of a parent", {"to": "QX"}, "to: must not have letters"),
    ("type of tomorrow", {"to": "QX"}, "to: must not have letters"),
    # types
    ("image by id", {"type": ...}, "type: Field required (found nothing); add it"),
    ("image by id", {"type": None}, "type: Input should be a valid string (found None)"),
    ("image by id", {"type": "Image"}, "type: Input should be 'image'"),
    # message ids
    (
        "text",
        {"context.message_id": "wamid.QX QX"},
        "context.message_id: a message id begins with wamid.",
    ),
    (
        "text",
        {"context.message_id": ""},
        "context.message_id: a message id begins with wamid.",
    ),
    ("text", {"context.message_id": "wamid." + "Q" * 506}, None),
    (
        "text",
        {"context.message_id": "wamid." + "Q" * 507},
        "context.message_id: a message id begins with wamid.",
    ),
    (
        "reaction",
        {"reaction.message_id": "QX\n"},
        "reaction.message_id: a message id begins with wamid.",
    ),
    ("reaction", {"reaction.emoji": ...}, "reaction.emoji: Field required (found nothing); add it"),
    ("read", {"message_id": ""}, "message_id: a message id begins with wamid."),
    ("read", {"status": "delivered"}, "status: Input should be 'read'"),
    ("read and typing", {"typing_indicator.type": "audio"}, "typing_indicator.type: Input should be 'text'"),
    # files
    ("image by id", {"image.link": "https://a.b/QX"}, "image: exactly one of id and link is needed (found a dict of 3"),
    ("image by id", {"image.id": ...}, "image: exactly one of id and link is needed"),
    ("audio by id", {"audio.id": ..., "audio.link": "https://a.b/c"}, None),
    ("audio by id", {"audio.caption": "QX"}, "audio.caption: Extra inputs are not permitted"),
    ("sticker by id", {"sticker.caption": "QX"}, "sticker.caption: Extra inputs are not permitted"),
    ("sticker by id", {"sticker.id": "QX/me"}, "sticker.id: a media id is digits"),
    ("video by link", {"video.link": "file:///QX"}, "video.link: a link is a public http(s) URL"),
    ("video by link", {"video.link": "https://a.b/?X-Amz-Security-Token=" + "Q" * 4000}, None),
    ("document by id", {"document.filename": "Q" * 255}, None),
    ("document by id", {"document.filename": ""}, "document.filename: String should have at least 1 character"),
    (
        "buttons under an image",
        {"interactive.header.image": {}},
        "interactive.header.image: exactly one of id and link",
    ),
    ("header document", {f"{PARAMETER}.document.id": "1"}, f"{PARAMETER}.document: exactly one of id and link"),
    ("header image", {f"{PARAMETER}.image.caption": "QX"}, f"{PARAMETER}.image.caption: Extra inputs"),
    # places
    *[
        ("location in numbers", {"location.latitude": value}, "location.latitude: degrees are a number from -90 to 90")
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
    ("location in texts", {"location.longitude": ...}, "location.longitude: Field required"),
    # contacts
    (
        "contact with all its parts",
        {"contacts[0].name": {"formatted_name": "QX"}},
        "contacts[0].name: formatted_name needs at least one other part of the name beside it",
    ),
    ("contact with all its parts", {"contacts[0].name": {"formatted_name": "QX", "suffix": "Jr."}}, None),
    ("two contacts, a reply", {"contacts[1].name": ...}, "contacts[1].name: Field required"),
    ("two contacts, a reply", {"contacts[1].name.formatted_name": ...}, "contacts[1].name.formatted_name: Field"),
    *[
        ("contact with all its parts", {"contacts[0].birthday": day}, "contacts[0].birthday: a birthday is written")
        for day in ("QX", "10.12.1815", "1815-12-1", "1815-12-10\n", "")
    ],
    # templates
    ("nothing to fill", {"template.name": "QX"}, "template.name: a template name has 1 to 512 lower-case letters"),
    ("nothing to fill", {"template.language": {}}, "template.language.code: Field required"),
    ("nothing to fill", {"template.namespace": "QX"}, "template.namespace: Extra inputs are not permitted"),
    (
        "header document",
        {"template.components[1].parameters[0].text": "Q" * 1025},
        "template.components: the body of a template with other components has at most 1024 characters",
    ),
    ("header document", {"template.components[1].parameters[0].text": "Q" * 1024}, None),
    ("positional body", {f"{PARAMETER}.text": "Q" * 1025}, None),
    ("positional body", {f"{PARAMETER}.text": "QX\nQX"}, f"{PARAMETER}.text: a template parameter may not have a line"),
    (
        "carousel",
        {"template.components[1].cards[0].components[1].parameters[0].text": "QX\tQX"},
        "template.components[1].cards[0].components[1].parameters[0].text: a template parameter may not have",
    ),
    (
        "positional body",
        {"template.components[0].parameters[1].currency.code": "usd"},
        "template.components[0].parameters[1].currency.code: a currency is three capital letters of ISO 4217",
    ),
    ("one-time password", {"template.components[1].parameters[0].text": "Q X"}, "template.components[1]: the value of"),
    (
        "carousel",
        {"template.components[1].cards[0].components": []},
        "template.components[1].cards[0].components: List",
    ),
    ("index in numbers", {"template.components[1].index": 10}, "template.components[1].index: a button index is '0'"),
    (
        "date with a day by name and a timestamp",
        {f"{PARAMETER}.date_time.day_of_week": 5.5},
        f"{PARAMETER}.date_time.day_of_week: a whole number or a text is needed (found a float)",
    ),
]


def cases(*, refused):
    """Return the cases that are refused, or those that are let through."""
    return [
        pytest.param(*(case if refused else case[:2]), id=f"{case[0]}-{'-'.join(case[1])}")
        for case in CASES
        if (case[2] is not None) == refused
    ]


@pytest.mark.parametrize(("name", "changes", "said"), cases(refused=True))
def test_refused(changed, invalid, name, changes, said):
    """What Meta would refuse is refused before, by its path, and nothing of it is repeated."""
    message = invalid(validate, MESSAGE, changed(name, changes))
    assert message.startswith(said)
    assert not re.search("QX|QQ|555", message)


@pytest.mark.parametrize(("name", "changes"), cases(refused=False))
def test_let_through(changed, name, changes):
    """What only looks like a breach travels as it was written."""
    body = changed(name, changes)
    assert MESSAGE.dump_python(validate(MESSAGE, body), mode="json", by_alias=True, exclude_none=True) == body
