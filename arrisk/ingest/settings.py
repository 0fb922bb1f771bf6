"""What is stated of a book as a whole, and the file ``book.toml`` in which it stands."""

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from arrisk.errors import BookError, nearest

SETTINGS_FILE = "book.toml"


@dataclass(frozen=True)
class Settings:
    """What is stated of a book; empty or None = not stated.

    Parameters
    ----------
    name : the ledger's name.
    currency : the book currency, ISO 4217.
    extract_end_on : the last day that the extract covers.
    """

    name: str = ""
    currency: str = ""
    extract_end_on: date | None = None


def read_settings(folder: Path) -> Settings:
    """Read a book's ``book.toml``; without the file nothing is stated.

    Raises
    ------
    BookError
        When the file is not TOML, or a key or a value in it is wrong.
    """
    path = folder / SETTINGS_FILE
    if not path.is_file():
        return Settings()
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BookError(f"this is not TOML: {error}", where=str(path), hint='name = "..."') from error
    for key in given:
        if key not in _READERS:
            raise BookError(f"unknown key '{key}'", where=str(path), hint=nearest(key, _READERS))
    try:
        return Settings(**{key: _READERS[key](value) for key, value in given.items()})
    except ValueError as error:
        raise BookError(str(error), where=str(path)) from error


def format_settings(settings: Settings) -> str:
    """Write settings as TOML, what is not stated left out.

    Examples
    --------
    >>> print(format_settings(Settings(currency="EUR", extract_end_on=date(2024, 12, 31))), end="")
    currency = "EUR"
    extract_end_on = 2024-12-31
    """
    # A JSON text is a TOML text as well.
    lines = [f"{key} = {json.dumps(value)}" for key in ("name", "currency") if (value := getattr(settings, key))]
    if settings.extract_end_on is not None:
        lines.append(f"extract_end_on = {settings.extract_end_on.isoformat()}")
    return "".join(f"{line}\n" for line in lines)


def _read_name(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"name is a text in quotes, not {value!r}")
    return value


def _read_currency(value: object) -> str:
    if not (isinstance(value, str) and len(value) == 3 and value.isascii() and value.isupper()):
        raise ValueError(f'currency is an ISO 4217 code such as "EUR", not {value!r}')
    return value


def _read_day(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError(f"extract_end_on is a day such as 2024-12-31, not {value!r}") from error


_READERS: dict[str, Callable[[object], Any]] = {
    "name": _read_name,
    "currency": _read_currency,
    "extract_end_on": _read_day,
}
