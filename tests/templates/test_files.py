from __future__ import annotations

import json
import os
import textwrap

import pytest

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.templates.files import from_dicts, from_files

ORDER = """\
name: order
language: en
category: UTILITY
components:
  - type: BODY
    text: All is well.
"""
WRITTEN = {
    "name": "order",
    "language": "en",
    "category": "UTILITY",
    "components": [{"type": "BODY", "text": "All is well \N{PARTY POPPER} now"}],
}


@pytest.fixture
def error_text(tmp_path):
    """Return a function that writes invalid files, and returns the text of the error."""

    def read(files, path="."):
        for name, content in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(
                content if isinstance(content, bytes) else content.encode()
            )
        with pytest.raises(InvalidRequestError) as caught:
            from_files(tmp_path / path)
        return str(caught.value)

    return read


def other(language):
    """Return the order template in another language."""
    return ORDER.replace("language: en", f"language: {language}")


def test_folder(tmp_path):
    """All definitions below a folder are read in the order of their names; other files are left alone."""
    (tmp_path / "inner.yaml").mkdir()
    (tmp_path / "inner.yaml" / "x.yml").write_text(other("fr"))
    (tmp_path / "b.json").write_text(json.dumps(WRITTEN))
    (tmp_path / "a.yaml").write_text(f"{other('de')}---\n{other('es')}---\n")
    (tmp_path / "README.md").write_text("not a definition")
    assert [definition.language for definition in from_files(tmp_path)] == [
        "de",
        "es",
        "en",
        "fr",
    ]


def test_one_file(tmp_path):
    """A file holds one definition, a list of them, or several documents."""
    file = tmp_path / "all.yaml"
    file.write_text(ORDER)
    (one,) = from_files(file)
    assert one.key == ("order", "en")
    items = "".join(
        textwrap.indent(other(code), "  ").replace("  name", "- name")
        for code in ("de", "fr")
    )
    file.write_text(f"{items}---\n{ORDER}")
    assert [definition.language for definition in from_files(file)] == ["de", "fr", "en"]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(WRITTEN),
        json.dumps(WRITTEN, indent="\t"),
        json.dumps([WRITTEN], ensure_ascii=False),
        "\ufeff" + json.dumps(WRITTEN),
    ],
    ids=["escaped emoji", "tabs", "list", "byte order mark"],
)
def test_json(tmp_path, content):
    """JSON is read as other programs write it."""
    file = tmp_path / "order.json"
    file.write_text(content, "utf-8")
    (definition,) = from_files(file)
    assert definition.wire() == WRITTEN


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "a.yaml",
            "name: order\nlanguage: [en\ncategory: UTILITY\n",
            "a.yaml, line 3, column 9: must be ",
        ),
        ("a.yaml", "name: order\n\tlanguage: en\n", "a.yaml, line 2, column 1: must be "),
        (
            "a.yaml",
            "name: !!python/object:os.system {}\n",
            "a.yaml, line 1, column 7: must be ",
        ),
        (
            "a.json",
            '{"name": "order",\n oops}',
            "a.json, line 2, column 2: must be valid JSON (got an error: Expecting property name",
        ),
        (
            "a.yaml",
            b"a: b\nname: \xe9t\xe9\n",
            "a.yaml, line 2, column 7: must be UTF-8 (got other bytes). Save it as UTF-8.",
        ),
        (
            "a.yaml",
            b"name: a\x07b\n",
            "a.yaml, line 1, column 8: must be valid YAML (got special characters are not allowed). Correct it.",
        ),
        (
            "a.yaml",
            "name: 2026-02-30\n",
            "a.yaml, line 1, column 7: must be a valid timestamp (got something else). Correct it, or put it in",
        ),
        (
            "a.yaml",
            "",
            "a.yaml: must have a definition (got an empty file). Write one, or delete the file.",
        ),
        (
            "a.json",
            "\n",
            "a.json: must have a definition (got an empty file). Write one, or delete the file.",
        ),
        (
            "a.yaml",
            "# soon\n---\n",
            "a.yaml: must have a definition (got an empty file). Write one, or delete the file.",
        ),
        ("a.yaml", "hello", "a.yaml: must be a dict"),
        (
            "a.yaml",
            ORDER.replace("category: UTILITY\n", ""),
            "a.yaml: category: must be present (got nothing). Add it",
        ),
        (
            "a.yaml",
            ORDER.replace("    text: All is well.\n", ""),
            "a.yaml: must have text in its BODY",
        ),
        (
            "a.yaml",
            other("no"),
            "a.yaml: language: must be text (got bool). Pass a str; in YAML put it in quotes.",
        ),
        (
            "a.yaml",
            f"{other('de')}---\n{other('QX')}",
            "a.yaml[1]: language: must be a language code such as",
        ),
        ("in/b.yaml", other("QX"), "in/b.yaml: language: must be a language code such as"),
    ],
    ids=[
        "yaml",
        "yaml tab",
        "yaml object",
        "json",
        "not UTF-8",
        "control character",
        "no such day",
        "empty",
        "empty json",
        "comments only",
        "no mapping",
        "no category",
        "no text",
        "norwegian",
        "second document",
        "in a folder",
    ],
)
def test_wrong_files(error_text, name, content, said):
    """A wrong file is named, with the line or the field, and without the value."""
    message = error_text({name: content})
    assert message.startswith(said)
    assert "QX" not in message


def test_defined_twice(error_text):
    """The error about a name and language in two files names both files."""
    message = error_text({"one/a.yaml": ORDER, "two/a.yaml": ORDER})
    assert (
        message
        == "two/a.yaml: must be the only definition of order (en) (got another one in one/a.yaml). Remove one of them."
    )
    assert error_text({"b.yaml": f"{other('de')}---\n{other('de')}"}, "b.yaml").startswith(
        "b.yaml[1]: must be the only definition of order (de) (got another one in b.yaml[0])"
    )


def test_empty_folder(error_text, tmp_path):
    """The error about a folder without definitions lists the endings of definition files."""
    message = error_text({"README.md": "none"})
    assert (
        message
        == f"templates: must be a folder with a file ending in .yaml or .yml or .json (got {tmp_path}). Add one."
    )


def test_missing_path(error_text, tmp_path):
    """The error about a missing path says that it is missing on this worker."""
    assert error_text({}, "absent") == (
        "templates: must be a file or a folder on this worker "
        f"(got {tmp_path}/absent, which does not exist). Check the path."
    )


def test_dicts():
    """A list of dicts is read like a file."""
    definitions = from_dicts([WRITTEN, {**WRITTEN, "language": "de"}])
    assert [definition.key.language for definition in definitions] == ["en", "de"]
    assert from_dicts([]) == []


@pytest.mark.parametrize(
    ("dicts", "said"),
    [
        (WRITTEN, "templates: must be a path or a list of dicts (got dict, 4 items)"),
        (5, "templates: must be a path or a list of dicts (got int)"),
        (
            [WRITTEN, {**WRITTEN, "name": "QX"}],
            'templates[1]["name"]: must be 1 to 512 lower-case letters',
        ),
        (
            [WRITTEN, WRITTEN],
            "templates[1]: must be the only definition of order (en) (got another one in templates[0]). Remove one of",
        ),
        (["QX"], "templates[0]: must be a dict"),
    ],
    ids=["bare dict", "int", "name", "twice", "text"],
)
def test_wrong_dicts(dicts, said):
    """The error about an invalid dict names its position, and has neither its value nor a chained error."""
    with pytest.raises(InvalidRequestError) as caught:
        from_dicts(dicts)
    assert str(caught.value).startswith(said)
    assert "QX" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_key_that_stands_twice_is_named(tmp_path):
    """A YAML key that is written twice is an error with its line, instead of the first one being lost."""
    file = tmp_path / "order.yaml"
    file.write_text("name: order\nlanguage: en\nname: other\n")
    with pytest.raises(
        InvalidRequestError,
        match="order.yaml, line 3, .*: must have each key once .got 'name' twice",
    ):
        from_files(file)


def test_files_that_cannot_be_opened(tmp_path, monkeypatch):
    """A file that the system does not hand out is named; it is tried again only where that can help."""
    (tmp_path / "a.yaml").write_text(ORDER)
    for error, permanent, said in (
        (PermissionError(13, "Permission denied"), True, "Permission denied"),
        (
            FileNotFoundError(2, "No such file or directory"),
            True,
            "No such file or directory",
        ),
        (OSError(5, "Input/output error"), False, "Input/output error"),
        (TimeoutError(), False, "TimeoutError"),
    ):

        def opened(self, *arguments, error=error):
            raise error

        with monkeypatch.context() as patch:
            patch.setattr("pathlib.Path.open", opened)
            with pytest.raises(InvalidRequestError) as caught:
                from_files(tmp_path)
        problem = f"a.yaml: must be readable for this worker (got {said}). Change its permissions or the path."
        assert str(caught.value) == problem
        assert caught.value.permanent is permanent


def test_folders_that_cannot_be_listed(tmp_path, monkeypatch):
    """A folder that the system does not let us see is named like a file."""

    def forbidden(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.is_file", forbidden)
    with pytest.raises(
        InvalidRequestError,
        match=r"templates: /.*: must be readable for this worker \(got Permission denied\). Change",
    ):
        from_files(tmp_path)


def test_paths_that_are_no_files(tmp_path, error_text):
    """A pipe, a device and a link to itself are invalid and never read; in a folder they are skipped."""
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    for name in ("pipe.yaml", "zero.yaml"):
        assert error_text({}, name).endswith(f"{name}, which is a device). Check the path.")
    assert "which does not exist" in error_text({}, "loop.yaml")
    assert "…: must be readable for this worker (got File name too long)" in error_text(
        {}, "n" * 300
    )
    assert "must be a folder with a file ending in" in error_text({})


def test_a_file_that_is_too_long(tmp_path, error_text):
    """A file is read up to the limit only."""
    assert (
        error_text({"a.yaml": "#" * 2_000_000})
        == "a.yaml: must be at most 1 MiB (got more). Split it into files."
    )


def test_odd_names_of_files(tmp_path, error_text):
    """A file's name is shown as a log can write it."""
    message = error_text({"a\nb\udcff.yaml": "hello"})
    assert message.startswith("a?b?.yaml: must be a dict ")


def inside_itself():
    made = {"type": "CAROUSEL"}
    made["again"] = [made, made]
    return made


def deep():
    made = {"type": "CAROUSEL"}
    for _ in range(3000):
        made = {"type": "CAROUSEL", "a": made}
    return made


@pytest.mark.parametrize(
    ("component", "said"),
    [
        (
            inside_itself(),
            '["again"][0]["again"]: must be nested at most 50 deep, and must not contain itself',
        ),
        (
            deep(),
            "must be nested at most 50 deep, and must not contain itself (got dict, 2 items)",
        ),
        (
            {"type": "CAROUSEL", "a": {1: 2}},
            '["a"]: must have keys that are text (got int). Put the key in quotes.',
        ),
        ({"type": "CAROUSEL", 1: 2}, "[1]: must be text (got int)"),
        (
            {"type": "CAROUSEL", "a": "\ud800"},
            '["a"]: must be text in Unicode (got str, 1 character)',
        ),
        ({"type": "CAROUSEL", "a": {"\ud800": 1}}, '["a"]: must be text in Unicode'),
        (
            {"type": "CAROUSEL", "a": [float("nan")]},
            '["a"][0]: must be a finite number (got float). Leave it out',
        ),
        (
            {"type": "CAROUSEL", "a": 10**5000},
            '["a"]: must be a whole number of at most 300 digits (got int). Pass it as',
        ),
        (
            {"type": "CAROUSEL", "a": b"\xff"},
            '["a"]: must be text, number, bool, None, list or dict (got bytes',
        ),
        (
            {"type": "CAROUSEL", "a": object()},
            '["a"]: must be text, number, bool, None, list or dict (got object',
        ),
    ],
    ids=[
        "recursive",
        "deep",
        "inner key",
        "key",
        "surrogate",
        "surrogate key",
        "NaN",
        "huge",
        "bytes",
        "object",
    ],
)
def test_dicts_that_json_cannot_hold(component, said):
    """The error about a definition that cannot be sent has the place of what JSON cannot hold."""
    given = {**WRITTEN, "components": [*WRITTEN["components"], component]}
    with pytest.raises(InvalidRequestError) as caught:
        from_dicts([given])
    assert str(caught.value).startswith('templates[0]["components"][1]')
    assert said in str(caught.value)
    assert len(str(caught.value)) < 600


def test_numbers_that_json_cannot_hold(error_text):
    """The error about NaN, infinity and huge numbers in JSON names the field; they are not sent as null."""
    for number in ("NaN", "Infinity", "1e999", "1" * 5000):
        text = json.dumps({**WRITTEN, "bid_spec": {"a": "?"}}).replace('"?"', number)
        assert error_text({"a.json": text}).startswith(
            'a.json: bid_spec["a"]: must be a finite number (got float). Leave'
        )
