"""What is wrong with a policy file: the value, its line, and what was probably meant."""

from collections import Counter
from typing import get_args

from pydantic import BaseModel, ValidationError

from arrisk.errors import PolicyError, nearest


def explain_mistake(error: ValidationError, text: str, *, where: str, policy: type[BaseModel]) -> PolicyError:
    """Say what is wrong with a policy, in which line, and what was probably meant.

    Parameters
    ----------
    text : of the file.
    where : its name.
    policy : what the file was read as.
    """
    first = error.errors()[0]
    names, said = [str(part) for part in first["loc"]], first["msg"].removeprefix("Value error, ")
    # What concerns several values is said of the whole: its first word is the path of the value to look at.
    path, is_whole = said.split(" ")[0].split("."), first["type"] == "value_error"
    named = names + path if is_whole and len(names) < 2 and len(path) > 1 else names
    line = _line_of(named, text)
    place = f"{where}, line {line}" if line else where
    if first["type"] == "extra_forbidden":
        what = f"unknown policy value '{'.'.join(names)}'"
        return PolicyError(what, where=place, hint=nearest(names[-1], _list_known(policy, names[:-1])))
    if is_whole:
        return PolicyError(f"{'.'.join(names)}: {said}" if names else said, where=place)
    return PolicyError(f"{'.'.join(names)}: {said} (it is {first['input']!r})", where=place)


def _list_known(policy: type[BaseModel], names: list[str]) -> list[str]:
    """List the values of a section, or of the tables of a list in it."""
    section: object = policy
    for name in names:
        if isinstance(section, type) and issubclass(section, BaseModel) and name in section.model_fields:
            inner = section.model_fields[name].annotation
            section = next(iter(get_args(inner)), inner)
    return list(section.model_fields) if isinstance(section, type) and issubclass(section, BaseModel) else []


def _line_of(names: list[str], text: str) -> int | None:
    """Find the line of a value: its own, or where its table begins."""
    section: list[str] = []
    tables: Counter[str] = Counter()
    found = None
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("["):
            title = stripped.strip("[] ").split("#")[0].strip("] ")
            section = title.split(".")
            if stripped.startswith("[["):
                section = [*section, str(tables[title])]
                tables[title] += 1
            if section == names:
                return number
            if found is None and names[: len(section)] == section and len(section) > 1:
                found = number
        else:
            key = [*section, stripped.split("=")[0].strip()]
            if key in (names, names[: len(key)]):
                return number
    return found
