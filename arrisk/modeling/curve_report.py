"""The report of a backtest of curves: lateness at every horizon, the day of payment, all beside the baselines."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from arrisk.frames import NEVER
from arrisk.labels import label_late
from arrisk.ledger.movements import CREDITED, WRITTEN_OFF
from arrisk.modeling.bootstrap import DRAWS, bootstrap_mean
from arrisk.modeling.chain import HORIZONS, QUANTILES, name_horizon
from arrisk.modeling.curves import Curves
from arrisk.modeling.evaluate import Outcomes, evaluate, group_deciles, group_depths, to_plain
from arrisk.modeling.logistic import to_margin, to_probability
from arrisk.modeling.rows import Floats, Ints, Mask
from arrisk.modeling.survival_metrics import (
    FollowedShare,
    FollowUp,
    compute_ipcw_brier,
    count_followed_share,
    estimate_followed_share,
    follow_invoices,
    integrate_brier,
    measure_interval,
    measure_median,
    select_timed,
)

SCORED_DAYS: tuple[int, ...] = (0, 5, 10, 15, 20, 30, 45, 60, 75, 90)
"""The days past due at which the Brier score is taken to be integrated: closer where invoices end."""

WINDOW_DAYS = HORIZONS[-1]
"""Days of payment are judged on invoices followed for so many days past due."""


@dataclass(frozen=True)
class Forecast:
    """What one model says of the invoices of a test, as of their issue.

    Parameters
    ----------
    p_late : by k, P(late by k days past due), strictly between 0 and 1, shape (n,); a model that only gives days has
        none, any other at least those of ``HORIZONS``.
    median, low, high : the day past due of payment, given that it is paid: p50, p10, p90, shape (n,); None = not given.
    """

    p_late: Mapping[int, Floats]
    median: Floats | None = None
    low: Floats | None = None
    high: Floats | None = None

    def take(self, part: Mask) -> Self:
        """Keep some invoices."""
        days = (None if day is None else day[part] for day in (self.median, self.low, self.high))
        return type(self)({k: late[part] for k, late in self.p_late.items()}, *days)


def forecast_curves(curves: Curves) -> Forecast:
    """Read off curves all that is measured: late by k is not being paid by then, be it open or written off."""
    days = sorted({*HORIZONS, *SCORED_DAYS})
    p_late = {k: to_probability(to_margin(1 - curves.read_paid(k))) for k in days}
    low, median, high = (curves.find_paid_day(quantile).astype("float64") for quantile in sorted(QUANTILES.values()))
    return Forecast(p_late, median, low, high)


def report_curve(
    outcomes: pd.DataFrame,
    *,
    end_day: int,
    history_count: Floats,
    candidates: Mapping[str, Forecast],
    baselines: Mapping[str, Forecast],
    champion: str,
) -> dict[str, Any]:
    """Measure all candidates and baselines on the invoices of a test.

    Parameters
    ----------
    outcomes : one row per invoice, as given by ``list_outcomes`` at the end of the extract; amounts in one currency.
    end_day : the last day covered.
    history_count : settled invoices of the customer known at issue, shape (n,).
    candidates, baselines : forecasts by name, rows as in ``outcomes``.
    champion : which candidate the groups and intervals are given for.

    Returns
    -------
    dict
        Plain data, ready for JSON; what cannot be measured is None. The measures of p_late; under ``horizons`` the same
        for each horizon, the champion's own beside those of all; ``integrated_brier``; ``timing``. Lateness is measured
        on invoices whose window is complete, ``ipcw_brier`` on all; amounts are in the unit of ``outcomes``.
    """
    is_asked = ((outcomes["kind"] == "invoice") & (outcomes["due_day"] < NEVER)).to_numpy()
    asked = outcomes.loc[is_asked]
    test = _Test(
        outcomes=asked,
        end_day=end_day,
        customer=np.asarray(pd.factorize(asked["customer_id"], sort=True)[0], dtype="int64"),
        history_count=history_count[is_asked],
        follow_up=follow_invoices(asked, end_day=end_day),
        candidates={name: forecast.take(is_asked) for name, forecast in candidates.items()},
        baselines={name: forecast.take(is_asked) for name, forecast in baselines.items()},
        champion=champion,
    )
    shares = {
        "ipcw_brier": estimate_followed_share(test.follow_up),
        "ipcw_brier_calendar": count_followed_share(test.follow_up),
    }
    horizons = {name_horizon(k): _report_horizon(test, k, shares) for k in HORIZONS}
    report = {
        **horizons[name_horizon(HORIZONS[0])],
        "horizons": {name: {**part["candidates"][champion], **part} for name, part in horizons.items()},
        "integrated_brier": _integrate(test, shares["ipcw_brier"]),
        "timing": _report_timing(test),
    }
    return dict(to_plain(report))


@dataclass(frozen=True)
class _Test:
    outcomes: pd.DataFrame
    end_day: int
    customer: Ints
    history_count: Floats
    follow_up: FollowUp
    candidates: Mapping[str, Forecast]
    baselines: Mapping[str, Forecast]
    champion: str

    @property
    def amount(self) -> Floats:
        return self.outcomes["amount"].to_numpy(dtype="float64")

    @property
    def kinds(self) -> Iterator[tuple[str, Mapping[str, Forecast]]]:
        yield from (("candidates", self.candidates), ("baselines", self.baselines))


def _report_horizon(test: _Test, k: int, shares: Mapping[str, FollowedShare]) -> dict[str, Any]:
    target = label_late(test.outcomes, k=k, end_day=test.end_day)
    part = ~np.isnan(target)
    late = {kind: {name: f.p_late[k] for name, f in models.items() if f.p_late} for kind, models in test.kinds}
    report = evaluate(
        Outcomes(target[part], test.customer[part], test.history_count[part], test.amount[part]),
        candidates={name: p[part] for name, p in late["candidates"].items()},
        baselines={name: p[part] for name, p in late["baselines"].items()},
        champion=test.champion,
    )
    for kind, models in late.items():
        for name, p in models.items():
            scores = {key: compute_ipcw_brier(test.follow_up, p, k=k, followed_share=g) for key, g in shares.items()}
            report[kind][name].update(scores)
    return report


def _integrate(test: _Test, share: FollowedShare) -> dict[str, Any]:
    models = {}
    for _, forecasts in test.kinds:
        for name, forecast in forecasts.items():
            # A model that has no value between the horizons would be averaged over other days than the rest.
            if set(SCORED_DAYS) <= set(forecast.p_late):
                scores = {
                    k: compute_ipcw_brier(test.follow_up, forecast.p_late[k], k=k, followed_share=share)
                    for k in SCORED_DAYS
                }
                models[name] = {"integrated_brier": integrate_brier(scores), "by_day": list(scores.values())}
    return {"days": list(SCORED_DAYS), "models": models}


def _report_timing(test: _Test) -> dict[str, Any]:
    followed = test.follow_up.followed >= WINDOW_DAYS
    part = select_timed(test.follow_up, window=WINDOW_DAYS)
    paid = test.follow_up.ended[part]
    report: dict[str, Any] = {
        "window_days": WINDOW_DAYS,
        "rows_followed": int(followed.sum()),
        "rows": len(paid),
        **_share_causes(test.follow_up.take(followed)),
    }
    for kind, models in test.kinds:
        report[kind] = {name: _time(f.take(part), paid) for name, f in models.items() if f.median is not None}
    best = test.candidates[test.champion].take(part)
    for name, groups in (
        ("by_history_depth", group_depths(test.history_count[part])),
        ("by_amount_decile", group_deciles(test.amount[part])),
    ):
        report[name] = {group: _time(best.take(rows), paid[rows]) for group, rows in groups.items()}
    rivals = [f for models in (test.candidates, test.baselines) for f in models.items() if f[0] != test.champion]
    report["intervals"] = _find_intervals(best, paid, test.customer[part], [(n, f.take(part)) for n, f in rivals])
    return report


def _share_causes(follow_up: FollowUp) -> dict[str, float]:
    # What is not paid stands beside the measures of days, which are about the paid alone.
    shares = {"open_share": ~follow_up.is_seen}
    for cause in (WRITTEN_OFF, CREDITED):
        shares[f"{cause}_share"] = follow_up.is_seen & (follow_up.cause == cause)
    return {name: float(part.mean()) if len(part) else math.nan for name, part in shares.items()}


def _time(forecast: Forecast, paid: Ints) -> dict[str, Any]:
    measures: dict[str, Any] = {"rows": len(paid)}
    if forecast.median is not None:
        measures.update(measure_median(paid, forecast.median))
    if forecast.low is not None and forecast.high is not None:
        measures.update(measure_interval(paid, low=forecast.low, high=forecast.high))
    return measures


def _find_intervals(
    best: Forecast, paid: Ints, customer: Ints, rivals: Sequence[tuple[str, Forecast]]
) -> dict[str, Any]:
    if not len(paid) or best.median is None:
        return {}
    error = np.abs(best.median - paid)
    intervals: dict[str, Any] = {"draws": DRAWS, "mae_median_days": asdict(bootstrap_mean(error, customer))}
    if best.low is not None and best.high is not None:
        inside = ((paid >= best.low) & (paid <= best.high)).astype("float64")
        intervals["coverage"] = asdict(bootstrap_mean(inside, customer))
    for name, rival in rivals:
        if rival.median is not None:
            gain = bootstrap_mean(np.abs(rival.median - paid) - error, customer)
            intervals[f"mae_gain_over_{name}"] = asdict(gain)
    return intervals
