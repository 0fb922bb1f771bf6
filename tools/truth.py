"""Compares predictions with a simulated portfolio's truth, and tells the truth of its open book."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score

from arrisk import pipeline
from arrisk.frames import NEVER, concat, day_of
from arrisk.labels import label_late
from arrisk.ledger import list_outcomes
from arrisk.modeling.chain import name_horizon
from arrisk.policy import load_policy
from arrisk.sim import DEFAULTS
from arrisk.sim.open_losses import tell_open_losses
from arrisk.sim.open_truth import tell_open_items
from arrisk.sim.world import draw_world

_WEEKS = 13


def measure_truth(
    portfolio: Path, predictions: Path, *, k: int = 0, observed: pd.DataFrame | None = None
) -> dict[str, float]:
    """Measure the truth's own probabilities of being late by k on the predicted invoices whose outcome is complete.

    Parameters
    ----------
    portfolio : the folder that ``arrisk simulate`` made, in Parquet.
    predictions : the file that ``arrisk backtest payment --predictions`` made of it.
    k : days past due, 0 or 30.
    observed : what else is measured on the same invoices, as given by ``tell_observed``.

    Returns
    -------
    dict
        rows, auc and log_loss of the truth, base_log_loss (everybody at the rate of these rows), and with ``observed``
        observed_log_loss.
    """
    outcomes = label_outcomes(portfolio / "book", k)
    truth = pd.read_parquet(portfolio / "truth" / "invoices.parquet").set_index("invoice_id")[name_horizon(k)]
    tested = pd.read_parquet(predictions)["invoice_id"]
    late = outcomes.reindex(tested).dropna()
    p = truth.reindex(late.index)
    base = np.full(len(late), late.mean())
    others = {} if observed is None else {"observed_log_loss": observed[name_horizon(k)].reindex(late.index)}
    return {
        "rows": len(late),
        "auc": float(roc_auc_score(late, p)),
        "log_loss": float(log_loss(late, p)),
        "base_log_loss": float(log_loss(late, base)),
        **{name: float(log_loss(late, chances)) for name, chances in others.items()},
    }


def tell_truth_curves(*, customers: int, months: int, seed: int, as_of: date) -> pd.DataFrame:
    """Tell when the open book of a simulated portfolio is paid, as well as it can be known.

    Parameters
    ----------
    customers, months, seed : as given to ``arrisk simulate``.
    as_of : the first day of the first week.

    Returns
    -------
    DataFrame
        One row per invoice that the ledger shows as open as of the day: invoice_id; p_unpaid (it is not among those
        already paid by receipts that are not booked yet); p_paid_w1 .. p_paid_w13, the chance that the payment which
        settles it is made from ``as_of`` to the end of that week, given all that the ledger shows (at most p_unpaid;
        divided by it, given that it is unpaid); p_late and p_late_30, given that it is unpaid.
    """
    world = draw_world(customers, months, seed, None, DEFAULTS)
    truth = tell_open_items(world, as_of_day=day_of(as_of), horizon_days=7 * _WEEKS, tolerances=(0, 30))
    weeks = {f"p_paid_w{week}": truth.p_unpaid * truth.paid[:, 7 * week - 1] for week in range(1, _WEEKS + 1)}
    late = {"p_late": truth.late[:, 0], "p_late_30": truth.late[:, 1]}
    return pd.DataFrame({"invoice_id": truth.invoice_id, "p_unpaid": truth.p_unpaid, **weeks, **late})


def tell_truth_losses(
    *,
    customers: int,
    months: int,
    seed: int,
    days: Sequence[date],
    yearly_rate: float = 0.0,
    within_days: int | None = None,
) -> pd.DataFrame:
    """Tell what the open book of a simulated portfolio costs, as well as it can be known, at several closes.

    Parameters
    ----------
    customers, months, seed : as given to ``arrisk simulate``.
    days : the days of the question; of the ledger the truth sees what is known before each.
    yearly_rate, within_days : which recoveries count, and at which value, as in `tell_open_losses`.

    Returns
    -------
    DataFrame
        One row per day and invoice that the ledger shows as open: as_of; invoice_id; open_amount (minor units of the
        invoice's own currency); has_stopped (hidden: its customer does not pay any more); p_written_off;
        expected_loss_share, of the open amount; is_written_off and lost_amount (minor units, before recoveries): what
        was drawn in the end, also after the extract.
    """
    world = draw_world(customers, months, seed, None, DEFAULTS)
    settlements, frames = world.settlements, []
    for day in days:
        told = tell_open_losses(world, as_of_day=day_of(day), yearly_rate=yearly_rate, within_days=within_days)
        is_lost = settlements.written_off_day[told.position] < NEVER
        columns = {
            "as_of": np.datetime64(day, "s"),
            "invoice_id": told.invoice_id,
            "open_amount": told.open_amount,
            "has_stopped": told.has_stopped,
            "p_written_off": told.p_written_off,
            "expected_loss_share": told.expected_loss_share,
            "is_written_off": is_lost,
            "lost_amount": np.where(is_lost, settlements.last_part[told.position], 0),
        }
        frames.append(pd.DataFrame(columns))
    return concat(frames)


def label_outcomes(book: Path, k: int) -> pd.Series:
    """Label the invoices of a book as late by k days, by id; NaN where the window is not complete."""
    policy = load_policy()
    ledger = pipeline.open_book(book, policy=policy).book
    end = ledger.extract_end_on
    outcomes = list_outcomes(ledger, as_of=end + timedelta(days=1), end=policy.end)
    return pd.Series(label_late(outcomes, k=k, end_day=day_of(end)), index=outcomes["invoice_id"].to_numpy())
