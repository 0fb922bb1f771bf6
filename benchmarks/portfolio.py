"""A large ledger of plain invoices, receipts and allocations for the benchmarks: fast to make, the same for one seed.

It is not a model of anything: amounts, terms and delays have plausible spreads, so that the work is that of a real
book. The simulator, whose truth is known, is `arrisk simulate`.
"""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

_START = np.datetime64("2015-01-01", "D").astype("int64")
_SPAN = 3650
_NEWEST = 60
Ints = npt.NDArray[np.int64]


def write_portfolio(folder: Path, *, invoices: int, customers: int, seed: int, unpaid: int = 0) -> None:
    """Write a book of Parquet files.

    Parameters
    ----------
    folder : where; made if it is not there.
    invoices : number of invoices; nearly as many receipts and allocations are written.
    customers : number of customers; a few have most of the invoices.
    seed : of the random numbers.
    unpaid : how many of the invoices are of the last two months, none of them paid.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    owner = _draw_owners(rng, invoices, customers)
    issued = np.sort(rng.integers(0, _SPAN, invoices)) + _START
    newest = slice(invoices - unpaid, None)
    issued[newest] = _START + _SPAN - _NEWEST + np.arange(unpaid) * _NEWEST // max(unpaid, 1)
    due = issued + rng.choice([14, 30, 30, 45, 60, 90], invoices)
    amount = np.round(rng.lognormal(6.5, 1.1, invoices), 2)
    habit = rng.normal(4.0, 12.0, customers)
    paid = np.maximum(issued, due + np.rint(habit[owner] + rng.gumbel(0.0, 10.0, invoices)).astype("int64"))
    is_paid = (paid < _START + _SPAN) & (rng.random(invoices) > 0.01)
    is_paid[newest] = False
    numbers = np.arange(invoices)
    _write_customers(folder, rng, customers)
    _write(folder / "invoices.parquet", {
        "invoice_id": _ids("I", numbers), "customer_id": _ids("C", owner), "issued_on": _dates(issued),
        "due_on": _dates(due), "amount": pa.array(amount),
    })  # fmt: skip
    _write_receipts(folder, numbers[is_paid], owner[is_paid], paid[is_paid], amount[is_paid])


def _draw_owners(rng: np.random.Generator, invoices: int, customers: int) -> Ints:
    weights = rng.lognormal(0.0, 1.2, customers)
    return rng.choice(customers, invoices, p=weights / weights.sum())


def _write_customers(folder: Path, rng: np.random.Generator, customers: int) -> None:
    countries, industries = np.array(["DE", "US", "FR", "GB", "PL"]), np.array([f"{code:02d}" for code in range(40)])
    parents = np.where(rng.random(customers) < 0.1, rng.integers(0, customers, customers), -1)
    _write(folder / "customers.parquet", {
        "customer_id": _ids("C", np.arange(customers)),
        "country": pa.array(countries[rng.integers(0, len(countries), customers)]),
        "industry": pa.array(industries[rng.integers(0, len(industries), customers)]),
        "parent_id": pa.array([f"C{parent:07d}" if parent >= 0 else None for parent in parents]),
    })  # fmt: skip


def _write_receipts(folder: Path, numbers: Ints, owner: Ints, paid: Ints, amount: npt.NDArray[np.float64]) -> None:
    order = np.argsort(paid, kind="stable")
    ids = _ids("P", numbers[order])
    _write(folder / "payments.parquet", {
        "payment_id": ids, "customer_id": _ids("C", owner[order]), "paid_on": _dates(paid[order]),
        "amount": pa.array(amount[order]),
    })  # fmt: skip
    _write(folder / "allocations.parquet", {
        "payment_id": ids, "invoice_id": _ids("I", numbers[order]), "amount": pa.array(amount[order]),
        "applied_on": _dates(paid[order]),
    })  # fmt: skip


def _ids(letter: str, numbers: Ints) -> pa.Array:
    digits = np.char.zfill(numbers.astype("U7"), 7)
    return pa.array(np.char.add(letter, digits))


def _dates(days: Ints) -> pa.Array:
    return pa.array(days.astype("int32"), pa.int32()).cast(pa.date32())


def _write(path: Path, columns: dict[str, pa.Array]) -> None:
    pq.write_table(pa.table(columns), path)


def main() -> None:
    """Write a portfolio from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--invoices", type=int, default=2_000_000)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    write_portfolio(options.folder, invoices=options.invoices, customers=options.customers, seed=options.seed)


if __name__ == "__main__":
    main()
