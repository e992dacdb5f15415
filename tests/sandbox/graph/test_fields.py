from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.sandbox.graph.errors import MetaError
from airflow_provider_whatsapp.sandbox.graph.fields import (
    parse_fields,
    select_nested_fields,
)

NAMES = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1)
SELECTIONS = st.recursive(
    st.dictionaries(NAMES, st.just({}), min_size=1, max_size=3),
    lambda inner: st.dictionaries(NAMES, st.just({}) | inner, min_size=1, max_size=3),
    max_leaves=10,
)
KNOWN = parse_fields("id,events{id,status,application{id,name}}")
NODE = {
    "id": "1",
    "events": {"data": [{"id": "2", "application": {"id": "3", "name": "a"}}]},
}


def written(selection):
    return ",".join(
        f"{name}{{{written(inner)}}}" if inner else name
        for name, inner in selection.items()
    )


@given(SELECTIONS)
def test_read_as_written(selection):
    """Any selection is parsed, at any depth, with or without spaces."""
    assert parse_fields(written(selection)) == selection
    assert (
        parse_fields(f" {written(selection).replace(',', ' , ').replace('{', ' { ')} ")
        == selection
    )


@given(st.text("ab,{} .1é"))
def test_any_text_is_parsed_or_rejected(text):
    """Any text is either parsed or rejected."""
    try:
        selection = parse_fields(text)
    except MetaError:
        return
    assert parse_fields(written(selection)) == selection


@pytest.mark.parametrize(
    "text",
    ["", ",", "a,", "a{", "a{}", "a{b", "a}", "a{b}}", "a b", "a{b}c", "a;b", "1", "{a}"],
)
def test_malformed(text):
    """An incomplete expression is rejected."""
    with pytest.raises(MetaError, match="fields"):
        parse_fields(text)


def test_too_deep():
    """The depth has a limit, so that no expression exhausts the stack."""
    with pytest.raises(MetaError, match="fields"):
        parse_fields("a{" * 5000)


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ("id", {"id": "1"}),
        ("events", {"events": NODE["events"]}),
        ("events{id}", {"events": {"data": [{"id": "2"}]}}),
        ("events{status}", {"events": {"data": [{}]}}),
        (
            "events{application{name}},id",
            {"events": {"data": [{"application": {"name": "a"}}]}, "id": "1"},
        ),
    ],
)
def test_select_nested_fields(fields, shown):
    """A selection applies to lists of nodes. Fields that a node does not have are left out."""
    assert select_nested_fields(NODE, parse_fields(fields), known=KNOWN) == shown


def test_unknown():
    """An unknown field is rejected, and the error names it."""
    with pytest.raises(MetaError, match="colour"):
        select_nested_fields(NODE, parse_fields("events{colour}"), known=KNOWN)
