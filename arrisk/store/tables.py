"""The tables of the database. Rows are added and never changed; what is not, says so."""

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, Text

from arrisk.store.append_only import refuse_changes

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ENTRIES = Table(
    "entries",
    METADATA,
    Column("key", String(200), primary_key=True, comment="the record, such as decisions/alder"),
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False, comment="ISO 8601 in UTC"),
    Column("by", String(200), nullable=False),
    Column("action", String(100), nullable=False),
    Column("content", Text, nullable=False, comment="JSON, as it was hashed"),
    Column("previous_sha256", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
)
"""One row per act of a person, in chains of hashes."""

refuse_changes(ENTRIES)
