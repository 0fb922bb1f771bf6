"""Charts of a backtest: what their titles say, and that nothing in a name can break them."""

import numpy as np
import pandas as pd
import pytest

from arrisk.modeling.shap_summary import describe_reasons
from arrisk.reports.backtest_charts import (
    describe_ageing_of_calibration,
    render_ageing_of_calibration,
    render_reason_chart,
    spread_swarm,
)


def make_ageing(months=3):
    rows = [
        {"variant": name, "period": n, "starts_on": f"2024-0{n + 1}-01", "rows": 10 * n + 1, "observed": 0.4}
        | {"expected": level}
        for name, level in (("as fitted", 0.3), ("drift_corrected", 0.38))
        for n in range(months)
    ]
    gaps = {"as fitted": {"mean_gap": 0.1}, "drift_corrected": {"mean_gap": 0.02}, "unknown": {"mean_gap": None}}
    return {"periods": rows, "variants": gaps}


def test_the_title_gives_each_variants_distance():
    said = describe_ageing_of_calibration(make_ageing())
    assert said == "Expected late shares miss the observed ones by 10.0 points (as fitted), 2.0 (drift corrected)"


@pytest.mark.parametrize("months", [1, 9])
def test_any_number_of_months_can_be_drawn(months):
    assert render_ageing_of_calibration(make_ageing(months)).startswith(b"<?xml")


def test_reasons_with_strange_names_and_missing_values_can_be_drawn():
    parts = pd.DataFrame({"attribute_$x^{$": [0.1, -0.2], "評価": [0.3, 0.1], "interaction": [0.0, 0.1]})
    values = pd.DataFrame({"attribute_$x^{$": [1.0, np.nan], "評価": [np.nan, np.nan]})
    reasons = describe_reasons(parts, values, base=0.0, margin=parts.sum(axis=1).to_numpy(), target="p_late_30")[
        "reasons"
    ]
    assert render_reason_chart(reasons, parts, values, suffix=".png").startswith(b"\x89PNG")


def test_points_in_one_place_stand_side_by_side_within_reach():
    heights = spread_swarm(np.append(np.zeros(101), 5.0))
    assert len(np.unique(heights[:101])) == 101
    assert np.abs(heights).max() == pytest.approx(0.4)
    assert heights[-1] == 0
    assert spread_swarm(np.zeros(0)).tolist() == []
