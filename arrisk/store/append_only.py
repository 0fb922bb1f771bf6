"""Tables whose rows the database itself refuses to change: only a new row can be added."""

from typing import Final

from sqlalchemy import DDL, Table, event

_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END
"""
_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION arrisk_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'rows of %% are never changed', TG_TABLE_NAME; END $$
"""
_POSTGRESQL = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
FOR EACH {each} EXECUTE FUNCTION arrisk_refuse_change()
"""

TRIGGERS: Final = ("update", "delete", "truncate")
"""What is refused; SQLite has no truncate."""


def refuse_changes(table: Table) -> None:
    """Let a table, when it is made, refuse that its rows are changed or deleted."""
    _add(table, _POSTGRESQL_FUNCTION, "postgresql")
    for verb in TRIGGERS:
        each = "STATEMENT" if verb == "truncate" else "ROW"
        _add(table, _POSTGRESQL.format(table=table.name, verb=verb, each=each), "postgresql")
        if verb != "truncate":
            _add(table, _SQLITE.format(table=table.name, verb=verb), "sqlite")


def _add(table: Table, statement: str, dialect: str) -> None:
    event.listen(table, "after_create", DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]
