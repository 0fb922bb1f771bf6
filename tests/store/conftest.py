"""Fixtures of the tests that need a database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from arrisk.store import Database
from tests.databases import EACH_KIND, open_new


@pytest.fixture(params=EACH_KIND)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a new database of today's form, once of each kind."""
    found = open_new(request.param, tmp_path)
    yield found
    found.close()
