"""Variables in a template's texts, and what counts as text around them."""

from __future__ import annotations

import re

_VARIABLE = re.compile(r"\{\{([^{}]*)\}\}")
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_EMOJI = re.compile("[\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u27bf]")


def variables(text: str) -> list[str]:
    """Return each variable once, in order of appearance."""
    return list(dict.fromkeys(name.strip() for name in _VARIABLE.findall(text)))


def well_numbered(names: list[str]) -> bool:
    """Whether positional variables are exactly 1 to n."""
    return sorted(names) == sorted(str(number) for number in range(1, len(names) + 1))


def well_named(names: list[str]) -> bool:
    """Whether all variables have lower-case names."""
    return all(_NAME.fullmatch(name) for name in names)


def begins_or_ends_with_variable(text: str) -> bool:
    """Whether only punctuation or space stands before the first or behind the last variable."""
    pieces = _VARIABLE.split(text)
    return len(pieces) > 1 and not (_has_word(pieces[0]) and _has_word(pieces[-1]))


def has_adjacent_variables(text: str) -> bool:
    """Whether nothing but space stands between two variables."""
    return re.search(r"\}\}\s*\{\{", text) is not None


def words_besides_variables(text: str) -> int:
    """Return how many words are not variables."""
    return sum(_has_word(word) for word in without_variables(text).split())


def without_variables(text: str) -> str:
    """Return the text with a space for each variable."""
    return _VARIABLE.sub(" ", text)


def emojis(text: str) -> int:
    """Return how many emojis there are."""
    return len(_EMOJI.findall(text))


def filled_in(text: str, values: dict[str, str]) -> str:
    """Return the text with its variables replaced."""
    return _VARIABLE.sub(lambda found: values.get(found[1].strip(), found[0]), text)


def _has_word(text: str) -> bool:
    return any(character.isalnum() or _EMOJI.match(character) for character in text)
