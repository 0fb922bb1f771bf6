"""Features as of any day: the only code that looks back.

A feature is a function of the row versions that were known before the day of the question, and of that day. Two
passes: the first builds the series of group, industry, country and book; the second walks one customer after another.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from arrisk.features.attributes import look_up_attributes
from arrisk.features.behaviour import FORMULAS
from arrisk.features.catalogue import CATALOGUE, Unit
from arrisk.features.context import Context
from arrisk.features.events import read_history
from arrisk.features.grouping import Ints, scatter
from arrisk.features.happenings import list_happenings
from arrisk.features.kernel import Rows, sweep
from arrisk.features.layout import SLOT
from arrisk.features.lookups import Lookups, arrange, make_lookups
from arrisk.features.members import build_context as build_levels
from arrisk.features.questions import sort_questions
from arrisk.features.sources import SOURCES, Clocks
from arrisk.frames import to_arrow
from arrisk.policy import Policy
from arrisk.schema import Book

_BLOCK = 8192
"""Questions that are worked on together: their sums fit into the processor's cache."""

_WORKERS = 2


def build_features(
    book: Book,
    questions: pd.DataFrame,
    *,
    policy: Policy,
    currency: str | None = None,
    context: Context | None = None,
) -> pd.DataFrame:
    """Build every feature of the catalogue at every question.

    Parameters
    ----------
    book : a checked book.
    questions : one row per question, in any order: customer_id, as_of_day (int64 days, strict); for a question about
        an invoice also amount (int64 minor units), currency, issued_day and due_day. Where as_of_day is the issue day
        the customer's master row of that very day counts.
    policy : says when an invoice has ended, and how strongly a late rate is shrunk.
    currency : take only rows of this currency; None = convert into the book currency.
    context : series of group, industry, country and book; None = built from this book. Parts of a book share one.

    Returns
    -------
    DataFrame
        One row per question in the given order, one column per feature of the catalogue and one per column of
        ``attributes``. Amounts and attributes are float64, all else is float32; what has nothing to rest on is NaN.

    Raises
    ------
    CurrencyError
        When a row that counts has a foreign currency without a rate.
    """
    return build_timed_features(book, questions, policy=policy, currency=currency, context=context, clocks=SOURCES)


def build_timed_features(
    book: Book,
    questions: pd.DataFrame,
    *,
    policy: Policy,
    clocks: Clocks,
    currency: str | None = None,
    context: Context | None = None,
) -> pd.DataFrame:
    """Build features as ``build_features`` does, with clocks of the caller's choice."""
    if not len(questions):
        return _Columns(0).to_frame()
    last_day = int(questions["as_of_day"].max())
    customers = _list_customers(book, questions)
    history = read_history(book, customers=customers, last_day=last_day, end=policy.end, currency=currency, clocks=clocks)
    offsets, order = sort_questions(questions, customers)
    asked = arrange(questions, offsets, order, history.converter)
    levels = build_levels(history) if context is None else context
    lookups = make_lookups(history, levels, asked, prior_strength=policy.late.prior_strength)
    happenings, happening_spans = list_happenings(history)
    spans = np.vstack([history.version_spans, history.segment_spans, happening_spans, offsets])
    rows = Rows(history.versions, history.segments, happenings)
    work = _Work(spans, rows, lookups, _Columns(len(questions)), _Buffers())
    with ThreadPoolExecutor(_WORKERS) as pool:
        list(pool.map(work.answer, _list_blocks(offsets)))
    attributes = look_up_attributes(
        history.book["attributes"],
        lookups.tables["attributes"],
        customer=asked.customer,
        days=asked.days,
        order=asked.order,
    )
    return pd.concat([work.columns.to_frame(), attributes], axis=1)


def build_context(
    book: Book, *, last_day: int, policy: Policy, currency: str | None = None, clocks: Clocks = SOURCES
) -> Context:
    """Build the series of group, industry, country and book, for parts of a book that share them.

    Parameters
    ----------
    book : the whole checked book.
    last_day : the last day on which a question will be asked.
    policy : says when an invoice has ended.
    currency : as in ``build_features``.
    clocks : when each source can be seen.
    """
    customers = _list_customers(book, book["customers"])
    return build_levels(
        read_history(book, customers=customers, last_day=last_day, end=policy.end, currency=currency, clocks=clocks)
    )


def _list_customers(book: Book, questions: pd.DataFrame) -> pd.Series:
    """List every customer id once: of the questions, the master data and the invoices."""
    ids = [to_arrow(frame["customer_id"]) for frame in (questions, book["customers"], book["invoices"])]
    return pd.Series(pd.array(pa.chunked_array(ids).unique(), dtype="str"))


def _list_blocks(offsets: Ints) -> Iterator[tuple[int, int]]:
    """Cut the customers into blocks of about as many questions each."""
    first = 0
    customers = len(offsets) - 1
    while first < customers:
        stop = int(np.searchsorted(offsets, offsets[first] + _BLOCK, side="left"))
        stop = min(max(stop, first + 1), customers)
        yield first, stop
        first = stop


class _Columns:
    """The output while it is filled: amounts as float64, all else as float32, one row per question."""

    def __init__(self, count: int) -> None:
        self.money = [name for name, feature in CATALOGUE.items() if feature.unit is Unit.AMOUNT]
        self.other = [name for name, feature in CATALOGUE.items() if feature.unit is not Unit.AMOUNT]
        self.wide = np.empty((count, len(self.money)), dtype="float64")
        self.narrow = np.empty((count, len(self.other)), dtype="float32")

    def to_frame(self) -> pd.DataFrame:
        """Give the columns in the order of the catalogue, without copying them."""
        columns: dict[str, npt.NDArray[np.floating]] = {name: self.wide[:, j] for j, name in enumerate(self.money)}
        columns |= {name: self.narrow[:, j] for j, name in enumerate(self.other)}
        return pd.DataFrame({name: columns[name] for name in CATALOGUE}, copy=False)


class _Buffers(threading.local):
    """Working memory of one thread, kept from block to block: fresh memory costs more than what is computed in it."""

    def __init__(self) -> None:
        self.sums = np.empty((len(SLOT), 0), dtype="int64")
        self.values = np.empty((len(CATALOGUE), 0), dtype="float64")

    def reserve(self, count: int) -> tuple[Ints, npt.NDArray[np.float64]]:
        """Give room for the sums and the features of a block."""
        if self.sums.shape[1] < count:
            # The extra column keeps rows from falling on the same lines of the cache.
            self.sums = np.empty((len(SLOT), count + 8), dtype="int64")
            self.values = np.empty((len(CATALOGUE), count + 8), dtype="float64")
        return self.sums[:, :count], self.values[:, :count]


@dataclass(frozen=True)
class _Work:
    """What every block needs; the blocks write to rows of their own."""

    spans: Ints
    rows: Rows
    lookups: Lookups
    columns: _Columns
    buffers: _Buffers

    def answer(self, block: tuple[int, int]) -> None:
        """Answer the questions of a block of customers."""
        first, stop = block
        low, high = int(self.spans[3, first]), int(self.spans[3, stop])
        if low == high:
            return
        sums, values = self.buffers.reserve(high - low)
        sweep(first, stop, self.spans, self.lookups.asked.days, self.rows, sums)
        facts = self.lookups.complete(slice(low, high), sums)
        rows = self.lookups.asked.order[low:high]
        for place, name in enumerate((*self.columns.money, *self.columns.other)):
            values[place] = FORMULAS[name](facts)
        split = len(self.columns.money)
        scatter(values[:split], rows, self.columns.wide)
        scatter(values[split:], rows, self.columns.narrow)
