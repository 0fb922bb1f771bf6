"""Fixtures that every test may ask for."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def realdata() -> Path:
    """Give the folder of public ledgers, which is not part of the repository; ARRISK_REALDATA names it."""
    folder = os.environ.get("ARRISK_REALDATA")
    if not folder:
        pytest.skip("ARRISK_REALDATA names no folder of public ledgers")
    return Path(folder)


@pytest.fixture(autouse=True)
def arrisk_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test an empty home of its own for models and runs."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("ARRISK_HOME", str(home))
    return home
