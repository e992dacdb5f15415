"""No request causes a server error of the sandbox."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.sandbox import SandboxSettings, create_app
from airflow_provider_whatsapp.sandbox.settings import (
    API_KEY,
    BUSINESS_ACCOUNT_ID,
    PHONE_NUMBER_ID,
)
from tests.arbitrary import JSON, fuzzed, fuzzed_a_little, mutated
from tests.builders import (
    body,
    button_component,
    buttons,
    component,
    header,
    interactive,
    list_message,
    message,
    read_receipt,
    reply_buttons,
    sent_message,
    template_definition,
    template_message,
    text_parameter,
    upload_fields,
)

GRAPH = "/whatsapp-business/v25.0"
MESSAGES = f"{GRAPH}/{PHONE_NUMBER_ID}/messages"
TEMPLATES = f"{GRAPH}/{BUSINESS_ACCOUNT_ID}/message_templates"
MEDIA = f"{GRAPH}/{PHONE_NUMBER_ID}/media"

ODD_BYTES = st.sampled_from(
    [
        b"",
        b"\xff",
        b"[" * 5000,
        b'{"a":' * 5000,
        b"9" * 5000,
        b'{"a":' + b"9" * 5000 + b"}",
        b"\x00",
        b"NaN",
        b'"\\ud800"',
    ]
)
BODY = sent_message("text", {"body": "Hello", "preview_url": True})
TEMPLATE_MESSAGE = template_message(
    component("header", text_parameter("a")),
    component("body", text_parameter("a", parameter_name="x")),
    button_component("url", "0", text_parameter("a")),
    name="fuzzed",
)
INTERACTIVE = message(
    "interactive",
    reply_buttons(
        {"a": "a"}, "a", header={"type": "text", "text": "a"}, footer={"text": "a"}
    ),
)
ROW = {"id": "a", "title": "a", "description": "a"}
LIST = message("interactive", list_message([{"title": "a", "rows": [ROW]}], "a"))
CARDS_TO_SEND = {
    "cards": [
        {
            "card_index": place,
            "type": "cta_url",
            "header": {"type": "image", "image": {"link": "https://example.com/a.png"}},
            "body": {"text": "a"},
            "action": {
                "name": "cta_url",
                "parameters": {"display_text": "a", "url": "https://example.com"},
            },
        }
        for place in range(2)
    ]
}
CAROUSEL = message("interactive", interactive("carousel", CARDS_TO_SEND, "a"))
CONTACTS = message(
    "contacts",
    [
        {
            "name": {"formatted_name": "a", "first_name": "a"},
            "phones": [{"phone": "1", "type": "WORK"}],
            "emails": [{}],
        }
    ],
)
OTHERS = [
    message(kind, content)
    for kind, content in {
        "image": {"link": "https://example.com/a.png", "caption": "a"},
        "document": {"id": "1", "filename": "a"},
        "location": {"latitude": 1.5, "longitude": "2", "name": "a"},
        "reaction": {"message_id": "wamid.a", "emoji": "x"},
    }.items()
]
READ = read_receipt(typing_indicator={"type": "text"})
DEFINITION = template_definition(
    "fuzzed",
    parameter_format="POSITIONAL",
    components=[
        header(format="TEXT", text="a {{1}}", example={"header_text": ["b"]}),
        body("a {{1}} b", "b"),
        {"type": "FOOTER", "text": "a"},
        {
            "type": "BUTTONS",
            "buttons": [
                {
                    "type": "URL",
                    "text": "a",
                    "url": "https://example.com/{{1}}",
                    "example": ["https://example.com/a"],
                },
                {"type": "PHONE_NUMBER", "text": "b", "phone_number": "+16505551234"},
                {"type": "COPY_CODE", "example": "ABC"},
            ],
        },
    ],
)
CARDS = {
    **DEFINITION,
    "components": [
        body("a"),
        {
            "type": "CAROUSEL",
            "cards": [
                {
                    "components": [
                        header(format="IMAGE", example={"header_handle": ["4::a"]}),
                        body("a"),
                        buttons({"type": "QUICK_REPLY", "text": "a"}),
                    ]
                }
            ]
            * 2,
        },
        {
            "type": "LIMITED_TIME_OFFER",
            "limited_time_offer": {"text": "a", "has_expiration": True},
        },
    ],
}
PROFILE = {
    "messaging_product": "whatsapp",
    "about": "a",
    "email": "a@example.com",
    "websites": ["https://example.com"],
}
STATUS_CHANGES = [
    {"status": "APPROVED"},
    {"status": "FAILED", "code": 131026},
    {"status": "ACTIVE"},
    {"app": "x"},
]
MESSAGE_BODIES = [
    BODY,
    TEMPLATE_MESSAGE,
    INTERACTIVE,
    LIST,
    CAROUSEL,
    CONTACTS,
    READ,
    *OTHERS,
]


# What the sandbox answers with, if no fault says otherwise.
STATUSES = {200, 400, 403, 404, 405, 422}


def written(data):
    return json.dumps(data).encode()


@pytest.fixture(scope="module")
def app():
    return create_app(
        SandboxSettings(requests_per_second=1_000_000, clock=lambda: 1_800_000_000.0)
    )


@pytest.fixture(scope="module")
def caller(app):
    """A client that raises the exceptions of the sandbox."""
    with TestClient(app, headers={"Authorization": f"Bearer {API_KEY}"}) as client:
        yield client


@pytest.fixture
def call(app, caller):
    """Return a function that makes a request, and checks that neither it nor the lists after it are server errors."""

    def request(method, path, *, listed=(), **options):
        response = caller.request(method, path, **options)
        assert response.status_code < 500
        assert all(caller.get(shown).status_code == 200 for shown in listed)
        return response

    app.state.sandbox.reset()
    created = caller.post(TEMPLATES, json=DEFINITION).json()["id"]
    caller.post(f"/sandbox/templates/{created}/status", json={"status": "APPROVED"})
    return request


@fuzzed
@given(mutated(MESSAGE_BODIES))
def test_messages_with_one_odd_place(call, body):
    """A message with one odd place is accepted or rejected, and shown."""
    response = call("POST", MESSAGES, content=written(body), listed=["/sandbox/messages"])
    assert response.status_code in (200, 400, 403)


@fuzzed
@given(mutated([DEFINITION, CARDS]))
def test_templates_with_one_odd_place(call, app, body):
    """A template with one odd place is created or rejected, and shown."""
    app.state.sandbox.templates.reset()
    response = call(
        "POST", TEMPLATES, content=written(body), listed=["/sandbox/templates", TEMPLATES]
    )
    assert response.status_code in (200, 400)


@fuzzed
@given(mutated([PROFILE]))
def test_profiles_with_one_odd_place(call, body):
    """A business profile with one odd place is changed or rejected, and shown."""
    path = f"{GRAPH}/{PHONE_NUMBER_ID}/whatsapp_business_profile"
    assert call("POST", path, content=written(body), listed=[path]).status_code in (
        200,
        400,
    )


# From the schema: how an app holds the routes of its routers differs between versions of FastAPI.
ROUTES = [
    (method.upper(), path)
    for path, methods in create_app().openapi()["paths"].items()
    for method in methods
]
ODD_TEXTS = st.sampled_from(
    [
        "",
        "0",
        "-1",
        "1" * 5000,
        "²",
        "٣",
        "id{",
        "id,{}",
        "events{id",
        "a" * 5000,
        "[]",
        "[1,2",
        "null",
        "../x",
        "%00",
    ]
)
# Any bytes in a path or a query, in percent codes.
TEXTS = (st.text(max_size=9) | ODD_TEXTS).map(
    lambda text: text.encode(errors="surrogatepass")
) | st.binary(max_size=9)
NAMES = st.sampled_from(
    ["fields", "limit", "after", "name", "hsm_id", "hsm_ids", "status", "category", "language", "summary", "message_id",
     "status_filter", "delivery_status", "phone_number_id", "mid", "ext", "hash", "session_token", "app"]
)  # fmt: skip
QUERIES = st.dictionaries(NAMES, TEXTS, max_size=4).map(
    lambda query: "&".join(
        f"{name}={quote(value, safe='')}" for name, value in query.items()
    )
)
CONTENTS = (
    ODD_BYTES
    | st.binary(max_size=40)
    | (JSON | mutated([*MESSAGE_BODIES, DEFINITION, CARDS, PROFILE, *STATUS_CHANGES])).map(
        written
    )
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Content-Type": st.sampled_from(
            ["application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary=x", "x", "",
             "application/x-www-form-urlencoded", "application/json; charset=utf-99"]
        ),
        "Maton-Connection": st.text("abc-é ", max_size=5).map(str.encode),
        "Range": st.just("bytes=0-"),
    },
)  # fmt: skip


@pytest.fixture
def known(app, caller, call):
    """Return the ids of a number, an account, a template, a message, its history, media and a connection."""
    image = {"file": ("a.png", b"a", "image/png")}
    media = caller.post(MEDIA, data=upload_fields(), files=image).json()["id"]
    sent = caller.post(MESSAGES, json=BODY).json()["messages"][0]["id"]
    (history,) = caller.get(f"{GRAPH}/{PHONE_NUMBER_ID}/message_history").json()["data"]
    (template,) = caller.get(TEMPLATES).json()["data"]
    (connection,) = caller.get("/connections").json()["connections"]
    return [
        PHONE_NUMBER_ID, BUSINESS_ACCOUNT_ID, template["id"], media, sent, history["id"], connection["connection_id"]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path"), ROUTES, ids=[" ".join(route) for route in ROUTES]
)
def test_odd_calls(call, known, app, method, path):
    """A call with any ids, query, headers and body is answered."""
    places = re.findall(r"{(\w+)}", path)

    @fuzzed_a_little
    @given(st.data(), QUERIES, HEADERS, CONTENTS)
    def check(data, query, headers, content):
        where = path
        for place in places:
            values = (
                st.just(b"v25.0")
                if place == "version"
                else st.sampled_from(known).map(str.encode)
            )
            drawn = data.draw(values | values | values | TEXTS, place)
            where = where.replace(f"{{{place}}}", quote(drawn, safe=""))
        response = call(method, f"{where}?{query}", content=content, headers=headers)
        # Statuses of HTTP that the sandbox has: 405 and 422 come from FastAPI.
        assert response.status_code in STATUSES
        # The gateway's and Meta's errors are JSON. Only a page and a download answer in plain text.
        if not response.is_success and "text/plain" not in response.headers["Content-Type"]:
            assert response.json().keys() & {"error", "message", "detail"}
        app.state.sandbox.faults.reset()

    check()


@fuzzed
@given(
    st.dictionaries(
        st.sampled_from(["messaging_product", "type", "x"]),
        st.sampled_from(["whatsapp", "image/png", ""]),
    ),
    st.text(max_size=9) | st.none(),
    st.binary(max_size=9),
    st.sampled_from(["image/png", "text/plain", "x", "", "image/png; a=b"]),
)
def test_odd_uploads(call, fields, name, content, mime_type):
    """A form with odd fields, names and types is accepted or rejected, and shown."""
    files = {} if name is None else {"file": (name, content, mime_type)}
    response = call("POST", MEDIA, data=fields, files=files, listed=["/sandbox/media"])
    assert response.status_code in (200, 400)
    is_complete = (
        fields.get("messaging_product") == "whatsapp" and fields.get("type") == "image/png"
    )
    # An upload is accepted only if all its fields are valid, and Meta accepts no empty file.
    if response.status_code == 200:
        assert is_complete
        assert content


@pytest.mark.parametrize(
    "content",
    [
        b'{"about": "\\ud800"}',
        b'{"\\ud800": 1}',
        b'{"about": NaN}',
        b'{"about": 1e999}',
        b'{"a":' * 5000,
    ],
    ids=["half a character", "half a character in a key", "NaN", "infinite", "deep"],
)
def test_json_that_python_alone_reads(call, read_meta_error, content):
    """A body that only Python accepts as JSON is rejected."""
    for path in (
        MESSAGES,
        TEMPLATES,
        f"{GRAPH}/{PHONE_NUMBER_ID}/whatsapp_business_profile",
    ):
        assert read_meta_error(call("POST", path, content=content)) == (400, 100, None)
    assert call("POST", "/connections", content=content).status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        {"path": "x{99999999999}"},
        {"path": "(" * 5000},
        {"headers": {"a b": "c"}},
        {"headers": {"a": "b\r\nc: d"}},
        {"headers": {"a": "\u0101"}},
        {"body": "\ud800"},
        {"body": float("nan")},
        {"seconds": 1e300},
        {"\ud800": 1},
    ],
    ids=[
        "repeats",
        "groups",
        "header name",
        "header injection",
        "header text",
        "body",
        "NaN",
        "seconds",
        "key",
    ],
)
def test_faults_that_nothing_can_be_answered_with(call, change):
    """A fault that the server could not send later is rejected when it is added."""
    fault = {"path": "x", "status": 429, **change}
    rejected = call(
        "POST",
        "/sandbox/faults",
        content=written(fault),
        listed=["/sandbox/faults", TEMPLATES],
    )
    assert rejected.status_code == 422
    assert {"type", "loc", "msg"} == set(rejected.json()["detail"][0])


@fuzzed
@given(
    mutated(
        [
            {
                "path": "message_templates",
                "status": 429,
                "body": {"a": 1},
                "headers": {"Retry-After": "1"},
            }
        ]
    )
)
def test_odd_faults(caller, app, fault):
    """A fault with one odd place is rejected, or is the response to the next call."""
    ordered = caller.post("/sandbox/faults", content=written(fault))
    assert ordered.status_code in (200, 422)
    assert caller.get("/sandbox/faults").status_code == 200
    expected = (
        fault["status"]
        if ordered.status_code == 200 and fault["path"] == "message_templates"
        else None
    )
    assert caller.get(TEMPLATES).status_code in ({expected} if expected else {200, 429})
    app.state.sandbox.faults.reset()
