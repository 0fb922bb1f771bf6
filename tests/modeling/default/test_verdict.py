"""The verdict: each check by the limit of policy, and no promotion on no evidence."""

import json
import math
from types import SimpleNamespace

import pandas as pd
import pytest

from arrisk.modeling.bootstrap import Interval
from arrisk.modeling.default.validation import Validation
from arrisk.modeling.default.verdict import FAILED, NOT_MEASURABLE, PASSED, judge_validation
from arrisk.policy import load_policy

LIMITS = load_policy().validation


def make_model(**changes):
    models = pd.DataFrame(
        {
            "is_baseline": [False, True, True],
            "gini": [0.5, 0.1, 0.2],
            "gain": [0.0, 0.02, 0.01],
        }
    )
    figures = {"gini": Interval(0.5, 0.4, 0.6), "calibration_slope": 1.0}
    good = {"name": "behaviour", "customers": 400, "defaults": 30, "figures": figures, "models": models}
    grades = pd.DataFrame({"jeffreys": [0.5, 0.04, 0.3, 0.9]})
    return SimpleNamespace(**{**good, "grades": grades, "score_shift": 0.05, **changes})


def judge(model):
    return judge_validation(Validation({model.name: model}, {}, pd.DataFrame()), LIMITS)


def find(verdict, name):
    return next(check for check in verdict.checks if check.name == name)


def test_a_good_model_passes_and_says_what_was_found():
    verdict = judge(make_model())
    assert verdict.passed
    assert {check.result for check in verdict.checks} == {PASSED}
    assert find(verdict, "log_loss_gain").value == pytest.approx(0.01)
    assert find(verdict, "gini_gain").value == pytest.approx(0.3)
    assert find(verdict, "grades_passed").value == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("customers", {"customers": 49}),
        ("log_loss_gain", {"models": make_model().models.assign(gain=[0.0, 0.02, -0.001])}),
        ("gini_gain", {"models": make_model().models.assign(gini=[0.5, 0.1, 0.51])}),
        ("calibration_slope", {"figures": {**make_model().figures, "calibration_slope": 0.79}}),
        ("calibration_slope", {"figures": {**make_model().figures, "calibration_slope": 1.26}}),
        ("grades_passed", {"grades": pd.DataFrame({"jeffreys": [0.5, 0.04, 0.01]})}),
        ("score_shift", {"score_shift": 0.26}),
    ],
)
def test_one_failure_fails_the_whole(name, changes):
    verdict = judge(make_model(**changes))
    assert not verdict.passed
    assert [check.name for check in verdict.checks if check.result == FAILED] == [name]


def test_with_few_defaults_rank_and_slope_are_not_judged():
    figures = {"gini": Interval(-0.5, -1.0, 1.0), "calibration_slope": 0.1}
    verdict = judge(make_model(defaults=19, figures=figures))
    assert verdict.passed
    assert find(verdict, "gini_gain").result == find(verdict, "calibration_slope").result == NOT_MEASURABLE


def test_what_could_not_be_tested_at_all_is_not_passed():
    nothing = make_model().models.iloc[:0]
    grades = pd.DataFrame({"jeffreys": []})
    verdict = judge(make_model(customers=0, defaults=0, figures={}, models=nothing, grades=grades))
    assert not verdict.passed
    assert find(verdict, "log_loss_gain").result == NOT_MEASURABLE
    assert find(verdict, "customers").result == FAILED


def test_the_verdict_is_plain_data_with_missing_figures_as_none():
    said = judge(make_model(score_shift=math.nan)).to_json()
    json.dumps(said, allow_nan=False)
    assert set(said) == {"passed", "checks"}
    assert set(said["checks"][0]) == {"model", "name", "value", "at_least", "at_most", "result"}
    assert said["checks"][-1]["value"] is None
