"""What holds for every message."""

from __future__ import annotations

import json
import re
from functools import reduce

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.messages import MESSAGE
from airflow_provider_whatsapp.models.validation import validate
from tests.errors import spelled


def texts(longest=80):
    return st.text(min_size=1, max_size=longest)


def with_some(required, **optional):
    """Return dicts with these fields, and with any of the optional ones."""
    return st.fixed_dictionaries(required, optional=optional)


def typed(kind, content):
    """Return dicts of this type, with the content under its name."""
    return st.fixed_dictionaries({"type": st.just(kind), kind: content})


def named(name, **parameters):
    return st.fixed_dictionaries(
        {"name": st.just(name), "parameters": with_some(parameters)}
    )


def unlike(items, least, most, *keys):
    return st.lists(
        items,
        min_size=least,
        max_size=most,
        unique_by=tuple(lambda x, k=k: k(x) for k in keys),
    )


SOME_TEXT = texts()
IDS = texts(60).map(str.strip).filter(bool)
WORDS = st.text(alphabet=st.characters(categories=["Lu", "Ll"]), min_size=1, max_size=20)
NUMBERS = st.from_regex(r"\+?[1-9][0-9]{0,2}([ -]?[0-9]{3}){2,4}", fullmatch=True)
MESSAGE_IDS = st.from_regex(r"wamid\.[A-Za-z0-9+/=]{1,60}", fullmatch=True)
LINKS = st.from_regex(r"https?://[a-z]{1,9}\.example/[!-~]{0,30}", fullmatch=True)
MEDIA_IDS = st.from_regex(r"[0-9]{1,20}", fullmatch=True)
DEGREES = (
    st.integers(-90, 90)
    | st.floats(-90, 90)
    | st.floats(-90, 90).map(str)
    | st.integers(-90, 90).map(str)
)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=6,
)


def media(**optional):
    return with_some({"id": MEDIA_IDS}, **optional) | with_some({"link": LINKS}, **optional)


PLACE = with_some(
    {"latitude": DEGREES, "longitude": DEGREES}, name=SOME_TEXT, address=SOME_TEXT
)
TITLED = [
    {"phone": SOME_TEXT, "wa_id": SOME_TEXT},
    {"email": SOME_TEXT},
    {"street": SOME_TEXT, "zip": SOME_TEXT},
]
PHONES, EMAILS, ADDRESSES = (
    st.lists(with_some({}, type=SOME_TEXT, **parts), max_size=2) for parts in TITLED
)
CARD = with_some(
    {
        "name": with_some(
            {"formatted_name": SOME_TEXT, "first_name": SOME_TEXT}, last_name=SOME_TEXT
        )
    },
    phones=PHONES,
    emails=EMAILS,
    addresses=ADDRESSES,
    birthday=st.dates().map(str),
)

BODY = st.fixed_dictionaries({"text": texts(1024)})
LINE = st.fixed_dictionaries({"text": texts(60)})
TEXT_HEADER = with_some({"type": st.just("text"), "text": texts(60)}, sub_text=texts(60))
HEADER = st.one_of(
    TEXT_HEADER,
    typed("image", media()),
    typed("video", media()),
    typed("document", media(filename=SOME_TEXT)),
    typed("hologram", ANYTHING),
)
REPLY = st.fixed_dictionaries({"id": IDS, "title": texts(20)})
ROW = with_some({"id": texts(200), "title": texts(24)}, description=st.text(max_size=72))
PRODUCT = st.fixed_dictionaries({"product_retailer_id": SOME_TEXT})
OPENS_URL = named("cta_url", display_text=texts(20), url=LINKS)
QUICK_REPLY = typed("quick_reply", REPLY)


def sections(items, content):
    """Return one section, or several with titles, with these items in each."""
    one = with_some({items: content}, title=st.text(max_size=24)).map(
        lambda section: [section]
    )
    several = st.lists(
        st.fixed_dictionaries({"title": texts(24), items: content}), min_size=2, max_size=3
    )
    return one | several


ROWS = unlike(ROW, 1, 3, lambda row: row["id"])
ROW_SECTIONS = sections("rows", ROWS).filter(
    lambda found: (
        len(ids := [row["id"] for section in found for row in section["rows"]])
        == len(set(ids))
    )
)


def cards(header, action):
    card = with_some(
        {"header": typed(header, media()), "action": action},
        body=st.fixed_dictionaries({"text": WORDS}),
        type=WORDS,
    )
    return st.lists(card, min_size=2, max_size=4).map(
        lambda found: [{**card, "card_index": place} for place, card in enumerate(found)]
    )


CARDS = cards("image", OPENS_URL) | cards(
    "video",
    st.fixed_dictionaries(
        {"buttons": unlike(QUICK_REPLY, 2, 2, lambda button: button["quick_reply"]["id"])}
    ),
)
FLOW = with_some(
    {"flow_message_version": st.just("3"), "flow_cta": WORDS, "flow_id": SOME_TEXT},
    mode=st.sampled_from(["draft", "published"]),
    flow_action_payload=st.dictionaries(st.text(), ANYTHING, max_size=3),
)
BUTTONS = unlike(
    typed("reply", REPLY),
    1,
    3,
    lambda button: button["reply"]["id"],
    lambda button: button["reply"]["title"],
)
ACTIONS = {
    "button": st.fixed_dictionaries({"buttons": BUTTONS}),
    "list": st.fixed_dictionaries({"button": texts(20), "sections": ROW_SECTIONS}),
    "cta_url": OPENS_URL,
    "location_request_message": st.just({"name": "send_location"}),
    "flow": st.fixed_dictionaries({"name": st.just("flow"), "parameters": FLOW}),
    "product": st.fixed_dictionaries(
        {"catalog_id": SOME_TEXT, "product_retailer_id": SOME_TEXT}
    ),
    "product_list": st.fixed_dictionaries(
        {
            "catalog_id": SOME_TEXT,
            "sections": sections(
                "product_items", st.lists(PRODUCT, min_size=1, max_size=10)
            ),
        }
    ),
    "catalog_message": with_some(
        {"name": st.just("catalog_message")}, parameters=with_some({})
    ),
    "carousel": st.fixed_dictionaries({"cards": CARDS}),
    "address_message": named("address_message", country=st.sampled_from(["IN", "SG"])),
    "voice_call": named(
        "voice_call", ttl_minutes=st.integers(1, 43_200), display_text=texts(20)
    ),
}
FRAMES = {
    "list": {"header": TEXT_HEADER, "footer": LINE},
    "location_request_message": {},
    "carousel": {},
    "product": {"footer": LINE},
}


def interactive(kind):
    required = {"type": st.just(kind), "body": BODY, "action": ACTIONS[kind]}
    if kind == "product_list":
        return with_some({**required, "header": TEXT_HEADER}, footer=LINE)
    return with_some(required, **FRAMES.get(kind, {"header": HEADER, "footer": LINE}))


SINGLE_LINE = st.text(
    alphabet=st.characters(codec="utf-8", exclude_characters="\r\n\t"),
    min_size=1,
    max_size=60,
).filter(lambda text: " " * 5 not in text)
MONEY = st.fixed_dictionaries(
    {
        "fallback_value": SINGLE_LINE,
        "code": st.from_regex("[A-Z]{3}", fullmatch=True),
        "amount_1000": st.integers(),
    }
)
NAMES = st.from_regex("[a-z][a-z0-9_]{0,9}", fullmatch=True)
TEXT_PARAMETER = typed("text", SINGLE_LINE)
NAMED_PARAMETER = st.fixed_dictionaries(
    {"type": st.just("text"), "parameter_name": NAMES, "text": SINGLE_LINE}
)
MOMENT = with_some(
    {"fallback_value": SINGLE_LINE},
    day_of_week=st.integers(1, 7) | WORDS,
    year=st.integers(),
)
OTHER_PARAMETER = st.one_of(
    typed("currency", MONEY),
    typed("date_time", MOMENT),
    typed("hologram", ANYTHING),
    typed("image", media()),
)


def component(kind, parameter, **more):
    parameters = st.lists(parameter, min_size=1, max_size=4)
    return st.fixed_dictionaries(
        {"type": st.sampled_from([kind, kind.upper()]), "parameters": parameters, **more}
    )


def button(sub_type, parameter):
    index = st.integers(0, 9) | st.integers(0, 9).map(str)
    return component("button", parameter, sub_type=st.just(sub_type), index=index)


FILLED = st.one_of(
    component(
        "header", typed("image", media()) | typed("location", PLACE) | TEXT_PARAMETER
    ),
    component("body", TEXT_PARAMETER | OTHER_PARAMETER),
    component("body", NAMED_PARAMETER | OTHER_PARAMETER),
    button("url", typed("text", st.from_regex("[!-~]{1,40}", fullmatch=True))),
    button("quick_reply", typed("payload", texts(256))),
    button("copy_code", typed("coupon_code", texts(20))),
    component(
        "limited_time_offer",
        typed(
            "limited_time_offer",
            st.fixed_dictionaries({"expiration_time_ms": st.integers()}),
        ),
    ),
)
TEMPLATE_CARDS = st.lists(
    st.fixed_dictionaries(
        {
            "card_index": st.integers(0, 9),
            "components": st.lists(FILLED, min_size=1, max_size=2),
        }
    ),
    min_size=1,
    max_size=3,
)
COMPONENTS = FILLED | st.fixed_dictionaries(
    {"type": st.just("carousel"), "cards": TEMPLATE_CARDS}
)
TEMPLATE = with_some(
    {
        "name": st.from_regex("[a-z0-9_]{1,20}", fullmatch=True),
        "language": st.just({"code": "en_US"}),
    },
    components=st.lists(COMPONENTS, max_size=4),
)

ENVELOPE = with_some(
    {"messaging_product": st.just("whatsapp"), "to": NUMBERS},
    recipient_type=st.just("individual"),
    context=st.fixed_dictionaries({"message_id": MESSAGE_IDS}),
    biz_opaque_callback_data=st.text(max_size=512),
)


def message(kind, content):
    """Return messages of this type."""
    return st.builds(
        lambda envelope, content: {**envelope, "type": kind, kind: content},
        ENVELOPE,
        content,
    )


TEXT = message("text", with_some({"body": texts(4096)}, preview_url=st.booleans()))
IMAGE = message("image", media(caption=st.text(max_size=1024)))
BY_TYPE = {
    "text": TEXT,
    "text without a type": TEXT.map(
        lambda body: {name: value for name, value in body.items() if name != "type"}
    ),
    "image": IMAGE,
    "video": message("video", media(caption=st.text(max_size=1024))),
    "audio": message("audio", media(voice=st.booleans())),
    "document": message(
        "document", media(caption=st.text(max_size=1024), filename=SOME_TEXT)
    ),
    "sticker": message("sticker", media()),
    "location": message("location", PLACE),
    "contacts": message("contacts", st.lists(CARD, min_size=1, max_size=3)),
    "reaction": message(
        "reaction",
        st.fixed_dictionaries({"message_id": MESSAGE_IDS, "emoji": st.text(max_size=4)}),
    ),
    **{kind: message("interactive", interactive(kind)) for kind in ACTIONS},
    "interactive of tomorrow": message("interactive", typed("hologram", ANYTHING)),
    "template": message("template", TEMPLATE),
    "type of tomorrow": message("hologram", ANYTHING),
}
each_type = pytest.mark.parametrize("kind", BY_TYPE)
few = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def spelt(body):
    """Return the body as JSON text, in which 1, 1.0 and true differ."""
    return json.dumps(body, sort_keys=True)


@each_type
@few
@given(data=st.data())
def test_stable(kind, data):
    """Any message of any type is read, written as it came, and read again as the same."""
    body = data.draw(BY_TYPE[kind])
    found = validate(MESSAGE, body)
    written = found.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert spelt(written) == spelt(body)
    assert validate(MESSAGE, written) == found


@each_type
@few
@given(data=st.data())
def test_stable_on_the_wire(kind, data):
    """What goes over the wire is read as a message again, with the number in digits, and goes out the same."""
    body = data.draw(BY_TYPE[kind])
    wire = validate(MESSAGE, body).wire()
    assert re.fullmatch("[1-9][0-9]{6,14}", wire["to"])
    again = validate(MESSAGE, wire)
    assert spelt(again.wire()) == spelt(wire)
    assert validate(MESSAGE, again.wire()) == again


# What of a message is limited, by type.
LIMITED_TEXTS = [
    *[
        (kind, "biz_opaque_callback_data", 512)
        for kind in ("text without a type", "interactive of tomorrow", "type of tomorrow")
    ],
    ("text", "text.body", 4096),
    *[(kind, f"{kind}.caption", 1024) for kind in ("image", "video", "document")],
    *[
        (kind, "interactive.body.text", 4096 if kind == "list" else 1024)
        for kind in ACTIONS
    ],
    *[
        (kind, "interactive.footer.text", 60)
        for kind in ACTIONS
        if kind not in ("location_request_message", "carousel")
    ],
    ("product_list", "interactive.header.text", 60),
    ("button", "interactive.action.buttons[0].reply.id", 256),
    ("button", "interactive.action.buttons[0].reply.title", 20),
    ("list", "interactive.action.button", 20),
    ("list", "interactive.action.sections[0].title", 24),
    ("list", "interactive.action.sections[0].rows[0].id", 200),
    ("list", "interactive.action.sections[0].rows[0].title", 24),
    ("list", "interactive.action.sections[0].rows[0].description", 72),
    ("cta_url", "interactive.action.parameters.display_text", 20),
    ("voice_call", "interactive.action.parameters.display_text", 20),
    ("flow", "interactive.action.parameters.flow_cta", 20),
    ("product_list", "interactive.action.sections[0].title", 24),
    ("carousel", "interactive.action.cards[1].body.text", 160),
    ("template", "template.name", 512),
]
LIMITED_LISTS = [
    ("contacts", "contacts", 257),
    ("button", "interactive.action.buttons", 3),
    ("list", "interactive.action.sections", 10),
    ("list", "interactive.action.sections[0].rows", 10),
    ("product_list", "interactive.action.sections", 10),
    ("product_list", "interactive.action.sections[0].product_items", 30),
    ("carousel", "interactive.action.cards", 10),
]


def limited(cases):
    return pytest.mark.parametrize(
        ("kind", "path", "most"), cases, ids=[f"{kind}-{path}" for kind, path, _ in cases]
    )


@limited(LIMITED_TEXTS)
@few
@given(data=st.data())
def test_no_text_over_its_limit(put, invalid, kind, path, most, data):
    """A text over its limit is invalid in every message, and the error does not show it."""
    over = data.draw(st.text("жщъ", min_size=1, max_size=20)) + "ы" * most
    message = invalid(validate, MESSAGE, put(data.draw(BY_TYPE[kind]), {path: over}))
    assert re.match(
        re.escape(spelled(f"{path}: must be ")) + rf"(at most|1 to) {most}\b", message
    )
    assert f"(got str, {len(over)} characters)" in message
    assert not re.search("[жщъы]", message)


@limited(LIMITED_LISTS)
@few
@given(data=st.data())
def test_no_list_over_its_limit(put, invalid, kind, path, most, data):
    """A list with more items than its limit is invalid in every message; the error has both counts."""
    body = data.draw(BY_TYPE[kind])
    items = reduce(
        lambda part, step: part[int(step) if step.isdecimal() else step],
        re.findall(r"\w+", path),
        body,
    )
    over = (items * (most + 1))[: most + data.draw(st.integers(1, len(items)))]
    message = invalid(validate, MESSAGE, put(body, {path: over}))
    assert (
        spelled(f"{path}: must have at most {most} items (got list, {len(over)} items). ")
        in message
    )


@few
@given(
    degrees=st.floats(min_value=90, exclude_min=True) | st.just(float("nan")),
    body=BY_TYPE["location"],
    data=st.data(),
)
def test_no_place_off_the_map(put, invalid, degrees, body, data):
    """A latitude beyond a pole is invalid as a number and as a text."""
    value = data.draw(st.sampled_from([degrees, -degrees, str(degrees), str(-degrees)]))
    assert 'location["latitude"]: must be a number of degrees' in invalid(
        validate, MESSAGE, put(body, {"location.latitude": value})
    )


FIELDS = st.sampled_from(
    [
        "to",
        "type",
        "text",
        "body",
        "interactive",
        "action",
        "buttons",
        "reply",
        "id",
        "title",
        "sections",
        "rows",
        "header",
        "template",
        "components",
        "parameters",
        "cards",
        "card_index",
        "index",
        "name",
        "language",
        "image",
        "link",
        "contacts",
        "location",
        "latitude",
        "context",
        "message_id",
        "status",
        "recipient",
        "recipient_type",
        "sub_type",
        "parameter_name",
        "currency",
        "date_time",
    ]
)
KINDS = st.sampled_from(
    [
        "text",
        "interactive",
        "template",
        "button",
        "list",
        "carousel",
        "body",
        "contacts",
        "new",
    ]
)
JUNK = st.recursive(
    st.text("ЖЩЪЫЭ", min_size=1)
    | KINDS
    | st.integers()
    | st.floats()
    | st.none()
    | st.booleans()
    | st.just("16505551234"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=6),
    max_leaves=20,
)


def said_about(body):
    """Return the text of the error, if there is one; else see that the message can go out."""
    try:
        message = validate(MESSAGE, body)
    except InvalidRequestError as error:
        return str(error)
    assert isinstance(message.wire(), dict)
    return ""


@settings(max_examples=300, deadline=None)
@given(
    JUNK
    | st.builds(
        lambda fields, kind: {**fields, "type": kind},
        st.dictionaries(FIELDS, JUNK),
        KINDS | JUNK,
    )
)
def test_junk_is_answered(body):
    """Any value is a message, or raises one of our errors, which shows no part of it."""
    assert not re.search("[ЖЩЪЫЭ]|5551234", said_about(body))


@settings(max_examples=200, deadline=None)
@given(body=st.one_of(*BY_TYPE.values()), junk=JUNK, data=st.data())
def test_junk_anywhere_is_answered(body, junk, data):
    """A valid message with junk in any place is a message, or raises one of our errors."""
    part, parts = body, []
    while isinstance(part, dict | list) and part:
        parts.append(
            (
                part,
                step := data.draw(
                    st.sampled_from(
                        sorted(part) if isinstance(part, dict) else range(len(part))
                    )
                ),
            )
        )
        part = part[step]
    spoilt, step = data.draw(st.sampled_from(parts))
    spoilt[step] = junk
    assert not re.search("[ЖЩЪЫЭ]|5551234", said_about(body))
