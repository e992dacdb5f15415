from __future__ import annotations

import pytest

from tests.builders import body, buttons, header, template_definition

BODY = body("Hello there.")
QUICK_REPLY = {"type": "QUICK_REPLY", "text": "Yes"}
URL = {"type": "URL", "text": "Open", "url": "https://example.com"}
PHONE = {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+16505551234"}
COPY_CODE = {"type": "COPY_CODE", "example": "X25"}


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Task Failed"},
        {"name": "task-failed"},
        {"name": "a" * 513},
        {"name": ""},
        {"name": None},
    ],
    ids=lambda changes: str(changes)[:30],
)
def test_name(client, read_meta_error, changes):
    """An invalid name is rejected, and the error points at the field."""
    response = client.create(**changes)
    assert read_meta_error(response) == (400, 100, 2388046)
    assert response.json()["error"]["error_data"] == {"blame_field_specs": [["name"]]}
    assert response.json()["error"]["error_user_title"]
    assert response.json()["error"]["error_user_msg"]


@pytest.mark.parametrize("field", ["name", "language", "category", "components"])
def test_required(client, read_meta_error, field):
    """Each of the four fields is required, and the error names it."""
    template = template_definition()
    del template[field]
    response = client.post(client.templates_path, json=template)
    assert read_meta_error(response) == (400, 100, None)
    assert field in response.json()["error"]["message"]


@pytest.mark.parametrize(
    "changes",
    [
        {"language": "English"},
        {"language": "en-US"},
        {"language": None},
        {"category": "SPAM"},
        {"category": 1},
        {"parameter_format": "MIXED"},
        {"components": []},
        {"components": {"type": "BODY"}},
        {"components": [BODY, {"type": "SIDEBAR"}]},
        {"components": [BODY, {"type": None}]},
        {"components": [BODY, "FOOTER"]},
        {"message_send_ttl_seconds": 29},
        {"message_send_ttl_seconds": "soon"},
        {"message_send_ttl_seconds": 43_201},
        {"message_send_ttl_seconds": 3600, "category": "MARKETING"},
    ],
    ids=str,
)
def test_fields(client, read_meta_error, changes):
    """A field with an unknown value is rejected."""
    assert read_meta_error(client.create(**changes)) == (400, 100, None)


@pytest.mark.parametrize("seconds", [30, 43_200, -1, None])
def test_time_to_live(client, seconds):
    """A time to live within the bounds of its category is stored."""
    template_id = client.create(message_send_ttl_seconds=seconds).json()["id"]
    read = client.get(
        f"{client.graph}/{template_id}?fields=message_send_ttl_seconds"
    ).json()
    assert read.get("message_send_ttl_seconds") == seconds


@pytest.mark.parametrize("component", [
    body("Run {{1}} of {{2}} has failed.", "1", "etl"),
    body("Run {{2}} of {{1}} and {{1}} again.", "1", "etl"),
    {"type": "body", "text": "Say {{1}} please.", "example": {"body_text": ["hello"]}},
    body("Two\n\nparagraphs. \U0001f600"),
    body("x" * 1024),
    body("\U0001f600 {{1}} happened \U0001f600", "it"),
], ids=lambda component: component["text"][:30])  # fmt: skip
def test_good_bodies(client, component):
    """Bodies within the rules are accepted."""
    assert client.create_with(component).status_code == 200


@pytest.mark.parametrize(
    ("component", "subcode"),
    [
        ({"type": "BODY"}, 2388043),
        (body(" "), 2388043),
        (body(None), 2388043),
        (body("x" * 1025), 2388040),
        (body("{{1}} has failed.", "a"), 2388299),
        (body("Failed: {{1}}", "a"), 2388299),
        (body("Failed: {{1}}.", "a"), 2388299),
        (body("*{{1}}* has failed.", "a"), 2388299),
        (body("Run {{1}} {{2}} failed today.", "a", "b"), 2388072),
        (body("Run {{1}} and {{3}} failed.", "a", "b"), 2388072),
        (body("Run {{run_id}} failed.", "a"), 2388072),
        (body("Run {{}} failed.", "a"), 2388072),
        (body("One\n\n\ntwo."), 2388072),
        (body("\U0001f600" * 11), 2388072),
        (body("Run {{1}} failed."), 2388043),
        (body("Run {{1}} failed.", ""), 2388043),
        (body("Run {{1}} failed.", "a", "b"), 2388043),
        (body("Run {{1}} failed.", example={"body_text": [[]]}), 2388043),
        (body("Run {{1}} failed.", example={"body_text": "a"}), 2388043),
        (body("x {{1}}, {{2}}, {{3}}, {{4}} y", "a", "b", "c", "d"), 2388293),
    ],
    ids=lambda value: str(value)[:60],
)
def test_bad_bodies(client, read_meta_error, component, subcode):
    """Bodies that Meta rejects are rejected, with Meta's subcode."""
    assert read_meta_error(client.create_with(component)) == (400, 100, subcode)


def test_named_variables(client, read_meta_error):
    """Named variables need names, and a sample under each name."""
    text = "Run {{run_id}} of {{dag_id}} failed."
    samples = [
        {"param_name": "dag_id", "example": "etl"},
        {"param_name": "run_id", "example": "1"},
    ]
    named = body(text, example={"body_text_named_params": samples})
    short = body(text, example={"body_text_named_params": samples[:1]})
    assert client.create_with(named, parameter_format="named").status_code == 200
    assert read_meta_error(
        client.create_with(short, parameter_format="NAMED", name="a")
    ) == (
        400,
        100,
        2388043,
    )
    numbered = body("Run {{1}} failed.", "a")
    assert read_meta_error(
        client.create_with(numbered, parameter_format="NAMED", name="a")
    ) == (
        400,
        100,
        2388072,
    )


@pytest.mark.parametrize(
    "component",
    [
        header(format="TEXT", text="Task failed"),
        header(format="TEXT", text="Task {{1}}", example={"header_text": ["load"]}),
        header(format="DOCUMENT", example={"header_handle": ["4::YXBwbGlj:ARb"]}),
        header(format="LOCATION"),
    ],
    ids=str,
)
def test_good_headers(client, component):
    """Headers within the rules are accepted."""
    assert client.create_with(component, BODY).status_code == 200


@pytest.mark.parametrize(
    ("component", "subcode"),
    [
        (header(format="HOLOGRAM"), None),
        (header(text="no format"), None),
        (header(format="TEXT"), 2388043),
        (header(format="TEXT", text="x" * 61), 2388040),
        (header(format="TEXT", text="two\nlines"), 2388072),
        (header(format="TEXT", text="*bold*"), 2388072),
        (header(format="TEXT", text="smile \U0001f600"), 2388072),
        (
            header(format="TEXT", text="{{1}} {{2}}", example={"header_text": ["a", "b"]}),
            2388047,
        ),
        (header(format="TEXT", text="Task {{1}}"), 2388043),
        (header(format="TEXT", text="Task {{2}}", example={"header_text": ["a"]}), 2388072),
        (header(format="IMAGE"), 2388273),
        (header(format="IMAGE", example={"header_handle": []}), 2388273),
        (header(format="IMAGE", example={"header_handle": "4::a"}), 2388273),
        (header(format="VIDEO", example={"header_handle": ["400000000000001"]}), 2388273),
        (
            header(
                format="IMAGE", example={"header_handle": ["https://example.com/a.png"]}
            ),
            2388273,
        ),
    ],
    ids=lambda value: str(value)[:60],
)
def test_bad_headers(client, read_meta_error, component, subcode):
    """Headers that Meta rejects are rejected; the id of a media upload is not a handle."""
    assert read_meta_error(client.create_with(component, BODY)) == (400, 100, subcode)


def test_named_header(client):
    """A header can have a named variable, with underscores."""
    samples = [{"param_name": "dag_id", "example": "etl"}]
    named = header(
        format="TEXT",
        text="About {{dag_id}}",
        example={"header_text_named_params": samples},
    )
    assert client.create_with(named, BODY, parameter_format="NAMED").status_code == 200


@pytest.mark.parametrize(
    ("components", "subcode"),
    [
        ([{"type": "FOOTER", "text": "Bye"}], 2388043),
        ([BODY, BODY], 2388043),
        ([BODY, {"type": "FOOTER", "text": "a"}, {"type": "FOOTER", "text": "b"}], 2388043),
        ([BODY, {"type": "FOOTER", "text": "x" * 61}], 2388040),
        ([BODY, {"type": "FOOTER", "text": "by {{1}} only"}], 2388073),
        ([BODY, {"type": "CAROUSEL", "cards": [{"components": [BODY]}]}], None),
        ([BODY, {"type": "CAROUSEL", "cards": [{}, {}]}], None),
        ([BODY, {"type": "CAROUSEL", "cards": ["a", "b"]}], None),
        (
            [
                BODY,
                {"type": "CAROUSEL", "cards": [{"components": [{"type": "CAROUSEL"}]}] * 2},
            ],
            None,
        ),
    ],
    ids=lambda value: str(value)[:60],
)
def test_components(client, read_meta_error, components, subcode):
    """A template needs one body, no component twice, a footer without variables, and cards with content."""
    assert read_meta_error(client.create_with(*components)) == (400, 100, subcode)


@pytest.mark.parametrize(
    "some",
    [
        [QUICK_REPLY] * 10,
        [URL, URL, PHONE, COPY_CODE],
        [QUICK_REPLY, QUICK_REPLY, URL],
        [{**URL, "url": "https://example.com/{{1}}", "example": ["https://example.com/1"]}],
        [{"type": "FLOW", "text": "Start", "flow_id": "1"}],
    ],
    ids=lambda some: "+".join(button["type"] for button in some),
)
def test_good_buttons(client, some):
    """Buttons within the rules are accepted."""
    assert client.create_with(BODY, buttons(*some)).status_code == 200


@pytest.mark.parametrize(
    ("some", "subcode"),
    [
        ([], None),
        ([QUICK_REPLY] * 11, None),
        ([URL] * 3, None),
        ([PHONE] * 2, None),
        ([COPY_CODE] * 2, None),
        ([QUICK_REPLY, URL, QUICK_REPLY], None),
        ([{"type": "OTP"}], None),
        (["URL"], None),
        ([{"text": "no type"}], None),
        ([{**QUICK_REPLY, "text": ""}], 2388043),
        ([{**URL, "url": None}], 2388043),
        ([{**PHONE, "phone_number": ""}], 2388043),
        ([{"type": "COPY_CODE"}], 2388043),
        ([{**QUICK_REPLY, "text": "x" * 26}], 2388040),
        ([{**URL, "url": "https://" + "x" * 2000}], 2388040),
        ([{**URL, "text": 5}], None),
        ([{**URL, "url": "https://a.b/{{1}}"}], 2388043),
        ([{**URL, "url": "https://a.b/{{1}}/c", "example": ["https://a.b/c"]}], None),
        ([{**URL, "url": "https://a.b/{{1}}{{2}}", "example": ["https://a.b/c"]}], None),
    ],
    ids=lambda value: str(value)[:60],
)
def test_bad_buttons(client, read_meta_error, some, subcode):
    """Buttons that Meta rejects are rejected."""
    assert read_meta_error(client.create_with(BODY, buttons(*some))) == (400, 100, subcode)


def test_duplicate(client, read_meta_error):
    """A name can be created once in each language."""
    client.create()
    assert read_meta_error(client.create()) == (400, 100, 2388024)
    assert client.create(language="de").status_code == 200


def test_category_belongs_to_name(client, read_meta_error):
    """All languages of a name have one category."""
    client.create()
    assert read_meta_error(client.create(language="de", category="MARKETING")) == (
        400,
        100,
        None,
    )


def test_junk_is_no_server_error(client, junk):
    """Any request is accepted, or rejected with an error of Meta."""
    example = {"header_text": ["a"], "body_text": [["a"]], "header_handle": ["4::a"]}
    card = {"components": [header(format="IMAGE", example=example), BODY, buttons(URL)]}
    template = {
        "name": "junk",
        "language": "en",
        "category": "UTILITY",
        "parameter_format": "POSITIONAL",
        "components": [
            header(format="TEXT", text="About {{1}}", example=example),
            body("Run {{1}} failed.", "a"),
            {"type": "FOOTER", "text": "Bye"},
            buttons(
                URL,
                {**URL, "url": "https://a.b/{{1}}", "example": "https://a.b/c"},
                COPY_CODE,
            ),
            {"type": "CAROUSEL", "cards": [card, card]},
        ],
    }
    statuses = set()
    for number in range(500):
        spoiled = {key: junk(value) for key, value in template.items()} | {
            "name": f"junk_{number}"
        }
        statuses.add(client.post(client.templates_path, json=spoiled).status_code)
    assert statuses == {200, 400}
    assert client.get(client.templates_path).status_code == 200
