"""Files that strangers send: what is taken in, and every kind that is refused, with one reason and nothing left."""

import io
import struct
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from arrisk.ingest.receiving import (
    FOLDER,
    Bounds,
    Receiver,
    RefusedFileError,
    TooLargeFileError,
    locate_upload,
    unpacked,
)

BOUNDS = Bounds(max_bytes=1 << 20, max_unpacked_bytes=64 << 20)
CSV = b"invoice_id,amount\n1,100\n"


def send(home: Path, name: str, content: bytes, bounds: Bounds = BOUNDS, *, piece: int = 7):
    receiver = Receiver(name, bounds)
    for start in range(0, len(content), max(piece, len(content) // 50)):
        receiver.take(content[start : start + max(piece, len(content) // 50)])
    return receiver.keep(home)


def zip_of(**members: bytes) -> bytes:
    return zip_named({name.replace("__", "."): content for name, content in members.items()})


def zip_named(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def workbook_of(frame: pd.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.to_excel(file, index=False)
    return file.getvalue()


def list_left(home: Path) -> list[Path]:
    return [path for path in (home / FOLDER).rglob("*") if path.is_file()]


def test_a_file_is_kept_under_the_hash_of_its_content(tmp_path):
    received = send(tmp_path, "export.CSV", CSV)
    path = locate_upload(tmp_path, received.sha256, received.name)
    assert (received.format, received.size_bytes, path.read_bytes()) == ("csv", len(CSV), CSV)
    assert path.name == f"{received.sha256}.csv"


def test_the_same_content_lies_on_the_disk_once(tmp_path):
    assert send(tmp_path, "a.csv", CSV).sha256 == send(tmp_path, "b.csv", CSV).sha256
    assert len(list_left(tmp_path)) == 1


def test_workbooks_parquet_and_packed_tables_are_taken(tmp_path):
    frame = pd.DataFrame({"invoice_id": ["1"], "amount": [100.0]})
    assert send(tmp_path, "a.xlsx", workbook_of(frame)).format == "workbook"
    assert send(tmp_path, "a.parquet", frame.to_parquet()).format == "parquet"
    packed = zip_named({"book/invoices.csv": CSV, "book/book.toml": b'name = "alder"\n'})
    received = send(tmp_path, "book.zip", packed)
    with unpacked(locate_upload(tmp_path, received.sha256, received.name)) as folder:
        assert sorted(path.name for path in folder.iterdir()) == ["book.toml", "invoices.csv"]
        assert (folder / "invoices.csv").read_bytes() == CSV
    assert not folder.exists()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../../etc/passwd.csv", "no file's name"), ("/etc/passwd.csv", "no file's name"),
        ("a\\b.csv", "no file's name"),
        ("", "no file's name"), ("..", "no file's name"), ("a\x00.csv", "cannot hold"), ("a\n.csv", "cannot hold"),
        ("<script>.csv", "cannot hold"), ("x" * 300 + ".csv", "no file's name"), ("tool.exe", "'.exe' files"),
        ("old.xls", "'.xls' files"), ("model.pkl", "'.pkl' files"), ("csv", "'csv' files"),
    ],
)  # fmt: skip
def test_a_name_that_is_none_is_refused(tmp_path, name, why):
    with pytest.raises(RefusedFileError, match=why):
        Receiver(name, BOUNDS)


def test_a_file_that_is_too_large_is_refused_before_it_is_whole(tmp_path):
    receiver = Receiver("a.csv", Bounds(10, 100))
    receiver.take(b"123456789")
    with pytest.raises(TooLargeFileError, match="too large"):
        receiver.take(b"01")
    assert list_left(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.csv", b"", "empty"),
        ("a.xlsx", CSV, "not a .xlsx file"),
        ("a.parquet", CSV, "not a .parquet file"),
        ("a.csv", zip_of(invoices__csv=CSV), "not a .csv file"),
        ("a.parquet", b"PAR1 and no more PAR1", "not a whole Parquet file"),
        ("a.xlsx", zip_of(a__xml=CSV)[:-30], "damaged"),
        ("a.zip", zip_of(notes__txt=b"x"), "no canonical table"),
        ("a.zip", zip_of(inner__zip=zip_of(invoices__csv=CSV)), "no canonical table"),
        ("a.zip", zip_named({"a/b/invoices.csv": CSV}), "no canonical table"),
        ("a.zip", zip_named({"../invoices.csv": CSV}), "leads elsewhere"),
        ("a.zip", zip_named({"/srv/invoices.csv": CSV}), "leads elsewhere"),
        ("a.xlsx", zip_named({"..\\..\\a.xml": CSV}), "leads elsewhere"),
        ("a.xlsx", zip_named({"C:/a.xml": CSV}), "leads elsewhere"),
    ],
)
def test_what_is_not_what_it_says_is_refused(tmp_path, name, content, why):
    with pytest.raises(RefusedFileError, match=why):
        send(tmp_path, name, content)
    assert list_left(tmp_path) == []


def test_an_encrypted_workbook_is_refused(tmp_path):
    content = bytearray(zip_of(a__xml=CSV))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(RefusedFileError, match="encrypted"):
        send(tmp_path, "a.xlsx", bytes(content))


def test_a_member_that_unpacks_to_far_more_than_it_is_is_refused(tmp_path):
    bomb = zip_of(a__xml=bytes(40 << 20))
    assert len(bomb) < 100_000
    with pytest.raises(TooLargeFileError, match="unpacks to more"):
        send(tmp_path, "bomb.xlsx", bomb, Bounds(1 << 20, 1 << 30))
    assert list_left(tmp_path) == []


def test_many_members_that_unpack_to_too_much_together_are_refused(tmp_path):
    bomb = zip_named({f"{number}.xml": bytes(8 << 20) for number in range(10)})
    with pytest.raises(TooLargeFileError, match="unpacks to more"):
        send(tmp_path, "bomb.xlsx", bomb)


def test_too_many_members_are_refused(tmp_path):
    with pytest.raises(TooLargeFileError):
        send(tmp_path, "bomb.xlsx", zip_named({f"{number}.xml": b"" for number in range(1001)}))


def test_a_size_that_is_not_true_is_found_out(tmp_path):
    content = bytearray(zip_of(a__xml=bytes(40 << 20)))
    for start, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        struct.pack_into("<I", content, content.index(start) + place, 100)
    with pytest.raises(RefusedFileError, match="damaged"):
        send(tmp_path, "liar.xlsx", bytes(content))


def test_parquet_that_unpacks_to_too_much_is_refused(tmp_path):
    content = pd.DataFrame({"amount": [1.0] * 2_000_000}).to_parquet()
    assert len(content) < 100_000
    with pytest.raises(TooLargeFileError):
        send(tmp_path, "bomb.parquet", content, Bounds(1 << 20, 1 << 10))
