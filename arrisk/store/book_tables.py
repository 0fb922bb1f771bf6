"""The tables of the canonical books: ledgers, their batches, and one table made of each canonical one."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint
from sqlalchemy.types import TypeEngine

from arrisk.schema import TABLES, Kind
from arrisk.schema.tables import Table as Canonical
from arrisk.store.append_only import refuse_changes
from arrisk.store.blanking import allow_blanking
from arrisk.store.tables import METADATA

PERSONAL: Final = MappingProxyType({"customers": ("name",), "payments": ("reference",)})
"""Columns that may hold what names a natural person, and can be blanked; of attributes any cell can be dropped."""

_BIG = BigInteger().with_variant(Integer, "sqlite")
_TYPES: Mapping[Kind, TypeEngine[Any]] = {
    Kind.ID: Text(),
    Kind.TEXT: Text(),
    Kind.DATE: Integer(),
    Kind.AMOUNT: BigInteger(),
    Kind.NUMBER: Double(),
}
_LOOKUPS = (
    "customer_id",
    "invoice_id",
    "payment_id",
    "parent_id",
    "dispute_id",
    "application_id",
    "collateral_id",
    "order_id",
)

LEDGERS = Table(
    "ledgers",
    METADATA,
    Column("ledger_id", Integer, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("currency", String(3), nullable=False, comment="the book currency, ISO 4217"),
    Column("created_at", String(40), nullable=False, comment="ISO 8601 in UTC"),
    Column("by", String(200), nullable=False),
)
"""One row per ledger."""

BATCHES = Table(
    "batches",
    METADATA,
    Column("batch_id", Integer, primary_key=True),
    Column("ledger_id", ForeignKey("ledgers.ledger_id"), nullable=False),
    Column("fingerprint", String(64), nullable=False, comment="SHA-256 of what was uploaded"),
    Column("source", Text, nullable=False, comment="where it came from, as the user names it"),
    Column("received_at", String(40), nullable=False, comment="ISO 8601 in UTC"),
    Column("by", String(200), nullable=False),
    Column("extract_end_on", Integer, nullable=False, comment="the ledger's last day covered, days since 1970-01-01"),
    Column("attribute_columns", Text, nullable=False, comment="JSON: the free columns of attributes, in order"),
    Column("counts", Text, nullable=False, comment="JSON: by table read, accepted, known, completed, refused"),
    Column("count_problems", Integer, nullable=False),
    UniqueConstraint("ledger_id", "fingerprint"),
)
"""One row per upload that was taken in."""

PROBLEMS = Table(
    "problems",
    METADATA,
    Column("batch_id", ForeignKey("batches.batch_id"), primary_key=True, comment="the batch that brought it to light"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("of_batch_id", ForeignKey("batches.batch_id"), nullable=False, comment="the batch whose row it is"),
    Column("table", Text, nullable=False),
    Column("row", BigInteger, nullable=False, comment="in the file of that batch, first data row = 1; 0 = the table"),
    Column("column", Text, nullable=False),
    Column("value", Text, nullable=False, comment="empty where the column is personal"),
    Column("rule", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("hint", Text, nullable=False),
)
"""One row per problem of a batch."""

MOVED = Table(
    "moved",
    METADATA,
    Column("ledger_id", ForeignKey("ledgers.ledger_id"), primary_key=True),
    Column("table", String(40), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("known_day", Integer, primary_key=True, autoincrement=False),
)
"""One row per version of what did not always belong to the same customer, or to the same invoice."""

ERASURES = Table(
    "erasures",
    METADATA,
    Column("ledger_id", ForeignKey("ledgers.ledger_id"), primary_key=True),
    Column("customer_id", Text, primary_key=True),
    Column("at", String(40), primary_key=True, comment="ISO 8601 in UTC"),
    Column("columns", Text, nullable=False, comment="JSON: the free columns of attributes that are personal"),
)
"""One row per time that a customer's personal columns were blanked; they stay blank."""


def _make_table(table: Canonical) -> Table:
    own = [
        # No foreign keys here: looking them up row by row would take longer than all the rest.
        Column("ledger_id", Integer, primary_key=True, autoincrement=False),
        Column("row_id", _BIG, primary_key=True, autoincrement=False, comment="1, 2, ... in order of arrival"),
        Column("batch_id", Integer, nullable=False),
        Column("source_row", BigInteger, nullable=False, comment="in the uploaded file, first data row = 1"),
        Column("completes", BigInteger, comment="the row_id of the row whose late-filled cells it fills"),
        Column("known_day", Integer, nullable=False, comment="days since 1970-01-01"),
    ]
    columns = [
        Column(column.name, _TYPES[column.kind], nullable=not _always_there(column.name, table), comment=column.meaning)
        for column in table.all_columns
    ]
    cells = [Column("cells", Text, nullable=False, comment="JSON: the free columns")] if table.takes_any_column else []
    name = f"book_{table.name}"
    keys = [key for key in _LOOKUPS if key in table.column_names]
    indices = [Index(f"ix_{name}_{key}", "ledger_id", key) for key in keys]
    made = Table(name, METADATA, *own, *columns, *cells, *indices)
    allow_blanking(made, columns=PERSONAL.get(table.name, ()), cells="cells" if cells else "")
    return made


def _always_there(column: str, table: Canonical) -> bool:
    return any(one.is_required or one.default for one in table.all_columns if one.name == column)


BOOK_TABLES: Final[Mapping[str, Table]] = MappingProxyType({name: _make_table(TABLES[name]) for name in TABLES})
"""By canonical name: one row per accepted row, and one more each time a late-filled cell arrived."""

for _table in (LEDGERS, BATCHES, PROBLEMS, MOVED, ERASURES):
    refuse_changes(_table)
