from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.models.templates import TemplateStatus
from airflow_provider_whatsapp.templates.apply import StepResult, report
from airflow_provider_whatsapp.templates.plan import Action, find_differences, plan

OTHER_BODY = [{"type": "BODY", "text": "All is lost."}]
STATUSES = [*(status.value for status in TemplateStatus), "SOMETHING_NEW"]


def test_create(define, read_back):
    """What does not exist in this name and language is created."""
    others = [read_back(define(name="other")), read_back(define(language="de"))]
    (one,) = plan([define()], others)
    assert (one.action, one.template_id, one.status, one.reason) == (
        Action.CREATE,
        "",
        "PENDING",
        "",
    )


@pytest.mark.parametrize(
    ("status", "equal", "differing"),
    [
        ("APPROVED", Action.LEAVE, Action.UPDATE),
        ("REJECTED", Action.LEAVE, Action.UPDATE),
        ("PAUSED", Action.LEAVE, Action.UPDATE),
        ("SOMETHING_NEW", Action.LEAVE, Action.UPDATE),
        ("PENDING", Action.WAIT, Action.RETRY_LATER),
        ("IN_APPEAL", Action.WAIT, Action.RETRY_LATER),
        ("DISABLED", Action.BLOCKED, Action.BLOCKED),
        ("PENDING_DELETION", Action.BLOCKED, Action.BLOCKED),
        ("DELETED", Action.BLOCKED, Action.BLOCKED),
        ("LIMIT_EXCEEDED", Action.BLOCKED, Action.BLOCKED),
        ("ARCHIVED", Action.BLOCKED, Action.BLOCKED),
    ],
    ids=lambda value: value if value in STATUSES else "",
)
def test_action_for_status(step, status, equal, differing):
    """The action follows from the status and from whether anything differs."""
    assert step(status=status).action is equal
    assert step(status=status, components=OTHER_BODY).action is differing


def test_reasons(step):
    """A step that is not plain says why, with the names of what differs and what to do."""
    assert step().reason == ""
    assert step(status="PENDING").reason == ""
    assert step(components=OTHER_BODY).reason == "BODY differs"
    assert step(status="PENDING", components=OTHER_BODY).reason == (
        "BODY differs, and it is PENDING: Meta takes no edit now; try again later"
    )
    assert step(status="ARCHIVED").reason.endswith("; un-archive it in WhatsApp Manager")
    assert (
        step(status="DELETED").reason
        == "it is DELETED and cannot be edited; define it under another name"
    )


def test_the_kind_of_parameters_is_not_edited(step):
    """Meta changes no parameter_format, so a template that has another one needs another name."""
    blocked = step(components=OTHER_BODY, parameter_format="NAMED")
    assert blocked.action is Action.BLOCKED
    assert "parameter_format differs" in blocked.reason


def test_a_rejected_template_may_get_another_category(step):
    """A template that was rejected for its category is edited, category included."""
    corrected = step(status="REJECTED", category="MARKETING")
    assert (corrected.action, corrected.changes_category) == (Action.UPDATE, True)
    assert not step(components=OTHER_BODY).changes_category


def test_category_is_told_and_left(step):
    """The plan reports a category that Meta has changed, and edits it only in a rejected template."""
    moved = step(category="MARKETING")
    assert (moved.action, moved.reason) == (
        Action.LEAVE,
        "Meta has it as MARKETING, the definition says UTILITY",
    )
    assert step(category=None).reason == ""


KEYS = st.tuples(st.sampled_from(["a", "b", "c", "d"]), st.sampled_from(["en", "de"]))


@given(
    st.lists(KEYS, unique=True),
    st.dictionaries(KEYS, st.tuples(st.sampled_from(STATUSES), st.booleans())),
)
def test_each_definition_once(define, read_back, wanted, found):
    """Each definition has one step, in order, and the report has each template once that is not stuck."""
    definitions = [define(name=name, language=language) for name, language in wanted]
    existing = [
        read_back(
            define(name=name, language=language),
            status=status,
            **({"components": OTHER_BODY} if differs else {}),
        )
        for (name, language), (status, differs) in found.items()
    ]
    steps = plan(definitions, existing)
    assert [one.key for one in steps] == wanted
    assert [one.definition for one in steps] == definitions
    results = [StepResult(step=one, template_id="77", status=one.status) for one in steps]
    reported = [
        (entry["name"], entry["language"])
        for entries in report(results).values()
        for entry in entries
    ]
    stuck = [one.key for one in steps if one.action in (Action.BLOCKED, Action.RETRY_LATER)]
    assert sorted(reported + stuck) == sorted(wanted)


BODY = {"type": "BODY", "text": "Hello {{1}}!", "example": {"body_text": [["Ann"]]}}
HEADER = {
    "type": "HEADER",
    "format": "IMAGE",
    "example": {"header_handle": ["4::aW1hZ2U="]},
}
FOOTER = {"type": "FOOTER", "text": "Bye"}
REPLY = {"type": "QUICK_REPLY", "text": "Yes"}
URL = {
    "type": "URL",
    "text": "Open",
    "url": "https://a.b/{{1}}",
    "example": ["https://a.b/c"],
}
CALL = {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+1 650-555-1234"}
BUTTONS = {"type": "BUTTONS", "buttons": [REPLY, URL, CALL]}
CDN = "https://scontent.whatsapp.net/v/t61.29466-34/1_n.bin"
OTP_LINK = "https://www.whatsapp.com/otp/code/?otp_type={}&code=otp"


def lower_case(value):
    """Return components with types and formats in lower case."""
    if isinstance(value, dict):
        return {
            k: v.lower() if k in ("type", "format") else lower_case(v)
            for k, v in value.items()
        }
    return [lower_case(inner) for inner in value] if isinstance(value, list) else value


COMPONENTS = st.builds(
    lambda kept, buttons: [
        *[part for part in (HEADER, FOOTER) if part["type"] in kept],
        BODY,
        *([{"type": "BUTTONS", "buttons": buttons}] if buttons else []),
    ],
    st.sets(st.sampled_from(["HEADER", "FOOTER"])),
    st.lists(st.sampled_from([REPLY, URL, CALL]), max_size=3),
)


@given(COMPONENTS, st.sampled_from([None, "POSITIONAL"]), st.sampled_from([None, 60]))
def test_read_back_is_equal(define, read_back, components, parameter_format, ttl):
    """A definition does not differ from its own read-back, in either case of types."""
    definition = define(
        *components, parameter_format=parameter_format, message_send_ttl_seconds=ttl
    )
    wire = definition.wire()["components"]
    assert find_differences(definition, read_back(definition)) == []
    assert (
        find_differences(definition, read_back(definition, components=lower_case(wire)))
        == []
    )
    assert find_differences(definition, read_back(definition, components=wire[::-1])) == []
    assert (
        find_differences(
            define(*lower_case(components), message_send_ttl_seconds=ttl),
            read_back(definition),
        )
        == []
    )


@pytest.mark.parametrize(
    "shown",
    [
        {"components": [{**HEADER, "example": {"header_handle": [CDN]}}, BODY, BUTTONS]},
        {"components": [{"type": "HEADER", "format": "IMAGE"}, BODY, BUTTONS]},
        {
            "components": [
                HEADER,
                {
                    **BODY,
                    "buttons": [],
                    "cards": None,
                    "add_security_recommendation": False,
                },
                BUTTONS,
            ]
        },
        {
            "components": [
                HEADER,
                BODY,
                {
                    "type": "BUTTONS",
                    "buttons": [REPLY, URL, {**CALL, "phone_number": "+16505551234"}],
                },
            ]
        },
        {
            "components": [
                HEADER,
                BODY,
                {
                    "type": "BUTTONS",
                    "buttons": [REPLY, {**URL, "example": "https://a.b/d"}, CALL],
                },
            ]
        },
        {"category": "MARKETING"},
        {"parameter_format": "positional"},
        {"parameter_format": None},
        {"message_send_ttl_seconds": 60},
        {"status": "PAUSED", "name": "other", "quality_score": {"score": "RED"}},
    ],
    ids=[
        "link for handle",
        "no sample",
        "empty for absent",
        "phone number",
        "button sample",
        "category",
        "format",
        "no format",
        "ttl of its own",
        "the rest",
    ],
)
def test_what_does_not_differ(define, read_back, shown):
    """What Meta shows differently from what was sent is no difference."""
    definition = define(HEADER, BODY, BUTTONS)
    assert find_differences(definition, read_back(definition, **shown)) == []


@pytest.mark.parametrize(
    ("shown", "parts"),
    [
        ({"components": [BODY, FOOTER]}, ["HEADER"]),
        ({"components": [HEADER, {**BODY, "text": "hello {{1}}!"}, FOOTER]}, ["BODY"]),
        ({"components": [HEADER, BODY]}, ["FOOTER"]),
        ({"components": [HEADER, BODY, FOOTER, BUTTONS]}, ["BUTTONS"]),
        (
            {
                "components": [
                    {**HEADER, "format": "VIDEO"},
                    BODY,
                    {**FOOTER, "text": "bye"},
                ]
            },
            ["HEADER", "FOOTER"],
        ),
        ({"components": []}, ["HEADER", "BODY", "FOOTER"]),
        ({"parameter_format": "NAMED"}, ["parameter_format"]),
        ({"message_send_ttl_seconds": 61}, ["message_send_ttl_seconds"]),
        ({"message_send_ttl_seconds": None}, []),
    ],
    ids=[
        "header",
        "case of text",
        "footer",
        "buttons",
        "two",
        "all",
        "format",
        "ttl",
        "no ttl",
    ],
)
def test_what_differs(define, read_back, shown, parts):
    """A difference is named."""
    definition = define(HEADER, BODY, FOOTER, message_send_ttl_seconds=60)
    assert find_differences(definition, read_back(definition, **shown)) == parts


@pytest.mark.parametrize(
    "buttons",
    [[URL, REPLY], [REPLY], [REPLY, {**URL, "url": "https://a.b/"}]],
    ids=["order", "less", "url"],
)
def test_buttons_differ(define, read_back, buttons):
    """Buttons differ by their order, number and content."""
    definition = define(BODY, {"type": "BUTTONS", "buttons": [REPLY, URL]})
    shown = [BODY, {"type": "BUTTONS", "buttons": buttons}]
    assert find_differences(definition, read_back(definition, components=shown)) == [
        "BUTTONS"
    ]


@pytest.fixture(scope="session")
def authentication(define):
    """Return a function that makes an authentication template with an OTP button."""

    def make(otp_type="COPY_CODE", **button):
        return define(
            {"type": "BODY", "add_security_recommendation": True},
            {"type": "FOOTER", "code_expiration_minutes": 5},
            {
                "type": "BUTTONS",
                "buttons": [{"type": "OTP", "otp_type": otp_type, **button}],
            },
            category="AUTHENTICATION",
        )

    return make


def shown_authentication(otp_type="COPY_CODE", *, secure=True, minutes=5):
    """Return the components of an authentication template as Meta shows them."""
    link = OTP_LINK.format(otp_type)
    button = {
        "type": "URL",
        "text": "Copy code",
        "url": f"{link}{{{{1}}}}",
        "example": [f"{link}123456"],
    }
    return [
        {
            "type": "BODY",
            "text": "*{{1}}* is your verification code.",
            "add_security_recommendation": secure,
        },
        {
            "type": "FOOTER",
            "text": f"This code expires in {minutes} minutes.",
            "code_expiration_minutes": minutes,
        },
        {"type": "BUTTONS", "buttons": [button]},
    ]


@pytest.mark.parametrize(
    "button", [{}, {"text": "Copy code"}, {"otp_type": "copy_code"}, {"autofill_text": "Fill in"}],
    ids=["least", "text", "lower case", "not shown"],
)  # fmt: skip
def test_authentication_read_back_is_equal(authentication, read_back, button):
    """An authentication template does not differ by the texts and the link that Meta writes itself."""
    definition = authentication(**button)
    assert (
        find_differences(
            definition, read_back(definition, components=shown_authentication())
        )
        == []
    )
    assert find_differences(definition, read_back(definition)) == []


@pytest.mark.parametrize(
    ("shown", "button", "part"),
    [
        (shown_authentication("ONE_TAP"), {}, "BUTTONS"),
        (shown_authentication(), {"text": "Copy it"}, "BUTTONS"),
        (shown_authentication(secure=False), {}, "BODY"),
        (shown_authentication(minutes=9), {}, "FOOTER"),
        (shown_authentication()[:2], {}, "BUTTONS"),
        ([*shown_authentication(), HEADER], {}, "HEADER"),
    ],
    ids=["kind", "text", "recommendation", "minutes", "no button", "header"],
)
def test_authentication_differs(authentication, read_back, shown, button, part):
    """An authentication template differs by what its definition says."""
    definition = authentication(**button)
    assert find_differences(definition, read_back(definition, components=shown)) == [part]


def test_recommendation_that_was_taken_out(define, read_back):
    """A recommendation that the definition no longer has is a difference."""
    definition = define({"type": "BODY"}, category="AUTHENTICATION")
    shown = shown_authentication()[:1]
    assert find_differences(definition, read_back(definition, components=shown)) == ["BODY"]
    shown[0]["add_security_recommendation"] = False
    assert find_differences(definition, read_back(definition, components=shown)) == []
