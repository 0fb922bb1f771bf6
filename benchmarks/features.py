"""Features at issue for two million invoices, beside DuckDB: eight running sums, and as many of the same features."""

import sys
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq

from benchmarks.measure import Measured, run, tabulate
from benchmarks.portfolio import write_portfolio
from benchmarks.windows import EIGHT_SUMS, SAME_FEATURES, list_same_features

INVOICES, CUSTOMERS = 2_000_000, 20_000
SMALL_INVOICES = 50_000
LIMIT_SECONDS = 150
"""After so long the query for the same features is stopped: it is slower than all else by then."""

_DUCKDB = """
import sys, duckdb
connection = duckdb.connect()
connection.execute("SET preserve_insertion_order = false")
connection.execute("SET temp_directory = '" + sys.argv[3] + "'")
for name in ("customers", "invoices", "payments", "allocations"):
    connection.execute(f"CREATE VIEW {name} AS SELECT * FROM '{sys.argv[2]}/{name}.parquet'")
connection.execute(f"COPY ({sys.stdin.read() if sys.argv[1] == '-' else open(sys.argv[1]).read()}) TO '{sys.argv[4]}'")
"""


def measure_features(folder: Path) -> list[str]:
    """Measure both on the same files and give a section of the page."""
    book = folder / "book"
    write_portfolio(book, invoices=INVOICES, customers=CUSTOMERS, seed=1)
    command = _build_command(folder)
    with tempfile.TemporaryDirectory(prefix="arrisk-kernels-") as cache:
        kernels = {"NUMBA_CACHE_DIR": cache}
        cold = run("arrisk, first run: compiles", command, runs=1, environment=kernels)
        warm = run("arrisk", command, environment=kernels)
    sums = _run_duckdb("DuckDB, eight running sums", EIGHT_SUMS, folder, runs=3)
    same = _run_duckdb("DuckDB, the same features", SAME_FEATURES, folder, runs=1, limit_seconds=LIMIT_SECONDS)
    return [
        *_describe(book, folder / "features.parquet"),
        "",
        *tabulate([cold, warm, sums, same], against=sums.name),
        "",
        *_compare_small(folder / "small"),
        "",
    ]


def _build_command(folder: Path) -> list[str]:
    out = str(folder / "features.parquet")
    return [sys.executable, "-m", "arrisk", "features", str(folder / "book"), "--at", "issue", "--out", out]


def _compare_small(folder: Path) -> list[str]:
    """Compute the same features both ways on a ledger small enough for either."""
    folder.mkdir()
    write_portfolio(folder / "book", invoices=SMALL_INVOICES, customers=SMALL_INVOICES // 50, seed=2)
    run("arrisk, small", _build_command(folder), runs=1)
    _run_duckdb("DuckDB, small", SAME_FEATURES, folder, runs=1)
    return [f"On a ledger of {SMALL_INVOICES:,} invoices both were run to the end and compared.", *_compare(folder)]


def _run_duckdb(name: str, query: str, folder: Path, *, runs: int, limit_seconds: float | None = None) -> Measured:
    text = folder / "query.sql"
    text.write_text(query, encoding="utf-8")
    out = folder / f"duckdb-{runs}.parquet"
    command = [sys.executable, "-c", _DUCKDB, str(text), str(folder / "book"), str(folder / "spill"), str(out)]
    return run(name, command, runs=runs, limit_seconds=limit_seconds)


def _describe(book: Path, ours: Path) -> list[str]:
    rows = {path.stem: pq.read_metadata(path).num_rows for path in book.glob("*.parquet")}
    size = sum(path.stat().st_size for path in book.glob("*.parquet")) / 2**20
    count = pq.read_metadata(ours).num_columns
    same = len(list_same_features())
    return f"""## Features of every invoice as of its issue

{rows["invoices"]:,} invoices, {rows["payments"]:,} receipts and {rows["allocations"]:,} allocations of \
{rows["customers"]:,} customers in Parquet files of {size:.0f} MiB; the result goes to a Parquet file.
`arrisk features` reads, checks every rule of the ledger and gives {count} columns. The first query computes eight
running sums of a customer's invoices and settlements before each invoice, and checks nothing. The second computes
{same} of the features; it leaves out what no window function gives (the newest settlements, the oldest open item,
corrections, reversals, late bookings) and all that this ledger has no rows for.
""".splitlines()


def _compare(folder: Path) -> list[str]:
    """Say how far the two results differ where both compute the same."""
    names = list_same_features()
    columns = ", ".join(f"max(abs(a.{name} - b.{name}) / greatest(abs(b.{name}), 1)) AS {name}" for name in names)
    missing = " + ".join(f"sum(((a.{name} IS NULL OR isnan(a.{name})) != (b.{name} IS NULL))::INT)" for name in names)
    query = (
        f"SELECT {columns}, {missing} AS missing FROM '{folder}/features.parquet' a "
        f"JOIN '{folder}/duckdb-1.parquet' b USING (invoice_id) "
    )
    *differences, missing_count = duckdb.sql(query).fetchall()[0]
    worst = int(np.nanargmax(np.array(differences, dtype="float64")))
    text = f"The largest relative difference in these columns is {differences[worst]:.1e} (`{names[worst]}`); "
    return [text + f"{int(missing_count)} values are missing in one of the two only."]
