"""Tables whose rows the database itself refuses to change: only a new row can be added."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import DDL, Table, event

_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} {when}
BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END
"""
_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION arrisk_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'rows of %% are never changed', TG_TABLE_NAME; END $$
"""
_POSTGRESQL = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
FOR EACH {each} {when} EXECUTE FUNCTION arrisk_refuse_change()
"""

TRIGGERS: Final = ("update", "delete", "truncate")
"""What is refused; SQLite has no truncate."""


def refuse_changes(table: Table, *, if_updated: Mapping[str, str] | None = None) -> None:
    """Let a table, when it is made, refuse that its rows are changed or deleted.

    Parameters
    ----------
    if_updated : by dialect, which changes of a row are refused, as SQL of OLD and NEW; None = all.
    """
    whens = {dialect: f"WHEN ({condition})" for dialect, condition in (if_updated or {}).items()}
    _add(table, _POSTGRESQL_FUNCTION, "postgresql")
    for verb in TRIGGERS:
        each = "STATEMENT" if verb == "truncate" else "ROW"
        when = {dialect: clause if verb == "update" else "" for dialect, clause in whens.items()}
        asked = {"table": table.name, "verb": verb, "each": each}
        _add(table, _POSTGRESQL.format(**asked, when=when.get("postgresql", "")), "postgresql")
        if verb != "truncate":
            _add(table, _SQLITE.format(**asked, when=when.get("sqlite", "")), "sqlite")


def _add(table: Table, statement: str, dialect: str) -> None:
    event.listen(table, "after_create", DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]
