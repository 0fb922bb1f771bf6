"""What holds for every book: nothing is lost, nothing crashes, and later rows change nothing that was."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from arrisk.errors import BookError
from arrisk.frames import NEVER, day_of
from arrisk.schema import TABLES, Kind, check
from tests.books import customer, frame_of, invoice, raw_of

CELLS = st.one_of(
    st.none(),
    st.text(max_size=6),
    st.sampled_from(["A", "B", "1", "2", "10.5", "-3", "2024-01-05", "2024-02-30", "EUR", "JPY", "invoice"]),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates().map(str),
    st.datetimes(),
    st.decimals(allow_nan=False),
    st.binary(max_size=3),
    st.lists(st.integers(), max_size=2),
)


@st.composite
def garbage(draw):
    """Draw raw tables of the right columns, now and then without one, filled with anything."""
    raw = raw_of(invoices=[invoice("I0")])
    for name in draw(st.lists(st.sampled_from(list(TABLES)), max_size=3, unique=True)):
        names = [column.name for column in TABLES[name].all_columns]
        dropped = draw(st.sets(st.sampled_from(names), max_size=1))
        size = draw(st.integers(0, 4))
        columns = {
            column: draw(st.lists(CELLS, min_size=size, max_size=size)) for column in names if column not in dropped
        }
        frame = pd.DataFrame({column: pd.Series(cells, dtype=object) for column, cells in columns.items()})
        raw[name] = frame.infer_objects() if draw(st.booleans()) else frame
    return raw


@given(garbage())
@settings(max_examples=150)
def test_garbage_is_refused_or_warned_about_and_never_a_crash(raw):
    try:
        checked = check(raw, name="x", currency="USD")
    except BookError:
        return
    counts = checked.counts
    assert (counts["accepted"] + counts["refused"] == counts["read"]).all()
    assert counts["read"].tolist() == [len(raw[name]) for name in counts["table"]]
    assert counts["accepted"].tolist() == [len(checked.book[name]) for name in counts["table"]]
    refused = checked.problems.loc[checked.problems["severity"] == "refused"]
    rows = refused.groupby("table")["row"].nunique()
    assert counts["refused"].tolist() == [rows.get(name, 0) for name in counts["table"]]


LATER = "2024-06-01"
LATER_DAY = day_of(LATER)
VALUES = {
    Kind.ID: st.sampled_from(["A", "B", "C"]),
    Kind.TEXT: st.sampled_from(["x", "y", None]),
    Kind.DATE: st.integers(0, 60).map(lambda day: str(np.datetime64("2024-01-01") + day)),
    Kind.AMOUNT: st.sampled_from(["1", "2.50", "-3", "0", "x", ""]),
    Kind.NUMBER: st.sampled_from(["1", "0.5", "x"]),
}


@st.composite
def grown_books(draw):
    """Draw a book, and the same book with rows known after a day mixed in between its own."""
    name = draw(st.sampled_from([name for name in TABLES if name != "customers"]))
    table = TABLES[name]
    optional = {column.name for column in table.all_columns if not column.is_required}

    def draw_row():
        row = {column.name: draw(VALUES[column.kind]) for column in table.all_columns}
        gone = draw(st.sets(st.sampled_from(sorted(optional)), max_size=len(optional)))
        return {key: None if key in gone else value for key, value in row.items()}

    rows = [draw_row() for _ in range(draw(st.integers(1, 5)))]
    later = [{**draw_row(), "known_on": LATER} for _ in range(draw(st.integers(1, 3)))]
    mixed = draw(st.permutations([*range(len(rows)), *[-1 - n for n in range(len(later))]]))
    kept = [number for number in mixed if number >= 0]
    return name, [rows[number] for number in kept], [rows[n] if n >= 0 else later[-1 - n] for n in mixed], mixed


def refused_rows(checked, table):
    problems = checked.problems
    return set(problems.loc[(problems["severity"] == "refused") & (problems["table"] == table), "row"])


@given(grown_books())
@settings(max_examples=150)
def test_a_later_row_never_refuses_or_changes_an_earlier_one(case):
    name, rows, grown, mixed = case
    base = {"customers": frame_of("customers", [customer("A")]), "invoices": frame_of("invoices", [invoice("I0")])}
    numbers = [position for position, number in enumerate(mixed) if number >= 0]
    before = frame_of(name, rows).assign(source_row=numbers)
    after = frame_of(name, grown).assign(source_row=range(len(grown)))
    if name == "invoices":
        # One good invoice stays in the book, so that it can be used whatever is drawn.
        first = base["invoices"].assign(source_row=-1)
        before, after = pd.concat([first, before]), pd.concat([first, after])
    old = check(base | {name: before}, name="x", currency="USD")
    new = check(base | {name: after}, name="x", currency="USD")
    assert refused_rows(old, name) == refused_rows(new, name) & set(numbers)
    seen_before = old.book[name]
    early = new.book[name].loc[(new.book[name]["known_day"] < LATER_DAY).to_numpy()].reset_index(drop=True)
    pd.testing.assert_frame_equal(early.drop(columns="superseded_day"), seen_before.drop(columns="superseded_day"))
    changed = early["superseded_day"] != seen_before["superseded_day"]
    assert (seen_before.loc[changed, "superseded_day"] == NEVER).all()
    assert (early.loc[changed, "superseded_day"] == LATER_DAY).all()
