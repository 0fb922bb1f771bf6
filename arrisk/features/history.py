"""Features as of any day: the only code that looks back.

A feature is a function of the row versions that were known before the day of the question, and of that day. Two
passes: the first builds the series of group, industry, country and book; the second walks one customer after another.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa

from arrisk.features.attributes import look_up_attributes, read_attributes
from arrisk.features.behaviour import FORMULAS
from arrisk.features.catalogue import CATALOGUE, Unit
from arrisk.features.context import Context
from arrisk.features.events import History, read_history
from arrisk.features.facts import Floats
from arrisk.features.grouping import Ints, scatter
from arrisk.features.happenings import list_happenings
from arrisk.features.kernel import Asked, Rows, sweep
from arrisk.features.layout import SLOT
from arrisk.features.lookups import Lookups, arrange, make_lookups
from arrisk.features.members import list_levels
from arrisk.features.questions import sort_questions
from arrisk.features.segments import Records
from arrisk.features.sources import SOURCES, Clocks
from arrisk.features.threads import run_ahead, run_both
from arrisk.frames import NEVER, to_arrow
from arrisk.policy import Policy
from arrisk.schema import Book

_BLOCK = 16384
"""Questions that are worked on together: their sums fit into the processor's cache."""


def build_features(
    book: Book,
    questions: pd.DataFrame,
    *,
    policy: Policy,
    currency: str | None = None,
    context: Context | None = None,
    past: "Past | None" = None,
) -> pd.DataFrame:
    """Build every feature of the catalogue at every question.

    Parameters
    ----------
    book : a checked book.
    questions : one row per question, in any order: customer_id, as_of_day (int64 days, strict); for a question about
        an invoice also amount (int64 minor units), currency, issued_day and due_day, and perhaps terms (as written).
        Where as_of_day is the issue day the customer's master row of that very day counts.
    policy : says when an invoice has ended, and how strongly a late rate is shrunk.
    currency : take only rows of this currency; None = convert into the book currency.
    context : series of group, industry, country and book; None = built from this book. Parts of a book share one.
    past : as given by ``read_past`` for this book, policy and currency, where several sets of questions share one;
        ``context`` is not read then. None = read for these questions.

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
    if past is None:
        return build_timed_features(book, questions, policy=policy, currency=currency, context=context, clocks=SOURCES)
    return _answer_all(_prepare(past, questions, policy=policy))


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
    past = _read_past_of(book, questions, policy=policy, currency=currency, context=context, clocks=clocks)
    return _answer_all(_prepare(past, questions, policy=policy))


def iterate_features(
    book: Book, questions: pd.DataFrame, *, policy: Policy, currency: str | None = None
) -> Iterator[tuple[Ints, pd.DataFrame]]:
    """Build the same features piece by piece, for a book whose features need not stand in memory at once.

    Parameters
    ----------
    book, questions, policy, currency : as in ``build_features``.

    Yields
    ------
    (rows, frame)
        Some thousand questions of whole customers: their row numbers in ``questions``, and their features.
    """
    past = _read_past_of(book, questions, policy=policy, currency=currency, context=None, clocks=SOURCES)
    work = _prepare(past, questions, policy=policy)
    if not len(questions):
        yield np.empty(0, dtype="int64"), _Columns(0, work.names).to_frame()
    for rows, columns in run_ahead(work.answer, work.blocks):
        yield rows, pd.DataFrame(columns, copy=False)


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
    history = read_history(
        book, customers=customers, last_day=last_day, end=policy.end, currency=currency, clocks=clocks
    )
    return list_levels(history, None)


@dataclass(frozen=True)
class Past:
    """What was known of a book before a day, put in order once for all questions as of days up to it.

    Parameters
    ----------
    history : the invoices; its customers are those who can be asked about.
    happenings, happening_spans : all else that happens to customers, and where each customer's begin.
    levels : the series of group, industry, country and book.
    """

    history: History
    happenings: Records
    happening_spans: Ints
    levels: Context


def read_past(book: Book, *, last_day: int, policy: Policy) -> Past:
    """Read what several sets of questions about the customers of a book need, converted into the book currency.

    Parameters
    ----------
    book : a checked book.
    last_day : the last day on which a question will be asked.
    policy : says when an invoice has ended.

    Raises
    ------
    CurrencyError
        When a row that counts has a foreign currency without a rate.
    """
    customers = _list_customers(book, book["customers"])
    history = read_history(book, customers=customers, last_day=last_day, end=policy.end)
    return _list_past(history, None)


def _read_past_of(
    book: Book,
    questions: pd.DataFrame,
    *,
    policy: Policy,
    currency: str | None,
    context: Context | None,
    clocks: Clocks,
) -> Past:
    """Read the past of some questions, their customers with it."""
    last_day = int(questions["as_of_day"].max()) if len(questions) else -NEVER
    customers = _list_customers(book, questions)
    history = read_history(
        book, customers=customers, last_day=last_day, end=policy.end, currency=currency, clocks=clocks
    )
    return _list_past(history, context)


def _list_past(history: History, context: Context | None) -> Past:
    (happenings, spans), levels = run_both(
        partial(list_happenings, history), partial(list_levels, history, context), rows=len(history.segments)
    )
    # What became of each invoice stands in its segments: the movements are as large as all else together.
    return Past(replace(history, movements=history.movements.iloc[:0]), happenings, spans, levels)


def _prepare(past: Past, questions: pd.DataFrame, *, policy: Policy) -> "_Work":
    """Do everything that is done once for all questions."""
    history = past.history
    offsets, order = sort_questions(questions, history.customers)
    if len(order) < len(questions) or questions["as_of_day"].max() > history.last_day:
        raise ValueError("a question is about a customer, or as of a day, that this past does not hold")
    asked = arrange(questions, offsets, order, history.converter)
    lookups = make_lookups(history, past.levels, asked, prior_strength=policy.late.prior_strength)
    spans = np.vstack([history.version_spans, history.segment_spans, past.happening_spans, offsets])
    rows = Rows(history.versions, history.segments, past.happenings, history.converter.scale)
    return _Work(spans, rows, lookups, read_attributes(history.book["attributes"]))


def _answer_all(work: "_Work") -> pd.DataFrame:
    columns = _Columns(len(work.lookups.asked.order), work.names)
    for _ in run_ahead(partial(columns.fill, work), work.blocks):
        pass
    return columns.to_frame()


def _list_customers(book: Book, questions: pd.DataFrame) -> pd.Series:
    """List every customer id once: of the questions, the master data and the invoices."""
    ids = [to_arrow(frame["customer_id"]) for frame in (questions, book["customers"], book["invoices"])]
    return pd.Series(pd.array(pa.chunked_array(ids).unique(), dtype="str"))


class _Buffers(threading.local):
    """Working memory of one thread, kept from block to block: fresh memory costs more than what is computed in it."""

    def __init__(self) -> None:
        self.sums = np.empty((len(SLOT), 0), dtype="int64")
        self.values = np.empty((0, 0), dtype="float64")

    def take_sums(self, count: int) -> Ints:
        """Give room for the sums of a block."""
        if self.sums.shape[1] < count:
            # The extra columns keep rows from falling on the same lines of the cache.
            self.sums = np.empty((len(SLOT), count + 8), dtype="int64")
        return self.sums[:, :count]

    def take_values(self, columns: int, count: int) -> Floats:
        """Give room for the features of a block."""
        if self.values.shape[0] < columns or self.values.shape[1] < count:
            self.values = np.empty((columns, count + 8), dtype="float64")
        return self.values[:columns, :count]


@dataclass(frozen=True)
class _Work:
    """What every block of customers needs."""

    spans: Ints
    rows: Rows
    lookups: Lookups
    attributes: Mapping[str, Floats]
    buffers: _Buffers = field(default_factory=_Buffers)

    @property
    def names(self) -> list[str]:
        """The columns: the catalogue, then the book's own attributes."""
        return [*CATALOGUE, *self.attributes]

    @property
    def blocks(self) -> Iterator[tuple[int, int]]:
        """The customers, cut into blocks of about as many questions each; a block without questions is left out."""
        offsets = self.spans[3]
        first = 0
        while offsets[first] < offsets[-1]:
            stop = int(np.searchsorted(offsets, offsets[first] + _BLOCK, side="left"))
            stop = min(max(stop, first + 1), len(offsets) - 1)
            yield first, stop
            first = stop

    def answer(self, block: tuple[int, int]) -> tuple[Ints, dict[str, Floats]]:
        """Answer the questions of a block: their row numbers, and their features."""
        first, stop = block
        asked = self.lookups.asked
        part = slice(int(self.spans[3, first]), int(self.spans[3, stop]))
        sums = self.buffers.take_sums(part.stop - part.start)
        sweep(first, stop, self.spans, Asked(asked.days, asked.due_days), self.rows, sums)
        facts = self.lookups.complete(part, sums)
        columns = {name: np.asarray(FORMULAS[name](facts), dtype=kind_of(name)) for name in CATALOGUE}
        dated = self.lookups.tables["attributes"]
        known = look_up_attributes(self.attributes, dated, customer=asked.customer[part], days=asked.days[part])
        return asked.order[part], columns | known


def kind_of(name: str) -> str:
    """Give the precision of a column: amounts and attributes are exact, for all else seven digits are enough."""
    feature = CATALOGUE.get(name)
    return "float32" if feature is not None and feature.unit is not Unit.AMOUNT else "float64"


class _Columns:
    """The output while it is filled, one row per question; blocks fill rows of their own."""

    def __init__(self, count: int, names: list[str]) -> None:
        self.names = names
        self.of_kind = {kind: [name for name in names if kind_of(name) == kind] for kind in ("float64", "float32")}
        self.tables = {kind: np.empty((count, len(own)), dtype=kind) for kind, own in self.of_kind.items()}

    def fill(self, work: _Work, block: tuple[int, int]) -> None:
        """Answer a block and write its rows."""
        rows, columns = work.answer(block)
        for kind, names in self.of_kind.items():
            values = work.buffers.take_values(len(names), len(rows))
            for place, name in enumerate(names):
                values[place] = columns[name]
            scatter(values, rows, self.tables[kind])

    def to_frame(self) -> pd.DataFrame:
        """Give the columns in their order, without copying them."""
        columns = {
            name: self.tables[kind][:, place]
            for kind, names in self.of_kind.items()
            for place, name in enumerate(names)
        }
        return pd.DataFrame({name: columns[name] for name in self.names}, copy=False)
