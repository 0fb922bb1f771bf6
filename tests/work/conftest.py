"""A small ledger in a database, and a state folder with a model of it."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from arrisk.policy import load_policy
from arrisk.store import Database
from arrisk.store.batches import Upload, add_batch
from arrisk.uses.work import Worker
from tests.api.conftest import home as trained  # noqa: F401 - the same small model that the service's tests have
from tests.api.conftest import tables  # noqa: F401
from tests.api.ledger import CURRENCY, NAME, Tables
from tests.store.conftest import database  # noqa: F401

AT = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)


class Clock:
    """Moves by a second each time that it is read."""

    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@pytest.fixture
def home(trained: Path, tmp_path: Path) -> Path:  # noqa: F811
    """Give a state folder of the test's own."""
    folder = tmp_path / "home"
    shutil.copytree(trained, folder)
    return folder


@pytest.fixture
def add_ledger(database: Database, tables: Tables) -> Callable[..., None]:  # noqa: F811
    """Give a function that adds the ledger's rows to the database."""

    def add(into: Database = database) -> None:
        raw = {name: pd.DataFrame(rows) for name, rows in tables.items()}
        upload = Upload(raw, "test", CURRENCY)
        add_batch(into, NAME, upload, fallback_currency=CURRENCY, by="ana", at=AT.isoformat())

    return add


@pytest.fixture
def worker(database: Database, home: Path) -> Worker:  # noqa: F811
    """Give a worker on the database."""
    return Worker(database, home, load_policy(), Clock(), beat_seconds=0.05, silent_seconds=3600)
