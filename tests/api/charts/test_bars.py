"""Bars, columns and meters: as long as their values, on the right side of zero, with their values beside them."""

import pytest

from api.charts import Bar, Caption, Columns, draw_bars, draw_grades, draw_grouped, draw_meter, draw_stacked
from arrisk.errors import InputError
from tests.api.charts.drawn import describe, find, number, read, say

CAPTION = Caption("a", "A")


def list_columns(chart):
    """Columns of all series, without the samples of the key."""
    return [one for one in find(chart, "rect", "c-area") if number(one, "height") != 12]


def test_a_bar_is_as_long_as_its_value():
    chart = draw_bars([Bar("x", 10), Bar("y", 40), Bar("z", "20.00")], CAPTION)
    x, y, z = (number(bar, "width") for bar in find(chart, "rect", "c-bar"))
    assert (y / x, y / z) == (pytest.approx(4, abs=0.01), pytest.approx(2, abs=0.01))


def test_a_negative_bar_goes_the_other_way():
    plus, minus = find(draw_bars([Bar("x", 30), Bar("y", -10)], CAPTION), "rect", "c-bar")
    assert number(minus, "x") + number(minus, "width") == pytest.approx(number(plus, "x"), abs=0.02)
    assert number(plus, "width") == pytest.approx(3 * number(minus, "width"), abs=0.05)


def test_what_is_missing_has_a_row_and_no_bar():
    chart = draw_bars([Bar("x", 30), Bar("y", None)], CAPTION)
    assert len(find(chart, "rect", "c-bar")) == 1
    assert say(chart) == ["x", "30", "y", "not known"]
    assert describe(chart)[1] == "x: 30; y: not known."


def test_bars_of_nothing_but_zero_have_no_length():
    assert [number(bar, "width") for bar in find(draw_bars([Bar("x", 0)], CAPTION), "rect", "c-bar")] == [0]


def test_a_long_name_stands_above_its_bar():
    short, long = (draw_bars([Bar(name, 1)], CAPTION) for name in ("Not due", "Northern Timber and Supplies"))
    assert number(find(short, "rect", "c-bar")[0], "x") > 50
    assert number(find(long, "rect", "c-bar")[0], "x") < 5


def test_columns_stand_side_by_side_as_high_as_their_values():
    chart = draw_grouped(["p", "q"], [Columns("x", [10, 30]), Columns("y", [20, None])], CAPTION)
    first, second, third = sorted(list_columns(chart), key=lambda one: number(one, "x"))
    heights = [number(one, "height") for one in (first, second, third)]
    assert heights == [pytest.approx(heights[0] * n, abs=0.05) for n in (1, 2, 3)]
    assert number(first, "x") + number(first, "width") <= number(second, "x")
    assert {"10", "20", "30"} <= set(say(chart))


def test_a_negative_column_hangs_from_zero():
    chart = draw_grouped(["p"], [Columns("x", [10]), Columns("y", [-10])], CAPTION)
    up, down = list_columns(chart)
    assert number(up, "y") + number(up, "height") == pytest.approx(number(down, "y"), abs=0.02)


def test_a_stack_is_as_high_as_its_sum_and_names_it():
    chart = draw_stacked(["p"], [Columns("x", [10]), Columns("y", [30]), Columns("z", [-5])], CAPTION)
    x, y, z = list_columns(chart)
    assert number(y, "y") + number(y, "height") == pytest.approx(number(x, "y"), abs=0.02)
    assert number(z, "y") == pytest.approx(number(x, "y") + number(x, "height"), abs=0.02)
    assert number(y, "height") == pytest.approx(3 * number(x, "height"), abs=0.05)
    assert "35" in say(chart)


def test_eight_series_differ_without_colour():
    chart = draw_grouped(["p"], [Columns(f"s{n}", [n + 1]) for n in range(8)], CAPTION)
    drawn = {one.get("d") for one in find(chart, "path", "c-hatch")}
    fills = {one.get("fill") for one in list_columns(chart)}
    assert (len(drawn), len(fills)) == (7, 8)
    defined = {f"url(#{one.get('id')})" for one in read(chart).iter() if one.tag.endswith("pattern")}
    assert fills - {None} == defined


def test_a_series_of_another_length_is_refused():
    with pytest.raises(InputError, match="'x' has 1 values for 2 slots"):
        draw_grouped(["p", "q"], [Columns("x", [1])], CAPTION)


def test_a_meter_is_filled_by_the_share_used():
    chart = draw_meter("25.00", "100.00", CAPTION)
    (used,), (room,) = find(chart, "rect", "c-used"), find(chart, "rect", "c-room")
    assert number(used, "width") == pytest.approx(number(room, "width") / 4, abs=0.01)
    assert say(chart)[:2] == ["25 of 100", "25\xa0% used"]
    assert find(chart, "rect", "c-over") == []


def test_a_meter_beyond_its_limit_says_so():
    chart = draw_meter(150, 100, CAPTION)
    (used,), (over,) = find(chart, "rect", "c-used"), find(chart, "rect", "c-over")
    assert number(used, "width") == pytest.approx(2 * number(over, "width"), abs=0.02)
    assert say(chart)[1] == "150\xa0% used, over the limit"


@pytest.mark.parametrize(("used", "limit", "text"), [(5, 0, "over the limit"), (0, 0, ""), (-5, 10, "−50\xa0% used")])
def test_a_meter_of_no_limit_or_of_a_credit(used, limit, text):
    chart = draw_meter(used, limit, CAPTION)
    assert say(chart)[1] == text
    assert number(find(chart, "rect", "c-used")[0], "width") == 0


def test_one_grade_is_marked():
    chart = draw_grades("B", CAPTION)
    (cell,) = find(chart, "rect", "c-here")
    assert len(find(chart, "rect", "c-cell")) == 6
    assert number(cell, "x") == pytest.approx(62)
    assert [one.text for one in find(chart, "text", "c-here-text")] == ["B"]
    assert describe(chart)[1] == "B, number 2 of 7 from A (best) to G."


def test_a_grade_that_is_none_is_refused():
    with pytest.raises(InputError, match="'H' is no grade"):
        draw_grades("H", CAPTION)
