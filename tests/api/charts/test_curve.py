"""The payment curve: its points lie on it, its labels cover neither each other nor the curve."""

import math
from itertools import combinations

import pytest

from api.charts import Caption, Point, draw_curve
from api.charts.words import measure
from tests.api.charts.drawn import describe, find, follow, number

CAPTION = Caption("a", "A")
LATE = (0, 30, 60, 90)


def draw(share, pace):
    def paid(day):
        return share * (1 - math.exp(-(day + 2) / pace))

    points = [Point(day, paid(day), f"{day} days late: {1 - paid(day):.0%}") for day in LATE]
    return draw_curve([(day, paid(day)) for day in range(0, 181, 3)], CAPTION, points=points)


def list_boxes(chart):
    """Left, right and lower edge of each label."""
    labels = find(chart, "text", "c-halo")
    return [(number(one, "x"), number(one, "x") + measure(one.text), number(one, "y")) for one in labels]


def test_points_lie_on_the_curve():
    chart = draw(0.97, 22)
    (line,) = find(chart, "path", "c-line")
    curve = follow(line)
    for point, leader in zip(LATE, find(chart, "path", "c-leader"), strict=True):
        assert follow(leader)[0] == pytest.approx(curve[point // 3], abs=0.02)


@pytest.mark.parametrize("pace", [5, 22, 80])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.97])
def test_labels_cover_nothing(share, pace):
    chart = draw(share, pace)
    boxes = list_boxes(chart)
    assert len(boxes) == 4
    for one, other in combinations(boxes, 2):
        assert one[1] < other[0] or other[1] < one[0] or abs(one[2] - other[2]) > 14
    (line,) = find(chart, "path", "c-line")
    assert [box for box in boxes for x, y in follow(line) if box[0] < x < box[1] and box[2] - 10 < y < box[2]] == []


def test_a_curve_never_falls_where_its_probability_rises_and_breaks_where_it_is_missing():
    chart = draw_curve([(60, 0.9), (0, 0.1), (30, 0.5), (90, None), (120, 0.95)], CAPTION)
    (line,) = find(chart, "path", "c-line")
    xs, ys = zip(*follow(line), strict=True)
    assert list(xs) == sorted(xs)
    assert list(ys) == sorted(ys, reverse=True)
    assert len(find(chart, "circle", "c-mark")) == 1
    assert describe(chart)[1].startswith("95\xa0% by 120\xa0days after due.")
