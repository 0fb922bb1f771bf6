"""Fixtures that every test may ask for."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from arrisk.uses import passwords


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


@pytest.fixture(scope="session", autouse=True)
def strong_hasher() -> Iterator[PasswordHasher]:
    """Let passwords be hashed lightly, since hundreds of tests sign in; give what a service hashes with."""
    with pytest.MonkeyPatch.context() as patch:
        strong = passwords._HASHER
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield strong
