"""Whether the backtest of a payment curve is good enough for the curve to score."""

from collections.abc import Mapping
from typing import Any

from arrisk.modeling.backtest import CHAMPION
from arrisk.modeling.rates import BaseRate, ShrunkRate
from arrisk.policy import GovernancePolicy

PASSED, FAILED = "passed", "failed"
"""The result of a check."""


def judge_payment(report: Mapping[str, Any], *, policy: GovernancePolicy) -> dict[str, Any]:
    """Judge a backtest by its own figures.

    Parameters
    ----------
    report : as given by ``report_backtest``.
    policy : what a payment curve has to show.

    Returns
    -------
    dict
        ``passed``, and ``checks``: each with name, value, limit and result. What could not be measured has not passed.

    Examples
    --------
    >>> from arrisk.policy import load_policy
    >>> measured = {"log_loss": 0.5, "calibration_slope": 1.4}
    >>> report = {"rows_test": 900, "candidates": {CHAMPION: measured}, "baselines": {"shrunk_rate": {"log_loss": 0.6}}}
    >>> verdict = judge_payment(report, policy=load_policy().governance)
    >>> verdict["passed"], [check["name"] for check in verdict["checks"] if check["result"] == FAILED]
    (False, ['calibration slope'])
    """
    champion, baselines = report["candidates"][CHAMPION], report["baselines"]
    rival = ShrunkRate.kind if ShrunkRate.kind in baselines else BaseRate.kind
    loss, most = champion["log_loss"], baselines[rival]["log_loss"]
    rows, least = report["rows_test"], policy.payment_rows_at_least
    slope, low, high = champion["calibration_slope"], policy.payment_slope_at_least, policy.payment_slope_at_most
    checks = [
        _check("invoices tested", rows, f"at least {least}", passed=rows >= least),
        _check("log loss", loss, f"not above {rival}", passed=None not in (loss, most) and loss <= most),
        _check("calibration slope", slope, f"{low:g} to {high:g}", passed=slope is not None and low <= slope <= high),
    ]
    return {"passed": all(check["result"] == PASSED for check in checks), "checks": checks}


def _check(name: str, value: float | None, limit: str, *, passed: bool) -> dict[str, Any]:
    return {"name": name, "value": value, "limit": limit, "result": PASSED if passed else FAILED}
