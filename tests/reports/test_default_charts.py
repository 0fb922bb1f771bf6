"""Charts of a default model's validation: drawn from plain data, with a title that says what they show."""

import pytest

from arrisk.modeling.default.bridge import reconcile_losses
from arrisk.reports.default_charts import describe_bridge, describe_grades, render_bridge_chart, render_grade_chart
from arrisk.reports.default_texts import LABELS, STEPS
from tests.modeling.default.test_bridge import make_exposures

GRADES = [
    {"group": "1", "count": 90, "defaults": 0, "p_default": 0.001, "default_rate": 0.0},
    {"group": "8", "count": 10, "defaults": 3, "p_default": 0.25, "default_rate": 0.3},
]
GRADES = [{**grade, "posterior_mean": 0.01, "upper_bound": 0.4} for grade in GRADES]


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml")])
def test_both_are_drawn(suffix, start):
    bridge = reconcile_losses(make_exposures(), currency="EUR").to_json()
    assert render_grade_chart(GRADES, suffix=suffix).startswith(start)
    assert render_bridge_chart(bridge, suffix=suffix).startswith(start)


def test_every_step_has_a_text_and_a_label():
    bridges = (reconcile_losses(make_exposures(defaulters=count), currency="EUR") for count in (9, 20))
    steps = {step for bridge in bridges for step in bridge.steps["step"]}
    assert steps == set(STEPS) == set(LABELS)


def test_the_titles_say_what_came_out():
    assert describe_grades(GRADES) == "3 of 100 customers came into default within the year, 2.6 were expected"
    said = describe_bridge(reconcile_losses(make_exposures(), currency="EUR").to_json())
    assert said == "Of 1,500 EUR open the curve expects to lose 347, the default model 225"
