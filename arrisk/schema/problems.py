"""The problem list: what is wrong with which row, by which rule, and what to try."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from arrisk.frames import Mask, to_text

COLUMNS = ["table", "row", "column", "value", "rule", "severity", "hint"]
_SAID = ("table", "column", "rule", "severity", "hint")
REFUSED = "refused"
WARNING = "warning"

HINTS = {
    "missing_value": "fill the column; a row without it cannot be placed",
    "unreadable_date": "write YYYY-MM-DD, or give the date format in the mapping",
    "date_out_of_range": "a day between 1900-01-01 and 2200-12-31",
    "unreadable_amount": "write a plain decimal such as -1234.50, or give its decimal sign in the mapping",
    "unreadable_number": "write a plain decimal; the value is taken as missing",
    "duplicate_key": "a correction needs a later known_on; the first row stands",
    "changed_row": "a correction needs a later known_on; the row that is there stands",
    "unknown_column": "rename it in the mapping, or leave it: only the table 'attributes' takes any column",
    "reserved_column": "rename it: arrisk uses the name itself; the column is left out",
    "unknown_table": "remove the file, or name it as one of the canonical tables",
    "unknown_choice": "the value is kept as it is and has no effect of its own",
    "amount_rounded": "the currency has fewer decimals; the amount was rounded",
    "due_before_issued": "check the dates; the row is kept as it is",
    "due_far_away": "check the dates; the row is kept as it is",
    "negative_amount": "amounts are positive, reversals apart; a credit note has kind 'credit_note'",
    "zero_amount": "check the amount; the row is kept as it is",
    "known_too_early": "known_on lies before the event; the event day is used",
    "unknown_customer": "add the customer; the row keeps its balance, its master columns are missing",
    "unknown_invoice": "add the invoice; the row moves no balance until it is there",
    "unknown_payment": "add the receipt; applied_on stands for the day of the money",
    "ended_before_start": "check the dates; the later one is not used before the earlier",
    "over_allocated_payment": "more was applied than received; check the allocations of this receipt",
    "over_allocated_credit_note": "more was applied than credited; check the allocations of this credit note",
    "over_allocated_invoice": "more was applied than invoiced; the rest shows as a credit balance",
    "missing_limit_amount": "give limit_amount, or limit_kind 'none' or 'zero'; the row sets no limit",
    "no_rate": "add a row to 'rates'; totals over currencies are refused until then",
    "after_extract_end": "check the date, or extract_end_on in book.toml; the row is kept as it is",
    "currency_differs": "receipt and invoice have different currencies; the amount is read in the invoice's",
}


@dataclass
class ProblemList:
    """Collects problems; each call adds the marked rows of one table, with what is said of all of them."""

    _parts: list[tuple[pd.DataFrame, tuple[str, ...]]] = field(default_factory=list)

    def add(self, table: str, rows: pd.Series, column: str, values: pd.Series, rule: str, severity: str) -> None:
        """Add one problem per row.

        Parameters
        ----------
        table, column : where.
        rows : source row numbers.
        values : what stands there, of the length of ``rows``.
        rule : a key of ``HINTS``.
        severity : ``refused`` or ``warning``.
        """
        if not len(rows):
            return
        part = pd.DataFrame({"row": rows.to_numpy(), "value": _as_text(values)})
        self._parts.append((part, (table, column, rule, severity, HINTS[rule])))

    def mark(self, table: str, frame: pd.DataFrame, column: str, wrong: Mask, rule: str) -> None:
        """Add a warning for each marked row of a checked frame."""
        if np.any(wrong):
            bad = frame.loc[wrong]
            self.add(table, bad["source_row"], column, bad[column], rule, WARNING)

    def to_frame(self) -> pd.DataFrame:
        """Give all problems, in order of table, row and column."""
        if not self._parts:
            return pd.DataFrame({name: pd.Series(dtype="int64" if name == "row" else "str") for name in COLUMNS})
        rows, said = zip(*self._parts, strict=True)
        texts = pd.DataFrame(said, columns=list(_SAID), dtype="str")
        each = texts.loc[np.repeat(np.arange(len(said)), [len(part) for part in rows])].reset_index(drop=True)
        frame: pd.DataFrame = pd.concat([pd.concat(rows, ignore_index=True), each], axis=1)[COLUMNS]
        return frame.sort_values(["table", "row", "column", "rule"], kind="stable", ignore_index=True)


def _as_text(values: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        values = values.dt.strftime("%Y-%m-%d")
    return pd.Series(pd.array(pc.fill_null(to_text(values), ""), dtype="str"))
