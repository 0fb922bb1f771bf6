"""From one export to raw canonical tables: a row arrives, is refused or is left out, and is counted."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from arrisk.errors import BookError
from arrisk.frames import Mask
from arrisk.ingest.columns import ColumnMaker, Staged
from arrisk.ingest.documents import Documents, classify
from arrisk.ingest.due_dates import fill_due_dates
from arrisk.ingest.mapping import SourceMapping
from arrisk.ingest.merging import keep_one_per
from arrisk.ingest.problems import StagingProblems
from arrisk.ingest.readers import Source, read_source
from arrisk.ingest.rules import RowRules
from arrisk.ingest.settings import Settings
from arrisk.schema import SOURCE_ROW, TABLES, Kind
from arrisk.schema.checking import explain_no_invoice


@dataclass(frozen=True)
class Staging:
    """An export as raw canonical tables.

    Parameters
    ----------
    tables : by name; text columns, dates ISO, decimals plain, and ``source_row``; without the refused rows.
    settings : what the mapping says of the book.
    notes : what was detected and decided, for people to read.
    problems : as in ``Checked.problems``; what could not be read (refused), and warnings.
    counts : one row a table (table, read, accepted, refused).
    left_out : rows that belong to no table (table, rows, reason); an empty table means none.
    """

    tables: dict[str, pd.DataFrame]
    settings: Settings
    notes: list[str]
    problems: pd.DataFrame
    counts: pd.DataFrame
    left_out: pd.DataFrame

    def require_invoices(self) -> None:
        """Make sure that an invoice is left where the export had rows of invoices.

        Raises
        ------
        BookError
            When none of them can be read.
        """
        read = int(self.counts.loc[self.counts["table"] == "invoices", "read"].sum())
        if read and not len(self.tables["invoices"]):
            what = f"none of {read:,} rows of invoices can be read"
            raise BookError(what, where="table invoices", hint=explain_no_invoice(self.problems))


@dataclass
class _Log:
    notes: list[str]
    problems: StagingProblems = field(default_factory=StagingProblems)
    counts: list[dict[str, object]] = field(default_factory=list)
    left_out: list[dict[str, object]] = field(default_factory=list)

    def leave_out(self, table: str, rows: int, reason: str) -> None:
        if rows:
            self.left_out.append({"table": table, "rows": rows, "reason": reason})


def convert(source: Path, mapping: SourceMapping) -> Staging:
    """Turn an export into raw canonical tables.

    Parameters
    ----------
    source : CSV, workbook or Parquet.
    mapping : how its columns become ours.

    Returns
    -------
    Staging
        Ready for ``arrisk.schema.check``; read = accepted + refused for each table.

    Raises
    ------
    InputError
        When the source cannot be read.
    MappingError
        When the mapping names a column that the source does not have.
    """
    read = read_source(source, mapping.options)
    log = _Log(list(read.notes))
    log.leave_out("", read.count_empty, "rows without any content")
    documents = None
    if mapping.documents is not None:
        documents = classify(read.frame, mapping, mapping.documents)
        log.notes += documents.notes
        log.leave_out("", int((documents.destiny == "leave_out").sum()), "document types that the mapping leaves out")
    wanted = [name for name in mapping.tables if _can_be_made(name, read.frame, mapping, log)]
    tables = {name: _stage(name, read, mapping, documents, log) for name in wanted}
    if "customers" not in tables:
        tables["customers"] = _derive_customers(tables["invoices"], log)
    log.notes += _describe_unused(read, mapping)
    return Staging(
        tables,
        _settings(mapping),
        log.notes,
        log.problems.to_frame(),
        pd.DataFrame(log.counts, columns=["table", "read", "accepted", "refused"]),
        pd.DataFrame(log.left_out, columns=["table", "rows", "reason"]),
    )


def _settings(mapping: SourceMapping) -> Settings:
    end = mapping.book.extract_end_on
    return Settings(mapping.book.name, mapping.book.currency, date.fromisoformat(end) if end else None)


def _stage(name: str, source: Source, mapping: SourceMapping, documents: Documents | None, log: _Log) -> pd.DataFrame:
    chosen = documents.of_table(name) if documents is not None else np.ones(len(source.frame), dtype=bool)
    chosen = chosen & _kept(name, source.frame, mapping, chosen, log)
    maker = ColumnMaker(mapping, name, source.frame.loc[chosen])
    kinds = {column.name: column.kind for column in TABLES[name].all_columns}
    staged = {column: maker.make(column, kinds.get(column, Kind.TEXT)) for column in mapping.tables[name].columns}
    rows = maker.frame.index.to_numpy()
    if documents is not None and name in ("invoices", "payments"):
        staged = _apply_documents(name, staged, documents.destiny[chosen])
    if name == "invoices" and "due_on" in staged:
        staged["due_on"] = fill_due_dates(maker, staged, rows, log.problems)
    refused = _refuse_unreadable(name, staged, kinds, rows, log.problems)
    frame = pd.DataFrame({key: pd.array(column.text, dtype="str") for key, column in staged.items()})
    frame.insert(0, SOURCE_ROW, rows)
    accepted = frame.loc[~refused].reset_index(drop=True)
    if mapping.tables[name].one_per:
        return _merge(name, accepted, mapping.tables[name].one_per, log, refused=int(refused.sum()))
    log.counts.append(
        {"table": name, "read": len(frame), "accepted": len(accepted), "refused": len(frame) - len(accepted)}
    )
    return accepted


def _can_be_made(name: str, frame: pd.DataFrame, mapping: SourceMapping, log: _Log) -> bool:
    missing = [column for column in mapping.tables[name].only_with if column not in frame.columns]
    if missing:
        log.notes.append(f"{name}: not made, the source has no column '{missing[0]}'")
    return not missing


def _kept(name: str, frame: pd.DataFrame, mapping: SourceMapping, chosen: Mask, log: _Log) -> Mask:
    keep = np.ones(len(frame), dtype=bool)
    for position, rule in enumerate(mapping.tables[name].keep):
        cells = ColumnMaker(mapping, name, frame).require([rule.column], ("tables", name, "keep", position))
        fits = _fits(cells, rule)
        log.leave_out(name, int((chosen & keep & ~fits).sum()), rule.because or _say(rule))
        keep &= fits
    return keep


def _fits(cells: pa.Array, rule: RowRules) -> Mask:
    listed = pc.is_in(cells, value_set=pa.array(rule.in_ or rule.not_in, type=cells.type))
    mask = np.asarray(listed.to_numpy(zero_copy_only=False))
    return mask if rule.in_ else ~mask


def _say(rule: RowRules) -> str:
    listed = ", ".join(rule.in_ or rule.not_in)
    return f"{rule.column} is {'not one' if rule.in_ else 'one'} of: {listed}"


def _apply_documents(name: str, staged: dict[str, Staged], destiny: np.ndarray) -> dict[str, Staged]:
    """Take the sign off the amounts, for it has said what the document is, and say so in ``kind``."""
    amount = staged["amount"]
    unsigned = pc.if_else(pa.array(amount.is_unreadable), amount.text, pc.utf8_ltrim(amount.text, characters="-"))
    changed = {**staged, "amount": Staged(unsigned, amount.is_unreadable)}
    if name == "invoices" and "kind" not in staged:
        changed["kind"] = Staged(pa.array(destiny, type=pa.large_string()), np.zeros(len(destiny), dtype=bool))
    return changed


def _refuse_unreadable(
    name: str, staged: dict[str, Staged], kinds: dict[str, Kind], rows: np.ndarray, problems: StagingProblems
) -> Mask:
    refused = np.zeros(len(rows), dtype=bool)
    for key, column in staged.items():
        kind = kinds.get(key, Kind.TEXT)
        at = column.is_unreadable
        if at.any() and kind in (Kind.DATE, Kind.AMOUNT):
            problems.refuse(name, rows[at], key, column.text.filter(pa.array(at)), f"unreadable_{kind.value}")
            refused |= at
    return refused


def _merge(name: str, frame: pd.DataFrame, key: str, log: _Log, *, refused: int) -> pd.DataFrame:
    merged = keep_one_per(frame, key, name, log.problems)
    log.notes.append(f"{name}: {len(merged)} different {key} in {len(frame)} rows")
    log.counts.append({"table": name, "read": len(merged) + refused, "accepted": len(merged), "refused": refused})
    return merged


def _derive_customers(invoices: pd.DataFrame, log: _Log) -> pd.DataFrame:
    rows = invoices[[SOURCE_ROW, "customer_id"]].dropna()
    return _merge("customers", rows, "customer_id", log, refused=0)


def _describe_unused(source: Source, mapping: SourceMapping) -> list[str]:
    used = {name for rules in mapping.tables.values() for column in rules.columns.values() for name in _names(column)}
    used |= {rule.column for rules in mapping.tables.values() for rule in rules.keep}
    if mapping.documents is not None:
        used |= set(mapping.documents.type)
        used |= {mapping.documents.credit.column} if mapping.documents.credit else set()
    notes = []
    for name in map(str, source.frame.columns):
        if name not in used:
            reason = mapping.not_imported.get(name, "the mapping does not name it")
            notes.append(f"column '{name}' is not imported: {reason}")
    return notes


def _names(column: object) -> list[str]:
    return [
        name for field_name in ("from_", "join", "baseline", "terms", "within") for name in getattr(column, field_name)
    ]
