"""Compares predictions with a simulated portfolio's truth."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score

from arrisk import pipeline
from arrisk.frames import day_of
from arrisk.labels import label_late
from arrisk.ledger import list_outcomes
from arrisk.policy import load_policy


def measure_truth(portfolio: Path, predictions: Path) -> dict[str, float]:
    """Measure the truth's own probabilities of lateness on the predicted invoices whose outcome is complete.

    Parameters
    ----------
    portfolio : the folder that ``arrisk simulate`` made, in Parquet.
    predictions : the file that ``arrisk backtest payment --predictions`` made of it.

    Returns
    -------
    dict
        rows, auc and log_loss of the truth, base_log_loss (everybody at the rate of these rows).
    """
    outcomes = _label(portfolio / "book")
    truth = pd.read_parquet(portfolio / "truth" / "invoices.parquet").set_index("invoice_id")["p_late"]
    tested = pd.read_parquet(predictions)["invoice_id"]
    late = outcomes.reindex(tested).dropna()
    p = truth.reindex(late.index)
    base = np.full(len(late), late.mean())
    return {
        "rows": len(late),
        "auc": float(roc_auc_score(late, p)),
        "log_loss": float(log_loss(late, p)),
        "base_log_loss": float(log_loss(late, base)),
    }


def _label(book: Path) -> pd.Series:
    policy = load_policy()
    ledger = pipeline.open_book(book, policy=policy).book
    end = ledger.extract_end_on
    outcomes = list_outcomes(ledger, as_of=end + timedelta(days=1), end=policy.end)
    return pd.Series(label_late(outcomes, k=0, end_day=day_of(end)), index=outcomes["invoice_id"].to_numpy())
