"""Files that were sent, and what was found wrong in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Row, delete, func, insert, select

from arrisk.errors import MissingError
from arrisk.store.database import Database
from arrisk.store.job_tables import JOBS, UPLOAD_PROBLEMS, UPLOADS
from arrisk.store.moments import write_moment

_PROBLEM = ("table", "row", "column", "value", "rule", "severity", "hint")


@dataclass(frozen=True)
class Upload:
    """A file that was sent; its columns say what is what."""

    upload_id: int
    sha256: str
    name: str
    format: str
    size_bytes: int
    made_by: str
    made_at: str


_SHOWN = [UPLOADS.c[name] for name in Upload.__dataclass_fields__]


def add_upload(
    connection: Connection, *, name: str, kind: str, sha256: str, size_bytes: int, by: str, at: datetime
) -> Upload:
    """Note a file that was sent; the same one of the same person is noted once."""
    same = (UPLOADS.c.sha256 == sha256, UPLOADS.c.name == name, UPLOADS.c.made_by == by)
    row = connection.execute(select(*_SHOWN).where(*same).order_by(UPLOADS.c.upload_id)).first()
    if row is None:
        values = {"sha256": sha256, "name": name, "format": kind, "size_bytes": size_bytes}
        values |= {"made_by": by, "made_at": write_moment(at)}
        row = connection.execute(insert(UPLOADS).values(values).returning(*_SHOWN)).one()
    return _read(row)


def read_upload(database: Database, upload_id: int) -> Upload:
    """Read what is known of a file.

    Raises
    ------
    MissingError
        When there is none of that number.
    """
    with database.read() as connection:
        row = connection.execute(select(*_SHOWN).where(UPLOADS.c.upload_id == upload_id)).first()
    if row is None:
        raise MissingError(f"there is no upload {upload_id}", hint="a number that POST /v1/uploads gave")
    return _read(row)


def list_uploads(database: Database, *, before: int | None = None, limit: int = 50) -> list[Upload]:
    """List files, the newest first.

    Parameters
    ----------
    before : only files sent before this one, for the next page.
    """
    query = select(*_SHOWN).order_by(UPLOADS.c.upload_id.desc()).limit(limit)
    if before is not None:
        query = query.where(UPLOADS.c.upload_id < before)
    with database.read() as connection:
        return [_read(row) for row in connection.execute(query)]


@dataclass(frozen=True)
class Added:
    """The newest job that was asked to add a file: where it stands, and how much it found wrong."""

    job_id: int
    job_state: str
    count_problems: int


def find_added(database: Database, upload_ids: Sequence[int]) -> dict[int, Added]:
    """Find the newest job of each of some files; one that nobody asked to add has none."""
    number = JOBS.c.arguments["upload_id"].as_integer()
    asked = select(number.label("upload_id"), JOBS.c.job_id).where(JOBS.c.kind == "ingest").subquery()
    newest = (
        select(asked.c.upload_id, func.max(asked.c.job_id).label("job_id"))
        .where(asked.c.upload_id.in_(upload_ids))
        .group_by(asked.c.upload_id)
        .subquery()
    )
    found = UPLOAD_PROBLEMS.c
    own = (found.upload_id == newest.c.upload_id) & (found.job_id == newest.c.job_id)
    count = select(func.count()).where(own).correlate(newest).scalar_subquery()
    query = select(newest.c.upload_id, newest.c.job_id, JOBS.c.state, count).join(
        JOBS, JOBS.c.job_id == newest.c.job_id
    )
    with database.read() as connection:
        return {row[0]: Added(*row[1:]) for row in connection.execute(query)}


def add_problems(connection: Connection, upload_id: int, job_id: int, problems: pd.DataFrame) -> None:
    """Note what a job found wrong in a file, in place of what it found before.

    Parameters
    ----------
    problems : as in ``Checked.problems``.
    """
    own = (UPLOAD_PROBLEMS.c.upload_id == upload_id, UPLOAD_PROBLEMS.c.job_id == job_id)
    connection.execute(delete(UPLOAD_PROBLEMS).where(*own))
    known = problems[list(_PROBLEM)]
    cells = known.astype("object").where(known.notna(), "")
    numbered: list[dict[str, Any]] = [
        {"upload_id": upload_id, "job_id": job_id, "seq": seq, **dict(zip(_PROBLEM, row, strict=True))}
        for seq, row in enumerate(cells.itertuples(index=False), start=1)
    ]
    if numbered:
        connection.execute(insert(UPLOAD_PROBLEMS), numbered)


def start_problems() -> pd.DataFrame:
    """Give a frame of problems without any."""
    return pd.DataFrame(columns=list(_PROBLEM))


def list_problems(
    database: Database, upload_id: int, *, job_id: int | None = None, after: int = 0, limit: int = 100
) -> list[dict[str, Any]]:
    """List what was found wrong in a file, in order.

    Parameters
    ----------
    job_id : by this job; None = by the newest that found anything.
    after : the ``seq`` of the last one that was seen.
    """
    table = UPLOAD_PROBLEMS
    with database.read() as connection:
        if job_id is None:
            newest = select(func.max(table.c.job_id)).where(table.c.upload_id == upload_id)
            job_id = connection.execute(newest).scalar() or 0
        wanted = (table.c.upload_id == upload_id, table.c.job_id == job_id, table.c.seq > after)
        columns: Sequence[Any] = [table.c.seq, *(table.c[name] for name in _PROBLEM)]
        rows = connection.execute(select(*columns).where(*wanted).order_by(table.c.seq).limit(limit))
        return [dict(row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for a row's columns


def _read(row: Row[Any]) -> Upload:
    return Upload(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row's columns
