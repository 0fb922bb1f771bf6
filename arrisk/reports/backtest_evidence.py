"""What a backtest's page is drawn from, gathered from the backtest and what became of its invoices."""

from typing import Any

import numpy as np
import pandas as pd

from arrisk.frames import day_of
from arrisk.labels import label_late
from arrisk.modeling.backtest import Backtest, describe_parts
from arrisk.modeling.chain import HORIZONS, name_horizon
from arrisk.modeling.evaluate import group_depths
from arrisk.modeling.survival_metrics import follow_invoices
from arrisk.reports.backtest_page import Evidence
from arrisk.reports.curve_comparison import compare_curves, group_fifths
from arrisk.reports.reliability import measure_reliability
from arrisk.schema import Book


def gather_evidence(
    backtest: Backtest, predicted: pd.DataFrame, outcomes: pd.DataFrame, book: Book
) -> tuple[dict[str, Any], Evidence]:
    """Gather what the page shows beside the report's figures.

    Parameters
    ----------
    backtest : what was predicted.
    predicted : one row per invoice: invoice_id and p_late, p_late_30, ...
    outcomes : the same invoices in the same order, as known at the end of the extract.
    book : gives that end.

    Returns
    -------
    (dict, Evidence)
        The report's part about reasons, and the frames behind the pictures.
    """
    end_day = day_of(book.extract_end_on)
    training = backtest.training
    history = backtest.asked.features[training.inputs.history_count].to_numpy(dtype="float64", na_value=np.nan)
    depths = {f"{name} settled": part for name, part in group_depths(history).items()}
    follow_up = follow_invoices(outcomes, end_day=end_day)
    reasons, parts, values = describe_parts(backtest)
    shown = [k for k in HORIZONS[:2] if not np.isnan(label_late(outcomes, k=k, end_day=end_day)).all()]
    evidence = Evidence(
        reliability={name_horizon(k): measure_reliability(predicted, outcomes, end_day=end_day, k=k) for k in shown},
        curves={
            "settled invoices of the customer at issue": compare_curves(backtest.curves, follow_up, depths),
            "fifths of p_late": compare_curves(
                backtest.curves, follow_up, group_fifths(predicted["p_late"].to_numpy())
            ),
        },
        parts=parts,
        values=values,
    )
    return reasons, evidence
