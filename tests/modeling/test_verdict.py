"""The payment curve's report passes when it tested enough, beats the customers' own rates and is calibrated."""

import pytest

from arrisk.modeling.backtest import CHAMPION
from arrisk.modeling.verdict import judge_payment
from arrisk.policy import load_policy

POLICY = load_policy().governance


def judge(*, rows=500, loss=0.4, slope=1.0, baselines=None):
    return judge_payment(
        {
            "rows_test": rows,
            "candidates": {CHAMPION: {"log_loss": loss, "calibration_slope": slope}},
            "baselines": baselines or {"base_rate": {"log_loss": 0.6}, "shrunk_rate": {"log_loss": 0.5}},
        },
        policy=POLICY,
    )


@pytest.mark.parametrize("facts", [{}, {"loss": 0.5}, {"slope": 0.8}, {"slope": 1.25}, {"rows": 200}])
def test_a_good_report_passes(facts):
    assert judge(**facts)["passed"]


@pytest.mark.parametrize(
    ("facts", "failed"),
    [
        ({"loss": 0.51}, "log loss"),
        ({"slope": 0.79}, "calibration slope"),
        ({"slope": 1.26}, "calibration slope"),
        ({"rows": 199}, "invoices tested"),
        ({"slope": None}, "calibration slope"),
        ({"loss": None}, "log loss"),
        ({"loss": 0.61, "baselines": {"base_rate": {"log_loss": 0.6}}}, "log loss"),
    ],
)
def test_a_check_that_fails_or_could_not_be_measured_fails_the_report(facts, failed):
    verdict = judge(**facts)
    assert not verdict["passed"]
    assert [check["name"] for check in verdict["checks"] if check["result"] != "passed"] == [failed]
