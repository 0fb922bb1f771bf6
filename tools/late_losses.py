"""Where the attainable gain of `p_late_30` that the payment curve misses is: in its level and spread, or in a stage."""

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss

from arrisk.modeling.logistic import fit_logistic, to_margin, to_probability
from arrisk.modeling.rows import Floats
from tools.results_tables import make_table, show_share
from tools.truth import label_outcomes

_FREE = 1e-6
_LEAST = 1e-9

HEADER = (
    "as it is",
    "level and spread fitted to the outcomes",
    "until the due day by the observer",
    "the 30 days after by the observer",
    "customers who pay at issue",
)


def split_losses(portfolio: Path, predictions: Path, observed: pd.DataFrame) -> list[float]:
    """Measure the share of the attainable gain of `p_late_30` with one part of the curve put right at a time.

    Parameters
    ----------
    portfolio : the folder that ``arrisk simulate`` made, in Parquet.
    predictions : the file that ``arrisk backtest payment --predictions`` made of it.
    observed : as given by ``tell_observed``.

    Returns
    -------
    list of float
        In the order of ``HEADER``. The last is measured without the invoices of customers who have stopped paying by
        the day of issue, the others on all invoices.
    """
    told = pd.read_parquet(predictions).set_index("invoice_id")
    late = label_outcomes(portfolio / "book", 30).reindex(told.index).dropna()
    target = late.to_numpy(dtype="float64")
    truth = pd.read_parquet(portfolio / "truth" / "invoices.parquet").set_index("invoice_id")
    rows = (
        frame.reindex(late.index)[["p_late", "p_late_30"]].to_numpy(dtype="float64")
        for frame in (told, truth, observed)
    )
    return compare_parts(target, *rows)


def compare_parts(target: Floats, told: Floats, truth: Floats, observed: Floats) -> list[float]:
    """Give the shares of ``split_losses`` from what became of each invoice and what was said of it.

    Parameters
    ----------
    target : 1 for an invoice unpaid 30 days after its due date, else 0.
    told, truth, observed : by the curve, the truth and the observer: p_late and p_late_30, [invoice, horizon].
    """
    (due, own), (_, best), (seen_due, seen) = told.T, truth.T, observed.T
    variants = (own, _refit(target, own), seen_due * own / due, due * seen / np.maximum(seen_due, _LEAST))
    pays = best < 1 - _LEAST
    gains = [_find_gain(target, each, best) for each in variants]
    return [*gains, _find_gain(target[pays], own[pays], best[pays])]


def tabulate_losses(found: dict[str, list[float]]) -> list[str]:
    """Write the table of some portfolios, by title, and what it says."""
    return [
        "`p_late_30` is the chance of being unpaid on the due day, times that of being unpaid 30 days later, given the first.",
        "The gain of `p_late_30` when its log-odds are fitted to the tested outcomes by a line, which nobody can do beforehand;",
        "when one of the two factors is the observer's; and on the invoices of customers who have not stopped paying.",
        "",
        *make_table(["portfolio", *HEADER], [[title, *map(show_share, gains)] for title, gains in found.items()]),
    ]


def _refit(target: Floats, probability: Floats) -> Floats:
    margin = to_margin(probability)
    design = np.column_stack([margin, np.ones(len(margin))])
    line = fit_logistic(design, target, penalty=np.full(2, _FREE), centre=np.array([1.0, 0.0]))
    return to_probability(design @ line)


def _find_gain(target: Floats, probability: Floats, best: Floats) -> float:
    base = log_loss(target, np.full(len(target), target.mean()))
    return float((base - log_loss(target, probability)) / (base - log_loss(target, best)))
