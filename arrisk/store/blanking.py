"""The one change of a row of the book: what names a natural person may go away. All else the database refuses."""

from collections.abc import Sequence

from sqlalchemy import Table

from arrisk.store.append_only import refuse_changes


def allow_blanking(table: Table, *, columns: Sequence[str] = (), cells: str = "") -> None:
    """Let a table refuse every change of its rows but that some of what they say goes away.

    Parameters
    ----------
    columns : those that may become NULL.
    cells : a column with a JSON object, out of which cells may be dropped; none can be changed or added.
    """
    conditions = {}
    for dialect, differs in (("sqlite", "IS NOT"), ("postgresql", "IS DISTINCT FROM")):
        said = [
            f'(OLD."{column.name}" {differs} NEW."{column.name}"'
            + (f' AND NEW."{column.name}" IS NOT NULL)' if column.name in columns else ")")
            for column in table.columns
            if column.name != cells
        ]
        conditions[dialect] = " OR ".join([*said, *([_changes_cells(dialect, cells)] if cells else [])])
    refuse_changes(table, if_updated=conditions)


def _changes_cells(dialect: str, column: str) -> str:
    if dialect == "postgresql":
        return f'NOT (NEW."{column}"::jsonb <@ OLD."{column}"::jsonb)'
    before = f'SELECT before.atom FROM json_each(OLD."{column}") AS before WHERE before.key = after.key'  # noqa: S608
    after = f'SELECT 1 FROM json_each(NEW."{column}") AS after'  # noqa: S608 - names of our own tables
    return f"EXISTS ({after} WHERE after.atom IS NULL OR after.atom IS NOT ({before}))"
