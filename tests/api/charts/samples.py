"""One chart of each kind, with its words given: the same words everywhere."""

from datetime import date

from api.charts import (
    Bar,
    Caption,
    Columns,
    Invoice,
    Point,
    Series,
    Span,
    Step,
    draw_band,
    draw_bars,
    draw_curve,
    draw_dots,
    draw_grades,
    draw_grouped,
    draw_lines,
    draw_meter,
    draw_movement,
    draw_sparkline,
    draw_stacked,
    draw_waterfall,
)

MONTHS = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]


def draw_all(words, *, name="chart"):
    """Draw a chart of each kind; `words` is every name, label and title."""
    caption = Caption(name, words)
    columns = [Columns(words, [3, None, -1]), Columns(words, ["2.50", 4, 5])]
    slots = [words, "b", "c"]
    return {
        "waterfall": draw_waterfall(Step(words, 1), [Step(words, 2), Step("b", -1)], Step(words, 2, words), caption),
        "movement": draw_movement(Step(words, "100.00"), [Step(words, -30)], Step(words, 70), caption),
        "dots": draw_dots([Invoice(words, MONTHS[0], 3, 100, "open")], caption, axis=words, day_axis=words),
        "lines": draw_lines([Series(words, list(zip(MONTHS, (1, None, 3), strict=True)))], caption, axis=words),
        "band": draw_band([Span(MONTHS[0], 1, 2, 3, 4)], caption, axis=words, names=(words, words, words)),
        "bars": draw_bars([Bar(words, 3, words), Bar("b", -1)], caption),
        "grouped": draw_grouped(slots, columns, caption, axis=words),
        "stacked": draw_stacked(slots, columns, caption, axis=words),
        "curve": draw_curve([(0, 0.5), (30, 1)], caption, points=[Point(0, 0.5, words)], axis=words, day_axis=words),
        "sparkline": draw_sparkline([1, None, 2], caption),
        "meter": draw_meter(50, 100, caption),
        "grades": draw_grades(words, caption, grades=(words, "B")),
    }


def draw_nothing(caption):
    """Ask for a chart of each kind where nothing is known."""
    gap = float("nan")
    return {
        "waterfall": draw_waterfall(Step("a", None), [], Step("b", 1), caption),
        "movement": draw_movement(Step("a", 1), [], Step("b", gap), caption),
        "dots": draw_dots([Invoice("a", MONTHS[0], None)], caption),
        "lines": draw_lines([Series("a", [(MONTHS[0], gap)])], caption),
        "band": draw_band([Span(MONTHS[0], None, None, None)], caption),
        "bars": draw_bars([Bar("a", gap)], caption),
        "grouped": draw_grouped(["a"], [Columns("b", [None])], caption),
        "stacked": draw_stacked(["a"], [Columns("b", [None])], caption),
        "curve": draw_curve([(0, None)], caption),
        "sparkline": draw_sparkline([None, gap], caption),
        "meter": draw_meter(5, None, caption),
        "grades": draw_grades(None, caption),
    }
