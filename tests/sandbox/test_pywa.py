"""A client that knows nothing of the sandbox, pywa, takes it for Meta's Cloud API."""

from __future__ import annotations

import datetime as dt
import hashlib

import httpx
import pytest
from pywa import WhatsApp, errors, types
from pywa.types import templates as t

from airflow_provider_whatsapp.sandbox import running_sandbox

TO = "16505551234"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)
PICTURE = "https://example.com/a.png"
EN_US = t.TemplateLanguage.ENGLISH_US
# Its own class would upload the sample first, which needs an app.
PICTURE_HEADER = {
    "type": "HEADER",
    "format": "IMAGE",
    "example": {"header_handle": ["4::aW"]},
}


class ToSandbox(httpx.HTTPTransport):
    """Takes what is meant for Meta to a sandbox, with the Maton key in the place of Meta's token."""

    def __init__(self, sandbox):
        super().__init__()
        self._url = f"{sandbox.url}/whatsapp-business"
        self._key = sandbox.api_key

    def handle_request(self, request):
        """Send the request to the sandbox; a file's address leads there already."""
        if request.url.host == "graph.facebook.com":
            request.url = httpx.URL(self._url + request.url.raw_path.decode())
        request.headers.update(
            {"Host": request.url.netloc.decode(), "Authorization": f"Bearer {self._key}"}
        )
        return super().handle_request(request)


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(approve_after=0, requests_per_second=1000) as running:
        yield running


@pytest.fixture
def wa(sandbox):
    with httpx.Client(transport=ToSandbox(sandbox)) as session:
        yield WhatsApp(
            phone_id=sandbox.phone_number_id,
            token="Meta's",
            waba_id=sandbox.business_account_id,
            session=session,
        )


def reply(*titles):
    return {
        "buttons": [
            {"type": "reply", "reply": {"id": title.lower(), "title": title}}
            for title in titles
        ],
    }


CONTACT = types.Contact(
    name=types.Contact.Name(formatted_name="Ada Lovelace", first_name="Ada"),
    phones=[types.Contact.Phone(phone="+16505551234", type="WORK")],
)
SECTIONS = types.SectionList(
    "Open", [types.Section("Runs", [types.SectionRow("Nightly", "r1", "At two")])]
)
ASK = [types.Button("Yes", "yes"), types.Button("No", "no")]
FULL = {
    "header": {"type": "text", "text": "Head"},
    "body": {"text": "Body"},
    "footer": {"text": "Foot"},
}
HEAD_AND_FOOT = {"header": "Head", "footer": "Foot"}
ROWS = [{"id": "r1", "title": "Nightly", "description": "At two"}]
LINK = {
    "name": "cta_url",
    "parameters": {"display_text": "Open run", "url": "https://example.com"},
}
SENDS = {
    "text": (
        lambda wa: wa.send_message(
            TO, "See https://example.com", preview_url=True, tracker="run 1"
        ),
        {"body": "See https://example.com", "preview_url": True},
    ),
    "image": (
        lambda wa: wa.send_image(TO, PICTURE, caption="Chart"),
        {"link": PICTURE, "caption": "Chart"},
    ),
    "video": (
        lambda wa: wa.send_video(TO, "https://example.com/a.mp4"),
        {"link": "https://example.com/a.mp4"},
    ),
    "audio": (
        lambda wa: wa.send_voice(TO, "https://example.com/a.ogg"),
        {"link": "https://example.com/a.ogg", "voice": True},
    ),
    "sticker": (
        lambda wa: wa.send_sticker(TO, "https://example.com/a.webp"),
        {"link": "https://example.com/a.webp"},
    ),
    "document": (
        lambda wa: wa.send_document(
            TO, "https://example.com/a.pdf", filename="b.pdf", caption="Log"
        ),
        {"link": "https://example.com/a.pdf", "filename": "b.pdf", "caption": "Log"},
    ),
    "location": (
        lambda wa: wa.send_location(TO, 37.48, -122.14, "Office", "1 Way"),
        {"latitude": 37.48, "longitude": -122.14, "name": "Office", "address": "1 Way"},
    ),
    "reaction": (
        lambda wa: wa.send_reaction(TO, "👍", "wamid.in"),
        {"message_id": "wamid.in", "emoji": "👍"},
    ),
    "no reaction": (
        lambda wa: wa.remove_reaction(TO, "wamid.in"),
        {"message_id": "wamid.in", "emoji": ""},
    ),
    "buttons": (
        lambda wa: wa.send_message(TO, "Body", buttons=ASK, **HEAD_AND_FOOT),
        {"type": "button", "action": reply("Yes", "No"), **FULL},
    ),
    "list": (
        lambda wa: wa.send_message(TO, "Body", buttons=SECTIONS, **HEAD_AND_FOOT),
        {
            "type": "list",
            "action": {"button": "Open", "sections": [{"title": "Runs", "rows": ROWS}]},
            **FULL,
        },
    ),
    "link": (
        lambda wa: wa.send_message(
            TO, "Body", buttons=types.URLButton("Open run", "https://example.com")
        ),
        {"type": "cta_url", "action": LINK, "body": {"text": "Body"}},
    ),
    "location request": (
        lambda wa: wa.request_location(TO, "Where?"),
        {
            "type": "location_request_message",
            "action": {"name": "send_location"},
            "body": {"text": "Where?"},
        },
    ),
}


@pytest.mark.parametrize(("send", "content"), SENDS.values(), ids=SENDS)
def test_send(sandbox, wa, send, content):
    """A message of each type is accepted, and is kept as it was sent."""
    sent = send(wa)
    stored = sandbox.sent_messages()[-1]
    assert isinstance(sent, types.sent_update.SentMessage | types.sent_update.SentReaction)
    assert (sent.id, sent.input, sent.from_phone_id) == (
        stored["id"],
        TO,
        stored["phone_number_id"],
    )
    assert stored["body"][stored["body"]["type"]] == content


def test_contacts(sandbox, wa):
    """A contact card is accepted, with the nulls that pywa writes for what it hasn't."""
    sent = wa.send_contact(TO, CONTACT)
    stored = sandbox.sent_messages()[-1]
    (card,) = stored["body"]["contacts"]
    assert (stored["id"], card["name"]["formatted_name"], card["phones"][0]["type"]) == (
        sent.id,
        "Ada Lovelace",
        "WORK",
    )


def test_envelope(sandbox, wa):
    """A number with separators is found, and a reply says what it replies to."""
    sent = wa.send_message(
        "+1 (650) 555-1234", "Hello", reply_to_message_id="wamid.in", tracker="run 1"
    )
    stored = sandbox.sent_messages()[-1]
    assert (sent.chat.id, stored["to"], sent.input) == (TO, TO, "+1 (650) 555-1234")
    assert stored["body"]["context"] == {"message_id": "wamid.in"}
    assert stored["body"]["biz_opaque_callback_data"] == "run 1"


def test_mark_as_read(sandbox, wa):
    """A message is marked as read, without and with the sign that a response is being written."""
    assert wa.mark_message_as_read("wamid.in").success
    assert wa.indicate_typing("wamid.in2").success
    read = sandbox.read_messages()[-2:]
    assert [one["message_id"] for one in read] == ["wamid.in", "wamid.in2"]
    assert [one["typing_indicator"] for one in read] == [None, {"type": "text"}]


def test_send_an_upload(sandbox, wa, tmp_path):
    """What pywa uploads on its way to sending it can be sent."""
    (tmp_path / "log.pdf").write_bytes(b"%PDF-1.4 log")
    picture = wa.send_image(TO, PNG, mime_type="image/png")
    document = wa.send_document(TO, tmp_path / "log.pdf", filename="log.pdf")
    stored = sandbox.sent_messages()[-2:]
    assert stored[0]["body"]["image"] == {"id": picture.uploaded_media.id}
    assert stored[1]["body"]["document"] == {
        "id": document.uploaded_media.id,
        "filename": "log.pdf",
    }


def test_media(wa, tmp_path):
    """A file that is uploaded can be found, comes back as it was, and is gone when it is deleted."""
    media = wa.upload_media(PNG, "image/png", "a.png")
    found = wa.get_media_url(media.id)
    assert (found.mime_type, found.file_size, found.sha256) == (
        "image/png",
        58,
        hashlib.sha256(PNG).hexdigest(),
    )
    assert wa.get_media_bytes(found.url) == PNG
    assert wa.download_media(url=found.url, path=tmp_path).read_bytes() == PNG
    assert wa.delete_media(media.id).success
    with pytest.raises(errors.WhatsAppError) as caught:
        wa.get_media_url(media.id)
    assert (caught.value.code, caught.value.subcode) == (100, 33)


def template(name, *components, category=t.TemplateCategory.UTILITY, **settings):
    return t.Template(
        name=name,
        language=EN_US,
        category=category,
        components=list(components),
        **settings,
    )


MARKETING = {"category": t.TemplateCategory.MARKETING}
CODE_BUTTON = t.CopyCodeButton(example="X25")
QUICK_REPLY, LINK_BUTTON = (
    t.QuickReplyButton(text="Again"),
    t.URLButton(text="Shop", url="https://example.com/x"),
)
CARD = t.CarouselCard(
    components=[PICTURE_HEADER, t.BodyText("One"), t.Buttons(buttons=[QUICK_REPLY])]
)
LOG_BUTTON = t.URLButton(
    text="Open log", url="https://example.com/{{1}}", example="https://example.com/1"
)
PARTS = (
    t.HeaderText("Run {{1}}", "nightly"),
    t.BodyText("The task {{1}} of {{2}} has failed.", "load", "etl"),
    t.FooterText(text="Airflow"),
    t.Buttons(buttons=[QUICK_REPLY, LOG_BUTTON]),
)
NAMED = t.BodyText("The task {{task}} of {{dag}} has failed.", task="load", dag="etl")
# Each with the parameters to send it.
TEMPLATES = {
    "texts": (
        template("texts", *PARTS),
        [
            PARTS[0].params("nightly"),
            PARTS[1].params("load", "etl"),
            QUICK_REPLY.params(callback_data="again", index=0),
            LOG_BUTTON.params(url_variable="a%2Fb", index=1),
        ],
    ),
    "named": (
        template("named", NAMED, parameter_format=t.ParamFormat.NAMED),
        [NAMED.params(task="load", dag="etl")],
    ),
    "picture": (
        template(
            "picture",
            PICTURE_HEADER,
            t.BodyText("Hello to all"),
            t.Buttons(buttons=[CODE_BUTTON]),
            **MARKETING,
        ),
        [
            t.HeaderImage.params(image=PICTURE),
            CODE_BUTTON.params(coupon_code="X25", index=0),
        ],
    ),
    "place": (
        template("place", t.HeaderLocation(), t.BodyText("Here we are")),
        [t.HeaderLocation.params(lat=37.48, lon=-122.14, name="Office", address="1 Way")],
    ),
    "offer": (
        template(
            "offer",
            t.LimitedTimeOffer(text="Ends soon", has_expiration=True),
            t.BodyText("All for less"),
            t.Buttons(buttons=[CODE_BUTTON, LINK_BUTTON]),
            **MARKETING,
        ),
        [
            t.LimitedTimeOffer.params(
                expiration_time=dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
            ),
            CODE_BUTTON.params(coupon_code="X25", index=0),
        ],
    ),
    "code": (
        template(
            "code",
            t.AuthenticationBody(add_security_recommendation=True),
            t.AuthenticationFooter(code_expiration_minutes=5),
            t.Buttons(buttons=[t.CopyCodeOTPButton()]),
            category=t.TemplateCategory.AUTHENTICATION,
            message_send_ttl_seconds=600,
        ),
        [
            t.AuthenticationBody.params(otp="123456"),
            t.CopyCodeOTPButton.params(otp="123456"),
        ],
    ),
    "cards": (
        template(
            "cards",
            t.BodyText("Look at these"),
            t.Carousel(cards=[CARD, CARD]),
            **MARKETING,
        ),
        [
            t.Carousel.params(
                cards=[
                    CARD.params(
                        params=[
                            t.HeaderImage.params(image=PICTURE),
                            QUICK_REPLY.params(callback_data=f"card {index}", index=0),
                        ],
                        index=index,
                    )
                    for index in (0, 1)
                ]
            )
        ],
    ),
}


@pytest.mark.parametrize(("wanted", "params"), TEMPLATES.values(), ids=TEMPLATES)
def test_template(sandbox, wa, wanted, params):
    """A template is created, read back as it is, sent, and deleted."""
    created = wa.create_template(wanted)
    assert created.status == t.TemplateStatus.PENDING
    read = wa.get_template(created.id)
    assert (read.name, read.language, read.category, read.status) == (
        wanted.name,
        EN_US,
        wanted.category,
        t.TemplateStatus.APPROVED,
    )
    assert len(read.components) == len(wanted.components)
    sent = wa.send_template(TO, wanted.name, EN_US, params)
    stored = sandbox.sent_messages()[-1]
    assert (sent.id, sent.status) == (
        stored["id"],
        types.sent_update.SentTemplateStatus.ACCEPTED,
    )
    assert len(stored["body"]["template"]["components"]) == len(params)
    assert wa.delete_template(wanted.name, template_id=created.id).success


def test_templates(wa):
    """Templates are listed page by page with a summary, found by what they are, and edited."""
    ids = [
        wa.create_template(template(f"page_{count}", t.BodyText("Hello to all"))).id
        for count in range(3)
    ]
    first = wa.get_templates(name="page_", pagination=types.Pagination(limit=2))
    assert ([one.id for one in first], first.has_next) == (ids[:2], True)
    assert (
        first.total_count,
        first.message_template_limit,
        first.are_translations_complete,
    ) == (
        3,
        250,
        True,
    )
    rest = wa.get_templates(
        name="page_", pagination=types.Pagination(limit=2, after=first.after)
    )
    assert ([one.id for one in rest], rest.has_next) == (ids[2:], False)
    states = [t.TemplateStatus.APPROVED, t.TemplateStatus.PENDING]
    assert len(wa.get_templates(name="page_", statuses=states, languages=[EN_US])) == 3
    assert len(wa.get_templates(name="page_", statuses=[t.TemplateStatus.REJECTED])) == 0
    edited = wa.update_template(ids[0], new_components=[t.BodyText("Hello again")])
    assert (edited.success, edited.id, edited.name) == (True, ids[0], "page_0")
    assert wa.get_template(ids[0]).components[0].text == "Hello again"
    for one in [*first, *rest]:
        assert one.delete().success


def test_business_profile(wa):
    """A profile is read before anything is in it, and says what it was told."""
    assert wa.get_business_profile().industry == types.Industry.UNDEFINED
    told = {
        "about": "Hello",
        "address": "1 Way",
        "description": "Data",
        "email": "me@example.com",
    }
    assert wa.update_business_profile(
        industry=types.Industry.RETAIL, websites=["https://example.com/"], **told
    ).success
    profile = wa.get_business_profile()
    assert {name: getattr(profile, name) for name in told} == told
    assert (profile.industry, profile.websites) == (
        types.Industry.RETAIL,
        ("https://example.com/",),
    )


def test_phone_numbers(sandbox, wa):
    """Number and account show the fields they have of all those that pywa asks for."""
    number = wa.get_business_phone_number()
    assert (number.id, number.status, number.country_code) == (
        sandbox.phone_number_id,
        "CONNECTED",
        None,
    )
    assert [one.id for one in wa.get_business_phone_numbers()] == [number.id]
    assert wa.get_business_account().id == sandbox.business_account_id


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (130429, errors.RateLimitHit),
        (130497, errors.AccountRestrictedFromCountry),
        (131016, errors.ServiceUnavailable),
        (131026, errors.MessageUndeliverable),
        (131030, errors.RecipientNotInAllowedList),
        (131031, errors.AccountLocked),
        (131047, errors.ReEngagementMessage),
        (131056, errors.TooManyMessages),
    ],
)
def test_special_recipients(sandbox, wa, code, kind):
    """A recipient that stands for an error raises pywa's own class for it, and nothing is sent."""
    count = len(sandbox.sent_messages())
    with pytest.raises(kind) as caught:
        wa.send_message(f"15550{code}", "Hello")
    assert caught.value.code == code
    assert caught.value.details
    assert caught.value.fbtrace_id
    assert len(sandbox.sent_messages()) == count


REFUSALS = {
    "unknown template": (
        lambda wa: wa.send_template(TO, "unknown", EN_US, []),
        errors.TemplateNotExists,
        None,
    ),
    "parameters": (
        lambda wa: wa.send_template(TO, "there", EN_US, []),
        errors.TemplateParamCountMismatch,
        None,
    ),
    "no text": (lambda wa: wa.send_message(TO, ""), errors.MissingRequiredParameter, None),
    "unknown media": (lambda wa: wa.send_image(TO, "12345"), errors.WhatsAppError, None),
    "same template": (
        lambda wa: wa.create_template(
            template("there", t.BodyText("Hello {{1}}, hello", "you"))
        ),
        errors.WhatsAppError,
        2388024,
    ),
    "unknown node": (lambda wa: wa.get_template("999"), errors.WhatsAppError, 33),
}


@pytest.mark.parametrize(("call", "kind", "subcode"), REFUSALS.values(), ids=REFUSALS)
def test_rejected_changes(sandbox, wa, call, kind, subcode):
    """Other errors raise what pywa has for them, with Meta's subcode where it has one."""
    if not wa.get_templates(name="there"):
        wa.create_template(template("there", t.BodyText("Hello {{1}}, hello", "you")))
    count = len(sandbox.sent_messages())
    with pytest.raises(kind) as caught:
        call(wa)
    assert (caught.value.subcode, caught.value.type) == (subcode, "OAuthException")
    assert len(sandbox.sent_messages()) == count
