"""The commands for whoever runs the service, as they are typed."""

import pytest

from arrisk.store import connect, require_current
from arrisk.store.tables import SIGN_INS
from tests.cli.conftest import Ran
from tests.databases import EACH_KIND, address_of, make_url_of, start_postgresql
from tests.filling import fill, read_all


def test_a_new_database_gets_its_tables(arrisk, arrisk_home):
    ran: Ran = arrisk("db", "upgrade")
    assert ran.code == 0, ran.err
    require_current(connect(f"sqlite:///{arrisk_home / 'arrisk.db'}"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", EACH_KIND)
def test_a_backup_goes_from_one_kind_of_database_to_the_other(arrisk, arrisk_home, kind, tmp_path, monkeypatch):
    url = make_url_of(kind, tmp_path)
    source = connect(url)
    with source.write() as connection:
        fill(connection)
    file = tmp_path / "backup.zip"
    ran = arrisk("backup", "--out", file, "--database", url)
    assert ran.code == 0, ran.err
    seal = ran.out.split("noted elsewhere: ")[1].strip()
    assert file.stat().st_mode & 0o077 == 0
    assert "is sound" in arrisk("restore", file, "--check", "--seal", seal).out
    assert arrisk("restore", file, "--check", "--seal", "0" * 64).code == 2
    if kind == "sqlite":
        start_postgresql().psql("CREATE DATABASE restored_here;")
        other = address_of("restored_here")
    else:
        other = f"sqlite:///{tmp_path / 'other.db'}"
    monkeypatch.setenv("ARRISK_HOME", str(tmp_path / "again"))
    ran = arrisk("restore", file, "--database", other, "--seal", seal)
    assert ran.code == 0, ran.err
    target = connect(other)
    with source.read() as before, target.read() as after:
        assert read_all(after) == read_all(before)
    source.close()
    target.close()


def test_an_address_that_cannot_be_used_is_refused_without_its_password(arrisk, tmp_path):
    ran = arrisk("backup", "--out", tmp_path / "x.zip", "--database", "mysql://me:secret@host/name")
    assert ran.code == 2
    assert "SQLite or PostgreSQL" in ran.err
    assert "secret" not in ran.err


def test_what_is_old_is_archived_verified_and_put_back(arrisk, arrisk_home, tmp_path):
    url = make_url_of("sqlite", tmp_path)
    database = connect(url)
    with database.write() as connection:
        connection.execute(SIGN_INS.insert().values(sign_in_id="1", login_sha256="x", at="2001-01-01T00:00:00+00:00"))
    folder = tmp_path / "archive"
    assert "1 rows of sign_ins would go" in arrisk("archive", "--dry-run", "--database", url).out
    assert "1 rows of sign_ins went" in arrisk("archive", "--out", folder, "--database", url, "--by", "otto").out
    assert arrisk("archive", "--out", tmp_path / "more", "--database", url).out.strip() == "Nothing is old enough."
    assert "as it was written" in arrisk("archive", "verify", folder).out
    assert "1 rows of sign_ins came back" in arrisk("archive", "restore", folder, "--database", url).out
    (folder / "README.md").write_text("other")
    assert arrisk("archive", "verify", folder).code == 2
    assert arrisk("archive", "--database", url).code == 2
