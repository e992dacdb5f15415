"""Where a real Airflow at DEBUG keeps key, number and text."""

import base64
import re
import sqlite3
from contextlib import closing

import pytest
from cryptography.fernet import Fernet, InvalidToken

# As in the environment of the stack.
KEY = "e2e-environment-Hd4sQ8wLx2NfVb6JkTy9"
DIGITS, WORDS = "6505554321", "what only Ada may read"
NUMBERS = [DIGITS, "555-4321", "555 4321"]
DAG, RUN = "kinds", "all"
WAITS = {"poke": "running", "deferrable": "deferred"}
RENDERED, XCOM = "rendered_task_instance_fields", "xcom"


def spellings(digits):
    """Base64 of the digits, as it looks from each of the three places in a group of bytes where they can begin."""
    for skipped in range(3):
        encoded = base64.b64encode(b"." * skipped + digits.encode()).decode()
        # The signs at either end depend on what stands beside the digits.
        yield encoded.rstrip("=")[-(-skipped * 8 // 6) : -1]


SPELLED = list(spellings(DIGITS))


class Traces:
    """The content of the database at one moment."""

    def __init__(self, stack):
        self._fernet = Fernet(stack.airflow.environment["AIRFLOW__CORE__FERNET_KEY"])
        uri = f"file:{stack.airflow.home}/airflow.db?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=30)) as database:
            names = [
                name
                for (name,) in database.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table'"
                )
            ]
            self._rows = {name: self._read(database, name) for name in names}

    def _read(self, database, table):
        # The name is that of a table of Airflow's.
        return [self._row(row) for row in database.execute(f'SELECT * FROM "{table}"')]  # noqa: S608

    def _row(self, row):
        """Return a row as text, with what Airflow has encrypted in it in the clear."""
        text = " ".join(map(str, row))
        return " ".join(
            [text, *(self._decrypted(token) for token in re.findall(r"gAAAA[\w=-]+", text))]
        )

    def _decrypted(self, token):
        try:
            return self._fernet.decrypt(token).decode()
        except InvalidToken:
            return ""  # the records of sends, which are sealed with the Maton key

    def rows(self, table, *texts):
        return [row for row in self._rows[table] if any(text in row for text in texts)]

    def tables(self, *texts):
        return {name for name in self._rows if self.rows(name, *texts)}


@pytest.fixture(scope="module")
def ended(stack):
    """A run of all kinds of sends, and what there was while its sensors waited and when they had ended."""
    stack.airflow.trigger(DAG, RUN, {})

    def all_wait():
        states = stack.airflow.task_states(DAG, RUN)
        done = {state for task, state in states.items() if task not in WAITS}
        return done <= {"success", "failed"} and WAITS.items() <= states.items()

    stack.processes.wait_until(
        all_wait, "all sends to end and the sensors to wait", timeout=150
    )
    stack.while_waiting = Traces(stack)
    for message in stack.other.sent_messages():
        stack.other.set_message_status(message_id=message["id"], status="READ")
    stack.wait_for_run(DAG, RUN)
    stack.afterwards = Traces(stack)
    stack.texts = stack.logs()
    return stack


def log_of(stack, task):
    """The log of a task, that of its trigger included."""
    folder = f"dag_id={DAG}/run_id={RUN}/task_id={task}/"
    return "".join(text for path, text in stack.texts.items() if folder in str(path))


def test_every_kind_is_sent(ended):
    """All sends arrive but the one of a template that does not exist, and both sensors see one of them read."""
    states = ended.airflow.task_states(DAG, RUN)
    assert (states.pop("rejected"), set(states.values())) == ("failed", {"success"})
    kinds = [
        "contacts",
        "document",
        "interactive",
        "location",
        "reaction",
        "template",
        "text",
    ]
    # Other tests mark what they send to this sandbox.
    sent = [message["body"] for message in ended.other.sent_messages()]
    assert (
        sorted(body["type"] for body in sent if "biz_opaque_callback_data" not in body)
        == kinds
    )


def test_the_loggers_are_at_debug(ended):
    """The debug lines of the client are in the logs of sends and waits, and those of urllib3 about other requests."""
    for task in ("template", "poke", "deferrable"):
        assert re.search(r"(POST|GET) \S+: HTTP 200, \d+ bytes", log_of(ended, task)), task
    assert "/sandbox/faults HTTP/1.1" in log_of(ended, "careless").replace('\\"', "")


def test_no_log_has_a_number_or_a_text(ended):
    """Neither digits, nor a message id that spells them in Base64, nor a text is in a log of any component."""
    assert "1650•••4321" in log_of(ended, "text").replace("\\u2022", "•")
    for text in (*NUMBERS, *SPELLED, WORDS):
        assert [str(path) for path, log in ended.texts.items() if text in log] == []


@pytest.mark.parametrize("moment", ["while_waiting", "afterwards"])
def test_the_database_has_the_number_in_two_places(ended, moment):
    """They are the rendered fields and the wa_id that a send returns; a text is in the rendered fields alone."""
    traces = getattr(ended, moment)
    assert traces.tables(*NUMBERS) == {RENDERED, XCOM}
    results = traces.rows(XCOM, *NUMBERS)
    assert len([result for result in results if f" {DAG} " in result]) == 7
    for result in results:
        assert DIGITS not in re.sub(rf'"wa_id": "1{DIGITS}"', "", result)
    assert traces.tables(WORDS) == {RENDERED}


def test_the_database_has_message_ids_where_tasks_hand_them_on(ended):
    """They are in results, in rendered fields, and in the arguments of a trigger while it waits."""
    assert ended.while_waiting.tables(*SPELLED) == {RENDERED, XCOM, "trigger"}
    assert ended.afterwards.tables(*SPELLED) == {RENDERED, XCOM}


def test_the_key_of_the_environment_is_nowhere(ended):
    """Neither database nor logs hold MATON_API_KEY, and in the log of a task that tells it the key is masked."""
    assert "The key is ***" in log_of(ended, "careless")
    assert ended.while_waiting.tables(KEY) == ended.afterwards.tables(KEY) == set()
    # Airflow 3.3.2 copies tasks' logs to the scheduler's output, and masks nothing there, not even passwords.
    files = ended.left_behind()
    copies = files.pop(ended.folder / "scheduler.log").decode().splitlines()
    assert [line for line in copies if KEY in line and "The key is" not in line] == []
    assert [str(path) for path, content in files.items() if KEY.encode() in content] == []
