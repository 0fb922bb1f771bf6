"""What the tests of pages share: the ledger and the models of the API's tests, and a service where all has happened."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.conftest import home, tables
from tests.api.ledger import Tables
from tests.pages.books import Whole, open_whole

__all__ = ["home", "tables"]


@pytest.fixture(scope="session")
def whole(tables: Tables, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    """Give a service to look at, in which each thing has happened once."""
    made, database = open_whole(tables, home, tmp_path_factory.mktemp("whole"))
    yield made
    database.close()
