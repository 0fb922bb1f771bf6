"""Backup and restore: the whole state in one sealed file that names no kind of database."""

import io
import json
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Final

from arrisk import __version__, store
from arrisk.errors import BookError, StoreError
from arrisk.ingest.atomic import atomic_file
from arrisk.policy import read_shipped_text
from arrisk.store import Database, dump
from arrisk.store.records import ConnectionRecords
from arrisk.uses.seals import SEAL, hash_stream, read_seal, require_same, write_seal

_FORM = 1
_MANIFEST, _README, _POLICY, _HOME, _TABLES = "manifest.json", "README.txt", "policy.toml", "home/", "tables/"
_LEFT_OUT: Final = ("arrisk.db", "demo", ".")
"""How names at the top of a state folder begin that are no state, or are kept as tables."""

_ABOUT = """A backup of arrisk. `arrisk restore FILE` puts it into an empty database, SQLite or PostgreSQL.

tables/NAME.jsonl  one JSON object a row; manifest.json says the kind of each column
home/              the state folder: models, records, uploads
policy.toml        the policy in force
SHA256SUMS         of all the other files; `sha256sum -c SHA256SUMS` after `unzip` checks them
"""


@dataclass(frozen=True)
class Summary:
    """What a backup holds.

    Parameters
    ----------
    made_at : when, ISO 8601 in UTC.
    seal : the SHA-256 of its list of hashes; noted elsewhere, it shows a backup that was made anew.
    rows : by table.
    count_files : of the state folder.
    """

    made_at: str
    seal: str
    rows: Mapping[str, int]
    count_files: int


@dataclass
class _Writer:
    """A zip in which every member is hashed as it is written."""

    archive: zipfile.ZipFile
    sums: dict[str, str] = field(default_factory=dict)

    def write(self, name: str, chunks: Iterator[bytes]) -> int:
        """Add a member, and count its chunks."""
        digest, count = sha256(), 0
        with self.archive.open(name, "w", force_zip64=True) as member:
            for chunk in chunks:
                digest.update(chunk)
                member.write(chunk)
                count += 1
        self.sums[name] = digest.hexdigest()
        return count


def back_up(database: Database, *, home: Path, policy: Path | None, out: Path, at: datetime) -> Summary:
    """Write the whole state as of one moment; who works goes on working.

    Parameters
    ----------
    home : the state folder.
    policy : the policy's file; None = the shipped one.
    out : the file, whole or not at all.
    at : now.

    Raises
    ------
    StoreError
        When the database cannot be reached, or is not of today's form.
    OutputError
        When the file cannot be written.
    """
    store.require_current(database)
    text = read_shipped_text() if policy is None else policy.read_text(encoding="utf-8")
    made_at = at.isoformat(timespec="seconds")
    with atomic_file(out) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        # It holds names of customers, and hashes of passwords.
        partial.chmod(0o600)
        writer = _Writer(archive)
        rows = _write_tables(writer, database)
        # After the tables: what they name is written before them, so it is there.
        files = _list_files(home)
        for path in files:
            writer.write(_HOME + path.relative_to(home).as_posix(), _read_file(path))
        manifest = {
            "form": _FORM,
            "arrisk": __version__,
            "made_at": made_at,
            "revision": store.read_revision(database),
            "tables": {name: {"rows": count, "columns": dump.describe_columns(name)} for name, count in rows.items()},
        }
        for name, content in ((_MANIFEST, json.dumps(manifest, indent=1)), (_README, _ABOUT), (_POLICY, text)):
            writer.write(name, iter([content.encode()]))
        seal = write_seal(writer.sums)
        archive.writestr(SEAL, seal)
    return Summary(made_at, sha256(seal.encode()).hexdigest(), rows, len(files))


def check_backup(file: Path, *, seal: str = "") -> Summary:
    """Read a backup from end to end.

    Parameters
    ----------
    seal : what ``back_up`` gave, where it was noted; empty = not compared.

    Raises
    ------
    BookError
        When it cannot be read, a part of it is missing or was changed, or it is another one.
    """
    with _open(file) as archive:
        return _check(archive, file, seal)


def restore(file: Path, database: Database, *, home: Path, seal: str = "") -> Summary:
    """Put a backup into an empty database and an empty state folder, all of it or nothing, and check every record.

    Parameters
    ----------
    database : without rows; of either kind, whatever the backup was made from.
    home : the state folder; a database of its own may stand in it.
    seal : as ``check_backup`` takes it.

    Raises
    ------
    BookError
        When the backup is damaged, or a record in it is not as it was written.
    StoreError
        When the database is not empty, or the backup is of a newer version.
    """
    with _open(file) as archive:
        summary = _check(archive, file, seal)
        manifest = json.loads(archive.read(_MANIFEST))
        _prepare(database, manifest["revision"])
        if _list_files(home):
            raise StoreError("the state folder is not empty", where=str(home), hint="a new ARRISK_HOME")
        made: list[Path] = []
        try:
            with database.write() as connection:
                if dump.count_rows(connection, list(manifest["tables"])):
                    raise StoreError("the database is not empty", where=database.name, hint="a new database")
                for name, table in manifest["tables"].items():
                    with archive.open(f"{_TABLES}{name}.jsonl") as member:
                        dump.read_lines(connection, name, table["columns"], io.TextIOWrapper(member, "utf-8"))
                dump.continue_counting(database, connection)
                _check_records(ConnectionRecords(connection, database.name))
                _put_files(archive, home, made)
        except BaseException:
            for path in made:
                path.unlink(missing_ok=True)
            raise
    store.upgrade(database)
    return summary


def _write_tables(writer: _Writer, database: Database) -> dict[str, int]:
    with database.read() as connection:
        return {
            name: writer.write(
                f"{_TABLES}{name}.jsonl", (f"{line}\n".encode() for line in dump.write_lines(connection, name))
            )
            for name in dump.list_tables()
        }


def _list_files(home: Path) -> list[Path]:
    tops = [path for path in sorted(home.iterdir()) if not path.name.startswith(_LEFT_OUT)] if home.is_dir() else []
    every = [path for top in tops for path in ([top] if top.is_file() else sorted(top.rglob("*")))]
    return [path for path in every if path.is_file() and not any(part.startswith(".") for part in _parts(path, home))]


def _parts(path: Path, home: Path) -> tuple[str, ...]:
    return path.relative_to(home).parts


def _read_file(path: Path) -> Iterator[bytes]:
    if path.suffix == ".db":
        yield _copy_sqlite(path)
        return
    content = path.read_bytes()
    # A record may get a line at this moment: what is not whole yet is not there yet.
    yield content[: content.rfind(b"\n") + 1] if path.suffix == ".jsonl" else content


def _copy_sqlite(path: Path) -> bytes:
    """Copy a database that may be in use, by SQLite's own backup."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        source, target = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True), sqlite3.connect(copy)
        try:
            source.backup(target)
        finally:
            target.close()
            source.close()
        return copy.read_bytes()


def _open(file: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (OSError, zipfile.BadZipFile) as error:
        raise BookError("the backup cannot be read", where=str(file), hint="another copy") from error


def _check(archive: zipfile.ZipFile, file: Path, seal: str) -> Summary:
    try:
        text = archive.read(SEAL).decode()
        found = {name: _hash(archive, name) for name in archive.namelist() if name != SEAL}
    except (OSError, KeyError, UnicodeDecodeError, zipfile.BadZipFile, zlib.error) as error:
        raise BookError("the backup is damaged", where=str(file), hint="another copy") from error
    require_same(read_seal(text, where=str(file)), found, where=str(file))
    own = sha256(text.encode()).hexdigest()
    if seal and seal != own:
        raise BookError("this is not the backup with that seal", where=str(file), hint=f"its seal is {own}")
    manifest = json.loads(archive.read(_MANIFEST))
    if manifest["form"] != _FORM:
        raise BookError("the backup is of a newer arrisk", where=str(file), hint="install that version")
    rows = {name: int(table["rows"]) for name, table in manifest["tables"].items()}
    return Summary(manifest["made_at"], own, rows, sum(name.startswith(_HOME) for name in found))


def _hash(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as member:
        return hash_stream(member)


def _prepare(database: Database, revision: str) -> None:
    """Give the database the form that the backup's was in."""
    found = store.read_revision(database)
    if found is None:
        store.upgrade(database, to=revision)
    elif found != revision:
        what = "the backup is of another form than the database"
        raise StoreError(what, where=database.name, hint="a database without tables: it gets the backup's form")


def _put_files(archive: zipfile.ZipFile, home: Path, made: list[Path]) -> None:
    for name in archive.namelist():
        if name.startswith(_HOME):
            path = home.joinpath(*_require_inside(name))
            path.parent.mkdir(parents=True, exist_ok=True)
            made.append(path)
            path.write_bytes(archive.read(name))


def _require_inside(name: str) -> tuple[str, ...]:
    parts = PurePosixPath(name.removeprefix(_HOME)).parts
    if not parts or ".." in parts or parts[0] == "/":
        raise BookError("the backup names a file outside of the state folder", where=name, hint="another copy")
    return parts


def _check_records(records: ConnectionRecords) -> None:
    for key in records.list_keys():
        fault = records.check(key).fault
        if fault:
            raise BookError(f"a record of the backup was changed: {fault}", where=key, hint="an older backup")
