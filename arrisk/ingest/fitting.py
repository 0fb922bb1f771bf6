"""Fits a mapping to a file: which of the file's columns become which of ours, guessed by their names.

A guess is never used by itself: a person sees it, puts it right, and keeps what comes of it as a mapping.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from arrisk.ingest.mapping import SourceMapping
from arrisk.schema import TABLES, Kind

_NEAR: Final = 0.8
"""Names that agree to this share are taken for the same."""

_FIRST: Final = "invoices"

Place = tuple[str, str]
"""A table and a column of it."""


@dataclass(frozen=True)
class Field:
    """What one column of a file may become, in every table that takes it from there.

    Parameters
    ----------
    places : where it goes; the first names the field.
    names : under which a mapping looks for it.
    meaning, kind : of the first place.
    is_required : whether there has to be such a column.
    """

    places: tuple[Place, ...]
    names: tuple[str, ...]
    meaning: str
    kind: Kind
    is_required: bool

    @property
    def key(self) -> str:
        """Such as ``invoices.amount``."""
        return ".".join(self.places[0])


@dataclass(frozen=True)
class Guess:
    """Which column of the file a field may come from.

    Parameters
    ----------
    column : of the file; None = none looks like it.
    is_named : whether the mapping knows it by that name; otherwise it only looks alike.
    """

    column: str | None
    is_named: bool


def list_fields(mapping: SourceMapping) -> list[Field]:
    """List what a mapping takes from columns, those of invoices first.

    Examples
    --------
    >>> from arrisk.ingest.mapping import load_mapping
    >>> [field.key for field in list_fields(load_mapping("ibm"))][:3]
    ['invoices.invoice_id', 'invoices.customer_id', 'invoices.issued_on']
    """
    grouped: dict[tuple[str, ...], list[Place]] = {}
    for table in sorted(mapping.tables, key=lambda name: name != _FIRST):
        for column, rules in mapping.tables[table].columns.items():
            if rules.from_:
                grouped.setdefault(rules.from_, []).append((table, column))
    return [_describe(mapping, names, places) for names, places in grouped.items()]


def guess_columns(
    fields: Sequence[Field], header: Sequence[str], *, others: Mapping[str, Iterable[str]] | None = None
) -> dict[str, Guess]:
    """Guess for each field, by its key, the column of a file; no column is taken twice.

    Parameters
    ----------
    header : the file's columns.
    others : by canonical column, more names that it goes by elsewhere.
    """
    free, found = list(header), dict[str, Guess]()
    for is_named, look in ((True, _find_exact), (True, _find_folded), (False, _find_known), (False, _find_near)):
        for field in fields:
            if field.key in found:
                continue
            column = look(field, free, others or {})
            if column is not None:
                found[field.key] = Guess(column, is_named)
                free.remove(column)
    return {field.key: found.get(field.key, Guess(None, is_named=False)) for field in fields}


def find_exact(fields: Sequence[Field], header: Sequence[str]) -> int:
    """Count the fields whose column a file has under exactly the mapping's name; 0 where one that is needed lacks."""
    found = [_find_exact(field, header, {}) is not None for field in fields]
    is_whole = all(there or not field.is_required for there, field in zip(found, fields, strict=True))
    return sum(found) if is_whole else 0


def _describe(mapping: SourceMapping, names: tuple[str, ...], places: list[Place]) -> Field:
    table, name = places[0]
    column = next((one for one in TABLES[table].all_columns if one.name == name), None)
    rules = [mapping.tables[one].columns[two] for one, two in places]
    return Field(
        places=tuple(places),
        names=names,
        meaning=column.meaning if column else "kept as it is",
        kind=column.kind if column else Kind.TEXT,
        is_required=not all(one.optional or one.baseline for one in rules),
    )


def _fold(name: str) -> str:
    """Write a name without what people write differently.

    >>> _fold("Invoice No."), _fold("invoiceNo")
    ('invoiceno', 'invoiceno')
    """
    return re.sub(r"[\W_]+", "", name.casefold())


def _find_exact(field: Field, header: Sequence[str], others: Mapping[str, Iterable[str]]) -> str | None:
    del others
    return next((name for name in field.names if name in header), None)


def _find_folded(field: Field, header: Sequence[str], others: Mapping[str, Iterable[str]]) -> str | None:
    del others
    return _find_any([*field.names, field.places[0][1]], header)


def _find_known(field: Field, header: Sequence[str], others: Mapping[str, Iterable[str]]) -> str | None:
    return _find_any([name for _, column in field.places for name in others.get(column, ())], header)


def _find_any(names: Iterable[str], header: Sequence[str]) -> str | None:
    folded = {_fold(name): name for name in reversed(header)}
    return next((folded[_fold(name)] for name in names if _fold(name) in folded), None)


def _find_near(field: Field, header: Sequence[str], others: Mapping[str, Iterable[str]]) -> str | None:
    names = {_fold(name) for name in (*field.names, field.places[0][1], *others.get(field.places[0][1], ()))}
    rated = [(SequenceMatcher(None, name, _fold(column)).ratio(), column) for name in names for column in header]
    best = max(rated, default=(0.0, ""))
    return best[1] if best[0] >= _NEAR else None
