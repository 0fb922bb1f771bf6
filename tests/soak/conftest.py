"""What every test of endurance gets: a service's settings on each database. They run by `make soak`."""

from pathlib import Path

import pytest

from arrisk.config import Settings
from tests.databases import KINDS, make_url_of


@pytest.fixture(params=KINDS)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Give the settings of a service with an empty state folder and a new database, once of each kind."""
    return Settings(home=tmp_path, database_url=make_url_of(request.param, tmp_path))
