from __future__ import annotations

import copy

import pytest

from tests.builders import (
    body,
    body_component,
    button_component,
    buttons,
    header_component,
    text_parameter,
)

SAMPLE = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::a"]}}
BODY = body("Only {{1}} today.", "ten")
BUTTONS = [
    {"type": "QUICK_REPLY", "text": "More"},
    {
        "type": "URL",
        "text": "Shop",
        "url": "https://a.b/{{1}}",
        "example": ["https://a.b/c"],
    },
]
CARD = {"components": [SAMPLE, BODY, buttons(*BUTTONS)]}
HELLO = body("See what is new.")


def filled(index, **changes):
    """Return the components for a card of the template."""
    header = header_component({"type": "image", "image": {"link": "https://a.b/c.png"}})
    button = button_component("url", "1", text_parameter("x"))
    return {
        "card_index": index,
        "components": [header, body_component("five"), button],
        **changes,
    }


def carousel(*cards):
    return {"type": "carousel", "cards": list(cards)}


@pytest.fixture
def with_cards(client):
    return client.approve(
        client.create_with(
            HELLO, {"type": "CAROUSEL", "cards": [CARD, CARD]}, category="MARKETING"
        )
    )


@pytest.mark.usefixtures("with_cards")
@pytest.mark.parametrize("order", [(0, 1), (1, 0), ("0", "1")], ids=str)
def test_cards(client, order):
    """Each card has its own parameters, and the cards may have any order."""
    response = client.send_template(carousel(*(filled(index) for index in order)))
    assert response.status_code == 200, response.text


@pytest.mark.usefixtures("with_cards")
@pytest.mark.parametrize(
    ("components", "code"),
    [
        ([], 132012),
        ([{"type": "carousel"}], 132012),
        ([carousel(filled(0))], 132012),
        ([carousel(filled(0), filled(1), filled(2))], 132012),
        ([carousel(filled(0), filled(0))], 132012),
        ([carousel(filled(1), filled(2))], 132012),
        ([carousel(filled(0), filled(None))], 132012),
        ([carousel(filled(0), "card")], 100),
        ([{"type": "carousel", "cards": {"card_index": 0}}], 100),
        ([carousel(filled(0), filled(1, components="x"))], 100),
        ([carousel(filled(0), filled(1, components=[carousel(filled(0))]))], 100),
        ([carousel(filled(0), filled(1, components=[]))], 132012),
        ([carousel(filled(0), filled(1, components=filled(1)["components"][:1]))], 132000),
        ([carousel(filled(0), filled(1, components=filled(1)["components"][:2]))], 131008),
        ([carousel(filled(0), filled(1)), carousel(filled(0), filled(1))], 100),
    ],
    ids=lambda value: str(value)[:60],
)
def test_bad_cards(client, read_meta_error, components, code):
    """Missing, repeated and malformed cards are rejected, and so are cards with wrong parameters."""
    assert read_meta_error(client.send_template(*components)) == (400, code, None)


def test_no_cards(client, read_meta_error):
    """Cards for a template without cards are rejected."""
    client.approve(client.create_with(HELLO))
    assert read_meta_error(client.send_template(carousel(filled(0), filled(1)))) == (
        400,
        132012,
        None,
    )


def offer(*parameters):
    return {"type": "limited_time_offer", "parameters": list(parameters)}


def until(end):
    return {"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": end}}


@pytest.fixture
def with_offer(client):
    """Return a function that creates a template with a limited-time offer."""

    def make(**parts):
        component = {
            "type": "LIMITED_TIME_OFFER",
            "limited_time_offer": {"text": "Expiring!", **parts},
        }
        client.approve(client.create_with(HELLO, component, category="MARKETING"))

    return make


def test_offer(client, with_offer):
    """An offer says when it ends."""
    with_offer(has_expiration=True)
    assert client.send_template(offer(until(1_900_000_000_000))).status_code == 200


@pytest.mark.parametrize(
    ("components", "code"),
    [
        ([], 131008),
        ([offer()], 131008),
        ([offer(until(None))], 131008),
        ([offer(until(0))], 131009),
        ([offer(until("soon"))], 131009),
        ([offer(until([]))], 131009),
        ([offer(until(1.5))], 131009),
        ([offer(until(1), until(2))], 132012),
        ([offer(text_parameter("soon"))], 132012),
        ([offer({"type": "limited_time_offer"})], 132012),
    ],
    ids=str,
)
def test_bad_offer(client, read_meta_error, with_offer, components, code):
    """An offer without an end, or with an invalid end, is rejected."""
    with_offer(has_expiration=True)
    assert read_meta_error(client.send_template(*components)) == (400, code, None)


def test_offer_without_end(client, with_offer):
    """An offer that does not expire needs no end."""
    with_offer()
    assert client.send_template().status_code == 200


def test_no_offer(client, read_meta_error):
    """An offer for a template without one is rejected."""
    client.approve(client.create_with(HELLO))
    assert read_meta_error(client.send_template(offer(until(1)))) == (400, 132012, None)


def button(sub_type, *parameters):
    return button_component(sub_type, "0", *parameters)


def action(**content):
    return {"type": "action", "action": content}


ITEMS = [{"title": "New", "product_items": [{"product_retailer_id": "sku"}] * 30}]
PRODUCTS = action(thumbnail_product_retailer_id="sku", sections=ITEMS)


@pytest.fixture
def with_button(client):
    """Return a function that creates a template with one button of a type."""

    def make(kind):
        buttons = {"type": "BUTTONS", "buttons": [{"type": kind, "text": "Go"}]}
        client.approve(client.create_with(HELLO, buttons, category="MARKETING"))

    return make


@pytest.mark.parametrize(
    ("kind", "components"),
    [
        (
            "FLOW",
            [button("flow", action(flow_token="unused", flow_action_data={"day": 1}))],
        ),
        ("FLOW", [button("FLOW")]),
        ("FLOW", []),
        ("CATALOG", [button("catalog", action(thumbnail_product_retailer_id="sku"))]),
        ("CATALOG", []),
        ("MPM", [button("mpm", PRODUCTS)]),
        ("SPM", [button("spm")]),
        ("SPM", []),
        ("VOICE_CALL", [button("voice_call", {"type": "ttl_minutes", "ttl_minutes": 100})]),
        (
            "ORDER_DETAILS",
            [button("order_details", action(order_details={"reference_id": "1"}))],
        ),
    ],
    ids=str,
)
def test_other_buttons(client, with_button, kind, components):
    """Buttons for flows, catalogs, products and calls accept their parameters."""
    with_button(kind)
    response = client.send_template(*components)
    assert response.status_code == 200, response.text


@pytest.mark.parametrize(
    ("kind", "components", "code"),
    [
        ("FLOW", [button("flow", text_parameter("unused"))], 132012),
        ("FLOW", [button("flow", action())], 131008),
        ("FLOW", [button("flow", {"type": "action", "action": "go"})], 131008),
        ("FLOW", [button("otp", text_parameter("123456"))], 132012),
        ("CATALOG", [button("mpm", PRODUCTS)], 132012),
        ("MPM", [], 131008),
        ("MPM", [button("mpm")], 131008),
        ("MPM", [button("mpm", action(thumbnail_product_retailer_id="sku"))], 131008),
        ("MPM", [button("mpm", action(sections=ITEMS * 2))], 131009),
    ],
    ids=str,
)
def test_other_bad_buttons(client, read_meta_error, with_button, kind, components, code):
    """Missing and wrong parameters of these buttons are rejected."""
    with_button(kind)
    assert read_meta_error(client.send_template(*components)) == (400, code, None)


@pytest.mark.parametrize("sub_type", ["url", "otp"])
def test_one_time_password(client, read_meta_error, sub_type):
    """The button of an authentication template accepts its code under both names."""
    parts = {"type": "BODY"}, buttons({"type": "OTP", "otp_type": "COPY_CODE"})
    client.approve(client.create_with(*parts, category="AUTHENTICATION"))
    code = body_component("123456")
    assert (
        client.send_template(code, button(sub_type, text_parameter("123456"))).status_code
        == 200
    )
    assert read_meta_error(client.send_template(code, button(sub_type))) == (
        400,
        131008,
        None,
    )


def test_junk_is_no_server_error(client, junk):
    """Any request is accepted or rejected."""
    end = {
        "type": "LIMITED_TIME_OFFER",
        "limited_time_offer": {"text": "Now", "has_expiration": True},
    }
    client.approve(
        client.create_with(
            HELLO, end, {"type": "CAROUSEL", "cards": [CARD, CARD]}, category="MARKETING"
        )
    )
    good = [offer(until(1)), carousel(filled(0), filled(1))]
    assert client.send_template(*copy.deepcopy(good)).status_code == 200
    statuses = {client.send_template(*map(junk, good)).status_code for _ in range(300)}
    assert statuses == {200, 400}
