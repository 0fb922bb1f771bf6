"""A process killed at any moment while rows come in leaves all of a batch or nothing of it, and no row twice."""

import os
import random
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from arrisk.errors import StoreError
from arrisk.frames import concat
from arrisk.schema import check
from arrisk.sim import simulate_portfolio
from arrisk.store import Database, connect
from arrisk.store.batches import Upload, add_batch
from arrisk.store.book import list_batches, read_book
from tests.databases import KINDS, make_url_of
from tests.soak.harness import kill_within, running

KILLS = int(os.environ.get("ARRISK_KILLS", "50"))
PARTS = 3


@cache
def make_parts() -> list[Mapping[str, pd.DataFrame]]:
    """Give a book in parts, each a part of every table."""
    raw = simulate_portfolio(customers=30, months=12, seed=2).tables
    bounds = {name: np.linspace(0, len(frame), PARTS + 1).astype(int) for name, frame in raw.items()}
    return [
        {name: raw[name].iloc[cuts[at] : cuts[at + 1]].reset_index(drop=True) for name, cuts in bounds.items()}
        for at in range(PARTS)
    ]


def add_parts(url: str) -> None:
    """Add every part, and say so of each."""
    database = connect(url)
    for number, part in enumerate(make_parts()):
        upload = Upload({name: frame for name, frame in part.items() if len(frame)}, str(number), "EUR")
        add_batch(database, "alder", upload, fallback_currency="EUR", by="ana", at="2026-01-01T00:00:00+00:00")
        print("kept", flush=True)  # noqa: T201 - into the log that the test reads
    database.close()


def require_whole(database: Database, kept: int) -> int:
    """Give how many parts are there: at least those that were said to be kept, each with every row, once."""
    try:
        count = len(list_batches(database, "alder"))
    except StoreError:
        count = 0
    assert count >= kept
    if count:
        together = {name: concat([part[name] for part in make_parts()[:count]]) for name in make_parts()[0]}
        expected, book = check(together, name="alder", currency="EUR").book, read_book(database, "alder")
        for name in expected.tables:
            pd.testing.assert_frame_equal(book[name], expected[name], check_exact=True, obj=name)
    return count


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_a_kill_at_any_moment_loses_nothing_and_doubles_nothing(kind: str, tmp_path: Path):
    chance, longest, cut_short = random.Random(7), 3.0, 0  # noqa: S311 - moments, no secrets
    for turn in range(KILLS):
        folder = tmp_path / str(turn)
        folder.mkdir()
        url, log = make_url_of(kind, folder), folder / "log"
        log.touch()
        with running(add_parts, url, log=log) as child:
            kill_within(child, longest, chance)
        database = connect(url)
        count = require_whole(database, log.read_text().count("kept\n"))
        # Whoever takes it up again ends where nobody was killed.
        add_parts(url)
        assert require_whole(database, PARTS) == PARTS
        database.close()
        cut_short += count < PARTS
        # So that the moments fall among the batches, however fast the machine is.
        longest *= {0: 1.2, PARTS: 0.7}.get(count, 1.0)
    assert cut_short > KILLS // 5
