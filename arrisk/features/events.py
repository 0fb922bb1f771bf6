"""Turns the rows of a book into the kernel's arrays: integers, grouped by customer, each entry with its interval."""

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk import money
from arrisk.features.amounts import Converter, apply_factors, keep_currency, make_converter
from arrisk.features.grouping import Grouped, as_days32, group_rows, make_records
from arrisk.features.segments import (
    CREDITED,
    MOVEMENT,
    PAID,
    SEGMENT,
    VERSION,
    WRITTEN_OFF,
    Ints,
    Records,
    close_gaps,
    count_segments,
    fill_segments,
)
from arrisk.features.sources import SOURCES, Clocks, set_clocks
from arrisk.features.threads import run_both
from arrisk.frames import NEVER, Days, match, to_days
from arrisk.ledger import end_tolerance, list_movements
from arrisk.policy import EndPolicy
from arrisk.schema import Book

_CAUSES = pd.Series(["paid", "credited", "written_off"], dtype="str")
_CAUSE_CODES = np.array([PAID, CREDITED, WRITTEN_OFF], dtype="int32")
_IN_CURRENCY = ("invoices", "payments", "limits", "collateral", "orders")
_STEP_SHIFT = 32


@dataclass(frozen=True)
class History:
    """All that is known of invoices, as arrays grouped by customer.

    Parameters
    ----------
    book : the book, its rows of the wanted currency.
    clocks : when each source can be seen.
    converter : into the currency of the features.
    last_day : no question lies after it.
    customers : the ids; a customer's code is its place here.
    invoice_rows : row of ``book["invoices"]`` behind each version.
    versions, segments : invoices, grouped by customer.
    version_spans, segment_spans : where each customer's begin.
    movements : the changes of open amounts, as the ledger lists them.
    """

    book: Book
    clocks: Clocks
    converter: Converter
    last_day: int
    customers: pd.Series
    invoice_rows: Days
    versions: Records
    segments: Records
    version_spans: Ints
    segment_spans: Ints
    movements: pd.DataFrame

    @cached_property
    def versions_of_invoice(self) -> Grouped:
        """The versions of each invoice, by the invoice's number."""
        return group_rows(self.versions["invoice"].astype("int64"), len(self.book["invoices"]))


def read_history(
    book: Book,
    *,
    customers: pd.Series,
    last_day: int,
    end: EndPolicy,
    currency: str | None = None,
    clocks: Clocks = SOURCES,
) -> History:
    """Read the invoices of a book and what became of them.

    Parameters
    ----------
    book : a checked book.
    customers : ids, each once; rows of other customers are left out.
    last_day : the last day on which a question is asked.
    end : when an invoice counts as ended.
    currency : take only rows of this currency; None = convert all into the book currency.
    clocks : when each source can be seen.

    Raises
    ------
    CurrencyError
        When a row that counts has a foreign currency without a rate.
    """
    book = set_clocks(book, clocks)
    converter = make_converter(book, currency)
    restricted = book.with_tables(**{name: keep_currency(book[name], currency) for name in _IN_CURRENCY})
    invoices = restricted["invoices"]
    known = before(invoices["known_day"].to_numpy(), last_day)
    # A receipt in another currency still settles an invoice in the chosen one: movements are of the whole book.
    (movements, changes, change_spans), (grouped, versions) = run_both(
        lambda: _read_movements(book, invoices, clocks, last_day),
        lambda: _read_versions(invoices, customers, converter, known, end),
        rows=len(invoices),
    )
    segments, counts = _cut(versions, changes, change_spans)
    starts = np.concatenate([[0], np.cumsum(counts)])
    return History(
        book=restricted,
        clocks=clocks,
        converter=converter,
        last_day=last_day,
        customers=customers,
        invoice_rows=grouped.order,
        versions=versions,
        segments=segments,
        version_spans=grouped.offsets,
        segment_spans=starts[grouped.offsets],
        movements=movements,
    )


def before(days: Days, last_day: int) -> Days:
    """Give the days, and NEVER for those that no question can see: such a row cannot even raise an error."""
    return np.where(days < last_day, days, NEVER)


def _read_movements(
    book: Book, invoices: pd.DataFrame, clocks: Clocks, last_day: int
) -> tuple[pd.DataFrame, Records, Ints]:
    """List the changes of open amounts, as the ledger does, and as records grouped by invoice."""
    movements = list_movements(book)
    short = clocks["invoices.settled_on"]
    if short is not SOURCES["invoices.settled_on"]:
        is_short = (movements["source_id"] == movements["invoice_id"]).to_numpy()
        known = np.where(is_short, short(movements), movements["known_day"].to_numpy())
        movements = movements.assign(known_day=known)
    return movements, *_make_movements(movements, invoices, last_day)


def _read_versions(
    invoices: pd.DataFrame, customers: pd.Series, converter: Converter, known: Days, end: EndPolicy
) -> tuple[Grouped, Records]:
    """Group the versions of invoices by customer; those that no question can see belong to nobody."""
    owners = np.where(known < NEVER, match(invoices["customer_id"], customers), -1)
    grouped = group_rows(owners, len(customers))
    codes = _number_invoices(invoices)
    return grouped, _make_versions(invoices, codes, grouped.order, converter, known, end)


def _number_invoices(invoices: pd.DataFrame) -> Days:
    """Give each row its invoice's number: the row of one of its versions, which without corrections is its own."""
    if (invoices["superseded_day"].to_numpy() == NEVER).all():
        return np.arange(len(invoices), dtype="int64")
    return match(invoices["invoice_id"], invoices["invoice_id"])


def _make_versions(
    invoices: pd.DataFrame, codes: Days, order: Days, converter: Converter, known: Days, end: EndPolicy
) -> Records:
    amount = invoices["amount"].to_numpy()
    factor = converter.find_factors(invoices["currency"], known, table="invoices")
    columns: dict[str, npt.NDArray[Any]] = {
        "invoice": codes,
        "known": as_days32(known),
        "superseded": as_days32(invoices["superseded_day"]),
        "issued": as_days32(to_days(invoices["issued_on"])),
        "due": as_days32(to_days(invoices["due_on"])),
        "is_credit": (invoices["kind"] == "credit_note").to_numpy(dtype=bool),
        "amount": amount,
        "tolerance": end_tolerance(amount, money.exponents(invoices["currency"]), end=end),
        "book_amount": apply_factors(amount, factor),
        "factor": factor,
    }
    return make_records(columns.items(), VERSION, order)


def _make_movements(movements: pd.DataFrame, invoices: pd.DataFrame, last_day: int) -> tuple[Records, Ints]:
    invoice = match(movements["invoice_id"], invoices["invoice_id"])
    is_early = movements["known_day"].to_numpy() < last_day
    grouped = group_rows(np.where(is_early, invoice, -1), len(invoices))
    known, applied = movements["known_day"].to_numpy(), movements["applied_day"].to_numpy()
    cause = _CAUSE_CODES[match(movements["cause"], _CAUSES)]
    columns = {
        "known": as_days32(known),
        "superseded": as_days32(movements["superseded_day"]),
        "day": as_days32(np.where(cause == PAID, movements["paid_day"].to_numpy(), applied)),
        "cause": cause,
        "amount": movements["amount"].to_numpy(),
        "step": (known << _STEP_SHIFT) + applied,
    }
    return make_records(columns.items(), MOVEMENT, grouped.order), grouped.offsets


def _cut(versions: Records, movements: Records, offsets: Ints) -> tuple[Records, Ints]:
    """Cut every version into its segments, in two halves side by side; gives them, and how many each version has."""
    room = count_segments(versions, movements, offsets)
    places = np.concatenate([[0], np.cumsum(room)])
    segments = np.empty(int(places[-1]), dtype=SEGMENT)
    used = np.zeros(len(versions), dtype="int64")
    middle = len(versions) // 2
    halves = [(0, middle), (middle, len(versions))]
    one, other = (
        partial(fill_segments, *half, versions, movements, offsets, places, segments, used) for half in halves
    )
    run_both(one, other, rows=len(versions))
    close_gaps(segments, places, used)
    # In place: what is cut off is given back, and nothing is copied.
    segments.resize(int(used.sum()), refcheck=False)
    return segments, used
