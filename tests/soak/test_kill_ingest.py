"""A process killed at any moment while rows come in leaves all of a batch or nothing of it, and no row twice."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from arrisk.errors import StoreError
from arrisk.ingest.writing import write_book
from arrisk.schema import check
from arrisk.sim import simulate_portfolio
from arrisk.store import Database, connect, require_current
from arrisk.store.book import list_batches, read_book
from arrisk.uses.bookkeeping import read_upload
from tests.databases import KINDS, make_url_of

KILLS = int(os.environ.get("ARRISK_KILLS", "50"))
ADD = """
import sys
from pathlib import Path
from arrisk.store import connect
from arrisk.store.batches import add_batch
from arrisk.uses.bookkeeping import read_upload

database = connect(sys.argv[1])
uploads = [read_upload(Path(folder), mapping=None) for folder in sys.argv[2:]]
print("begin", flush=True)
for upload in uploads:
    add_batch(database, "alder", upload, fallback_currency="EUR", by="ana", at="2026-01-01T00:00:00+00:00")
    print("kept", flush=True)
"""


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Give a book in three folders, rows in the order in which they were known."""
    folder = tmp_path_factory.mktemp("parts")
    raw = simulate_portfolio(customers=60, months=18, seed=2).tables
    folders = []
    for third in range(3):
        cut = {name: frame.iloc[len(frame) * third // 3 : len(frame) * (third + 1) // 3] for name, frame in raw.items()}
        write_book({name: frame.reset_index(drop=True) for name, frame in cut.items()}, folder / str(third))
        folders.append(folder / str(third))
    return folders


def require_whole(database: Database, parts: list[Path], kept: int) -> int:
    """Give how many batches are there; each must be there whole, and each that was said to be kept."""
    require_current(database)
    try:
        count = len(list_batches(database, "alder"))
    except StoreError:
        assert kept == 0
        return 0
    assert count >= kept
    ids = [one for part in parts[:count] for one in read_upload(part, mapping=None).tables["invoices"]["invoice_id"]]
    assert read_book(database, "alder")["invoices"]["invoice_id"].tolist() == ids
    return count


def kill_one(url: str, parts: list[Path], moment: float) -> int:
    """Start adding, kill it some time after it began, and give how many batches it said it had kept."""
    worker = subprocess.Popen(
        [sys.executable, "-c", ADD, url, *map(str, parts)], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "begin\n"
    time.sleep(moment)
    worker.send_signal(signal.SIGKILL)
    said = worker.stdout.read().count("kept\n")
    worker.wait()
    return said


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_a_kill_at_any_moment_loses_nothing_and_doubles_nothing(kind: str, parts: list[Path], tmp_path: Path):
    chance = random.Random(7)  # noqa: S311 - moments, no secrets
    longest, cut_short = 4.0, 0
    for turn in range(KILLS):
        folder = tmp_path / str(turn)
        folder.mkdir()
        url = make_url_of(kind, folder)
        kept = kill_one(url, parts, chance.uniform(0, longest))
        database = connect(url)
        count = require_whole(database, parts, kept)
        cut_short += count < len(parts)
        # Whoever takes it up again ends where nobody was killed.
        subprocess.run([sys.executable, "-c", ADD, url, *map(str, parts)], check=True, capture_output=True)
        assert require_whole(database, parts, len(parts)) == len(parts)
        database.close()
        # So that the moments fall among the batches, however fast the machine is.
        longest = longest * 1.3 if count == 0 else longest * 0.8 if count == len(parts) else longest
    assert cut_short > 0


def test_the_parts_together_are_a_book(parts: list[Path]):
    uploads = [read_upload(part, mapping=None).tables for part in parts]
    assert all(check(tables, name="alder", currency="EUR").counts["refused"].sum() == 0 for tables in uploads)
