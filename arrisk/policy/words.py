"""The policy in words: each value with the comment that stands beside it in the shipped file."""

import re
from collections.abc import Iterator, Mapping

import pandas as pd

from arrisk.policy import Policy, read_shipped_text

_LINE = re.compile(r"^(?:\[(?P<section>[\w.]+)\]|(?P<key>\w+)\s*=\s*[^#]*?)\s*(?:#\s*(?P<said>.*))?$")
_MORE = re.compile(r"^\s+#\s*(?P<said>.*)$")


def describe_policy(policy: Policy, *sections: str) -> pd.DataFrame:
    """List the values of some sections with their meaning.

    Parameters
    ----------
    policy : whose values.
    sections : names, such as ``allowance``, with all that is below them; lists of tables are left out.

    Returns
    -------
    DataFrame
        One row per value: setting, value (as text), meaning.

    Examples
    --------
    >>> from arrisk.policy import load_policy
    >>> describe_policy(load_policy(), "ageing")["setting"].tolist()[0]
    'ageing.past_due_days'
    """
    meanings = dict(_read_meanings())
    rows = [
        (name, value, meanings.get(name, ""))
        for section in sections
        for name, value in _flatten(section, getattr(policy, section).model_dump(mode="json"))
    ]
    return pd.DataFrame(rows, columns=["setting", "value", "meaning"], dtype="str")


def _flatten(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _flatten(f"{name}.{key}", below)
    elif isinstance(value, list):
        if not any(isinstance(one, Mapping) for one in value):
            yield name, ", ".join(map(str, value)) or "none"
    else:
        yield name, {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _read_meanings() -> Iterator[tuple[str, str]]:
    """Read the comments of the shipped file; one that goes on below belongs to the line above."""
    section, name, said = "", "", ""
    for line in read_shipped_text().splitlines():
        more, found = _MORE.match(line), _LINE.match(line)
        if more:
            said += " " + more["said"]
            continue
        if name:
            yield name, said
        name = ""
        if found and found["section"]:
            section = found["section"]
        elif found and found["key"]:
            name, said = f"{section}.{found['key']}", found["said"] or ""
    if name:
        yield name, said
