"""Makes books of public data on firms and loans that failed or did not: what is known of them stands in ``attributes``.

polish   Polish companies, first file: 64 ratios, bankrupt or not (Zieba, Tomczak, Tomczak, Expert Systems with
         Applications 58, 2016; UCI 365). Rows that stand there twice are taken once.
taiwan   Taiwanese companies: 95 ratios (Liang, Lu, Tsai, Shih, European Journal of Operational Research 252, 2016; UCI 572).
sba      Loans backed by the US Small Business Administration, case file of California (Li, Mickel, Taylor, Journal of
         Statistics Education 26, 2018). Left out is what follows from how the loan ended: Term, daysterm, xx, Recession,
         RealEstate (it is drawn from Term), what was drawn and when, the charge-off, the balance, the status; the day
         of approval, which tells the crisis from the years before; and the number and the name, which name one loan.

Each firm is a customer known by its attributes as of one day and by nothing else; who failed has an insolvency within the
year after. The first invoice comes after the day: on it everybody is an applicant.
"""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from arrisk.modeling.rows import Mask
from arrisk.schema import Book, check

ASKED_ON, KNOWN_BY = date(2020, 1, 1), date(2021, 1, 1)
"""Everybody is asked about as of the first day; the year is over on the second."""

_LOANS_KNOWN = (
    *("City", "Zip", "Bank", "BankState", "NAICS", "NoEmp", "NewExist", "CreateJob", "RetainedJob"),
    *("FranchiseCode", "UrbanRural", "RevLineCr", "LowDoc", "GrAppv", "SBA_Appv", "Portion"),
)
_SPLIT_DAY = 16_801
"""The first of January 2006 in days since 1960, in which the file counts."""


@dataclass(frozen=True)
class Firms:
    """Firms with what is known of them and what became of them.

    Parameters
    ----------
    known : one row per firm, the columns as they are in the file.
    failed : which of them failed, shape (n,).
    is_early : which of them are trained on out of time, shape (n,); None where the file has no dates.
    """

    known: pd.DataFrame
    failed: Mask
    is_early: Mask | None = None


def read_polish(folder: Path) -> Firms:
    """Read the ratios of Polish companies, each row once."""
    with gzip.open(folder / "polish_bankruptcy" / "1year.arff.gz", "rt", encoding="utf-8") as file:
        lines = file.read().splitlines()
    names = [line.split()[1] for line in lines if line.lower().startswith("@attribute")]
    rows = [line.split(",") for line in lines if line and not line.startswith("@")]
    table = pd.DataFrame(rows, columns=names).drop_duplicates(ignore_index=True)
    numbers = table.apply(pd.to_numeric, errors="coerce")
    return Firms(numbers.drop(columns="class"), (numbers["class"] == 1).to_numpy())


def read_taiwan(folder: Path) -> Firms:
    """Read the ratios of Taiwanese companies."""
    (path,) = sorted((folder / "taiwan_bankruptcy").glob("*.csv.gz"))
    table = pd.read_csv(path)
    return Firms(table.drop(columns="Bankrupt?"), (table["Bankrupt?"] == 1).to_numpy())


def read_sba(folder: Path) -> Firms:
    """Read what was known of each loan when it was approved; out of time means approved from 2006 on."""
    loans = pd.read_csv(folder / "sba_case" / "SBAcase.11.13.17.csv", encoding="utf-8-sig")
    is_early = (loans["ApprovalDate"] < _SPLIT_DAY).to_numpy()
    return Firms(loans[list(_LOANS_KNOWN)], (loans["Default"] == 1).to_numpy(), is_early)


READERS: Mapping[str, Callable[[Path], Firms]] = MappingProxyType(
    {"polish": read_polish, "taiwan": read_taiwan, "sba": read_sba}
)
"""How to read each of them from the folder of public data."""


def make_book(firms: Firms) -> Book:
    """Make a book in which the attributes are all that is known of a firm."""
    ids = pd.Series([f"C{number:05d}" for number in range(len(firms.known))], dtype="str")
    customers = pd.DataFrame({"customer_id": ids})
    attributes = firms.known.assign(customer_id=ids, known_on="2019-12-01")
    events = customers.loc[firms.failed].assign(occurred_on="2020-07-01", kind="insolvency")
    paid = {"issued_on": "2020-01-15", "due_on": "2020-02-14", "settled_on": "2020-02-14", "amount": "100"}
    invoices = customers.assign(invoice_id="I" + ids, **paid)
    tables = {"customers": customers, "invoices": invoices, "attributes": attributes, "credit_events": events}
    checked = check(tables, name="public", currency="USD", extract_end_on=KNOWN_BY)
    if checked.counts["refused"].sum():
        raise ValueError(f"the book refuses rows: {checked.problems.head()}")
    return checked.book
