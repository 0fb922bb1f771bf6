"""The verdict on a default model: what policy asks of its validation, check by check, and whether it may go on."""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

import pandas as pd

from arrisk.modeling.default.validation import ModelValidation, Validation
from arrisk.modeling.evaluate import to_plain
from arrisk.policy import ValidationPolicy

Result = Literal["passed", "failed", "not measurable"]
PASSED: Result = "passed"
FAILED: Result = "failed"
NOT_MEASURABLE: Result = "not measurable"


@dataclass(frozen=True)
class Check:
    """One thing that is asked of a model.

    Parameters
    ----------
    model : which of the two.
    name : what is checked, as policy names it.
    value : what was found; NaN = nothing could be.
    at_least, at_most : between which it must be; None = no end.
    result : passed, failed, or not measurable, which holds nothing against the model.
    """

    model: str
    name: str
    value: float
    at_least: float | None
    at_most: float | None
    result: Result


@dataclass(frozen=True)
class Verdict:
    """Whether the models may be promoted: no check failed. That enough customers were tested is itself a check."""

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return all(check.result != FAILED for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        """Describe the verdict as plain data: ``passed`` and ``checks``."""
        return dict(to_plain({"passed": self.passed, "checks": [asdict(check) for check in self.checks]}))


def judge_validation(validation: Validation, policy: ValidationPolicy) -> Verdict:
    """Judge both models by what policy asks of them."""
    return Verdict(tuple(check for own in validation.models.values() for check in _check_model(own, policy)))


def judge(model: str, name: str, value: float, *, at_least: float | None = None, at_most: float | None = None) -> Check:
    """Judge one figure by its limits.

    Examples
    --------
    >>> judge("behaviour", "gini_gain", 0.1, at_least=0.0).result, judge("behaviour", "psi", 0.3, at_most=0.25).result
    ('passed', 'failed')
    """
    if math.isnan(value):
        return Check(model, name, value, at_least, at_most, NOT_MEASURABLE)
    is_inside = (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
    return Check(model, name, value, at_least, at_most, PASSED if is_inside else FAILED)


def _check_model(own: ModelValidation, policy: ValidationPolicy) -> Iterator[Check]:
    is_enough = own.defaults >= policy.defaults_at_least
    grades = own.grades["jeffreys"] >= policy.grade_p_at_least
    slope = float(own.figures.get("calibration_slope", math.nan))
    yield judge(own.name, "customers", float(own.customers), at_least=policy.customers_at_least)
    yield judge(own.name, "log_loss_gain", _gain_log_loss(own.models), at_least=policy.log_loss_gain_at_least)
    gain = _gain_gini(own) if is_enough else math.nan
    yield judge(own.name, "gini_gain", gain, at_least=policy.gini_gain_at_least)
    slope = slope if is_enough else math.nan
    yield judge(own.name, "calibration_slope", slope, at_least=policy.slope_at_least, at_most=policy.slope_at_most)
    share = float(grades.mean()) if len(grades) else math.nan
    yield judge(own.name, "grades_passed", share, at_least=policy.grades_passed_at_least)
    yield judge(own.name, "score_shift", own.score_shift, at_most=policy.score_shift_at_most)


def _gain_log_loss(models: pd.DataFrame) -> float:
    """Give how much smaller the champion's log loss is than that of the best baseline."""
    gains = models.loc[models["is_baseline"].astype("bool"), "gain"]
    return float(gains.min()) if len(gains) else math.nan


def _gain_gini(own: ModelValidation) -> float:
    baselines = own.models.loc[own.models["is_baseline"].astype("bool"), "gini"]
    return float(own.figures["gini"].value - baselines.max()) if len(baselines) else math.nan
