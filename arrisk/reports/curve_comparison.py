"""Curves beside what happened: the mean predicted share paid by each day, and the share that was, by group."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from arrisk.ledger.movements import PAID, WRITTEN_OFF
from arrisk.modeling.curves import Curves
from arrisk.modeling.rows import Floats, Ints, Mask
from arrisk.modeling.survival_metrics import FollowUp
from arrisk.reports.drawing import BLUE, GRID, INK, ORANGE, render_figure, tidy_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN_DAYS: tuple[int, int] = (-30, 90)
"""Days past due from which and to which curves are compared."""

_MIN_FOLLOWED = 20
"""With fewer invoices followed to a day, what happened by then is not shown."""

_FIFTHS = ("lowest fifth", "second fifth", "middle fifth", "fourth fifth", "highest fifth")


def group_fifths(p_late: Floats) -> dict[str, Mask]:
    """Group rows by their predicted probability, from the lowest fifth to the highest; equal ones stay together.

    Examples
    --------
    >>> list(group_fifths(np.array([0.1, 0.2, 0.3])))
    ['lowest fifth', 'second fifth', 'middle fifth', 'fourth fifth', 'highest fifth']
    """
    edges = np.quantile(p_late, [0.2, 0.4, 0.6, 0.8]) if len(p_late) else np.zeros(4)
    place = np.searchsorted(edges, p_late)
    return {name: place == rank for rank, name in enumerate(_FIFTHS)}


def compare_curves(curves: Curves, follow_up: FollowUp, groups: Mapping[str, Mask]) -> pd.DataFrame:
    """Compare the mean of predicted curves with what happened, by group.

    Parameters
    ----------
    curves : one per invoice, as of its issue or of one day.
    follow_up : how the same invoices ended, in the same order.
    groups : by name, which invoices belong to it, as given by ``group_depths`` or ``group_fifths``; empty ones are
        left out.

    Returns
    -------
    DataFrame
        One row per group and day: group, day (past due), count (invoices of the group), followed (of them, followed
        through that day), predicted_share and observed_share (paid by the end of the day; observed is missing where
        too few were followed).

    Notes
    -----
    Observed is the cumulative incidence of payment beside writing off (Aalen, Johansen, 1978): one minus Kaplan-Meier
    would overstate it. An invoice that was credited is followed until then. No invoice enters late: before it was
    issued it was not paid, and the curve says so too.
    """
    days = np.arange(SHOWN_DAYS[0], SHOWN_DAYS[1] + 1)
    tables = []
    for name, part in groups.items():
        if not part.any():
            continue
        chosen, seen = curves.take(np.flatnonzero(part)), follow_up.take(part)
        followed = (seen.followed[:, None] >= days).sum(axis=0)
        observed = np.where(followed >= _MIN_FOLLOWED, estimate_paid_share(seen, days), np.nan)
        predicted = np.array([chosen.read_paid(int(day)).mean() for day in days])
        table = pd.DataFrame({"day": days, "followed": followed, "predicted_share": predicted})
        tables.append(table.assign(group=name, count=len(chosen), observed_share=observed))
    columns = ["group", "day", "count", "followed", "predicted_share", "observed_share"]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def estimate_paid_share(follow_up: FollowUp, days: Ints) -> Floats:
    """Estimate the share paid by the end of each day, where some were written off and some not followed so long.

    Parameters
    ----------
    follow_up : at least one invoice.
    days : days past due, rising, shape (d,).

    Examples
    --------
    >>> ended, followed = np.array([1, 2, 3, 9]), np.array([9, 9, 2, 9])
    >>> cause = np.array(["paid", "written_off", "paid", "paid"], dtype=object)
    >>> estimate_paid_share(FollowUp(ended, cause, followed), np.array([0, 1, 2, 9]))
    array([0. , 0.25, 0.25, 0.75])
    """
    last = np.minimum(follow_up.ended, follow_up.followed)
    known, place = np.unique(last, return_inverse=True)
    at_risk = np.bincount(place)[::-1].cumsum()[::-1]
    paid = np.bincount(place, weights=_ended_by(follow_up, PAID), minlength=len(known)) / at_risk
    lost = np.bincount(place, weights=_ended_by(follow_up, WRITTEN_OFF), minlength=len(known)) / at_risk
    left = np.append(1.0, np.cumprod(1 - paid - lost))
    share = np.append(0.0, np.cumsum(left[:-1] * paid))
    return np.asarray(share[np.searchsorted(known, days, side="right")])


def describe_curves(table: pd.DataFrame) -> str:
    """Say in one line how far predicted and observed shares lie apart.

    Examples
    --------
    >>> describe_curves(pd.DataFrame({"group": "a", "day": [0, 1], "predicted_share": [0.5, 0.6],
    ...                               "observed_share": [0.4, 0.62]}))
    'The share paid by a day past due is predicted to within 10 points in each group'
    """
    gap = (table["predicted_share"] - table["observed_share"]).abs().max()
    if pd.isna(gap):
        return "Predicted shares paid by a day past due; too few invoices were followed to compare"
    return f"The share paid by a day past due is predicted to within {np.ceil(100 * gap):.0f} points in each group"


def render_curve_chart(table: pd.DataFrame, *, suffix: str = ".svg") -> bytes:
    """Draw predicted and observed shares, one panel per group.

    Parameters
    ----------
    table : as given by ``compare_curves``, at least one row.
    suffix : as ``render_figure`` takes it, with what that raises.
    """
    groups = list(table.groupby("group", sort=False))

    def draw(figure: "Figure") -> None:
        panels = figure.subplots(1, len(groups), sharex=True, sharey=True, squeeze=False)[0]
        for axes, (name, rows) in zip(panels, groups, strict=True):
            _draw_panel(axes, str(name), rows)
        panels[0].set_ylabel("per cent paid")
        panels[0].legend(loc="lower right", frameon=False, fontsize=8.5, handlelength=1.4)
        figure.supxlabel("days past due", fontsize=10, color=INK)

    return render_figure(draw, title=describe_curves(table), height=3.6, suffix=suffix)


def _draw_panel(axes: "Axes", name: str, rows: pd.DataFrame) -> None:
    day = rows["day"].to_numpy()
    axes.axvline(0.5, color=GRID, linewidth=1.2)
    axes.plot(day, 100 * rows["observed_share"].to_numpy(), color=ORANGE, linewidth=3, alpha=0.75, label="observed")
    axes.plot(
        day, 100 * rows["predicted_share"].to_numpy(), color=BLUE, linewidth=1.5, linestyle="--", label="predicted"
    )
    axes.set_title(f"{name}\n{rows['count'].iloc[0]:,} invoices", fontsize=9.5, loc="left")
    axes.set_xlim(*SHOWN_DAYS)
    axes.set_ylim(0, 100)
    axes.set_xticks([-30, 0, 30, 60, 90])
    axes.tick_params(labelsize=8.5)
    tidy_axes(axes, "")


def _ended_by(follow_up: FollowUp, cause: str) -> Mask:
    return np.asarray(follow_up.is_seen & (follow_up.cause == cause))
