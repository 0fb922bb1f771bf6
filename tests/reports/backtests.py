"""A backtest's report and the frames beside it, small and made up, for tests of its page."""

import numpy as np
import pandas as pd

from arrisk.frames import NEVER
from arrisk.modeling.calibration_ageing import report_ageing
from arrisk.modeling.curve_report import Forecast, report_curve
from arrisk.modeling.curves import Curves, make_grid
from arrisk.modeling.evaluate import group_depths
from arrisk.modeling.origins import summarise_origins
from arrisk.modeling.shap_summary import describe_reasons
from arrisk.modeling.survival_metrics import follow_invoices
from arrisk.reports.backtest_page import Evidence
from arrisk.reports.curve_comparison import compare_curves
from arrisk.reports.reliability import measure_reliability
from tests.grids import LAST_DAYS

END_DAY = 20_400


def make_backtest(*, ledger="a ledger", reason="open_amount", invoices=400, seed=2):
    """Give a report with all its parts, and the frames of its pictures."""
    random = np.random.default_rng(seed)
    risk = random.uniform(0.05, 0.9, invoices)
    outcomes = _make_outcomes(risk, random)
    history = random.integers(0, 9, invoices).astype("float64")
    late = {k: np.clip(risk * share, 0.01, 0.99) for k, share in ((0, 1.0), (30, 0.2), (60, 0.1), (90, 0.05))}
    day = np.zeros(invoices, dtype="int64")
    curve = Forecast(late, median=day, low=day - 10, high=day + 10)
    flat = Forecast({k: np.full(invoices, p.mean()) for k, p in late.items()})
    report = report_curve(
        outcomes,
        end_day=END_DAY,
        history_count=history,
        candidates={"boosted": curve},
        baselines={"base_rate": flat, "due_date": Forecast({}, median=day)},
        champion="boosted",
    )
    report = {"cutoff": "2025-01-01", "ledger": ledger, "rows_train": 1_234, **report}
    asked, parts = outcomes["issued_day"].to_numpy(), pd.DataFrame({reason: risk - 0.5, "interaction": 0.1})
    target = (outcomes["ended_day"] > outcomes["due_day"]).to_numpy(dtype="float64")
    variants = {"as fitted": risk, "drift corrected": np.clip(risk + 0.05, 0, 0.99)}
    ageing = report_ageing(variants, target, asked_day=asked, customer=np.arange(invoices) % 40)
    values = pd.DataFrame({reason: risk})
    reasons = describe_reasons(parts, values, base=0.0, margin=parts.sum(axis=1).to_numpy(), target="p_late_30")
    origins = summarise_origins([report, report | {"cutoff": "2025-04-01"}])
    predictions = pd.DataFrame({"invoice_id": outcomes["invoice_id"], "p_late": risk})
    curves = compare_curves(_make_curves(outcomes), follow_invoices(outcomes, end_day=END_DAY), group_depths(history))
    evidence = Evidence(
        reliability={"p_late": measure_reliability(predictions, outcomes, end_day=END_DAY)},
        curves={"settled invoices": curves},
        parts=parts,
        values=values,
    )
    return report | {"calibration_ageing": ageing, "origins": origins, "reasons": reasons}, evidence


def _make_outcomes(risk, random):
    count = len(risk)
    issued = np.sort(random.integers(END_DAY - 300, END_DAY - 40, count))
    is_late = random.random(count) < risk
    ended = issued + 30 + np.where(is_late, random.integers(1, 50, count), -random.integers(0, 20, count))
    seen = ended <= END_DAY
    return pd.DataFrame(
        {
            "invoice_id": [f"i{number}" for number in range(count)],
            "customer_id": [f"c{number % 40}" for number in range(count)],
            "kind": "invoice",
            "issued_day": issued,
            "due_day": issued + 30,
            "amount": random.integers(1_000, 90_000, count),
            "ended_day": np.where(seen, ended, NEVER),
            "cause": np.where(seen, "paid", ""),
        }
    )


def _make_curves(outcomes):
    grid = make_grid(ends=LAST_DAYS)
    left = np.clip((45 - grid.last_days) / 75, 0.01, 1.0)
    shape = (len(outcomes), 1)
    return Curves(grid, np.tile(left, shape), np.zeros((len(outcomes), len(left))), np.full(len(outcomes), -30))
