"""Any bytes in a definition file become data, or an error that names file, place and remedy."""

from __future__ import annotations

import json
import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.json_values import MAX_DEPTH
from airflow_provider_whatsapp.templates.parsing import (
    MAX_EXPANDED_CHARACTERS,
    MAX_FILE_BYTES,
    parse_documents,
)
from tests.arbitrary import JSON, fuzzed_a_lot

PLACE = re.compile(
    r"order\.(yaml|json)(, line \d+, column \d+)?: must .+ \(got .+\)\. [A-Z].+\."
)
SNIPPETS = st.sampled_from(
    ["- ", "? ", ": ", "a", "a: ", "&a ", "*a", "<<: ", "!x ", "!<", ">", "|", "|2\n", "[", "]", "{", "}", ",", '"',
     "'", "\\", "\\x", "\\U00110000", "%YAML 1.1\n", "%TAG ! x\n", "---\n", "...\n", "#", "\n", "\n  ", "\t", " ",
     "\x00",
     "\x85", "\ufeff", "2026-02-30", "2026-01-01T99:99:99Z", "0x", "0b", "1_", "1:99", ".inf", ".nan", "~", "yes", "=",
     "1" * 5000, "[" * 60, "a: {" * 60, "Q" * 3000]
)  # fmt: skip
TAGS = st.sampled_from(
    [
        "",
        "binary",
        "int",
        "timestamp",
        "float",
        "set",
        "omap",
        "pairs",
        "map",
        "seq",
        "str",
        "null",
        "bool",
        "merge",
    ]
).map(lambda tag: f"!!{tag} ")
CONTENTS = (
    st.binary(max_size=60)
    | st.text(max_size=40).map(lambda text: text.encode(errors="surrogatepass"))
    | st.lists(SNIPPETS | TAGS, max_size=12).map(lambda parts: "".join(parts).encode())
    | JSON.map(lambda data: json.dumps(data).encode())
)


def read(content, kind="yaml"):
    return parse_documents(
        f"order.{kind}",
        content if isinstance(content, bytes) else content.encode(),
        is_json=kind == "json",
    )


@pytest.fixture
def error_text():
    """Return a function that reads an invalid file, and returns the text of the error."""

    def read_invalid(content, kind="yaml"):
        with pytest.raises(InvalidRequestError) as caught:
            read(content, kind)
        assert caught.value.__context__ is None
        assert caught.value.__cause__ is None
        assert PLACE.fullmatch(str(caught.value))
        return str(caught.value)

    return read_invalid


def outcome(content, kind):
    """Return the documents, or the error, or fail with any other exception."""
    try:
        return read(content, kind)
    except InvalidRequestError as error:
        return error


@fuzzed_a_lot
@given(CONTENTS, st.sampled_from(["yaml", "json"]))
@example(b"!!set [1]", "yaml")
@example(b"&a {<<: *a}", "yaml")
def test_any_bytes(content, kind):
    """Any bytes are data or one of our errors, which is one short line that every log can write."""
    found = outcome(content, kind)
    if isinstance(found, InvalidRequestError):
        assert PLACE.fullmatch(str(found))
        assert found.__context__ is None
        assert len(str(found).encode()) < 1000
    else:
        assert isinstance(found, list)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[" * 3000, "line 1, column 51: must be nested at most 50 deep (got more). Flatten it."),
        ("{a: " * 3000, "nested at most 50 deep"),
        ("- " * 3000, "nested at most 50 deep"),
        ("? [a]\n: b", "line 1, column 3: must have keys that are text (got another key). Put it in quotes."),
        ("{{a: 1}: 2}", "line 1, column 2: must have keys that are text"),
        ("a: b\n1: c", "line 2, column 1: must have keys that are text (got another key). Put it in quotes."),
        ("yes: c", "line 1, column 1: must have keys that are text"),
        ("a: !!binary QX",
         "line 1, column 4: must be valid YAML (got an error: failed to decode base64 data). Correct it."),
        ("a: !!binary é",
         "line 1, column 4: must be valid YAML (got an error: failed to convert base64 data into ascii). Correct it."),
        ("a: !!timestamp QX",
         "line 1, column 4: must be a valid timestamp (got something else). Correct it, or put it in quotes."),
        ("a: 2026-02-30", "line 1, column 4: must be a valid timestamp"),
        ("a: 2026-01-01T99:00:00Z", "line 1, column 4: must be a valid timestamp"),
        ("a: 2026-01-01 00:00:00 +99:99", "line 1, column 4: must be a valid timestamp"),
        ("a:\n- !!int QX", "line 2, column 3: must be a valid int"),
        ("a: !!int ''", "line 1, column 4: must be a valid int"),
        ("a: " + "1" * 5000, "line 1, column 4: must be a valid int"),
        ("a: !!float QX", "line 1, column 4: must be a valid float"),
        ("a: !!bool QX", "line 1, column 4: must be a valid bool"),
        ("a: !!set [1]", "line 1, column 4: must be a valid set (got something else). Remove the tag."),
        ("a: !!map x", "line 1, column 4: must be a valid map (got something else). Remove the tag."),
        ("a: !!omap x", "line 1, column 4: must be a valid omap (got something else). Remove the tag."),
        ("a: !x y", "line 1, column 4: must be valid YAML (got an error: could not determine a constructor"),
        ("a: !!python/name:os.system",
         "line 1, column 4: must be valid YAML (got an error: could not determine a constructor"),
        ("&a [*a]", "line 1, column 5: must not contain itself (got an alias of its own anchor). Remove the alias."),
        ("&a {b: {c: *a}}", "line 1, column 12: must not contain itself"),
        ("&a {<<: *a}", "line 1, column 9: must not contain itself"),
        ("a: *QX", "line 1, column 4: must be valid YAML (got an error: found undefined alias"),
        ("<<: 1",
         "line 1, column 5: must be valid YAML (got an error: expected a mapping or list of mappings for merging"),
        ("a: b\nc: \x00", "line 2, column 4: must be valid YAML (got special characters are not allowed"),
        (b"a: \xff", "line 1, column 4: must be UTF-8 (got other bytes). Save it as UTF-8."),
        ("a: b".encode("utf-16"), "line 1, column 1: must be UTF-8"),
        ('a: "\\U00110000"', "line 1, column 7: must be valid YAML (got something else)"),
        ("a: 1\nb: 2\na: 3", "line 3, column 1: must have each key once (got 'a' twice). Remove one of them."),
        ("%YAML 9.9\n---\na", "line 1, column 1: must be valid YAML (got an error: found incompatible YAML document"),
    ],
    ids=lambda value: ascii(value)[:30],
)  # fmt: skip
def test_yaml(error_text, content, said):
    """The error about what PyYAML cannot read has line, column and remedy."""
    message = error_text(content)
    assert said in message
    assert "QX" not in message or "alias" in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "[" * 100_000,
            "line 1, column 51: must be nested at most 50 deep (got more). Flatten it.",
        ),
        ('{"a":\n' * 100_000, "line 51, column 1: must be nested at most 50 deep"),
        (
            '{"name": "QX", "name": "b"}',
            ": must have each key once (got 'name' twice). Remove one of them.",
        ),
        (
            '{"a": [{"b": {"QX": 1, "c": 1, "c": 2}}]}',
            ": must have each key once in a[0][\"b\"] (got 'c' twice). Remove one of them.",
        ),
        (
            '{"a": {"b": 1, "b": 2}, "a": 3}',
            ": must have each key once (got 'a' twice). Remove one of them.",
        ),
        (
            '{"a": b}',
            "line 1, column 7: must be valid JSON (got an error: Expecting value). Correct it.",
        ),
        (
            "{} {}",
            "line 1, column 4: must be valid JSON (got an error: Extra data). Correct it.",
        ),
        (
            b'{"a": "\xff"}',
            "line 1, column 8: must be UTF-8 (got other bytes). Save it as UTF-8.",
        ),
        ('"' + '\\"' * 100_000, "Unterminated string"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_json(error_text, content, said):
    """The error about JSON has the place of the mistake, or the path of a duplicate key, at any depth."""
    message = error_text(content, "json")
    assert said in message
    assert "QX" not in message


def test_depth():
    """As deep as the limit says is not too deep, and a bracket in a text is none."""
    for kind in ("yaml", "json"):
        (made,) = read("[" * (MAX_DEPTH - 1) + '"[[[["' + "]" * (MAX_DEPTH - 1), kind)
        assert "[[[[" in str(made)


def test_anchors_and_merge_keys():
    """Anchors, aliases and merge keys can be used, and what a mapping says itself beats what it merges."""
    text = """\
    base: &base {language: en, category: UTILITY}
    deep: {er: &order {<<: *base, language: de, name: order}}
    all: [{<<: *order, name: bill}, *order, {<<: [*order]}]
    last: {<<: *order}
    """
    (made,) = read(text)
    order = {"name": "order", "language": "de", "category": "UTILITY"}
    assert made["last"] == order
    assert made["all"] == [{**order, "name": "bill"}, order, order]


def bomb(leaf):
    """Return YAML that is ten times as long with each line."""
    lines = [
        f"a0: &a0 [{leaf}]",
        *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)),
    ]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "content",
    [
        bomb("x"),
        bomb("x" * 100_000),
        bomb("x").replace("[", "{k: [").replace("]", "]}"),
        "a: &a " + "x" * 500_000 + "\nb: [*a, *a, *a, *a, *a]",
        "a: &a {k: "
        + "x" * 500_000
        + "}\nb: [{<<: *a}, {<<: *a}, {<<: *a}, {<<: *a}, {<<: *a}]",
    ],
    ids=["lists", "long texts", "mappings", "one text", "merged"],
)
def test_alias_bombs(error_text, content):
    """Aliases that expand to too much are counted, not expanded."""
    begin = time.process_time()
    assert (
        "must be at most 2 MiB, with aliases replaced (got more). Use fewer aliases."
        in error_text(content)
    )
    assert time.process_time() - begin < 5


def test_chain_of_aliases(error_text):
    """Aliases that nest too deep are invalid, although nothing in the file is deep."""
    chain = "\n".join(["a0: &a0 x", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 2000))])
    assert (
        "nested at most 50 deep, with aliases replaced (got more). Flatten it."
        in error_text(chain)
    )


def test_as_many_aliases_as_people_use():
    """A file with a thousand aliases to a long text is within the limits."""
    (made,) = read("a: &a " + "x" * 1000 + "\nb: [" + "*a, " * 1000 + "]")
    assert len(made["b"]) * 1000 < MAX_EXPANDED_CHARACTERS


def test_size():
    """A file that is too long is rejected before it is parsed."""
    with pytest.raises(InvalidRequestError) as caught:
        read(b"#" * (MAX_FILE_BYTES + 1))
    assert (
        str(caught.value)
        == "order.yaml: must be at most 1 MiB (got more). Split it into files."
    )
    assert read(b"#" * MAX_FILE_BYTES) == []


@pytest.mark.parametrize("kind", ["yaml", "json"])
def test_long_and_odd_keys_are_shown_short(error_text, kind):
    """A key that stands twice is shown without line breaks, cut, and with a phone number in it shortened."""
    pair = json.dumps("+1 650 555 1234\n" + "k" * 900) + ": 1"
    message = error_text(f"{{{pair}, {pair}}}", kind)
    assert "+16•••" not in message
    assert "555 1234" not in message
    assert len(message) < 250


def test_long_paths_are_shown_short(error_text):
    """A path of many long keys to a key that stands twice is cut."""
    deep = '{"a": 1, "a": 2}'
    for _ in range(40):
        deep = f'{{"{"k" * 100}": {deep}}}'
    assert len(error_text(deep, "json")) < 500
