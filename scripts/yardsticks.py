"""
Prints measures of the code's style beside their aims, for the package without the sandbox and for the sandbox.

They are yardsticks and no gates: a number off its aim is a reason to read the code, and nothing fails.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

REPOSITORY = Path(__file__).parents[1]
PACKAGE = REPOSITORY / "airflow_provider_whatsapp"
SANDBOX = PACKAGE / "sandbox"
MAX_README_WORDS = 700

Function = ast.FunctionDef | ast.AsyncFunctionDef
_NO_REASON = re.compile(r"#\s*(noqa|type:\s*ignore|!)")
_BRANCHES = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.IfExp,
    ast.ExceptHandler,
    ast.Assert,
)


class Module(NamedTuple):
    """A file of the package."""

    name: str
    text: str
    tree: ast.Module


class Yardstick(NamedTuple):
    """One measure and what to aim for."""

    name: str
    aim: str
    measure: Callable[[list[Module]], str]


def modules(*, of_sandbox: bool) -> list[Module]:
    """Return the modules of the sandbox, or all others."""
    return [
        module
        for module in _package()
        if module.name.startswith(f"{PACKAGE.name}.sandbox") is of_sandbox
    ]


def _package() -> Iterator[Module]:
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        parts = path.relative_to(REPOSITORY).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        yield Module(name, text, ast.parse(text))


def number_of_modules(of: list[Module]) -> str:
    """Return how many modules have code in them."""
    return str(len(_with_code(of)))


def imported_by_one(of: list[Module]) -> str:
    """Return the share of modules that exactly one other module of the package imports."""
    counted = _with_code(of)
    package = list(_package())
    names = {module.name for module in package}
    importers = Counter(
        target
        for module in package
        for target in _imports(module, names)
        if target != module.name
    )
    return _percent(sum(importers[module.name] == 1 for module in counted), len(counted))


def _with_code(of: list[Module]) -> list[Module]:
    return [
        module
        for module in of
        if any(isinstance(node, Function | ast.ClassDef) for node in module.tree.body)
    ]


def _imports(module: Module, names: set[str]) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            # ``from room import module`` imports a module, ``from module import name`` its module.
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & names
            found |= inner or {node.module}
    return found & names


def used_once(of: list[Module]) -> str:
    """Return the share of private functions that are used at exactly one place."""
    private = [
        (module.name, function.name)
        for module in of
        for function in _functions(module.tree)
        if function.name.startswith("_") and not function.name.endswith("__")
    ]
    uses = Counter(
        (module.name, name) for module in of for name in _used_names(module.tree)
    )
    return _percent(sum(uses[key] == 1 for key in private), len(private))


def _used_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def nodes_a_line(of: list[Module]) -> str:
    """Return how many syntax nodes there are a line; docstrings have none."""
    nodes = sum(
        len(list(ast.walk(node))) for module in of for node in [_without_docstrings(module)]
    )
    return f"{nodes / sum(map(_lines, of)):.1f}"


def _without_docstrings(module: Module) -> ast.Module:
    tree = ast.parse(module.text)
    for node in ast.walk(tree):
        if (
            isinstance(node, Function | ast.ClassDef | ast.Module)
            and ast.get_docstring(node, clean=False) is not None
        ):
            node.body = node.body[1:]
    return tree


def _lines(module: Module) -> int:
    """Return the number of lines that are neither blank nor a comment; those of docstrings count."""
    return sum(
        bool(line.strip()) and not line.strip().startswith("#")
        for line in module.text.splitlines()
    )


def conditional_expressions(of: list[Module]) -> str:
    """Return how many ``a if b else c`` there are in 1,000 lines."""
    found = sum(
        isinstance(node, ast.IfExp) for module in of for node in ast.walk(module.tree)
    )
    return f"{1000 * found / sum(map(_lines, of)):.0f}"


def worst_complexity(of: list[Module]) -> str:
    """Return the highest cyclomatic complexity, and the function that has it."""
    found = [
        (
            _complexity(function),
            f"{module.name.removeprefix(f'{PACKAGE.name}.')}.{function.name}",
        )
        for module in of
        for function in _functions(module.tree)
    ]
    worst, name = max(found)
    return f"{worst} ({name})"


def _complexity(function: Function) -> int:
    return 1 + sum(map(_decisions, _own_nodes(function)))


def _decisions(node: ast.AST) -> int:
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.comprehension):
        return 1 + len(node.ifs)
    if isinstance(node, ast.match_case):
        return 1
    return int(isinstance(node, _BRANCHES))


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    """Yield what is in a function, without the functions that are defined in it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Function | ast.ClassDef):
            continue
        yield node
        waiting.extend(ast.iter_child_nodes(node))


def comments(of: list[Module]) -> str:
    """Return how many lines in 100 are comments of their own; those behind code mostly name a unit."""
    found = sum(
        token.type == tokenize.COMMENT
        and token.line.lstrip().startswith("#")
        and not _NO_REASON.match(token.string)
        for module in of
        for token in tokenize.generate_tokens(io.StringIO(module.text).readline)
    )
    return f"{100 * found / sum(map(_lines, of)):.1f}"


def function_lengths(of: list[Module]) -> str:
    """Return the median and the 90th percentile of the lines of a function."""
    lengths = sorted(
        (function.end_lineno or function.lineno) - function.lineno + 1
        for module in of
        for function in _functions(module.tree)
    )
    return f"{median(lengths):g} / {lengths[int(0.9 * len(lengths))]}"


def _functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %"


YARDSTICKS = (
    Yardstick("modules with code", "", number_of_modules),
    Yardstick("imported by exactly one other module", "at most 30 %", imported_by_one),
    Yardstick("private functions used at one place", "at most 40 %", used_once),
    Yardstick("syntax nodes a line", "at most 5.5", nodes_a_line),
    Yardstick(
        "conditional expressions in 1,000 lines", "at most 10", conditional_expressions
    ),
    Yardstick("comments in 100 lines", "at least 3", comments),
    Yardstick("function length, median / p90", "10 / 30", function_lengths),
    Yardstick("worst cyclomatic complexity", "at most 10", worst_complexity),
)


def main() -> None:
    """Print all measures."""
    package, sandbox = modules(of_sandbox=False), modules(of_sandbox=True)
    print(f"{'':<40} {'aim':<14} {'package':<10} sandbox")
    for name, aim, measure in YARDSTICKS:
        if measure is not worst_complexity:
            print(f"{name:<40} {aim:<14} {measure(package):<10} {measure(sandbox)}")
            continue
        print(f"{name:<40} {aim:<14} {measure(package)}")
        print(f"{'  in the sandbox':<40} {aim:<14} {measure(sandbox)}")
    words = len((REPOSITORY / "README.md").read_text(encoding="utf-8").split())
    print(f"{'words in the README':<40} {f'at most {MAX_README_WORDS}':<14} {words}")


if __name__ == "__main__":
    main()
