"""A backup holds everything, comes back into either kind of database, and a damaged one is refused."""

import hashlib
import io
import json
import threading
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from arrisk.errors import BookError, StoreError
from arrisk.policy import read_shipped_text
from arrisk.store.job_tables import JOBS
from arrisk.store.tables import METADATA
from arrisk.uses.backup import back_up, check_backup, restore
from arrisk.uses.seals import write_seal
from tests.databases import EACH_KIND, open_new
from tests.filling import COUNT, fill, read_all

AT = datetime(2024, 7, 1, 8, tzinfo=UTC)


@pytest.fixture(params=EACH_KIND)
def database(request, tmp_path):
    found = open_new(request.param, tmp_path)
    yield found
    found.close()


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    model = folder / "models" / "payment-curve" / "alder" / "0001"
    model.mkdir(parents=True)
    (model / "card.json").write_text('{"name": "payment-curve"}')
    (folder / "models" / "promotions.jsonl").write_bytes(b'{"seq":1}\n{"seq":2}\n{"se')
    (folder / "models" / ".unfinished-1").write_text("x")
    (folder / "uploads").mkdir()
    (folder / "uploads" / "0a").write_bytes(bytes(range(256)))
    (folder / "arrisk.db-wal").write_text("x")
    return folder


@pytest.fixture
def file(database, home, tmp_path):
    with database.write() as connection:
        fill(connection)
    path = tmp_path / "backup.zip"
    back_up(database, home=home, policy=None, out=path, at=AT)
    return path


def read(database):
    with database.read() as connection:
        return read_all(connection)


@pytest.mark.parametrize("kind", EACH_KIND)
def test_what_is_restored_is_what_was_there_on_either_kind(database, home, file, kind, tmp_path):
    folder = tmp_path / "again"
    folder.mkdir()
    other = open_new(kind, folder)
    found = restore(file, other, home=folder / "home")
    assert read(other) == read(database)
    assert found.rows == dict.fromkeys([table.name for table in METADATA.sorted_tables], COUNT)
    model = "models/payment-curve/alder/0001/card.json"
    assert (folder / "home" / model).read_text() == (home / model).read_text()
    assert (folder / "home" / "uploads" / "0a").read_bytes() == bytes(range(256))
    # A line that was being written at that moment is left out, and so is what is no state.
    assert (folder / "home" / "models" / "promotions.jsonl").read_bytes() == b'{"seq":1}\n{"seq":2}\n'
    assert not list((folder / "home").rglob(".unf*")) + list((folder / "home").glob("arrisk*"))
    other.close()


def test_counting_goes_on_behind_what_was_restored(database, file, tmp_path):
    folder = tmp_path / "again"
    folder.mkdir()
    other = open_new(database.engine.dialect.name, folder)
    restore(file, other, home=folder / "home")
    row = {"kind": "x", "ledger": "y", "arguments": {}, "state": "queued", "progress": "", "share": 0, "attempts": 0}
    with other.write() as connection:
        made = connection.execute(JOBS.insert().values(**row, made_by="z", made_at=""))
        assert made.inserted_primary_key == (COUNT + 1,)
    other.close()


def test_a_backup_can_be_read_without_arrisk(file):
    with zipfile.ZipFile(file) as archive:
        rows = [json.loads(line) for line in archive.read("tables/jobs.jsonl").splitlines()]
        assert [row["job_id"] for row in rows] == [1, 2, 3]
        assert archive.read("policy.toml").decode() == read_shipped_text()
        assert b"sha256sum -c" in archive.read("README.txt")
        assert "  tables/jobs.jsonl\n" in archive.read("SHA256SUMS").decode()


def rewrite(file: Path, name: str, content: bytes | None) -> None:
    with zipfile.ZipFile(file) as archive:
        members = {one: archive.read(one) for one in archive.namelist()}
    members |= {name: content} if content is not None else {}
    with zipfile.ZipFile(file, "w") as archive:
        for one, held in members.items():
            if one != name or content is not None:
                archive.writestr(one, held)


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("tables/jobs.jsonl", b"", "tables/jobs.jsonl was changed"),
        ("home/uploads/0a", None, "home/uploads/0a is missing"),
        ("home/uploads/0b", b"x", "home/uploads/0b was put in"),
        ("SHA256SUMS", b"nothing", "SHA256SUMS is damaged"),
        ("SHA256SUMS", None, "the backup is damaged"),
    ],
)
def test_a_backup_that_is_not_as_it_was_written_is_refused(database, file, name, content, what, tmp_path):
    rewrite(file, name, content)
    with pytest.raises(BookError, match=what):
        check_backup(file)
    with pytest.raises(BookError, match=what):
        restore(file, database, home=tmp_path / "again")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.999])
def test_a_file_with_a_flipped_byte_or_cut_short_is_refused(database, file, share):
    whole = file.read_bytes()
    place = int(len(whole) * share)
    file.write_bytes(whole[:place])
    with pytest.raises(BookError):
        check_backup(file)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        start = archive.getinfo("tables/jobs.jsonl").header_offset + 90
    file.write_bytes(whole[:start] + bytes([whole[start] ^ 1]) + whole[start + 1 :])
    with pytest.raises(BookError):
        check_backup(file)


def test_a_backup_made_anew_is_known_by_the_seal_that_was_noted(database, home, file, tmp_path):
    noted = check_backup(file).seal
    check_backup(file, seal=noted)
    other = back_up(database, home=home, policy=None, out=tmp_path / "other.zip", at=datetime(2024, 7, 2, tzinfo=UTC))
    assert other.seal != noted
    with pytest.raises(BookError, match="not the backup with that seal"):
        check_backup(tmp_path / "other.zip", seal=noted)


def test_only_an_empty_database_and_an_empty_folder_take_a_backup(database, home, file, tmp_path):
    with pytest.raises(StoreError, match="the database is not empty"):
        restore(file, database, home=tmp_path / "again")
    folder = tmp_path / "new"
    folder.mkdir()
    empty = open_new(database.engine.dialect.name, folder)
    with pytest.raises(StoreError, match="the state folder is not empty"):
        restore(file, empty, home=home)
    with empty.read() as connection:
        assert connection.scalar(select(func.count()).select_from(JOBS)) == 0
    empty.close()


def test_a_name_that_leads_out_of_the_folder_is_refused_and_nothing_is_left(database, file, tmp_path):
    with zipfile.ZipFile(file) as archive:
        sums = dict(reversed(line.split("  ", 1)) for line in archive.read("SHA256SUMS").decode().splitlines())
    rewrite(file, "home/../../out", b"x")
    sums["home/../../out"] = hashlib.sha256(b"x").hexdigest()
    rewrite(file, "SHA256SUMS", write_seal(sums).encode())
    folder = tmp_path / "again"
    folder.mkdir()
    empty = open_new(database.engine.dialect.name, folder)
    with pytest.raises(BookError, match="outside of the state folder"):
        restore(file, empty, home=folder / "home")
    assert [path for path in (folder / "home").rglob("*") if path.is_file()] == []
    with empty.read() as connection:
        assert connection.scalar(select(func.count()).select_from(JOBS)) == 0
    empty.close()


def test_a_backup_while_others_write_holds_each_batch_whole_or_not_at_all(database, tmp_path):
    stop, size = threading.Event(), 20
    row = {"kind": "x", "arguments": {}, "state": "queued", "progress": "", "share": 0, "attempts": 0, "made_by": "z"}

    def write(writer: int) -> None:
        batch = 0
        while not stop.is_set():
            with database.write() as connection:
                for _ in range(size):
                    connection.execute(JOBS.insert().values(**row, ledger=f"{writer}-{batch}", made_at=""))
            batch += 1

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(3)]
    for thread in threads:
        thread.start()
    try:
        counts = []
        for turn in range(3):
            path = tmp_path / f"{turn}.zip"
            counts.append(back_up(database, home=tmp_path / "none", policy=None, out=path, at=AT).rows["jobs"])
            with zipfile.ZipFile(path) as archive:
                rows = [json.loads(line)["ledger"] for line in archive.read("tables/jobs.jsonl").splitlines()]
            assert {rows.count(ledger) for ledger in set(rows)} <= {size}
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


def test_a_backup_of_a_record_that_was_changed_is_refused(database, file, tmp_path):
    with zipfile.ZipFile(file) as archive:
        lines = archive.read("tables/entries.jsonl").replace(b"approve", b"decline")
        sums = dict(reversed(line.split("  ", 1)) for line in archive.read("SHA256SUMS").decode().splitlines())
    sums["tables/entries.jsonl"] = hashlib.sha256(lines).hexdigest()
    rewrite(file, "tables/entries.jsonl", lines)
    rewrite(file, "SHA256SUMS", write_seal(sums).encode())
    folder = tmp_path / "again"
    folder.mkdir()
    empty = open_new(database.engine.dialect.name, folder)
    with pytest.raises(BookError, match="a record of the backup was changed: line 2"):
        restore(file, empty, home=folder / "home")
    assert all(rows == [] for rows in read(empty).values())
    empty.close()
