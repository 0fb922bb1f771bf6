"""What is old enough to leave the working tables, row by row, and its way out and back."""

import json
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, bindparam, delete, exists, func, select

from arrisk.store.dump import Columns, read_lines
from arrisk.store.job_tables import JOB_STEPS, JOBS, UPLOAD_PROBLEMS, UPLOADS
from arrisk.store.run_tables import RUN_CUSTOMERS, RUN_INVOICES, RUN_REPORTS, RUN_WORKLIST, RUNS
from arrisk.store.tables import ENTRIES, METADATA, SESSIONS, SIGN_INS, TOKENS

KINDS: Final = ("runs", "uploads", "jobs", "sign_ins")
"""Kinds of rows that leave the working tables."""

Selection = list[tuple[Table, ColumnElement[bool]]]
"""Tables, those first that others refer to, each with the rows that are meant."""

_CHUNK = 1_000
_OVER = ("done", "failed", "cancelled")


def select_old(kind: str, before: str) -> Selection:
    """Give the rows of a kind that are older than a moment.

    Parameters
    ----------
    kind : one of ``KINDS``.
    before : ISO 8601 in UTC.
    """
    match kind:
        case "runs":
            return _with_below(RUNS, _old_runs(before), [RUN_INVOICES, RUN_CUSTOMERS, RUN_WORKLIST, RUN_REPORTS])
        case "uploads":
            return _with_below(UPLOADS, UPLOADS.c.made_at < before, [UPLOAD_PROBLEMS])
        case "jobs":
            return _with_below(JOBS, _old_jobs(before), [JOB_STEPS])
        case _:
            return [*_with_below(SESSIONS, SESSIONS.c.ends_at < before, [TOKENS]), (SIGN_INS, SIGN_INS.c.at < before)]


def list_queries(kind: str, before: str) -> list[tuple[str, Select[Any]]]:
    """Give the queries of the rows that ``select_old`` means, by table."""
    return [
        (one.name, select(one).where(is_meant).order_by(*one.primary_key.columns))
        for one, is_meant in select_old(kind, before)
    ]


def drop_rows(connection: Connection, name: str, lines: Iterable[str]) -> int:
    """Delete the rows of lines by their keys, and count those that were there."""
    whole = METADATA.tables[name]
    keys = [column.name for column in whole.primary_key]
    statement = delete(whole).where(and_(*(whole.c[key] == bindparam(f"key_{key}") for key in keys)))
    rest, count = iter(lines), 0
    while rows := [json.loads(line) for line in islice(rest, _CHUNK)]:
        found = connection.execute(statement, [{f"key_{key}": row[key] for key in keys} for row in rows])
        count += max(found.rowcount, 0)
    return count


def put_back(connection: Connection, name: str, columns: Columns, lines: Iterable[str]) -> int:
    """Add the rows of lines that are not there, and count them."""
    whole = METADATA.tables[name]
    keys = [column.name for column in whole.primary_key]
    there = {tuple(row) for row in connection.execute(select(*(whole.c[key] for key in keys)))}
    missing = (line for line in lines if not _has(json.loads(line), keys, there))
    return read_lines(connection, name, columns, missing)


def find_last_before(connection: Connection, key: str, before: str) -> int:
    """Give the number of the last entry of a record that is older than a moment, as is all before it; 0 = none."""
    own = ENTRIES.c.key == key
    later = connection.scalar(select(func.min(ENTRIES.c.seq)).where(own, ENTRIES.c.at >= before))
    newest = connection.scalar(select(func.max(ENTRIES.c.seq)).where(own)) or 0
    return newest if later is None else later - 1


def list_kept_files(connection: Connection) -> set[str]:
    """List the SHA-256 of the files that uploads still name."""
    return set(connection.execute(select(UPLOADS.c.sha256)).scalars())


def _old_runs(before: str) -> ColumnElement[bool]:
    # The one that everybody sees stays, however old it is: the newest day, and of that the last complete run.
    rank = func.row_number().over(
        partition_by=(RUNS.c.ledger, RUNS.c.kind), order_by=(RUNS.c.as_of.desc(), RUNS.c.completed_at.desc())
    )
    ranked = select(RUNS.c.run_id, rank.label("rank")).where(RUNS.c.completed_at.is_not(None)).subquery()
    shown = select(ranked.c.run_id).where(ranked.c.rank == 1)
    return and_(RUNS.c.made_at < before, RUNS.c.run_id.not_in(shown))


def _old_jobs(before: str) -> ColumnElement[bool]:
    # A job stays as long as something that it made does.
    is_named = [exists().where(one.c.job_id == JOBS.c.job_id) for one in (RUNS, UPLOAD_PROBLEMS)]
    return and_(JOBS.c.ended_at < before, JOBS.c.state.in_(_OVER), *(~named for named in is_named))


def _with_below(top: Table, is_old: ColumnElement[bool], below: Sequence[Table]) -> Selection:
    (key,) = top.primary_key.columns
    old = select(key).where(is_old)
    return [(top, is_old), *((one, one.c[key.name].in_(old)) for one in below)]


def _has(row: dict[str, object], keys: Sequence[str], there: set[tuple[object, ...]]) -> bool:
    return tuple(row[key] for key in keys) in there
