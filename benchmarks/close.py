"""The close of a simulated ledger of a million invoices, from the command line, by each method."""

import json
import shutil
import sys
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.measure import Measured, run, tabulate

CUSTOMERS, MONTHS = 12_500, 48
TRAINED_ON, PERIOD_END = "2025-06-30", "2025-12-31"
METHODS = ("model", "matrix", "roll-rate")
RUNS = 3


def measure_close(folder: Path) -> list[str]:
    """Measure `arrisk close` and give a section of the page."""
    arrisk, card = [sys.executable, "-m", "arrisk"], folder / "close.json"
    ledger, home = folder / "closed", folder / "home-of-close"
    size = ["--customers", str(CUSTOMERS), "--months", str(MONTHS), "--seed", "1"]
    run("arrisk simulate", [*arrisk, "simulate", "--out", str(ledger), *size, "--format", "parquet"], runs=1)
    book = str(ledger / "book")
    train = [*arrisk, "train", book, "--as-of", TRAINED_ON, "--json", str(card)]
    trained = run("arrisk train", train, runs=1, environment={"ARRISK_HOME": str(home)})
    reference = json.loads(card.read_text(encoding="utf-8"))["model"]
    closed = [_close(folder, [*arrisk, "close", book], home, method) for method in METHODS]
    invoices = pq.read_metadata(ledger / "book" / "invoices.parquet").num_rows
    return [
        "## The close of a million invoices",
        "",
        f"`arrisk close` reads and checks a simulated ledger of {invoices:,} invoices of {CUSTOMERS:,} customers over {MONTHS} months,",
        "fingerprints it, makes the allowance, rolls it and the receivables forward, and writes the draft into the record. The",
        f"payment curve ({reference}) is one that was trained half a year before. What it should take on two cores: 60 s.",
        "",
        *tabulate([trained, *closed]),
        "",
    ]


def _close(folder: Path, command: list[str], home: Path, method: str) -> Measured:
    """Draft the same close several times, each time with a record of its own: a draft that is there is not made again."""
    parts = []
    for number in range(RUNS):
        own = folder / f"home-{method}-{number}"
        shutil.copytree(home, own)
        draft = [*command, "--period-end", PERIOD_END, "--method", method, "--by", "bench"]
        name = f"arrisk close by {method}"
        parts.append(run(name, draft, runs=1, environment={"ARRISK_HOME": str(own)}))
    return Measured(name, tuple(part.seconds[0] for part in parts), max(part.peak_mib for part in parts))
