from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.sandbox.errors import MetaError
from airflow_provider_whatsapp.sandbox.field_selection import chosen, parsed

NAMES = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1)
SELECTIONS = st.recursive(
    st.dictionaries(NAMES, st.just({}), min_size=1, max_size=3),
    lambda inner: st.dictionaries(NAMES, st.just({}) | inner, min_size=1, max_size=3),
    max_leaves=10,
)
KNOWN = parsed("id,events{id,status,application{id,name}}")
NODE = {"id": "1", "events": {"data": [{"id": "2", "application": {"id": "3", "name": "a"}}]}}


def written(selection):
    return ",".join(f"{name}{{{written(inner)}}}" if inner else name for name, inner in selection.items())


@given(SELECTIONS)
def test_read_as_written(selection):
    """Whatever is chosen, however deep, is read as it was written, with or without spaces."""
    assert parsed(written(selection)) == selection
    assert parsed(f" {written(selection).replace(',', ' , ').replace('{', ' { ')} ") == selection


@given(st.text("ab,{} .1é"))
def test_read_or_refused(text):
    """Any text is either an expression or refused."""
    try:
        selection = parsed(text)
    except MetaError:
        return
    assert parsed(written(selection)) == selection


@pytest.mark.parametrize("text", ["", ",", "a,", "a{", "a{}", "a{b", "a}", "a{b}}", "a b", "a{b}c", "a;b", "1", "{a}"])
def test_malformed(text):
    """An expression that is not whole is refused."""
    with pytest.raises(MetaError, match="fields"):
        parsed(text)


def test_too_deep():
    """Depth has an end, so that no expression exhausts the stack."""
    with pytest.raises(MetaError, match="fields"):
        parsed("a{" * 5000)


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ("id", {"id": "1"}),
        ("events", {"events": NODE["events"]}),
        ("events{id}", {"events": {"data": [{"id": "2"}]}}),
        ("events{status}", {"events": {"data": [{}]}}),
        ("events{application{name}},id", {"events": {"data": [{"application": {"name": "a"}}]}, "id": "1"}),
    ],
)
def test_chosen(fields, shown):
    """A choice is carried through lists of nodes; what a node doesn't have is left out."""
    assert chosen(NODE, parsed(fields), known=KNOWN) == shown


def test_unknown():
    """A field that no node has is refused, and named."""
    with pytest.raises(MetaError, match="colour"):
        chosen(NODE, parsed("events{colour}"), known=KNOWN)
