import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.sending.interactive_arguments import build_interactive

ARGUMENTS = [
    "body",
    "header",
    "footer",
    "buttons",
    "button",
    "sections",
    "url",
    "display_text",
    "interactive",
]


def accepted(**arguments):
    """Return the body that the arguments stand for."""
    content = build_interactive(**arguments)
    return content if isinstance(content, dict) else content.wire()


@pytest.mark.parametrize(
    "buttons",
    [
        {"yes": "Yes", "no": "No"},
        [{"id": "yes", "title": "Yes"}, {"id": "no", "title": "No"}],
    ],
    ids=["dict", "list"],
)
def test_reply_buttons(buttons):
    """Both spellings of buttons become the same replies, in their order."""
    assert accepted(body="Again?", buttons=buttons) == {
        "type": "button",
        "body": {"text": "Again?"},
        "action": {
            "buttons": [
                {"type": "reply", "reply": {"id": "yes", "title": "Yes"}},
                {"type": "reply", "reply": {"id": "no", "title": "No"}},
            ]
        },
    }


def test_a_list():
    """Sections keep their titles, and rows their descriptions."""
    sections = [
        {"title": "A", "rows": {"a": "One"}},
        {"title": "B", "rows": [{"id": "b", "title": "Two", "description": "Second"}]},
    ]
    assert accepted(
        body="Which?", footer="Choose well", button="Choose", sections=sections
    ) == {
        "type": "list",
        "body": {"text": "Which?"},
        "footer": {"text": "Choose well"},
        "action": {
            "button": "Choose",
            "sections": [
                {"title": "A", "rows": [{"id": "a", "title": "One"}]},
                {
                    "title": "B",
                    "rows": [{"id": "b", "title": "Two", "description": "Second"}],
                },
            ],
        },
    }
    assert sections[0] == {"title": "A", "rows": {"a": "One"}}


def test_a_link_button():
    """A URL and its text become a call to action."""
    assert accepted(body="See", url="https://example.com/", display_text="Open") == {
        "type": "cta_url",
        "body": {"text": "See"},
        "action": {
            "name": "cta_url",
            "parameters": {"display_text": "Open", "url": "https://example.com/"},
        },
    }


@pytest.mark.parametrize(
    ("header", "made"),
    [
        ("Load", {"type": "text", "text": "Load"}),
        ({"text": "Load"}, {"type": "text", "text": "Load"}),
        ({"image": {"id": "5"}}, {"type": "image", "image": {"id": "5"}}),
        (
            {"video": {"link": "https://a.b/c.mp4"}},
            {"type": "video", "video": {"link": "https://a.b/c.mp4"}},
        ),
        (
            {"document": {"id": "5", "filename": "a.pdf"}},
            {"type": "document", "document": {"id": "5", "filename": "a.pdf"}},
        ),
        ({"type": "image", "image": {"id": "5"}}, {"type": "image", "image": {"id": "5"}}),
    ],
    ids=["text", "text as a dict", "image", "video", "document", "as Meta has it"],
)
def test_headers(header, made):
    """A header is a line, a file by its kind, or Meta's own object."""
    assert accepted(body="Again?", header=header, buttons={"yes": "Yes"})["header"] == made


def test_metas_own_object_stays_as_it_is():
    """What has no short form passes through, in a dict of its own."""
    given = {
        "type": "location_request_message",
        "body": {"text": "?"},
        "action": {"name": "send_location"},
    }
    made = accepted(interactive=given)
    assert made == given
    assert made is not given


KINDS = {"buttons": {"a": "A"}, "sections": [], "url": "https://a.b", "interactive": {}}


@pytest.mark.parametrize(
    "given",
    [{}, *({**KINDS, kind: None} for kind in KINDS), KINDS],
    ids=["none", *(f"all but {k}" for k in KINDS), "all"],
)
def test_exactly_one_kind_is_needed(invalid, given):
    """The error about none, or several, of the arguments names them."""
    message = invalid(build_interactive, **given)
    got = " and ".join(kind for kind in KINDS if given.get(kind) is not None) or "none"
    assert message == (
        f"buttons, sections, url, interactive: must have exactly one of them set (got {got}). Pass one."
    )


STRAYS = [
    ("buttons", "button"),
    ("buttons", "display_text"),
    ("sections", "display_text"),
    ("url", "button"),
    *(
        ("interactive", name)
        for name in ("body", "header", "footer", "button", "display_text")
    ),
]


@pytest.mark.parametrize(
    ("kind", "stray"), STRAYS, ids=[f"{kind}-{stray}" for kind, stray in STRAYS]
)
def test_strays_are_invalid(invalid, kind, stray):
    """The error about an argument of another kind of message names it."""
    message = invalid(build_interactive, **{kind: KINDS[kind], stray: "secret"})
    assert (
        message
        == f"{stray}: must not be set together with {kind} (got both). Leave one of them out."
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"buttons": "secret"},
            "buttons: must be a list (got str, 6 characters). Wrap a single one in [ ]",
        ),
        ({"buttons": 5}, "buttons: must be a list (got int). Wrap a single one in [ ]"),
        (
            {"sections": {"a": "A"}},
            "sections: must be a list (got dict, 1 item). Wrap a single one in [ ]",
        ),
        (
            {"sections": ["secret"]},
            "sections[0]: must be a dict (got str, 6 characters). See Meta's reference",
        ),
        (
            {"sections": [{"rows": {}}, {}]},
            'sections[1]["rows"]: must be a list (got None)',
        ),
        ({"interactive": ["secret"]}, "interactive: must be a dict (got list, 1 item)"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_wrong_types_are_named(invalid, arguments, message):
    """The error about a value that is not a list or dict names its place, and never the value."""
    assert invalid(build_interactive, **arguments).startswith(message)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.binary(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "title", "rows", "image", "text", "type"]),
            inner,
            max_size=3,
        )
        | st.dictionaries(st.integers() | st.none(), inner, max_size=1)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(ARGUMENTS), JUNK, max_size=4))
def test_any_arguments_become_a_message_or_an_error(arguments):
    """Any arguments become a message or one of our errors."""
    try:
        content = accepted(**arguments)
    except InvalidRequestError as error:
        text = str(error)
        content = None
    assert content is not None or text
