"""Writes a mapping from a known one and what a person chose: which column becomes what, and how the file is written."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from arrisk.errors import InputError, nearest
from arrisk.ingest.fitting import Field, list_fields
from arrisk.ingest.mapping import SourceMapping, parse_mapping
from arrisk.ingest.notation import Decimals

_WHERE = "columns"


@dataclass(frozen=True)
class Choice:
    """What a person chose.

    Parameters
    ----------
    columns : by the key of a field, such as ``invoices.amount``, the column of the file; a field that is not there is
        left out.
    dates : formats of days; none = as the mapping it begins with.
    decimals : None = as the mapping it begins with.
    currency : the book currency; empty = as the mapping it begins with.
    extract_end_on : the last day that the file covers; None = the last day in it.
    """

    columns: Mapping[str, str]
    dates: tuple[str, ...] = ()
    decimals: Decimals | None = None
    currency: str = ""
    extract_end_on: date | None = None


def write_mapping(base: SourceMapping, choice: Choice, *, name: str = "") -> str:
    """Write the mapping as TOML.

    Parameters
    ----------
    base : what is not chosen stays as it says.
    name : of the new mapping.

    Raises
    ------
    InputError
        When a field that is needed has no column, or there is no such field.
    MappingError
        When the mapping that comes of it has a mistake.
    """
    fields = list_fields(base)
    _require_fields(fields, choice.columns)
    given = base.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"extends"})
    for one in fields:
        _set_field(given["tables"], one, choice.columns.get(one.key, ""))
    given |= {"name": name, "description": ""}
    _set(given, "source", "dates", list(choice.dates))
    if choice.decimals is not None:
        _set(given, "source", "decimal", choice.decimals.decimal)
        given["source"]["thousands"] = choice.decimals.thousands
    _set(given, "book", "currency", choice.currency)
    _set(given, "book", "extract_end_on", choice.extract_end_on.isoformat() if choice.extract_end_on else "")
    text = write_toml({key: value for key, value in given.items() if value != ""})
    parse_mapping(text, where=name or "mapping")
    return text


def write_toml(given: Mapping[str, Any]) -> str:
    """Write plain data as TOML: texts, numbers and lists first, then a section for each table below.

    Examples
    --------
    >>> print(write_toml({"name": "x", "tables": {"invoices": {"columns": {"amount": {"from": ["A b"]}}}}}), end="")
    name = "x"
    <BLANKLINE>
    [tables.invoices.columns]
    amount = { from = ["A b"] }
    """
    return "\n".join(_write_section(given, ())).lstrip("\n") + "\n"


def _require_fields(fields: list[Field], columns: Mapping[str, str]) -> None:
    known = {one.key: one for one in fields}
    for key in columns:
        if key not in known:
            raise InputError(f"there is no field '{key}'", where=_WHERE, hint=nearest(key, known))
    for key, one in known.items():
        if one.is_required and not columns.get(key):
            raise InputError(f"no column is chosen for {key}, {one.meaning}", where=_WHERE, hint="choose one")


def _set_field(tables: dict[str, Any], one: Field, column: str) -> None:
    for table, name in one.places:
        columns = tables[table]["columns"]
        if column:
            columns[name]["from"] = [column]
        elif columns[name].get("baseline"):
            del columns[name]["from"]
        else:
            del columns[name]
    if column:
        _follow(tables, list(one.names), column)


def _follow(tables: dict[str, Any], names: list[str], column: str) -> None:
    """Let other columns that look at the same one, such as a due date at the terms, look at the chosen one too."""
    for table in tables.values():
        for rules in table["columns"].values():
            for key in ("terms", "baseline"):
                if rules.get(key) == names:
                    rules[key] = [column]


def _set(given: dict[str, Any], section: str, key: str, value: object) -> None:
    if value:
        given.setdefault(section, {})[key] = value


_INLINE_FROM = 3
"""From this depth on (tables.NAME.columns) what is below stands on the line of its key."""


def _write_section(given: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    below = {key: value for key, value in given.items() if isinstance(value, Mapping) and len(path) < _INLINE_FROM}
    own = {key: value for key, value in given.items() if key not in below}
    if path and (own or not below):
        yield f"\n[{'.'.join(map(_write_key, path))}]"
    yield from (f"{_write_key(key)} = {_write_value(value)}" for key, value in own.items())
    for key, value in below.items():
        yield from _write_section(value, (*path, key))


def _write_key(key: str) -> str:
    is_bare = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if is_bare else _write_value(key)


def _write_value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_write_key(key)} = {_write_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_write_value, value)) + "]"
    # A JSON text is a TOML text, but for the one control character that JSON leaves as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
