"""Lines, dots and bands: later is further right, more is higher, what is missing is a gap."""

from datetime import date, timedelta

import pytest

from api.charts import Caption, Invoice, Series, Span, draw_band, draw_dots, draw_lines, draw_sparkline
from arrisk.errors import InputError
from tests.api.charts.drawn import describe, find, follow, number, say

CAPTION = Caption("a", "A")
DAYS = [date(2026, 1, 5) + timedelta(days=7 * week) for week in range(6)]


def draw(*values, **options):
    return draw_lines([Series("DSO", list(zip(DAYS, values, strict=False)), **options)], CAPTION, unit="days")


def test_a_line_rises_with_its_values():
    (line,) = find(draw(10, 20, 40), "path", "c-line")[1:]
    (x1, y1), (x2, y2), (x3, y3) = follow(line)
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.02)
    assert y2 - y3 == pytest.approx(2 * (y1 - y2), abs=0.03)
    assert y1 > y2


@pytest.mark.parametrize("missing", [None, float("nan"), float("inf"), "NaN"])
def test_a_missing_value_breaks_the_line(missing):
    lines = find(draw(1, 2, missing, 3, 4), "path", "c-line")[1:]
    assert [len(follow(line)) for line in lines] == [2, 2]
    assert follow(lines[0])[-1][0] < follow(lines[1])[0][0]


def test_a_value_between_two_gaps_is_a_point():
    chart = draw(1, 2, None, 3, None, 4)
    assert len(find(chart, "path", "c-line")[1:]) == 1
    assert len(find(chart, "circle", "c-mark")[1:]) == 4


def test_a_step_holds_until_the_next_day():
    (line,) = find(draw(10, 30, is_step=True), "path", "c-line")[1:]
    (x1, y1), (x2, y2), (x3, y3) = follow(line)
    assert (y1, x2) == (y2, x3)
    assert x1 < x2
    assert y3 < y2


def test_days_are_put_in_order():
    points = [("2026-03-01", "3.00"), (date(2026, 1, 1), "1.00"), ("2026-02-01", 2.0)]
    (line,) = find(draw_lines([Series("a", points)], CAPTION), "path", "c-line")[1:]
    xs, ys = zip(*follow(line), strict=True)
    assert list(xs) == sorted(xs)
    assert list(ys) == sorted(ys, reverse=True)


def test_series_differ_without_colour_and_the_key_has_their_last_values():
    series = [Series(f"s{place}", [(DAYS[0], place), (DAYS[1], place + 1)]) for place in range(5)]
    chart = draw_lines(series, CAPTION)
    lines = find(chart, "path", "c-line")
    assert len({line.get("stroke-dasharray") for line in lines}) == 5
    assert [text for text in say(chart) if text.startswith("s")] == [f"s{n}, last {n + 1}" for n in range(5)]
    assert "s4, last 5" in describe(chart)[1]


def test_a_series_without_a_value_is_named_all_the_same():
    chart = draw_lines([Series("a", [(DAYS[0], 1)]), Series("b", [(DAYS[0], None)])], CAPTION)
    assert "b, no value" in say(chart)


def test_what_is_no_number_or_no_day_is_refused():
    with pytest.raises(InputError, match="'12,5' is not a number"):
        draw("12,5")
    with pytest.raises(InputError, match=r"'5\.1\.26' is not a day"):
        draw_lines([Series("a", [("5.1.26", 1)])], CAPTION)


def test_a_later_invoice_is_a_higher_dot_and_a_larger_one_is_larger():
    chart = draw_dots(
        [Invoice("a", DAYS[0], -5, "100"), Invoice("b", DAYS[1], 0, "1000"), Invoice("c", DAYS[2], 40, "25000")],
        CAPTION,
    )
    large, middle, small = find(chart, "circle", "c-paid")[1:]
    assert number(large, "r") > number(middle, "r") > number(small, "r")
    assert number(large, "cy") < number(middle, "cy") < number(small, "cy")
    assert number(large, "cx") > number(middle, "cx") > number(small, "cx")
    (zero,) = find(chart, "path", "c-zero")
    assert follow(zero)[0][1] == pytest.approx(number(middle, "cy"), abs=0.01)
    assert "on time" in say(chart)


def test_states_of_invoices_differ_by_shape():
    chart = draw_dots([Invoice(s, DAYS[0], 1, 1, s) for s in ("paid", "open", "written off")], CAPTION)
    assert [len(find(chart, *kind)) for kind in (("circle", "c-paid"), ("circle", "c-open"), ("path", "c-lost"))] == [
        2,
        2,
        2,
    ]
    assert describe(chart)[1].startswith("Invoices: 3, late: 3, open: 1.")


def test_a_band_runs_from_low_to_high_around_its_middle():
    chart = draw_band([Span(day, 10, 20, 40) for day in DAYS[:2]], CAPTION)
    (band,) = find(chart, "path", "c-band")
    (_, middle), _ = follow(find(chart, "path", "c-line")[1])
    low, also_low, high, also_high = (y for _, y in follow(band))
    assert (low, high) == (also_low, also_high)
    assert high - middle == pytest.approx(2 * (middle - low), abs=0.03)


def test_a_band_has_a_gap_and_shows_what_came():
    spans = [Span(day, 1, 2, 3, actual=5 if place == 1 else None) for place, day in enumerate(DAYS)]
    spans[2] = Span(DAYS[2], None, None, None)
    chart = draw_band(spans, CAPTION)
    assert len(find(chart, "path", "c-band")) == len(find(chart, "path", "c-line")[1:]) == 2
    assert len(find(chart, "polygon", "c-mark")[1:]) == 1
    assert "received from 5 to 5, known for 1 of 6" in describe(chart)[1]


def test_a_sparkline_ends_in_its_last_value():
    chart = draw_sparkline([3, None, 1, 2], CAPTION, unit="days")
    last = find(chart, "circle", "c-paid")[-1]
    assert number(last, "cx", "cy") == [95, 12]
    assert describe(chart)[1] == "From 3\xa0days to 2\xa0days; lowest 1\xa0day, highest 3\xa0days."


def test_a_sparkline_of_one_value_repeated_is_level():
    (line,) = find(draw_sparkline([7, 7, 7], CAPTION), "path", "c-line")
    assert {y for _, y in follow(line)} == {12}
