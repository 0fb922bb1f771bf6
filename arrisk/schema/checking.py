"""Checks raw tables: typed accepted rows, the problem list, and counts that tie out."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk import money
from arrisk.errors import BookError
from arrisk.frames import NEVER, Days, date_of, match, run_together, take, to_days
from arrisk.schema import rules
from arrisk.schema.book import Book, Checked, fingerprint
from arrisk.schema.problems import REFUSED, WARNING, ProblemList
from arrisk.schema.reading import SOURCE_ROW, TableReader, clocks, empty_table
from arrisk.schema.repeats import has_repeats
from arrisk.schema.tables import MANDATORY, TABLES, Kind, Table

_FIRST = ("customers", "invoices", "payments")
READING_ORDER = (*_FIRST, *(name for name in TABLES if name not in _FIRST))
"""The tables in the order in which they are read: those first of which others need to know something."""

_END_EVENTS = {
    "invoices": ("issued_on", "settled_on"),
    "payments": ("paid_on",),
    "allocations": ("applied_on",),
    "write_offs": ("written_off_on",),
}


def check(raw: Mapping[str, pd.DataFrame], *, name: str, currency: str, extract_end_on: date | None = None) -> Checked:
    """Check raw tables against the canonical ones.

    Parameters
    ----------
    raw : tables by name, columns as text or typed, in any order; a column ``source_row`` gives the row
        numbers of the user's own file.
    name : the ledger's name; empty = a fingerprint of its earliest rows.
    currency : the book currency, ISO 4217.
    extract_end_on : the last day covered; None = the latest event day in invoices, payments, allocations and
        write-offs.

    Returns
    -------
    Checked
        A row is refused only for an unreadable or missing amount, date or id, or as a duplicate; all else
        is a warning.

    Raises
    ------
    BookError
        When customers or invoices are missing, no invoice can be used, a required column is missing, or a
        column stands twice.

    Examples
    --------
    >>> invoice = {"invoice_id": "1", "customer_id": "A", "amount": "9.5"}
    >>> invoice |= {"issued_on": "2024-01-02", "due_on": "2024-02-01"}
    >>> raw = {"customers": pd.DataFrame({"customer_id": ["A"]}), "invoices": pd.DataFrame([invoice])}
    >>> check(raw, name="demo", currency="EUR").book["invoices"]["amount"].tolist()
    [950]
    """
    _require_tables(raw)
    problems = ProblemList()
    read = _read_tables(raw, problems, currency)
    keep = [partial(_keep_versions, TABLES[table], frame, problems) for table, frame in read.items()]
    rows = sum(len(frame) for frame in read.values())
    kept = dict(zip(read, run_together(keep, rows=rows), strict=True))
    tables = {table: empty_table(TABLES[table]) for table in TABLES} | kept
    for stranger in sorted(set(raw) - set(TABLES)):
        problems.add(stranger, pd.Series([0]), "", pd.Series([stranger]), "unknown_table", WARNING)
    counts = [_count(table, len(raw[table]), len(frame)) for table, frame in kept.items()]
    return finish(tables, problems, counts, name=name, currency=currency, extract_end_on=extract_end_on)


def _read_tables(raw: Mapping[str, pd.DataFrame], problems: ProblemList, currency: str) -> dict[str, pd.DataFrame]:
    """Read what was given, invoices before those whose money is in an invoice's currency."""
    tables: dict[str, pd.DataFrame] = {}
    for name in READING_ORDER:
        if name in raw:
            reader = TableReader(TABLES[name], raw[name], problems)
            tables[name] = reader.read(
                book_currency=currency, exponents=partial(find_exponents, TABLES[name], tables, currency)
            )
    return tables


def _count(table: str, read: int, accepted: int) -> dict[str, object]:
    return {"table": table, "read": read, "accepted": accepted, "refused": read - accepted}


def finish(
    tables: dict[str, pd.DataFrame],
    problems: ProblemList,
    counts: list[dict[str, object]],
    *,
    name: str,
    currency: str,
    extract_end_on: date | None,
) -> Checked:
    """Warn about rows that do not fit together, and make a book of tables that have their versions."""
    if not len(tables["invoices"]):
        raise BookError("no invoice can be used", where="table invoices", hint=explain_no_invoice(problems.to_frame()))
    checks: list[Callable[[], None]] = [
        partial(rules.warn_about_allocations, tables, problems),
        partial(rules.warn_about_rows, tables, problems),
        partial(rules.warn_about_links, tables, problems),
        partial(rules.warn_about_rates, tables, currency, problems),
    ]
    if extract_end_on is not None:
        checks.append(partial(rules.warn_after_end, tables, extract_end_on, problems))
    run_together(checks, rows=sum(len(frame) for frame in tables.values()))
    end = extract_end_on or date_of(find_latest_event(tables))
    clean = {table: frame.drop(columns=SOURCE_ROW) for table, frame in tables.items()}
    name = name or fingerprint(clean["invoices"])
    return Checked(Book(name, currency, end, clean), problems.to_frame(), pd.DataFrame(counts))


def _require_tables(raw: Mapping[str, pd.DataFrame]) -> None:
    for name in MANDATORY:
        if name not in raw:
            raise BookError(f"the table '{name}' is missing", hint=f"a file {name}.csv or {name}.parquet")


def explain_no_invoice(problems: pd.DataFrame) -> str:
    """Say why no invoice is left, by the first problem that refused one; problems are as in ``Checked``."""
    refused = problems[(problems["severity"] == REFUSED) & (problems["table"] == "invoices")]
    if not len(refused):
        return "the file has a header and no rows; export it again"
    row = refused.iloc[0]
    return f"row {row['row']}, {row['column']} '{row['value']}': {row['rule']}; {row['hint']}"


def find_exponents(
    table: Table, tables: Mapping[str, pd.DataFrame], currency: str, series: Mapping[str, pd.Series]
) -> npt.NDArray[np.int64]:
    """Say how many decimals each row's money has: by its own currency, its invoice's, or the book's."""
    if "currency" in series:
        return money.exponents(series["currency"])
    usual = np.full(len(series["known_on"]), money.exponent(currency), dtype="int64")
    if "invoice_id" not in series:
        return usual
    invoices = tables["invoices"]
    theirs = money.exponents(invoices["currency"])
    if not len(usual) or bool((theirs == usual[0]).all()):
        return usual
    # The currency that an invoice had first, and only where it was there first: a later row must not change how
    # older rows were read.
    known = clocks(TABLES["invoices"], invoices)[0]
    first = np.argsort(known, kind="stable")
    position = match(series["invoice_id"], invoices["invoice_id"].iloc[first])
    own, _ = clocks(table, pd.DataFrame({name: series[name] for name in (table.event_on, "known_on")}, copy=False))
    position = np.where(take(known[first], position, NEVER) <= own, position, -1)
    return take(theirs[first], position, int(usual[0]))


def _keep_versions(table: Table, frame: pd.DataFrame, problems: ProblemList) -> pd.DataFrame:
    """Refuse repeated rows, and say from when to when each version of a row can be seen."""
    dated = date_rows(table, frame, problems)
    if _is_unique(dated, table.key):
        return dated.assign(superseded_day=np.int64(NEVER))
    kept = refuse_repeats(table, dated, problems)
    return kept.assign(superseded_day=_superseded(kept, list(table.key)))


def date_rows(table: Table, frame: pd.DataFrame, problems: ProblemList) -> pd.DataFrame:
    """Say from which day on each row is known."""
    known, too_early = clocks(table, frame)
    problems.mark(table.name, frame, "known_on", too_early, "known_too_early")
    return frame.assign(known_day=known)


def refuse_repeats(table: Table, frame: pd.DataFrame, problems: ProblemList) -> pd.DataFrame:
    """Keep the first of the rows with the same key that are known from the same day on."""
    repeated = frame.duplicated([*table.key, "known_day"]).to_numpy()
    bad = frame.loc[repeated]
    problems.add(table.name, bad[SOURCE_ROW], table.key[0], bad[table.key[0]], "duplicate_key", REFUSED)
    return frame.loc[~repeated].reset_index(drop=True)


def find_versions(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Say of rows, none of them repeated, from which day on each is replaced by another of its key."""
    if _is_unique(frame, table.key):
        return frame.assign(superseded_day=np.int64(NEVER))
    return frame.assign(superseded_day=_superseded(frame, list(table.key)))


def _is_unique(frame: pd.DataFrame, key: Sequence[str]) -> bool:
    """One column of the key without repetition proves the whole key, and is much cheaper to look at."""
    texts = [column for column in key if pd.api.types.is_string_dtype(frame[column].dtype)]
    if any(not has_repeats(frame[column]) for column in texts):
        return True
    return not frame.duplicated(list(key)).any()


def _superseded(frame: pd.DataFrame, key: list[str]) -> Days:
    superseded = np.full(len(frame), NEVER, dtype="int64")
    several = frame.duplicated(key, keep=False).to_numpy()
    if several.any():
        versions = frame.loc[several, [*key, "known_day"]].sort_values("known_day", kind="stable")
        following = versions.groupby(key, dropna=False, sort=False)["known_day"].shift(-1)
        superseded[versions.index.to_numpy()] = following.fillna(NEVER).to_numpy(dtype="int64")
    return superseded


def find_latest_event(tables: Mapping[str, pd.DataFrame]) -> int:
    """Find the latest day of an event that says how far an extract goes; -NEVER where there is none."""
    latest = -NEVER
    for table, columns in _END_EVENTS.items():
        for column in columns if table in tables else ():
            days = to_days(tables[table][column])
            latest = max(latest, int(days[days < NEVER].max(initial=-NEVER)))
    return latest


def money_columns(table: Table) -> list[str]:
    """Give the names of the columns that hold minor units."""
    return [column.name for column in table.all_columns if column.kind is Kind.AMOUNT]
