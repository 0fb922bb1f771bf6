"""Looks at a file that was sent: which mapping fits it best, which column becomes what, how days and amounts stand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from arrisk.errors import InputError, nearest
from arrisk.ingest.drafts import Choice, write_mapping
from arrisk.ingest.fitting import Field, Guess, find_exact, guess_columns, list_fields
from arrisk.ingest.mapping import SourceMapping, list_mappings, load_mapping, parse_mapping
from arrisk.ingest.notation import Decimals, can_read_days, fit_dates, fit_decimals
from arrisk.schema import Kind
from arrisk.store import Database
from arrisk.store.uploads import Upload
from arrisk.uses import intake
from arrisk.uses.mappings import list_kept, resolve

_FALLBACK = "generic"
_SAMPLES = 3


@dataclass(frozen=True)
class Look:
    """What a file looks like.

    Parameters
    ----------
    mapping : the one that is proposed or was asked for.
    fits : whether the file's columns have that mapping's names as they are.
    samples : by column of the file, its first different values.
    guesses : what each field of the mapping may come from.
    dates : the formats in which every day can be read.
    date : the one that is proposed; empty = as the mapping says, None = a person has to say.
    decimals, decimal : the same for amounts, each as ``Decimals.code`` says it.
    currency : the book currency that the mapping states; empty = none.
    """

    mapping: str
    fits: bool
    samples: dict[str, list[str]]
    guesses: list[tuple[Field, Guess]]
    dates: list[str]
    date: str | None
    decimals: list[str]
    decimal: str | None
    currency: str


def look_at(
    database: Database, upload: Upload, home: Path, *, mapping: str = "", columns: Mapping[str, str] | None = None
) -> Look | None:
    """Look at a file; None = its columns have our names already.

    Parameters
    ----------
    mapping : a shipped one, or ``LEDGER/NAME``; empty = the one that fits best.
    columns : what a person chose, by field; None = nothing was chosen yet, and it is guessed.

    Raises
    ------
    InputError
        When the file cannot be read, or there is no such mapping.
    """
    known = _list_known(database, mapping)
    heads = {name: intake.read_head(upload, home, one.options) for name, one in known.items()}
    exact = {name: _count_exact(known[name], heads[name]) for name in known}
    best = max(known, key=lambda name: exact[name])
    chosen = best if mapping or exact[best] else _FALLBACK
    head = heads[chosen]
    return None if head is None else _look(chosen, known[chosen], head, columns, is_exact=exact[chosen] > 0)


def draft(database: Database, base: str, choice: Choice, *, name: str = "") -> str:
    """Write what a person chose as a mapping, which begins with another one.

    Parameters
    ----------
    base : a shipped mapping, or ``LEDGER/NAME``.

    Raises
    ------
    InputError
        When there is no such mapping, or a field that is needed has no column.
    """
    return write_mapping(_find(database, base), choice, name=name)


def _list_known(database: Database, mapping: str) -> dict[str, SourceMapping]:
    """List the mappings that may fit: what people kept before what is shipped."""
    if mapping:
        return {mapping: _find(database, mapping)}
    kept = {one.reference: parse_mapping(one.toml, where=one.name) for one in list_kept(database)}
    return {**kept, **{name: load_mapping(name) for name in list_mappings()}}


def _find(database: Database, name: str) -> SourceMapping:
    found = intake.choose_mapping(*resolve(database, name, ""))
    return load_mapping(_FALLBACK) if found is None else found


def _count_exact(mapping: SourceMapping, head: pd.DataFrame | None) -> int:
    return 0 if head is None else find_exact(list_fields(mapping), list(map(str, head.columns)))


def _look(
    name: str, mapping: SourceMapping, head: pd.DataFrame, columns: Mapping[str, str] | None, *, is_exact: bool
) -> Look:
    fields, header = list_fields(mapping), list(map(str, head.columns))
    guesses = guess_columns(fields, header, others=_list_names())
    if columns is not None:
        _require_columns(columns.values(), header)
        guesses = {field.key: Guess(columns.get(field.key) or None, is_named=True) for field in fields}
    days = _gather(head, fields, guesses, (Kind.DATE,))
    amounts = _gather(head, fields, guesses, (Kind.AMOUNT, Kind.NUMBER))
    source, dates, decimals = mapping.source, fit_dates(days), [one.code for one in fit_decimals(amounts)]
    # Whoever has the names of the generic mapping need not know what it says of days and amounts.
    is_stated = is_exact and name != _FALLBACK
    reads_days = is_stated and can_read_days(days, source.dates)
    reads_amounts = is_stated and Decimals(source.decimal, source.thousands).code in decimals
    return Look(
        mapping=name,
        fits=is_exact,
        samples={column: _sample(head[column]) for column in header},
        guesses=[(field, guesses[field.key]) for field in fields],
        dates=dates,
        date="" if reads_days else _only(dates),
        decimals=decimals,
        decimal="" if reads_amounts else _only(decimals),
        currency=mapping.book.currency,
    )


def _require_columns(columns: Iterable[str], header: Sequence[str]) -> None:
    for column in columns:
        if column and column not in header:
            raise InputError(f"the file has no column '{column}'", where="columns", hint=nearest(column, header))


def _only(found: Sequence[str]) -> str | None:
    """Give the only one; where there are several, or none, a person has to say."""
    return found[0] if len(found) == 1 else None


def _list_names() -> dict[str, list[str]]:
    """List by canonical column the names under which any shipped mapping looks for it."""
    found: dict[str, list[str]] = {}
    for name in list_mappings():
        for field in list_fields(load_mapping(name)):
            for _, column in field.places:
                found.setdefault(column, []).extend(field.names)
    return found


def _gather(
    head: pd.DataFrame, fields: Sequence[Field], guesses: Mapping[str, Guess], kinds: Iterable[Kind]
) -> list[str]:
    columns = [guesses[field.key].column for field in fields if field.kind in kinds]
    cells = [str(cell) for column in columns if column is not None for cell in head[column]]
    return [cell for cell in dict.fromkeys(cells) if cell.strip()]


def _sample(column: "pd.Series[str]") -> list[str]:
    cells = (str(cell).strip() for cell in column)
    return list(dict.fromkeys(cell for cell in cells if cell))[:_SAMPLES]
