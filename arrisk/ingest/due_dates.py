"""Works out the due dates that an export leaves empty: the baseline date plus the days of the terms."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from arrisk.frames import Mask
from arrisk.ingest.cells import parse_dates
from arrisk.ingest.columns import ColumnMaker, Staged
from arrisk.ingest.problems import StagingProblems

_TEXT = pa.large_string()


def fill_due_dates(
    maker: ColumnMaker, staged: dict[str, Staged], rows: np.ndarray, problems: StagingProblems
) -> Staged:
    """Fill missing due dates where the mapping says how.

    Parameters
    ----------
    maker : of the table invoices.
    staged : its columns so far.
    rows : source row numbers.
    problems : takes a warning for each row whose terms are not in the mapping's ``[terms]``.

    Returns
    -------
    Staged
        ``due_on``; a credit note without known terms is due on its baseline date: it can be set off at once.
    """
    due = staged["due_on"]
    rules = maker.mapping.tables[maker.table].columns["due_on"]
    is_missing = np.asarray(pc.is_null(due.text).to_numpy(zero_copy_only=False))
    if not rules.baseline or not is_missing.any():
        return due
    path = ("tables", maker.table, "columns", "due_on")
    baseline = parse_dates(maker.require(rules.baseline, path), rules.dates or maker.mapping.source.dates).text
    keys = maker.require(rules.terms, path)
    days = _days(keys, maker.mapping.terms)
    days = np.where((days < 0) & _is_credit_note(staged, len(rows)), 0, days)
    unknown = is_missing & (days < 0)
    problems.warn("invoices", rows[unknown], "due_on", keys.filter(pa.array(unknown)), "unknown_terms")
    filled = _add_days(baseline, np.maximum(days, 0))
    usable = pa.array(is_missing & (days >= 0))
    return Staged(pc.if_else(usable, filled, due.text), due.is_unreadable)


def _days(keys: pa.Array, terms: dict[str, int]) -> np.ndarray:
    """Give the days of each terms key; -1 where it is not known."""
    found = pc.index_in(keys, value_set=pa.array(list(terms), type=_TEXT))
    days = pa.array(list(terms.values()), type=pa.int64()).take(found)
    return np.asarray(pc.fill_null(days, -1).to_numpy(zero_copy_only=False))


def _is_credit_note(staged: dict[str, Staged], size: int) -> Mask:
    if "kind" not in staged:
        return np.zeros(size, dtype=bool)
    same = pc.fill_null(pc.equal(staged["kind"].text, "credit_note"), False)
    return np.asarray(same.to_numpy(zero_copy_only=False))


def _add_days(iso: pa.Array, days: np.ndarray) -> pa.Array:
    starts = pc.cast(iso, pa.date32()).to_numpy(zero_copy_only=False).astype("datetime64[D]")
    return pc.cast(pa.array(starts + days.astype("timedelta64[D]")), _TEXT)
