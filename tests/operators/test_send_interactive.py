import pytest

from airflow_provider_whatsapp.operators.messages import SendInteractiveOperator
from tests.builders import reply, sent_message

NUMBER = "+1 (650) 555-1234"
SECRET = "what only Robert may read"


def ask(**arguments):
    return SendInteractiveOperator(task_id="ask", **{"to": NUMBER, **arguments})


def test_reply_buttons_arrive_to_the_letter(sent):
    """Text, header, footer and buttons arrive in Meta's form, and the ids are returned."""
    result, body = sent(
        ask(
            body="The load failed. Run it again?",
            header="Load",
            footer="Answer within the hour",
            buttons={"retry": "Run it again", "leave": "Leave it"},
        )
    )
    assert body == sent_message(
        "interactive",
        {
            "type": "button",
            "header": {"type": "text", "text": "Load"},
            "body": {"text": "The load failed. Run it again?"},
            "footer": {"text": "Answer within the hour"},
            "action": {
                "buttons": [reply("retry", "Run it again"), reply("leave", "Leave it")]
            },
        },
    )
    assert result == {
        "message_id": result["message_id"],
        "wa_id": "16505551234",
        "message_status": None,
    }


def test_a_list_arrives_to_the_letter(sent):
    """Rows as a dict and rows as a list of dicts arrive alike, descriptions included."""
    _, body = sent(
        ask(
            body="Which run?",
            button="Choose",
            sections=[
                {"title": "Today", "rows": {"a": "Morning", "b": "Evening"}},
                {
                    "title": "Before",
                    "rows": [
                        {"id": "c", "title": "Yesterday", "description": "It was late"}
                    ],
                },
            ],
        )
    )
    assert body["interactive"] == {
        "type": "list",
        "body": {"text": "Which run?"},
        "action": {
            "button": "Choose",
            "sections": [
                {
                    "title": "Today",
                    "rows": [
                        {"id": "a", "title": "Morning"},
                        {"id": "b", "title": "Evening"},
                    ],
                },
                {
                    "title": "Before",
                    "rows": [
                        {"id": "c", "title": "Yesterday", "description": "It was late"}
                    ],
                },
            ],
        },
    }


def test_a_link_button_arrives_to_the_letter(sent):
    """A picture above the text and a button that opens a page."""
    header = {"image": {"link": "https://example.com/chart.png"}}
    _, body = sent(
        ask(
            body="See the run.",
            header=header,
            display_text="Open",
            url="https://example.com/run?id=5",
        )
    )
    assert body["interactive"] == {
        "type": "cta_url",
        "header": {"type": "image", "image": {"link": "https://example.com/chart.png"}},
        "body": {"text": "See the run."},
        "action": {
            "name": "cta_url",
            "parameters": {"display_text": "Open", "url": "https://example.com/run?id=5"},
        },
    }


def test_metas_own_object_arrives_as_it_is(sent):
    """Other types are written as in Meta's reference."""
    interactive = {
        "type": "location_request_message",
        "body": {"text": "Where are you?"},
        "action": {"name": "send_location"},
    }
    _, body = sent(ask(interactive=interactive))
    assert body["interactive"] == interactive


ROWS = {str(number): f"Row {number}" for number in range(11)}
BUTTONS = {"yes": "Yes"}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (
            {"body": "Again?"},
            "buttons, sections, url, interactive: must have exactly one of them set (got none)",
        ),
        (
            {"body": "Again?", "buttons": BUTTONS, "url": "https://a.b"},
            "(got buttons and url)",
        ),
        ({"buttons": BUTTONS}, "body: must be present (got nothing). Add it"),
        ({"body": SECRET * 41, "buttons": BUTTONS}, "body: must be at most 1024"),
        ({"body": "x", "header": SECRET * 3, "buttons": BUTTONS}, "header: must be at mo"),
        ({"body": "x", "footer": SECRET * 3, "buttons": BUTTONS}, "footer: must be at mo"),
        ({"body": "x", "buttons": {}}, "buttons: must have at least 1 item"),
        (
            {"body": "x", "buttons": {"a": "A", "b": "B", "c": "C", "d": "D"}},
            "buttons: must have at most 3",
        ),
        (
            {"body": "x", "buttons": {"a": SECRET}},
            'buttons["a"]: must be at most 20 characters',
        ),
        (
            {"body": "x", "buttons": {"a": "Same", "b": "Same"}},
            "must have a title of its own for each button",
        ),
        (
            {"body": "x", "buttons": {SECRET * 11: "A"}},
            'buttons[0]["id"]: must be at most 256',
        ),
        (
            {"body": "x", "buttons": SECRET},
            "buttons: must be a list (got str, 25 characters)",
        ),
        (
            {"body": "x", "buttons": BUTTONS, "button": SECRET},
            "button: must not be set together with buttons",
        ),
        (
            {"body": "x", "buttons": BUTTONS, "display_text": SECRET},
            "display_text: must not be set together with buttons",
        ),
        ({"body": "x", "sections": [{"rows": BUTTONS}]}, "button: "),
        (
            {"body": "x", "button": "Choose", "sections": []},
            "sections: must have at least 1",
        ),
        (
            {"body": "x", "button": "Choose", "sections": [{"rows": ROWS}]},
            'sections[0]["rows"]: must have at most 10 items',
        ),
        (
            {"body": "x", "button": "Choose", "sections": [{"title": "A"}]},
            'sections[0]["rows"]: must be a list (got None)',
        ),
        (
            {"body": "x", "button": "Choose", "sections": [5]},
            "sections[0]: must be a dict (got int)",
        ),
        (
            {
                "body": "x",
                "button": "Choose",
                "sections": [{"rows": {"a": "A"}}, {"rows": {"b": "B"}}],
            },
            "must each have a title if there are several",
        ),
        (
            {
                "body": "x",
                "header": {"image": {"id": "5"}},
                "button": "Choose",
                "sections": [{"rows": BUTTONS}],
            },
            "header: must be 'text'",
        ),
        ({"body": "x", "url": "https://a.b"}, "display_text: "),
        (
            {"body": "x", "url": "example.com", "display_text": "Open"},
            "url: must be a public http(s) URL",
        ),
        (
            {"body": "x", "header": {"image": {}}, "buttons": BUTTONS},
            "must have exactly one of id and link",
        ),
        (
            {"interactive": {"body": {"text": SECRET}}},
            "interactive: must have a type that is text",
        ),
        ({"interactive": SECRET}, "interactive: must be a dict (got str, 25 characters)"),
        (
            {"interactive": {"type": "button"}, "body": SECRET},
            "body: must not be set together with interactive",
        ),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_wrong_argument_fails_before_any_call(error_of, arguments, named):
    """Arguments that do not go together, and every limit, are named without number or text; no call is made."""
    error = error_of(ask(**arguments))
    assert named in error
    assert SECRET not in error
    assert "555" not in error


def test_ten_rows_and_a_long_text_are_within_the_limits(sent):
    """A list has up to ten rows and, unlike other interactive messages, a text of up to 4096 characters."""
    rows = {str(number): f"Row {number}" for number in range(10)}
    _, body = sent(ask(body="x" * 4096, button="Choose", sections=[{"rows": rows}]))
    assert len(body["interactive"]["action"]["sections"][0]["rows"]) == 10


def test_all_texts_are_rendered(sent):
    """Jinja reaches ids, titles, rows and addresses; ids that were numbers arrive as text."""
    task = ask(
        body="{{ what }} failed",
        header={
            "document": {
                "link": "https://example.com/{{ what }}.pdf",
                "filename": "{{ what }}.pdf",
            }
        },
        buttons=[{"id": 7, "title": "{{ what }} again"}],
    )
    task.render_template_fields({"what": "Load"})
    _, body = sent(task)
    assert body["interactive"]["header"]["document"] == {
        "link": "https://example.com/Load.pdf",
        "filename": "Load.pdf",
    }
    assert body["interactive"]["action"]["buttons"] == [reply("7", "Load again")]
