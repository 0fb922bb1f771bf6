"""The commands for whoever runs the service, as they are typed."""

import pytest

from arrisk.store import connect, require_current
from tests.cli.conftest import Ran
from tests.databases import KINDS, address_of, make_url_of, start_postgresql
from tests.filling import fill, read_all


def test_a_new_database_gets_its_tables(arrisk, arrisk_home):
    ran: Ran = arrisk("db", "upgrade")
    assert ran.code == 0, ran.err
    require_current(connect(f"sqlite:///{arrisk_home / 'arrisk.db'}"))


@pytest.mark.parametrize("kind", KINDS)
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
    with source.read() as before, connect(other).read() as after:
        assert read_all(after) == read_all(before)


def test_an_address_that_cannot_be_used_is_refused_without_its_password(arrisk, tmp_path):
    ran = arrisk("backup", "--out", tmp_path / "x.zip", "--database", "mysql://me:secret@host/name")
    assert ran.code == 2
    assert "SQLite or PostgreSQL" in ran.err
    assert "secret" not in ran.err
