"""Sorting, grouping and finding by day, against plain Python."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrisk.features.calendar import day_of_month, is_month_end
from arrisk.features.grouping import DAY_OFFSET, DAY_SHIFT, date_rows, find_latest, sort_packed
from arrisk.features.segments import SEGMENT, VERSION
from arrisk.features.timeline import pack_settlement, unpack_days_late
from arrisk.frames import date_of

DAYS = st.integers(-30_000, 90_000)


@given(st.lists(DAYS, max_size=300))
def test_packed_days_are_put_in_order(days):
    packed = ((np.array(days, dtype="int64") + DAY_OFFSET) << DAY_SHIFT) | np.arange(len(days))
    sort_packed(packed, 0, len(packed), np.empty(len(packed), dtype="int64"))
    assert ((packed >> DAY_SHIFT) - DAY_OFFSET).tolist() == sorted(days)
    assert sorted(packed & 0xFFFF) == list(range(len(days)))


@given(DAYS)
def test_the_last_three_days_of_a_month_are_its_end(day):
    date = date_of(day)
    days_left = (date_of(day + 3).month != date.month) or (date_of(day + 3).year != date.year)
    assert is_month_end(day) == days_left


@given(DAYS)
def test_the_day_of_the_month_is_the_calendars(day):
    assert day_of_month(day) == date_of(day).day


ROW = st.tuples(st.integers(0, 3), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))


@given(st.lists(ROW, max_size=30), st.lists(st.tuples(st.integers(-1, 3), DAYS, st.integers(0, 12)), max_size=10))
def test_the_newest_row_that_holds_and_is_seen_is_found(rows, questions):
    # Of rows of one owner and day the ledger shows one at a time; here the later one is left out.
    rows = list({row[:2]: row for row in reversed(rows)}.values())
    owner, day, known, lasts, valid_for = np.array(rows, dtype="int64").reshape(-1, 5).T
    superseded, valid_to = known + lasts, day + valid_for
    dated = date_rows(owner, 4, day=day, known=known, superseded=superseded, valid_to=valid_to)
    asked = np.array([(who, when % 13, holds) for who, when, holds in questions], dtype="int64").reshape(-1, 3).T
    found = find_latest(dated, *asked)
    for (who, seen_by, holds), at in zip(asked.T, found, strict=True):
        fits = (owner == who) & (known < seen_by) & (seen_by <= superseded) & (day <= holds) & (holds <= valid_to)
        best = day[fits].max() if fits.any() else None
        assert (day[at] if at >= 0 else None) == best


@pytest.mark.parametrize("days_late", [-400, -1, 0, 1, 5000])
def test_a_settlement_keeps_its_days_late_when_it_is_packed(days_late):
    version, segment = np.zeros(1, dtype=VERSION), np.zeros(1, dtype=SEGMENT)
    version["due"], segment["ended"] = 19_000, 19_000 + days_late
    assert unpack_days_late(pack_settlement(segment[0], version[0])) == days_late
