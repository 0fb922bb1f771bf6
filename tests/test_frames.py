from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrisk import frames
from arrisk.errors import InputError
from arrisk.frames import NEVER

DAYS = st.integers(-25_567, 84_370)  # 1900 to 2200
IDS = st.lists(st.one_of(st.none(), st.text(max_size=3)))


@given(st.lists(st.one_of(st.just(NEVER), DAYS)))
def test_days_and_dates_are_two_forms_of_the_same(days):
    dates = frames.to_dates(days)
    assert dates.dtype == "datetime64[s]"
    assert frames.to_days(dates).tolist() == days
    assert dates.isna().tolist() == [day == NEVER for day in days]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_days_do_not_depend_on_the_resolution_of_the_dates(unit):
    values = pd.Series(pd.to_datetime(["1969-12-31 23:00", "2024-02-29 01:00", None])).astype(f"datetime64[{unit}]")
    assert frames.to_days(values).tolist() == [-1, 19782, NEVER]


@given(DAYS)
def test_a_day_number_is_the_same_from_date_text_and_timestamp(day):
    value = frames.date_of(day)
    forms = [value, value.isoformat(), pd.Timestamp(value), datetime(value.year, value.month, value.day, 23)]
    assert [frames.day_of(form) for form in forms] == [day] * 4


def test_the_first_day_is_1970():
    assert frames.date_of(0) == date(1970, 1, 1)


@pytest.mark.parametrize("text", ["0001-01-01", "1899-12-31", "2201-01-01"])
def test_a_day_that_no_ledger_can_hold_is_refused(text):
    with pytest.raises(InputError, match="no ledger is of") as caught:
        frames.day_of(text)
    assert "1900-01-01" in caught.value.hint


@pytest.mark.parametrize("text", ["20240101", "2024-W01-1", "2024-1-1", "2024-02-30", "01.02.2024", "", "2024-01-01 "])
def test_text_that_is_no_iso_date_is_refused_with_an_example(text):
    with pytest.raises(InputError, match="is not a date") as caught:
        frames.day_of(text)
    assert "YYYY-MM-DD" in caught.value.hint


def test_a_missing_moment_is_no_day():
    with pytest.raises(InputError, match="NaT"):
        frames.day_of(pd.NaT)


@given(IDS, IDS)
def test_match_gives_the_first_position_or_minus_one(values, keys):
    wanted = [keys.index(value) if value is not None and value in keys else -1 for value in values]
    found = frames.match(pd.Series(values, dtype="str"), pd.Series(keys, dtype="str"))
    assert found.dtype == np.int64
    assert found.tolist() == wanted


@given(st.lists(st.sampled_from(["a", "b", "c", None]), max_size=4), st.lists(st.sampled_from(["a", "b", "d", None])))
def test_match_finds_few_ids_among_many_as_it_finds_many(values, keys):
    keys = [*keys, *map(str, range(4 * len(values)))]
    few, many = (pd.Series(one, dtype="str") for one in (values, [*values, *keys]))
    assert (
        frames.match(few, pd.Series(keys, dtype="str")).tolist()
        == frames.match(many, pd.Series(keys, dtype="str")).tolist()[: len(values)]
    )


def test_take_gives_the_missing_value_where_there_is_no_position():
    assert frames.take(np.array([7, 8]), np.array([1, -1]), missing=5).tolist() == [8, 5]
    assert frames.take(np.array([], dtype="int64"), np.array([-1, -1]), missing=5).tolist() == [5, 5]


def test_a_row_is_visible_after_its_known_day_and_up_to_the_day_it_is_replaced():
    frame = pd.DataFrame({"known_day": [10, 20], "superseded_day": [20, NEVER], "version": [1, 2]})
    seen = {day: frames.visible(frame, as_of_day=day)["version"].tolist() for day in (10, 11, 20, 21)}
    assert seen == {10: [], 11: [1], 20: [1], 21: [2]}


def test_stacking_keeps_the_kinds_of_columns_when_some_frames_are_empty():
    filled = pd.DataFrame({"id": pd.Series(["a"], dtype="str"), "day": np.array([1])}, index=[7])
    for parts in ([filled, filled.iloc[:0]], [filled.iloc[:0], filled], [filled.iloc[:0], filled.iloc[:0]]):
        stacked = frames.concat(parts)
        assert stacked.dtypes.tolist() == filled.dtypes.tolist()
        assert stacked.index.tolist() == list(range(len(stacked)))


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pd.Series([1.0, None, 2.5]), ["1", None, "2.5"]),
        (pd.Series([1e300, np.inf, 1e16, 1e-7]), ["1E+300", "Infinity", "10000000000000000", "0.0000001"]),
        (pd.Series([1, 2]), ["1", "2"]),
        (pd.Series([1, None], dtype="Int64"), ["1", None]),
        (pd.Series([True, False]), ["True", "False"]),
        (pd.Series(["a", None], dtype="category"), ["a", None]),
        (pd.Series([7, None], dtype="category"), ["7", None]),
        (pd.Series([b"ab", 1.0, None, date(2024, 1, 2)]), ["ab", "1", None, "2024-01-02"]),
        (pd.Series([Decimal("1E+2"), Decimal("0E-9")]), ["100", "0.000000000"]),
        (pd.Series(pd.to_datetime(["2024-01-02", None])), ["2024-01-02", None]),
        (pd.Series(["a", None], dtype="string[pyarrow]"), ["a", None]),
        (pd.Series(["\ud800"], dtype=object), ["?"]),
        (pd.Series([], dtype="float64"), []),
    ],
)
def test_any_column_is_written_as_text(values, texts):
    assert frames.to_text(values).to_pylist() == texts


def test_tasks_run_together_keep_their_order_and_raise_what_they_raise():
    def fail():
        raise InputError("no")

    for rows in (1, 10**6):
        assert frames.run_together([lambda: 1, lambda: 2, lambda: 3], rows=rows) == [1, 2, 3]
        with pytest.raises(InputError, match="no"):
            frames.run_together([lambda: 1, fail], rows=rows)
