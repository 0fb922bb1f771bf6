"""Decides what each row of an export is: an invoice, a credit note, a receipt on account, or none."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from arrisk.frames import Mask
from arrisk.ingest.cells import parse_decimals
from arrisk.ingest.columns import ColumnMaker
from arrisk.ingest.mapping import SourceMapping
from arrisk.ingest.rules import DocumentRules


@dataclass(frozen=True)
class Documents:
    """What each source row is.

    Parameters
    ----------
    destiny : ``invoice``, ``credit_note``, ``payment`` or ``leave_out``, one a row.
    notes : counts a type, and what looks odd, for people to read.
    """

    destiny: npt.NDArray[np.object_]
    notes: list[str]

    def of_table(self, table: str) -> Mask:
        """Mark the rows of a canonical table; one that is neither invoices nor payments takes all."""
        if table == "invoices":
            return np.isin(self.destiny, ["invoice", "credit_note"])
        if table == "payments":
            return np.asarray(self.destiny == "payment")
        return np.ones(len(self.destiny), dtype=bool)


def classify(frame: pd.DataFrame, mapping: SourceMapping, rules: DocumentRules) -> Documents:
    """Decide what each row is, by its document type and the sign of its amount.

    Raises
    ------
    MappingError
        When the source has no such column for the type, the amount or the credit indicator.
    """
    maker = ColumnMaker(mapping, "invoices", frame)
    is_negative = _is_negative(maker, mapping, rules)
    types = _types(maker, rules)
    codes, names = pd.factorize(types)
    wanted = np.array([rules.types.get(str(name), rules.other) for name in names], dtype=object)[codes]
    by_sign = np.where(is_negative, "credit_note", "invoice")
    destiny = np.where(wanted == "by_sign", by_sign, wanted)
    return Documents(destiny, _describe(types, destiny, is_negative, rules))


def _is_negative(maker: ColumnMaker, mapping: SourceMapping, rules: DocumentRules) -> Mask:
    text = maker.make_text("amount")
    amounts = parse_decimals(text, decimal=mapping.source.decimal, thousands=mapping.source.thousands).text
    negative: Mask = pc.fill_null(pc.starts_with(amounts, "-"), False).to_numpy(zero_copy_only=False)
    if rules.credit is None:
        return negative
    marks = maker.require([rules.credit.column], ("documents", "credit", "column"))
    credit = pc.is_in(marks, value_set=pa.array(rules.credit.in_, type=marks.type))
    # Where a column says debit or credit, a minus sign before a credit would only say it twice.
    is_credit: Mask = credit.to_numpy(zero_copy_only=False)
    return np.logical_or(is_credit, negative)


def _types(maker: ColumnMaker, rules: DocumentRules) -> pd.Series:
    if not rules.type:
        return pd.Series("", index=range(len(maker.frame)), dtype="str")
    return pd.Series(pd.array(maker.require(rules.type, ("documents", "type")), dtype="str"))


def _describe(types: pd.Series, destiny: npt.NDArray[np.object_], is_negative: Mask, rules: DocumentRules) -> list[str]:
    notes = []
    counts = pd.DataFrame({"type": types, "destiny": destiny, "negative": is_negative})
    for group, rows in counts.groupby(["type", "destiny"], sort=True):
        name, becomes = map(str, group)
        label = f"document type {name or '(none)'}" if rules.type else "rows"
        listed = "" if not rules.type or name in rules.types else ", a type that the mapping does not name"
        notes.append(f"{label}: {len(rows)} become {_WORDS[becomes]}{listed}")
        negative = int(rows["negative"].sum())
        if rules.types.get(name) in ("credit_note", "payment") and 0 < negative < len(rows):
            notes.append(f"{label}: {negative} of these amounts are negative, the others are not; the type decides")
    return notes


_WORDS = {
    "invoice": "invoices",
    "credit_note": "credit notes",
    "payment": "receipts on account",
    "leave_out": "nothing: they are left out",
}
