"""The intake: what a file that was sent would give, and adding its rows to a ledger as a job."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from arrisk.errors import InputError, MissingError, nearest
from arrisk.ingest.books import RawBook, read_book
from arrisk.ingest.mapping import SourceMapping, list_mappings, load_mapping, parse_mapping
from arrisk.ingest.readers import Options, read_source
from arrisk.ingest.receiving import locate_upload, unpacked
from arrisk.ingest.settings import Settings
from arrisk.ingest.staging import Staging
from arrisk.ingest.staging import convert as stage_export
from arrisk.schema import SOURCE_ROW, TABLES
from arrisk.store import batches
from arrisk.store.book import list_problems
from arrisk.store.uploads import Upload, add_problems, read_upload, start_problems
from arrisk.uses.plain import to_plain
from arrisk.uses.tasks import Task

KIND = "ingest"

_HEAD_LINES = 200
_SHOWN_ROWS = 20


@dataclass(frozen=True)
class _Rows:
    """The raw tables of a file, and what was found before they were checked."""

    tables: dict[str, pd.DataFrame]
    settings: Settings
    staging: Staging | None = None


def run_intake(task: Task) -> dict[str, Any]:
    """Add the rows of a file to the ledger of the job; they are added all at once, and once.

    The job's arguments hold ``upload_id``, and ``mapping`` (a shipped one's name) or ``mapping_toml`` (its text) for an
    ERP's export; canonical tables need neither.

    Raises
    ------
    InputError
        When the file or the mapping cannot be read, or no row can be used.
    Interrupted
        When it has to stop; what is added is added whole.
    """
    arguments = task.job.arguments
    upload = read_upload(task.database, arguments["upload_id"])
    task.tell(f"Reading {upload.name}")
    mapping = choose_mapping(arguments.get("mapping", ""), arguments.get("mapping_toml", ""))
    rows = _read(_locate(task.home, upload), upload, mapping)
    if rows.staging is not None:
        rows.staging.require_invoices()
    task.tell(f"Checking {sum(map(len, rows.tables.values())):,} rows")
    task.share = 0.3
    given = batches.Upload(rows.tables, upload.name, rows.settings.currency, rows.settings.extract_end_on)
    batch = batches.add_batch(
        task.database,
        task.job.ledger,
        given,
        fallback_currency=task.policy.book.currency,
        by=task.job.made_by,
        at=task.now().isoformat(timespec="seconds"),
    )
    task.share = 0.9
    problems = _gather_problems(task, batch.batch_id, rows.staging)
    with task.database.write() as connection:
        task.end(connection, "added")
        add_problems(connection, upload.upload_id, task.job.job_id, problems)
    return {
        "batch_id": batch.batch_id,
        "is_new": batch.is_new,
        "rows": to_plain(batch.counts),
        "count_problems": len(problems),
        "notes": [] if rows.staging is None else rows.staging.notes,
    }


def preview(upload: Upload, home: Path, *, mapping: str = "", mapping_toml: str = "") -> dict[str, Any]:
    """Show what a file would give: its first rows as canonical tables, what was detected, and what is wrong with them.

    Of a CSV file only the first lines are read, so that a large one is shown at once.

    Raises
    ------
    InputError
        As ``run_intake`` does.
    """
    chosen = choose_mapping(mapping, mapping_toml)
    with _opened(upload, home) as head:
        rows = _read(head, upload, chosen)
    shown = {
        name: frame.head(_SHOWN_ROWS).drop(columns=SOURCE_ROW, errors="ignore") for name, frame in rows.tables.items()
    }
    staging = rows.staging
    return {
        "tables": to_plain(shown),
        "notes": [] if staging is None else staging.notes,
        "problems": [] if staging is None else to_plain(staging.problems.head(_SHOWN_ROWS)),
        "left_out": [] if staging is None else to_plain(staging.left_out),
    }


def choose_mapping(name: str, text: str) -> SourceMapping | None:
    """Give the mapping that is named or written out; None where there is neither.

    A name is a shipped mapping's and never a file's: who asks for it is somewhere else.

    Raises
    ------
    InputError
        When both are given, there is none of that name, or the text has a mistake.
    """
    if name and text:
        raise InputError("a mapping is named or written out", where="mapping, mapping_toml", hint="one of the two")
    if name and name not in list_mappings():
        raise InputError(f"there is no mapping '{name}'", where="mapping", hint=nearest(name, list_mappings()))
    if name:
        return load_mapping(name)
    return parse_mapping(text, where="mapping_toml") if text else None


def read_head(upload: Upload, home: Path, options: Options) -> pd.DataFrame | None:
    """Read the first rows of a file as text, as they stand in it; None = its columns have our names already.

    Raises
    ------
    InputError
        When it cannot be read.
    """
    if upload.format == "book" or _is_canonical(upload):
        return None
    with _opened(upload, home) as head:
        return read_source(head, options).frame.head(_HEAD_LINES)


@contextmanager
def _opened(upload: Upload, home: Path) -> Iterator[Path]:
    """Give a file with its first rows, of a CSV file no more than these."""
    path = _locate(home, upload)
    with TemporaryDirectory(prefix="arrisk-preview-") as scratch:
        yield _cut_head(path, Path(scratch)) if upload.format == "csv" else path


def _is_canonical(upload: Upload) -> bool:
    return Path(upload.name).stem in TABLES and upload.format != "workbook"


def _locate(home: Path, upload: Upload) -> Path:
    path = locate_upload(home, upload.sha256, upload.name)
    if not path.exists():
        what = f"the file of upload {upload.upload_id} is not kept any more"
        raise MissingError(what, where="upload_id", hint="send it again")
    return path


def _read(path: Path, upload: Upload, mapping: SourceMapping | None) -> _Rows:
    if upload.format == "book":
        if mapping is not None:
            raise InputError("canonical tables need no mapping", where="mapping", hint="leave it out")
        with unpacked(path) as folder:
            return _of_book(read_book(folder))
    if mapping is not None:
        staging = stage_export(path, mapping)
        return _Rows(staging.tables, staging.settings, staging)
    if not _is_canonical(upload):
        hint = f"mapping: one of {', '.join(list_mappings())}; or a file that is named after a canonical table"
        raise InputError(f"what the columns of '{upload.name}' mean is not said", where="mapping", hint=hint)
    with TemporaryDirectory(prefix="arrisk-table-") as scratch:
        folder = Path(scratch)
        (folder / f"{Path(upload.name).stem}{path.suffix}").symlink_to(path)
        return _of_book(read_book(folder))


def _of_book(raw: RawBook) -> _Rows:
    return _Rows(raw.tables, raw.settings)


def _cut_head(path: Path, folder: Path) -> Path:
    head = folder / path.name
    with path.open("rb") as source, head.open("wb") as target:
        target.writelines(islice(source, _HEAD_LINES))
    return head


def _gather_problems(task: Task, batch_id: int, staging: Staging | None) -> pd.DataFrame:
    """Give what was wrong when the rows were read, and when they were checked."""
    found, after = [] if staging is None else [staging.problems], 0
    while len(page := list_problems(task.database, batch_id, after=after, limit=10_000)):
        found.append(page)
        after = int(page["number"].iloc[-1])
    return pd.concat(found, ignore_index=True) if found else start_problems()
