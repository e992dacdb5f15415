"""Variables in a template's texts, and the words around them."""

from __future__ import annotations

import re

_VARIABLE = re.compile(r"\{\{([^{}]*)\}\}")
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_EMOJI = re.compile("[\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u27bf]")


def find_variables(text: str) -> list[str]:
    """Return the name of each variable once, in the order in which they appear."""
    names = [name.strip() for name in _VARIABLE.findall(text)]
    return list(dict.fromkeys(names))


def is_numbered_from_one(names: list[str]) -> bool:
    """Whether positional variables are exactly 1 to n, in any order."""
    expected = [str(number) for number in range(1, len(names) + 1)]
    return sorted(names) == sorted(expected)


def has_valid_names(names: list[str]) -> bool:
    """Whether named variables have lower-case names."""
    return all(_NAME.fullmatch(name) for name in names)


def has_variable_at_edge(text: str) -> bool:
    """Whether the text has no word before its first variable, or none after its last one."""
    pieces = _VARIABLE.split(text)
    if len(pieces) == 1:
        return False
    # Meta does not count punctuation: "{{1}}." ends with a variable.
    return not (_has_word(pieces[0]) and _has_word(pieces[-1]))


def has_adjacent_variables(text: str) -> bool:
    """Whether two variables have nothing but space between them."""
    # WhatsApp could not tell where one value ends and the next one starts.
    return re.search(r"\}\}\s*\{\{", text) is not None


def count_words(text: str) -> int:
    """Return the number of words that are not variables."""
    words = remove_variables(text).split()
    return sum(_has_word(word) for word in words)


def remove_variables(text: str) -> str:
    """Return the text with a space in place of each variable."""
    return _VARIABLE.sub(" ", text)


def count_emojis(text: str) -> int:
    """Return the number of emojis."""
    return len(_EMOJI.findall(text))


def fill_in(text: str, values: dict[str, str]) -> str:
    """Return the text with values in place of its variables."""
    # A variable without a value stays as it is, so that a test can see it.
    return _VARIABLE.sub(lambda found: values.get(found[1].strip(), found[0]), text)


def _has_word(text: str) -> bool:
    return any(character.isalnum() or _EMOJI.match(character) for character in text)
