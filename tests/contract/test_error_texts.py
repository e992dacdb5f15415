"""The texts of errors about configuration and arguments have one shape, also those that no test provokes."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import airflow_provider_whatsapp
from tests.errors import is_in_shape

PACKAGE = Path(airflow_provider_whatsapp.__file__).parent
FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if "sandbox" not in path.parts]
ERRORS = ("ConfigurationError", "InvalidRequestError")


def calls_of(*names):
    """Return the calls of functions of these names, with the file and line of each."""
    return [
        pytest.param(node, id=f"{path.relative_to(PACKAGE)}:{node.lineno}")
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in names
    ]


def text_of(node):
    """Return a literal text with X in place of what is filled in; nothing for any other expression."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            "X" if isinstance(part, ast.FormattedValue) else part.value
            for part in node.values
        )
    return None


@pytest.mark.parametrize("call", calls_of(*ERRORS))
def test_raised_texts(call):
    """The text of an error that is raised with a literal text has the shape of errors."""
    text = text_of(call.args[0])
    if text is None:
        return  # put together elsewhere: the errors that tests provoke show its shape
    # A rule or a remedy can be filled in; where it is written, it is checked below or provoked by a test.
    text = re.sub(r"X$", "X.", text.replace(": X (got ", ": must X (got "))
    assert is_in_shape(text)


@pytest.mark.parametrize(
    "call", calls_of("rule_error", "rule_error_at", "pattern_validator", "JsonProblem")
)
def test_rules(call):
    """A rule begins with 'must', and a remedy is a sentence."""
    arguments = {keyword.arg: text_of(keyword.value) for keyword in call.keywords}
    rule, remedy = arguments.get("rule"), arguments.get("remedy")
    if call.func.id == "rule_error":
        rule = text_of(call.args[0])
    elif call.func.id == "pattern_validator":
        rule = text_of(call.args[1])
    elif call.func.id == "JsonProblem":
        rule, remedy = text_of(call.args[2]), text_of(call.args[3])
    assert rule is None or rule.startswith("must ")
    assert remedy is None or re.fullmatch(r"[A-Z].*\.", remedy)
