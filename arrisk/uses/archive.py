"""The archive: what is older than the policy keeps, in a sealed folder that is read without arrisk."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from arrisk import __version__
from arrisk.errors import BookError
from arrisk.ingest.atomic import atomic_folder
from arrisk.ingest.receiving import FOLDER, locate_upload
from arrisk.policy import Policy
from arrisk.records import Entry, files
from arrisk.store import Database, dump, retention
from arrisk.store.records import ConnectionRecords
from arrisk.uses.seals import SEAL, hash_stream, read_seal, require_same, write_seal

KEY: Final = "archives/main"
"""The record that says what was archived, by whom and when."""

_FORM = 1
_MANIFEST = "manifest.json"
_UPLOADS = "uploads"
_OF_KEYS: Mapping[str, str] = {"decisions": "cases", "closes": "closes"}
"""Which days of the policy count for a record, by how its key begins; ``records`` for all others."""

_ABOUT = """# An archive of arrisk

Nothing but a text editor is needed to read it.

- `tables/NAME.jsonl`: one JSON object a row, days as YYYY-MM-DD, amounts in the currency beside them. These rows were
  removed from the database.
- `records/KEY.jsonl`: what people did, one JSON object an act, copied: the database keeps them too. Each line ends with
  the SHA-256 of the line without that ending (`,"sha256":"..."`, but with the closing brace), and holds that of the
  line before as `previous_sha256`.
- `uploads/`: files as they were sent, named by their SHA-256; `tables/uploads.jsonl` has their names.
- `manifest.json`: how many rows of what, and from before which day.
- `SHA256SUMS`: `sha256sum -c SHA256SUMS` checks every file.

`arrisk archive verify DIR` checks all of it, `arrisk archive restore DIR` puts the rows back.
"""


@dataclass(frozen=True)
class Archived:
    """What an archive holds.

    Parameters
    ----------
    rows : by table; removed from the database.
    entries : by record; copied.
    count_files : uploads.
    seal : the SHA-256 of its list of hashes; empty where nothing was written.
    """

    rows: Mapping[str, int]
    entries: Mapping[str, int]
    count_files: int
    seal: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is old enough."""
        return not any(self.rows.values()) and not any(self.entries.values())


@dataclass(frozen=True)
class Archivist:
    """Who archives what.

    Parameters
    ----------
    home : the state folder, whose ``uploads`` go with their rows.
    policy : whose section ``retention`` counts.
    by, at : who, and now.
    """

    database: Database
    home: Path
    policy: Policy
    by: str
    at: datetime

    def find_day(self, kind: str) -> str:
        """Give the day before which something of a kind is old, YYYY-MM-DD."""
        return (self.at - timedelta(days=getattr(self.policy.retention, kind))).date().isoformat()


def preview(archivist: Archivist) -> Archived:
    """Count what an archive of now would hold, and change nothing."""
    with archivist.database.read() as connection:
        rows: dict[str, int] = {}
        for kind in retention.KINDS:
            for name, lines in _list_rows(archivist, connection, kind):
                rows[name] = sum(1 for _ in lines)
        entries = {key: last for key, last in _list_records(archivist, connection) if last}
    return Archived(rows, entries, 0)


def archive(archivist: Archivist, out: Path) -> Archived:
    """Write what is old into a new folder, read it back, and only then remove what may be removed.

    Should the process end between the two, the rows are in both places, and the next archive holds them again.

    Parameters
    ----------
    out : the folder, whole or not at all.

    Raises
    ------
    OutputError
        When it cannot be written, or is not empty.
    BookError
        When what was read back is not what was written; nothing is removed then.
    """
    if preview(archivist).is_empty:
        return Archived({}, {}, 0)
    with atomic_folder(out) as folder:
        _write(archivist, folder)
        _seal(folder)
    made = verify(out)
    gone = _remove(archivist, out, made)
    for name in gone:
        _locate(archivist.home, name).unlink(missing_ok=True)
    return made


def verify(folder: Path) -> Archived:
    """Read an archive from end to end, with the chains of its records.

    Raises
    ------
    BookError
        When a file is missing, was put in or changed, or a line of a record does not follow from the one before.
    """
    try:
        sealed = (folder / SEAL).read_text("utf-8")
        manifest = json.loads((folder / _MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BookError("this is no archive, or it is damaged", where=str(folder), hint="another copy") from error
    require_same(read_seal(sealed, where=str(folder)), _hash_files(folder), where=str(folder))
    for key in manifest["records"]:
        if fault := files.check(_find_record(folder, key)).fault:
            raise BookError(f"a record of the archive was changed: {fault}", where=key, hint="another copy")
    rows = {name: int(one["rows"]) for name, one in manifest["tables"].items()}
    count = sum(1 for path in (folder / _UPLOADS).glob("*"))
    return Archived(rows, manifest["records"], count, sha256(sealed.encode()).hexdigest())


def restore_archive(database: Database, folder: Path, *, home: Path) -> Archived:
    """Put the rows and files of an archive back where they are missing.

    Returns
    -------
    Archived
        What was put back; records never left.

    Raises
    ------
    BookError
        When the archive is damaged.
    """
    verify(folder)
    tables = json.loads((folder / _MANIFEST).read_text("utf-8"))["tables"]
    count = 0
    with database.write() as connection:
        rows = {
            name: retention.put_back(connection, name, tables[name]["columns"], _read_table(folder, name))
            for name in dump.list_tables()
            if name in tables
        }
        for path in sorted((folder / _UPLOADS).glob("*")):
            target = _locate(home, path.name)
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
                count += 1
    return Archived(rows, {}, count)


def _write(archivist: Archivist, folder: Path) -> None:
    tables: dict[str, Any] = {}
    with archivist.database.read() as connection:
        for kind in retention.KINDS:
            for name, lines in _list_rows(archivist, connection, kind):
                tables[name] = {
                    "rows": _write_lines(folder / "tables" / f"{name}.jsonl", lines),
                    "columns": dump.describe_columns(name),
                    "before": archivist.find_day(kind),
                }
        records = ConnectionRecords(connection, archivist.database.name)
        entries = {key: last for key, last in _list_records(archivist, connection) if last}
        for key, last in entries.items():
            _write_lines(_find_record(folder, key), map(files.write_line, records.read(key)[:last]))
    _copy_uploads(archivist.home, folder)
    manifest = {
        "form": _FORM,
        "arrisk": __version__,
        "made_at": archivist.at.isoformat(timespec="seconds"),
        "by": archivist.by,
        "tables": tables,
        "records": entries,
    }
    (folder / _MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
    (folder / "README.md").write_text(_ABOUT, "utf-8")


def _list_rows(archivist: Archivist, connection: Any, kind: str) -> Iterator[tuple[str, Iterator[str]]]:  # noqa: ANN401
    for name, query in retention.list_queries(kind, archivist.find_day(kind)):
        yield name, dump.write_selected(connection, query, dump.describe_columns(name))


def _list_records(archivist: Archivist, connection: Any) -> Iterator[tuple[str, int]]:  # noqa: ANN401 - a connection
    for key in ConnectionRecords(connection, "").list_keys():
        day = archivist.find_day(_OF_KEYS.get(key.split("/")[0], "records"))
        yield key, retention.find_last_before(connection, key, day)


def _write_lines(path: Path, lines: Iterable[str]) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for line in lines:
            file.write(f"{line}\n")
            count += 1
    return count


def _copy_uploads(home: Path, folder: Path) -> None:
    for row in map(json.loads, _read_table(folder, "uploads")):
        for path in _find_uploads(home, row["sha256"]):
            target = folder / _UPLOADS / path.name
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(path.read_bytes())


def _find_uploads(home: Path, sha256: str) -> list[Path]:
    return sorted((home / FOLDER / sha256[:2]).glob(f"{sha256}*"))


def _locate(home: Path, name: str) -> Path:
    return locate_upload(home, name[:64], name)


def _seal(folder: Path) -> None:
    (folder / SEAL).write_text(write_seal(_hash_files(folder)), "utf-8")


def _hash_files(folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / SEAL:
            with path.open("rb") as file:
                found[path.relative_to(folder).as_posix()] = hash_stream(file)
    return found


def _find_record(folder: Path, key: str) -> Path:
    return folder / "records" / f"{key}.jsonl"


def _read_table(folder: Path, name: str) -> Iterator[str]:
    path = folder / "tables" / f"{name}.jsonl"
    if path.exists():
        with path.open(encoding="utf-8") as file:
            yield from file


def _remove(archivist: Archivist, folder: Path, made: Archived) -> list[str]:
    """Remove the rows of an archive, all or none, and name the files that no row needs any more."""
    with archivist.database.write() as connection:
        for name in reversed(dump.list_tables()):
            retention.drop_rows(connection, name, _read_table(folder, name))
        content = {"seal": made.seal, "rows": dict(made.rows), "entries": dict(made.entries)}
        entry = Entry(at=archivist.at.isoformat(), by=archivist.by, action="archive", content=content)
        ConnectionRecords(connection, archivist.database.name).append_drafted(KEY, lambda _: [entry])
        kept = retention.list_kept_files(connection)
    return [path.name for path in (folder / _UPLOADS).glob("*") if path.name[:64] not in kept]
