from __future__ import annotations

import pytest

from tests.builders import (
    body,
    body_component,
    button_component,
    buttons,
    component,
    header,
    header_component,
    template_content,
    text_parameter,
)

GOOD_BODY = body_component("load", "etl")


@pytest.fixture
def plain(client):
    return client.approve(client.create())


@pytest.fixture
def with_header(client):
    """Return a function that creates a template with this header and no variables."""

    def make(**parts):
        client.approve(client.create_with(header(**parts), body("Look.")))

    return make


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("PENDING", (404, 132001, None)),
        ("REJECTED", (404, 132001, None)),
        ("PAUSED", (400, 132015, None)),
        ("DISABLED", (400, 132016, None)),
    ],
)
def test_only_approved_templates_are_sent(client, plain, read_meta_error, status, expected):
    """A template that is not approved is rejected, with the code that its status has."""
    client.set_template_status(plain, status)
    assert read_meta_error(client.send_template(GOOD_BODY)) == expected


@pytest.mark.usefixtures("plain")
def test_template_must_exist_in_the_language(client, read_meta_error):
    """An unknown name, or a known one in another language, is HTTP 404."""
    assert read_meta_error(client.send_template(GOOD_BODY, name="unknown")) == (
        404,
        132001,
        None,
    )
    other = template_content(GOOD_BODY, name="task_failed", language={"code": "en"})
    assert read_meta_error(client.send_template(template=other)) == (404, 132001, None)


@pytest.mark.parametrize(
    "template",
    [{}, {"name": "a"}, {"language": {"code": "en"}}, {"name": "a", "language": "en"},
     {"name": 1, "language": {"code": "en"}}],
    ids=str,
)  # fmt: skip
def test_name_and_language_are_required(client, read_meta_error, template):
    """A template message names its template and its language."""
    assert read_meta_error(client.send_template(template=template)) == (400, 131008, None)


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize(
    ("components", "code"),
    [
        ([], 132000),
        ([body_component("load")], 132000),
        ([body_component("load", "etl", "more")], 132000),
        ([{"type": "body"}], 132000),
        ([body_component("load", "two\nlines")], 132018),
        ([body_component("load", "a\ttab")], 132018),
        ([body_component("load", "five     spaces")], 132018),
        ([body_component("load", "")], 131008),
        ([body_component("load", 5)], 131008),
        ([body_component("load", "x" * 32_768)], 132005),
        (
            [
                component(
                    "body", text_parameter("a"), {"type": "image", "image": {"id": "1"}}
                )
            ],
            132012,
        ),
        (
            [
                component(
                    "body", text_parameter("a"), {"type": "currency", "currency": "EUR"}
                )
            ],
            131008,
        ),
        (
            [
                component(
                    "body",
                    text_parameter("a", parameter_name="x"),
                    text_parameter("b", parameter_name="y"),
                )
            ],
            132012,
        ),
        ([{"type": "body", "parameters": "load"}], 100),
        ([{"type": "body", "parameters": ["load", "etl"]}], 100),
        ([GOOD_BODY, GOOD_BODY], 100),
        ([GOOD_BODY, {"type": "sidebar"}], 100),
        ([GOOD_BODY, "footer"], 100),
        ([GOOD_BODY, header_component(text_parameter("a"))], 132000),
        ([GOOD_BODY, header_component({"type": "image", "image": {"id": "1"}})], 132012),
        ([GOOD_BODY, button_component("url", "0", text_parameter("a"))], 132012),
    ],
    ids=lambda value: str(value)[:70],
)
def test_components(client, read_meta_error, components, code):
    """Number, type and text of the parameters must fit the template."""
    assert read_meta_error(client.send_template(*components)) == (400, code, None)


@pytest.mark.usefixtures("plain")
def test_components_are_a_list(client, read_meta_error):
    """Components must be a list."""
    template = template_content(name="task_failed", components={"type": "body"})
    assert read_meta_error(client.send_template(template=template)) == (400, 100, None)


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize(
    "parameter",
    [
        text_parameter("four    spaces"),
        {
            "type": "currency",
            "currency": {"fallback_value": "$5", "code": "USD", "amount_1000": 5000},
        },
        {"type": "date_time", "date_time": {"fallback_value": "today"}},
    ],
    ids=lambda parameter: parameter["type"],
)
def test_good_parameters(client, parameter):
    """A body accepts texts, currencies and dates."""
    good = {"type": "BODY", "parameters": [text_parameter("load"), parameter]}
    assert client.send_template(good).status_code == 200


def test_long_body_with_header(client, read_meta_error):
    """Only a template that consists of a body may be longer than 1024 characters."""
    component = body("See {{1}} there.", "it")
    client.approve(client.create_with(component, name="alone"))
    client.approve(
        client.create_with(component, {"type": "FOOTER", "text": "Bye"}, name="with_footer")
    )
    assert client.send_template(body_component("x" * 2000), name="alone").status_code == 200
    assert read_meta_error(
        client.send_template(body_component("x" * 2000), name="with_footer")
    ) == (400, 132005, None)


def test_named_parameters(client, read_meta_error):
    """Named variables need parameters with their names, in any order."""
    samples = [{"param_name": name, "example": "x"} for name in ("task_id", "dag_id")]
    named = body(
        "Task {{task_id}} of {{dag_id}} failed.",
        example={"body_text_named_params": samples},
    )
    client.approve(client.create_with(named, parameter_format="NAMED"))
    right = [
        text_parameter("etl", parameter_name="dag_id"),
        text_parameter("load", parameter_name="task_id"),
    ]
    wrong = [
        text_parameter("etl", parameter_name="dag"),
        text_parameter("load", parameter_name="task_id"),
    ]
    assert client.send_template(component("body", *right)).status_code == 200
    assert read_meta_error(client.send_template(component("body", *wrong))) == (
        400,
        132012,
        None,
    )
    assert read_meta_error(client.send_template(GOOD_BODY)) == (400, 132012, None)


def test_text_header(client, with_header, read_meta_error):
    """A header with a variable needs its text, and may have up to 60 characters."""
    with_header(format="TEXT", text="About {{1}}", example={"header_text": ["it"]})
    assert client.send_template(header_component(text_parameter("load"))).status_code == 200
    assert read_meta_error(client.send_template()) == (400, 132000, None)
    assert read_meta_error(
        client.send_template(header_component(text_parameter("x" * 60)))
    ) == (
        400,
        132005,
        None,
    )
    assert read_meta_error(
        client.send_template(header_component({"type": "image", "image": {"id": "1"}}))
    ) == (
        400,
        132012,
        None,
    )


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ([], 132012),
        ([text_parameter("a")], 132012),
        ([{"type": "document", "document": {"link": "https://a.b/c.pdf"}}], 132012),
        ([{"type": "image", "image": "https://a.b/c.png"}], 132012),
        ([{"type": "image", "image": {"link": "https://a.b/c.png"}}] * 2, 132012),
        ([{"type": "image", "image": {}}], 131008),
        ([{"type": "image", "image": {"id": "1", "link": "https://a.b/c.png"}}], 131009),
        ([{"type": "image", "image": {"link": "file:///etc/passwd"}}], 131009),
        ([{"type": "image", "image": {"id": "400000000000000"}}], 131053),
    ],
    ids=lambda value: str(value)[:70],
)
def test_bad_media_headers(client, with_header, read_meta_error, parameters, code):
    """A media header needs one file of its kind, by the id of an upload or by a link."""
    with_header(format="IMAGE", example={"header_handle": ["4::a"]})
    assert read_meta_error(client.send_template(header_component(*parameters))) == (
        400,
        code,
        None,
    )


def test_media_header(client, with_header, read_meta_error):
    """An upload can be sent until it is deleted, if it is of the right kind."""
    with_header(format="IMAGE", example={"header_handle": ["4::a"]})
    picture, recording = (
        client.upload(mime_type=mime).json()["id"] for mime in ("image/png", "audio/aac")
    )

    def image(content):
        return client.send_template(header_component({"type": "image", "image": content}))

    assert image({"id": picture}).status_code == 200
    assert image({"link": "https://example.com/a.png"}).status_code == 200
    assert read_meta_error(image({"id": recording})) == (400, 131053, None)
    client.delete(f"{client.graph}/{picture}")
    assert read_meta_error(image({"id": picture})) == (400, 131053, None)


def test_document_header_takes_any_file(client, with_header):
    """Any type of file can be sent as a document."""
    with_header(format="DOCUMENT", example={"header_handle": ["4::a"]})
    document = {
        "id": client.upload(mime_type="image/png").json()["id"],
        "filename": "a.png",
    }
    assert (
        client.send_template(
            header_component({"type": "document", "document": document})
        ).status_code
        == 200
    )


def test_location_header(client, with_header, read_meta_error):
    """A location needs its coordinates."""
    with_header(format="LOCATION")
    place = {"latitude": "52.5", "longitude": "13.4"}
    assert (
        client.send_template(
            header_component({"type": "location", "location": place})
        ).status_code
        == 200
    )
    place.pop("longitude")
    assert read_meta_error(
        client.send_template(header_component({"type": "location", "location": place}))
    ) == (
        400,
        131008,
        None,
    )


@pytest.fixture
def with_buttons(client):
    some = [
        {
            "type": "URL",
            "text": "Open",
            "url": "https://a.b/{{1}}",
            "example": ["https://a.b/c"],
        },
        {"type": "URL", "text": "Home", "url": "https://a.b"},
        {"type": "COPY_CODE", "example": "X25"},
        {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+16505551234"},
        {"type": "QUICK_REPLY", "text": "Yes"},
    ]
    parts = body("Choose."), buttons(*some)
    return client.approve(client.create_with(*parts))


OPEN = button_component("url", "0", text_parameter("run%2F1"))
COPY = button_component("COPY_CODE", 2, {"type": "coupon_code", "coupon_code": "X26"})
REPLY = button_component("quick_reply", "4", {"type": "payload", "payload": "APPROVE"})


@pytest.mark.usefixtures("with_buttons")
@pytest.mark.parametrize(
    "components",
    [
        [OPEN, COPY],
        [REPLY, COPY, OPEN],
        [OPEN, COPY, button_component("phone_number", "3")],
    ],
    ids=["needed ones", "all", "one that takes none"],
)
def test_good_buttons(client, components):
    """Buttons accept their parameter, and a quick reply may have a payload."""
    assert client.send_template(*components).status_code == 200


@pytest.mark.usefixtures("with_buttons")
@pytest.mark.parametrize(
    ("components", "code"),
    [
        ([COPY], 131008),
        ([OPEN], 131008),
        ([OPEN, OPEN, COPY], 100),
        ([OPEN, COPY, button_component("url", "1", text_parameter("a"))], 132018),
        ([OPEN, COPY, button_component("quick_reply", "1", text_parameter("a"))], 132012),
        ([OPEN, COPY, button_component("url", "9", text_parameter("a"))], 132012),
        ([OPEN, COPY, button_component("url", "first", text_parameter("a"))], 100),
        ([button_component("url", "0"), COPY], 131008),
        ([button_component("url", "0", text_parameter("")), COPY], 131008),
        ([button_component("url", "0", "run"), COPY], 131008),
        ([button_component("url", "0", {"type": "payload", "payload": "a"}), COPY], 132012),
    ],
    ids=lambda value: str(value)[:70],
)
def test_bad_buttons(client, read_meta_error, components, code):
    """Missing, repeated, misplaced and wrong parameters of buttons are rejected."""
    assert read_meta_error(client.send_template(*components)) == (400, code, None)


def test_authentication_template(client, read_meta_error):
    """An authentication template needs its code twice: in the body and in the button."""
    parts = {"type": "BODY"}, buttons({"type": "OTP", "otp_type": "COPY_CODE"})
    client.approve(client.create_with(*parts, category="AUTHENTICATION"))
    assert (
        client.send_template(
            body_component("123456"), button_component("url", "0", text_parameter("123456"))
        ).status_code
        == 200
    )
    assert read_meta_error(client.send_template(body_component("123456"))) == (
        400,
        131008,
        None,
    )


def test_junk_is_no_server_error(client, junk):
    """Any request is accepted or rejected."""
    sample = header(format="IMAGE", example={"header_handle": ["4::a"]})
    url = {
        "type": "URL",
        "text": "Open",
        "url": "https://a.b/{{1}}",
        "example": ["https://a.b/c"],
    }
    worded = body("Run {{1}} failed.", "a")
    client.approve(client.create_with(sample, worded, buttons(url)))
    components = [
        header_component({"type": "image", "image": {"link": "https://a.b/c.png"}}),
        body_component("a"),
        OPEN,
    ]
    statuses = {
        client.send_template(*map(junk, components)).status_code for _ in range(500)
    }
    assert statuses == {200, 400}
