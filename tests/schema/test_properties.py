"""What holds for every book: nothing is lost, nothing crashes, and later rows change nothing that was."""

from random import Random

import numpy as np
import pandas as pd
import pytest
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


@pytest.mark.slow
@given(garbage())
@settings(max_examples=100)
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
CELLS_OF = {
    Kind.ID: list("ABCDEF"),
    Kind.TEXT: ["x", "y", None],
    Kind.DATE: [str(np.datetime64("2024-01-01") + day) for day in range(20)],
    Kind.AMOUNT: ["1", "2.50", "-3", "0", "x", ""],
    Kind.NUMBER: ["1", "0.5", "x"],
}


def draw_rows(random, table, count):
    """Draw rows that share keys, days and mistakes; an optional cell is missing every third time."""
    rows = [{column.name: random.choice(CELLS_OF[column.kind]) for column in table.all_columns} for _ in range(count)]
    for row in rows:
        row |= {column.name: None for column in table.all_columns if not column.is_required and random.random() < 1 / 3}
    return rows


def refused_rows(checked, table):
    problems = checked.problems
    return set(problems.loc[(problems["severity"] == "refused") & (problems["table"] == table), "row"])


@pytest.mark.parametrize("name", [name for name in TABLES if name != "customers"])
def test_a_later_row_never_refuses_or_changes_an_earlier_one(name):
    random = Random(name)  # noqa: S311 - nothing secret is drawn
    rows = draw_rows(random, TABLES[name], 150) + [
        row | {"known_on": LATER} for row in draw_rows(random, TABLES[name], 60)
    ]
    random.shuffle(rows)
    raw = raw_of(customers=[customer("A")], invoices=[invoice("I0")])
    grown = frame_of(name, rows).assign(source_row=range(len(rows)))
    if name == "invoices":
        # One good invoice stays in the book, so that it can be used whatever is drawn.
        grown = pd.concat([raw["invoices"].assign(source_row=-1), grown])
    earlier = grown.loc[(grown["known_on"] != LATER).to_numpy()]
    old, new = (check(raw | {name: frame}, name="x", currency="USD") for frame in (earlier, grown))
    assert refused_rows(old, name) == refused_rows(new, name) & set(earlier["source_row"])
    before = old.book[name]
    after = new.book[name].loc[(new.book[name]["known_day"] < LATER_DAY).to_numpy()].reset_index(drop=True)
    assert len(before) < len(new.book[name])
    pd.testing.assert_frame_equal(after.drop(columns="superseded_day"), before.drop(columns="superseded_day"))
    changed = after["superseded_day"] != before["superseded_day"]
    assert changed.any()
    assert (before.loc[changed, "superseded_day"] == NEVER).all()
    assert (after.loc[changed, "superseded_day"] == LATER_DAY).all()
