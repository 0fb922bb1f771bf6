"""A million invoices of an export into a checked book, beside the script that one would write with pandas."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measure import run, tabulate

ROWS = 1_000_000

SCRIPT = """
import sys, pandas as pd
frame = pd.read_csv(sys.argv[1], dtype={"invoice_id": "str", "customer_id": "str"})
for name in ("issued_on", "due_on", "settled_on"):
    frame[name] = pd.to_datetime(frame[name], format="%Y-%m-%d", errors="coerce")
frame["amount"] = pd.to_numeric(frame["amount"], errors="coerce")
needed = ["invoice_id", "customer_id", "issued_on", "due_on", "amount"]
good = frame.dropna(subset=needed).drop_duplicates("invoice_id")
good.to_csv(sys.argv[2] + "-invoices.csv", index=False)
good[["customer_id", "customer_name"]].drop_duplicates("customer_id").to_csv(sys.argv[2] + "-customers.csv", index=False)
"""


def measure_convert(folder: Path) -> list[str]:
    """Measure both on the same file and give a section of the page."""
    source = _write_export(folder / "export.csv")
    book = folder / "converted"
    arrisk = [sys.executable, "-m", "arrisk", "convert", str(source), "-m", "generic", "-o", str(book), "--overwrite"]
    script = [sys.executable, "-c", SCRIPT, str(source), str(folder / "pandas")]
    measured = [run("arrisk convert", arrisk), run("pandas script", script)]
    return [
        "## A million rows into a book",
        "",
        f"{ROWS:,} invoices in a CSV file of {source.stat().st_size / 2**20:.0f} MiB, one in a thousand without an amount.",
        "The script drops what it cannot read; `arrisk convert` also detects encoding and delimiter, checks every rule,",
        "keeps money exact, lists each refused row with its reason, and writes whole or not at all.",
        "",
        *tabulate(measured, against="pandas script"),
        "",
    ]


def _write_export(path: Path) -> Path:
    rng = np.random.default_rng(0)
    issued = np.datetime64("2021-01-01") + rng.integers(0, 1000, ROWS).astype("timedelta64[D]")
    frame = pd.DataFrame(
        {
            "invoice_id": np.arange(ROWS) + 10**9,
            "customer_id": rng.integers(0, 20_000, ROWS),
            "customer_name": "Customer",
            "issued_on": issued,
            "due_on": issued + np.timedelta64(30, "D"),
            "amount": np.round(rng.lognormal(7, 1, ROWS), 2),
            "settled_on": issued + rng.integers(10, 60, ROWS).astype("timedelta64[D]"),
            "currency": "USD",
        }
    )
    frame.loc[:: ROWS // 1000, "amount"] = np.nan
    frame.to_csv(path, index=False)
    return path
