"""How often what was predicted came true: bins of predictions beside what happened, as a table and as a chart."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from arrisk.errors import InputError
from arrisk.frames import match
from arrisk.labels import label_late
from arrisk.modeling.rows import Floats, Ints
from arrisk.reports.drawing import BLUE, QUIET, render_figure, tidy_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MIN_BIN_ROWS = 20
"""The observed share of fewer invoices says next to nothing."""

_Z95 = 1.959964
"""The standard normal's quantile of 97.5 %."""


@dataclass(frozen=True)
class Words:
    """How a chart speaks of what was predicted: of what, as a share of what, and what came true of it."""

    rows: str = "invoices"
    event: str = "late"
    came_true: str = "were late"


INVOICES = Words()


def measure_reliability(
    predictions: pd.DataFrame, outcomes: pd.DataFrame, *, end_day: int, k: int = 0, bins: int = 10
) -> pd.DataFrame:
    """Compare predicted with observed late shares, in bins of about equal count.

    Parameters
    ----------
    predictions : one row per invoice: invoice_id, and p_late, p_late_30, ... as ``k`` says.
    outcomes : as given by ``list_outcomes``, as known at the end of the extract.
    end_day : the last day of the extract; what was not due k days before is left out.
    k : late by more than so many days past due.
    bins : how many at the most; none has fewer than ``MIN_BIN_ROWS`` invoices (but for equal predictions).

    Returns
    -------
    DataFrame
        One row per bin: count, predicted_share, observed_share, and the 95 % interval of the observed share, low_share
        and high_share.

    Raises
    ------
    InputError
        When no predicted invoice has a complete outcome.
    """
    position = match(predictions["invoice_id"], outcomes["invoice_id"])
    target = np.where(position >= 0, label_late(outcomes, k=k, end_day=end_day)[position], np.nan)
    known = ~np.isnan(target)
    if not known.any():
        raise InputError("no predicted invoice has a complete outcome", hint="an earlier cutoff")
    column = f"p_late_{k}" if k else "p_late"
    predicted = predictions[column].to_numpy(dtype="float64")[known]
    return bin_reliability(target[known], predicted, outcomes["customer_id"].to_numpy()[position[known]], bins=bins)


def bin_reliability(target: Floats, predicted: Floats, customer: np.ndarray, *, bins: int = 10) -> pd.DataFrame:
    """Compare predicted with observed shares, in bins of about equal count.

    Parameters
    ----------
    target : 0 or 1, shape (n,), at least one.
    predicted : probabilities, shape (n,).
    customer : whom each row is about, shape (n,).
    bins : how many at the most, as in ``measure_reliability``, with what it returns.

    Notes
    -----
    The interval is Wilson's (Probable Inference, JASA 1927) at the number of independent invoices that would be as
    exact, because those of one customer are alike (Korn, Graubard, Confidence Intervals for Proportions with Small
    Expected Number of Positive Counts Estimated from Survey Data, 1998).
    """
    parts = max(1, min(bins, len(target) // MIN_BIN_ROWS))
    edges = np.unique(np.quantile(predicted, np.linspace(0, 1, parts + 1)[1:-1]))
    place = np.searchsorted(edges, predicted, side="left")
    rows = pd.DataFrame({"place": place, "predicted_share": predicted, "observed_share": target})
    return _summarise_bins(rows.assign(customer=customer))


def render_reliability_chart(reliability: pd.DataFrame, *, words: Words = INVOICES, suffix: str = ".svg") -> bytes:
    """Draw predicted against observed shares, and below them how many rows each group has.

    Parameters
    ----------
    reliability : as given by ``measure_reliability``.
    words : what the shares are of.
    suffix : as ``render_figure`` takes it, with what that raises.
    """

    def draw(figure: "Figure") -> None:
        shares, counts = figure.subplots(2, 1, sharex=True, height_ratios=[5, 1])
        _draw_reliability(shares, reliability, words)
        _draw_counts(counts, reliability, words)

    return render_figure(draw, title=describe_reliability(reliability, words=words), height=5.6, suffix=suffix)


def describe_reliability(reliability: pd.DataFrame, *, words: Words = INVOICES) -> str:
    """Say in one line how often the predicted share lies in the interval of the observed one.

    Examples
    --------
    >>> shares = {"predicted_share": [0.1, 0.5], "low_share": [0.05, 0.6], "high_share": [0.2, 0.8]}
    >>> describe_reliability(pd.DataFrame({"count": [500, 700], **shares}))
    '1 of 2 groups of 1,200 invoices were late as often as predicted'
    """
    predicted = reliability["predicted_share"]
    inside = (predicted >= reliability["low_share"]) & (predicted <= reliability["high_share"])
    count = int(reliability["count"].sum())
    return f"{inside.sum()} of {len(inside)} groups of {count:,} {words.rows} {words.came_true} as often as predicted"


def _summarise_bins(rows: pd.DataFrame) -> pd.DataFrame:
    bins = rows.groupby("place")
    table = bins[["predicted_share", "observed_share"]].mean()
    table.insert(0, "count", bins.size())
    surprise = rows["observed_share"] - bins["observed_share"].transform("mean")
    by_customer = surprise.groupby([rows["place"], rows["customer"]]).sum()
    spread = (by_customer**2).groupby("place").sum()
    low, high = _find_interval(*(part.to_numpy() for part in (table["observed_share"], table["count"], spread)))
    return table.assign(low_share=low, high_share=high).reset_index(drop=True)


def _find_interval(share: Floats, count: Ints, spread: Floats) -> tuple[Floats, Floats]:
    """Find the interval of shares; ``spread`` is the sum over customers of their squared summed surprises."""
    alone = count * share * (1 - share)
    rows = np.where(spread > alone, count * alone / np.maximum(spread, alone + (alone == 0)), count)
    centre, scale = share + _Z95**2 / (2 * rows), 1 + _Z95**2 / rows
    reach = _Z95 * np.sqrt(share * (1 - share) / rows + _Z95**2 / (4 * rows**2))
    return (centre - reach) / scale, (centre + reach) / scale


def _draw_reliability(axes: "Axes", reliability: pd.DataFrame, words: Words) -> None:
    columns = ("predicted_share", "observed_share", "low_share", "high_share")
    predicted, observed, low, high = (100 * reliability[name].to_numpy() for name in columns)
    end, top = (min(100.0, 1.08 * float(most)) for most in (predicted.max(), max(predicted.max(), high.max())))
    axes.plot([0, end], [0, end], color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
    axes.annotate("as predicted", (0.86 * end, 0.86 * end), (10, -2), textcoords="offset points", va="top", color=QUIET)
    axes.vlines(predicted, low, high, color=BLUE, alpha=0.35, linewidth=5)
    axes.scatter(predicted, observed, color=BLUE, s=36, zorder=3)
    axes.set_xlim(0, end)
    axes.set_ylim(0, top)
    tidy_axes(axes, f"observed: per cent {words.event}, with 95 % interval")


def _draw_counts(axes: "Axes", reliability: pd.DataFrame, words: Words) -> None:
    axes.vlines(100 * reliability["predicted_share"], 0, reliability["count"], color=QUIET, linewidth=5)
    axes.set_ylim(0, 1.15 * float(reliability["count"].max()))
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.locator_params(axis="y", nbins=2, integer=True)
    axes.set_xlabel(f"predicted: per cent {words.event}, mean of the group")
    tidy_axes(axes, words.rows)
