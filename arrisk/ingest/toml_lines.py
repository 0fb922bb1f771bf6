"""Finds the line of a TOML file on which a value stands, so that a mistake can be shown where it is."""

import re
import tomllib
from collections import Counter

Path = tuple[str | int, ...]
"""The way to a value: names of tables and keys, and positions (from 0) in arrays of tables."""

_HEADER = re.compile(r"^\s*(\[\[?)(.+?)\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*((?:[\w.\- ]|"[^"]*"|'[^']*')+?)\s*=""")


def index_lines(text: str) -> dict[Path, int]:
    r"""Give the line, counted from 1, of every table header and every key.

    Examples
    --------
    >>> index_lines("name = 'x'\n[source]\ndecimal = ','\n")
    {('name',): 1, ('source',): 2, ('source', 'decimal'): 3}
    """
    lines: dict[Path, int] = {}
    section: Path = ()
    repeated: Counter[Path] = Counter()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            section = _names(header[2])
            if header[1] == "[[":
                repeated[section] += 1
                section = (*section, repeated[section] - 1)
            lines.setdefault(section, number)
        elif key := _KEY.match(line):
            lines.setdefault((*section, *_names(key[1])), number)
    return lines


def find_line(lines: dict[Path, int], path: Path) -> int:
    """Give the line of a value, or of the nearest thing around it; 0 when there is none.

    Examples
    --------
    >>> find_line({("source",): 2}, ("source", "decimal"))
    2
    """
    for length in range(len(path), 0, -1):
        around = [line for at, line in lines.items() if at[:length] == path[:length]]
        if around:
            return min(around)
    return 0


def _names(dotted: str) -> Path:
    """Split ``a."b c".d`` as TOML does."""
    try:
        below: object = tomllib.loads(f"{dotted} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    names: list[str] = []
    while isinstance(below, dict):
        name, below = next(iter(below.items()))
        names.append(name)
    return tuple(names)
