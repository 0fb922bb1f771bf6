"""How long a million rows take, in a process of their own, so that its memory can be measured."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pytest

_ROWS = 1_000_000
_PROGRAM = """
import resource, sys, time
from pathlib import Path
from arrisk.ingest.mapping import load_mapping
from arrisk.ingest.problems import add_staging
from arrisk.ingest.staging import convert
from arrisk.ingest.writing import book_tables, write_book
from arrisk.schema import check
# Processor time: a busy neighbour must not fail the test.
started = time.process_time()
staging = convert(Path(sys.argv[1]), load_mapping("ibm"))
checked = add_staging(check(staging.tables, name="", currency="USD"), staging.problems, staging.counts)
write_book(book_tables(checked.book), Path(sys.argv[2]), problems=checked.problems)
print(time.process_time() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def _write_ledger(path: Path) -> None:
    rng = np.random.default_rng(0)
    issued = rng.integers(17_000, 19_000, _ROWS)

    def say(days: np.ndarray) -> pa.Array:
        texts = [f"{day.month}/{day.day}/{day.year}" for day in np.arange(17_000, 19_200).astype("M8[D]").tolist()]
        return pa.array(texts).take(pa.array(days - 17_000))

    amounts = pa.array(rng.integers(100, 10**7, _ROWS) / 100)
    customers = pa.array([f"{number:05d}" for number in range(20_000)]).take(pa.array(rng.integers(0, 20_000, _ROWS)))
    columns = {
        "customerID": customers,
        "invoiceNumber": pa.array(np.arange(_ROWS)),
        "InvoiceDate": say(issued),
        "DueDate": say(issued + 30),
        "InvoiceAmount": amounts,
        "SettledDate": say(issued + rng.integers(1, 150, _ROWS)),
    }
    pacsv.write_csv(pa.table(columns), path)


@pytest.mark.slow
def test_a_million_rows_convert_in_thirty_seconds_and_two_gigabytes(tmp_path):
    _write_ledger(tmp_path / "ledger.csv")
    command = [sys.executable, "-c", _PROGRAM, str(tmp_path / "ledger.csv"), str(tmp_path / "book")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    seconds, megabytes = map(float, done.stdout.split())
    assert seconds < 30
    assert megabytes < 2048
    assert (tmp_path / "book" / "invoices.csv").read_bytes().count(b"\n") == _ROWS + 1
