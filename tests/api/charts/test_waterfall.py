"""Waterfalls end where they should; the largest reasons have rows, the rest is one step."""

import pytest

from api.charts import Caption, Step, draw_movement, draw_waterfall
from arrisk.errors import InputError
from tests.api.charts.drawn import find, follow, number, say

CAPTION = Caption("a", "Reasons")


def draw(changes, end, **options):
    steps = [Step(f"s{place}", change) for place, change in enumerate(changes)]
    return draw_waterfall(Step("Base", 10), steps, Step("Score", end), CAPTION, **options)


def span(step):
    """Where a step starts, and where its tip is."""
    corners = follow(step)
    return corners[0][0], corners[2][0]


def test_each_step_starts_where_the_one_before_ends():
    chart = draw([2, -5, 4], 11)
    first, second, third = map(span, find(chart, "path", "c-step"))
    assert (first[1], second[1]) == (second[0], third[0])
    sizes = [end - start for start, end in (first, second, third)]
    assert sizes == [pytest.approx(sizes[0] * n, abs=0.05) for n in (1, -4 / 5, -2 / 5)]


def test_a_waterfall_ends_at_the_score():
    chart = draw([2, -5, 4], 11)
    base, score = (follow(mark)[0][0] + 6 for mark in find(chart, "path", "c-level"))
    steps = [span(step) for step in find(chart, "path", "c-step")]
    assert steps[0][0] == pytest.approx(base, abs=0.02)
    assert steps[-1][1] == pytest.approx(score, abs=0.02)


def test_a_waterfall_that_misses_its_score_is_refused():
    with pytest.raises(InputError, match="the steps of 'Reasons' lead to 11, not to 12"):
        draw([2, -5, 4], 12)


def test_rounding_is_no_miss():
    assert "<svg" in draw([0.3333, 0.3333, 0.3333], 11)


def test_the_largest_reasons_come_first_and_the_rest_is_one_step():
    texts = say(draw([1, -4, 2, 3, -1], 11, most=3))
    assert texts == ["Base", "10", "s1", "−4", "s3", "+3", "s2", "+2", "2 others", "0", "Score", "11"]


def test_one_reason_more_than_the_most_keeps_its_name():
    assert "s0" in say(draw([1, -4, 2], 9, most=2))


@pytest.mark.parametrize(("higher", "tones"), [("worse", ["c-good", "c-bad"]), ("better", ["c-bad", "c-good"])])
def test_what_a_step_means_is_told(higher, tones):
    found = [step.get("class").split()[1] for step in find(draw([3, -4], 9, higher=higher), "path", "c-step")]
    assert found == tones


def test_a_score_that_is_its_base_can_be_drawn():
    assert say(draw([], 10)) == ["Base", "10", "Score", "10"]


def test_a_movement_keeps_its_order_and_its_bars_start_at_zero():
    steps = [Step("Charge", "20.00"), Step("Use", "-70.00"), Step("Unknown", None)]
    chart = draw_movement(Step("Opening", "100.00"), steps, Step("Closing", "50.00"), CAPTION)
    opening, closing = find(chart, "rect", "c-level")
    assert number(opening, "width") == pytest.approx(2 * number(closing, "width"), abs=0.02)
    charge, use = map(span, find(chart, "path", "c-step"))
    assert charge[0] == pytest.approx(number(opening, "x") + number(opening, "width"), abs=0.02)
    assert use[1] == pytest.approx(number(closing, "x") + number(closing, "width"), abs=0.02)
    assert say(chart) == ["Opening", "100", "Charge", "+20", "Use", "−70", "Closing", "50"]


def test_a_movement_that_does_not_tie_is_refused():
    with pytest.raises(InputError, match="lead to 120, not to 130"):
        draw_movement(Step("Opening", 100), [Step("Charge", 20)], Step("Closing", 130), CAPTION)
