"""The shape of errors, and how tests write the paths in them."""

from __future__ import annotations

import re

# ``field: must <rule> (got <type, length>). <Remedy>.``, a line for each problem.
SHAPE = re.compile(r".+?: must .+ \(got .+\)\. [A-Z].*[.]")
# Of pydantic's sentences, which speak of inputs where users have fields.
FOREIGN = re.compile(
    r"(?:Input|String|List|Dictionary|Set|Tuple|Data) should |Extra inputs|Field required|Value error,"
)
MORE = re.compile(r"And [0-9]+ more\.")


def is_in_shape(error: str) -> bool:
    """Tell whether each line of an error has the shape of our errors, without pydantic's words."""
    first, *others = error.split("\n")
    if FOREIGN.search(error):
        return False
    return all(
        SHAPE.fullmatch(line) or (MORE.fullmatch(line) and others)
        for line in (first, *others)
    )


def spelled(error: str) -> str:
    """Return the beginning of an error with its dotted path as errors have it: ``a.b[0]: …`` as ``a["b"][0]: …``."""
    path, colon, rest = error.partition(":")
    return re.sub(r"\.(\w+)", r'["\1"]', path) + colon + rest
