"""What goes wrong while an export becomes tables, in the form of the check's own problem list."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa

from arrisk.schema import Checked
from arrisk.schema.problems import COLUMNS, HINTS, REFUSED, WARNING

_HINTS = {
    "unreadable_date": "give its format in the mapping: dates = [...] under [source], or on the column",
    "unreadable_amount": "give decimal and thousands under [source] in the mapping",
    "unknown_terms": "add the key and its days under [terms] in the mapping",
    "several_values": "the first value stands; correct the master data if it is wrong",
}


@dataclass
class StagingProblems:
    """Collects problems, each with its source row number."""

    parts: list[pd.DataFrame] = field(default_factory=list)

    def refuse(self, table: str, rows: np.ndarray, column: str, values: pa.Array, rule: str) -> None:
        """Add problems that refuse their rows."""
        self._add(table, rows, column, values, rule, REFUSED)

    def warn(self, table: str, rows: np.ndarray, column: str, values: pa.Array | pd.Series, rule: str) -> None:
        """Add warnings."""
        self._add(table, rows, column, values, rule, WARNING)

    def _add(
        self,
        table: str,
        rows: np.ndarray,
        column: str,
        values: pa.Array | pd.Series,
        rule: str,
        severity: str,
    ) -> None:
        if not len(rows):
            return
        text = pd.Series(pd.array(pa.array(values), dtype="str")).fillna("")
        part = pd.DataFrame({"row": np.asarray(rows, dtype="int64"), "value": text})
        self.parts.append(
            part.assign(
                table=table,
                column=column,
                rule=rule,
                severity=severity,
                hint=_HINTS.get(rule, HINTS.get(rule, "")),
            )
        )

    def to_frame(self) -> pd.DataFrame:
        """Give all problems, in order of table, row and column."""
        if not self.parts:
            return pd.DataFrame({name: pd.Series(dtype="int64" if name == "row" else "str") for name in COLUMNS})
        frame = pd.concat(self.parts, ignore_index=True)[COLUMNS]
        return frame.sort_values(["table", "row", "column", "rule"], kind="stable", ignore_index=True)


def add_staging(checked: Checked, problems: pd.DataFrame, counts: pd.DataFrame) -> Checked:
    """Join what staging found with what the check found, so that the totals are those of the user's own file.

    Parameters
    ----------
    checked : the check of the staged tables.
    problems, counts : of the ``Staging``.

    Returns
    -------
    Checked
        The same book; read = rows of the source, refused = refused by either, and accepted + refused = read.
    """
    both = pd.concat([part for part in (problems, checked.problems) if len(part)] or [problems], ignore_index=True)
    ordered = both.sort_values(["table", "row", "column", "rule"], kind="stable", ignore_index=True)
    before = counts.set_index("table")["refused"].reindex(checked.counts["table"]).fillna(0).astype("int64").to_numpy()
    totals = checked.counts.assign(read=checked.counts["read"] + before, refused=checked.counts["refused"] + before)
    return Checked(checked.book, ordered, totals)
