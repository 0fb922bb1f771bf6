"""Axes enclose what they show, with round numbers and days that tell months apart."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.charts.scales import choose_day_ticks, choose_ticks
from api.charts.values import write_change, write_ticks, write_value
from api.charts.words import cut, measure, wrap

VALUES = st.lists(st.floats(-1e15, 1e15), min_size=1, max_size=5)
FIRST = date(2024, 1, 17)


@given(VALUES, st.sampled_from(["money", "days", "share", "number"]))
def test_an_axis_encloses_its_values_and_names_no_number_twice(values, unit):
    ticks = choose_ticks(values, unit)
    slack = 1e-6 * (ticks.high - ticks.low)
    assert ticks.low - slack <= min(values)
    assert max(values) <= ticks.high + slack
    assert 2 <= len(set(ticks.words)) == len(ticks.places) <= 9


@pytest.mark.parametrize(
    ("values", "unit", "words"),
    [
        ([45, 50], "days", "45 46 47 48 49 50"),
        ([0, 180], "days", "0 30 60 90 120 150 180"),
        ([0, 0.031], "share", "0 1_% 2_% 3_% 4_%"),
        ([0, 1_150_000], "money", "0 0.2_M 0.4_M 0.6_M 0.8_M 1.0_M 1.2_M"),
        ([-3, 5], "number", "−4 −2 0 2 4 6"),
        ([0, 0], "number", "0.0 0.2 0.4 0.6 0.8 1.0"),
    ],
)
def test_an_axis_has_round_numbers(values, unit, words):
    found = " ".join(word.replace("\xa0", "_") for word in choose_ticks(values, unit).words)
    assert found.replace("0.0", "0") == words.replace("0.0", "0")


@given(st.integers(0, 20_000), st.integers(1, 60))
def test_days_are_named_inside_the_axis_and_few(span, count):
    days = [FIRST + timedelta(days=span * place // count) for place in range(count + 1)]
    ticks = choose_day_ticks(days)
    assert 1 <= len(ticks.places) <= 6
    assert ticks.low < ticks.high
    assert all(ticks.low <= place <= ticks.high for place in ticks.places)


def test_month_ends_are_named_where_they_stand():
    days = [date(2025, 11, 30), date(2025, 12, 31), date(2026, 1, 31)]
    ticks = choose_day_ticks(days)
    assert ticks.places == tuple(day.toordinal() for day in days)
    assert ticks.words == ("Nov 2025", "Dec", "Jan 2026")


def test_a_few_weeks_are_named_by_days():
    assert choose_day_ticks([date(2026, 1, 26), date(2026, 2, 16)]).words == ("26 Jan 2026", "2 Feb", "9 Feb", "16 Feb")


def test_a_forecast_of_thirteen_weeks_has_days():
    first = date(2025, 12, 1)
    found = choose_day_ticks([first + timedelta(days=7 * week) for week in range(13)]).words
    assert found == ("1 Dec 2025", "22 Dec", "12 Jan 2026", "2 Feb", "23 Feb")


def test_values_are_written_short():
    found = [write_value(value, "money") for value in (999_999.99, 10_000, 9999, 12.345, -0.0, 2.5e9)]
    assert found == ["1\xa0M", "10\xa0k", "9,999", "12.3", "0", "2.5\xa0bn"]
    assert [write_change(value, "share") for value in (0.05, -0.051, 0)] == ["+5\xa0%", "−5.1\xa0%", "0\xa0%"]
    assert write_value(None, "days") == "not known"
    assert write_ticks([0, 2500, 5000, 7500, 10_000], "money") == ["0", "2.5\xa0k", "5.0\xa0k", "7.5\xa0k", "10.0\xa0k"]


@given(st.text(max_size=60), st.floats(30, 300))
def test_text_is_broken_to_its_room(text, room):
    lines = wrap(text, room)
    assert 1 <= len(lines) <= 2
    assert all(measure(line) <= room for line in lines)
    assert measure(cut(text, room)) <= room
