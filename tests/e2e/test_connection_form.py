"""The connection in Airflow's UI, by a real browser."""

import os
import shutil

import pytest

KEY = "e2e-key-Zq7xW3vK9pTm2RjL5nYc8BdF"
CHROMIUM = (
    shutil.which("chromium")
    or shutil.which("chromium-browser")
    or shutil.which("google-chrome")
)
# Without the browser's own calls to the network.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
]

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"),
    reason="needs a Chromium on the PATH (apt-get install chromium)",
)


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, stack):
    page = browser.new_page(viewport={"width": 1300, "height": 1500})
    page.goto(f"{stack.airflow.url}/connections")
    yield page
    page.close()


def open_form(page, connection_id):
    page.get_by_role("button", name="Add Connection").click()
    page.locator("input[name=connection_id]").fill(connection_id)
    page.get_by_role("dialog").get_by_role("combobox").first.fill("maton")
    page.get_by_role("option", name="Maton (WhatsApp Business)").click()


def fill_form(page, stack, connection, key):
    host, _, port = stack.sandbox.url.rpartition(":")
    page.locator("input[name=host]").fill(host)
    page.locator("input[name=port]").fill(port)
    page.locator("input[name=password]").fill(key)
    page.get_by_role("button", name="Extra Fields", exact=True).click()
    for field in ("phone_number_id", "business_account_id", "control_url"):
        page.locator(f"#element_{field}").fill(connection["extra"][field])


def test_the_form_shows_all_fields(page, stack):
    """The form of a new connection offers key, gateway and every extra, with what they mean."""
    open_form(page, "maton_look")
    dialog = page.get_by_role("dialog")
    for label in ("Maton API key", "Gateway URL"):
        assert dialog.get_by_text(label).is_visible()
    assert page.locator("input[name=password]").get_attribute("type") == "password"
    dialog.get_by_role("button", name="Extra Fields", exact=True).click()
    page.locator("#element_proxy").wait_for()
    for label in (
        "Phone number ID",
        "Business account ID",
        "Maton connection ID",
        "API version",
        "Timeout",
        "Requests per second",
        "Check numbers",
        "Default country",
        "Control plane URL",
        "Proxy",
    ):
        assert dialog.get_by_text(label, exact=True).is_visible(), label
    page.screenshot(path=stack.folder / "connection-form.png")


@pytest.mark.parametrize(
    ("key", "good", "words"),
    [
        (KEY, True, "key and connection are right"),
        ("a-key-that-is-wrong", False, "The Maton API key is not valid"),
    ],
    ids=["good key", "bad key"],
)
def test_the_test_button_tells_a_good_key_from_a_bad_one(
    page, stack, connection, key, good, words
):
    """A connection that was filled in and saved in the form is tested by its button, and the response says why."""
    connection_id = f"maton_{'good' if good else 'bad'}"
    open_form(page, connection_id)
    fill_form(page, stack, connection, key)
    page.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has_text=connection_id)
    with page.expect_response("**/connections/test") as tested:
        row.get_by_role("button", name="Test Connection").click()
    response = tested.value.json()
    assert (response["status"], words in response["message"]) == (good, True), response
    page.screenshot(path=stack.folder / f"connection-{'good' if good else 'bad'}.png")
