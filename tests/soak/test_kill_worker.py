"""`kill -9` of the worker fifty times during nightly runs, on both databases."""

import pytest

from tests.store.conftest import database  # noqa: F401
from tests.work.conftest import add_ledger, home, tables, trained  # noqa: F401
from tests.work.killing import kill_often

pytestmark = pytest.mark.soak


def test_fifty_kills_of_the_worker_lose_nothing_and_do_nothing_twice(database, home, add_ledger, tmp_path):  # noqa: F811
    add_ledger()
    kill_often(database, home, tmp_path / "log.txt", times=50, within_seconds=6, seed=2)
