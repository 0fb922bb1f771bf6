"""What became of open amounts: of what was open at the start of a past step, how much was written off in the end.

A cohort is what was open at the start of one step. Only cohorts whose outcome window is complete count: of the others
nobody knows yet what comes of them.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from arrisk.allowance.flows import STEP_DAYS
from arrisk.modeling.rows import Ints

_PLACE = ["invoice", "step"]


def list_write_offs(flows: pd.DataFrame) -> pd.DataFrame:
    """List what was written off as bad debt in each step: invoice, step, amount."""
    bad = flows.loc[(flows["written_off_amount"] > 0).to_numpy(), [*_PLACE, "written_off_amount"]]
    return bad.rename(columns={"written_off_amount": "amount"})


def list_entries(flows: pd.DataFrame) -> pd.DataFrame:
    """List what was open when its customer came into default, in the step of it: invoice, step, amount."""
    entered = (~flows["is_in_default"] & flows["is_in_default_after"]).to_numpy()
    owed = flows["left_amount"] + flows["written_off_amount"]
    return flows[_PLACE].assign(amount=owed).loc[entered & (owed > 0).to_numpy()]


def follow_cohorts(flows: pd.DataFrame, events: pd.DataFrame, *, window_steps: int) -> pd.DataFrame:
    """Follow what was open at the start of each step until the end of its outcome window.

    Parameters
    ----------
    flows : as given by ``list_flows``.
    events : what counts as lost: invoice, step, amount.
    window_steps : how many steps of ``STEP_DAYS`` an outcome is waited for.

    Returns
    -------
    DataFrame
        The flows whose window is complete, with lost_amount (of the events within the window, at most what was open)
        and lost_days (the same times the days from the start to the middle of the step of the event).
    """
    cohorts = flows.loc[(flows["step"] >= window_steps - 1).to_numpy()].reset_index(drop=True)
    lost, waited = np.zeros(len(cohorts)), np.zeros(len(cohorts))
    rows = np.flatnonzero(np.isin(cohorts["invoice"].to_numpy(), events["invoice"].to_numpy()))
    pairs = cohorts.loc[rows, _PLACE].assign(row=rows).merge(events, on="invoice", suffixes=("", "_after"))
    lag = (pairs["step"] - pairs["step_after"]).to_numpy()
    within = (lag >= 0) & (lag < window_steps)
    row, amount = pairs["row"].to_numpy()[within], pairs["amount"].to_numpy()[within]
    np.add.at(lost, row, amount)
    np.add.at(waited, row, amount * (lag[within] + 0.5) * STEP_DAYS)
    # What was written off, taken back and written off again is lost once.
    kept = np.divide(np.minimum(lost, cohorts["open_amount"]), lost, out=np.zeros(len(lost)), where=lost > 0)
    return cohorts.assign(lost_amount=lost * kept, lost_days=waited * kept)


def sum_cells(cohorts: pd.DataFrame, *, by: Sequence[str]) -> pd.DataFrame:
    """Sum cohorts to cells.

    Parameters
    ----------
    cohorts : as given by ``follow_cohorts``, with customer (an int, >= 0) and the columns of ``by``.
    by : what makes a cell.

    Returns
    -------
    DataFrame
        One row per cell: the columns of ``by``, open_amount, lost_amount, lost_days, customers, losing_customers (each
        counted once), and worth, the evidence in customers: the customers seen at each step, divided by how many steps
        an invoice stands in the cell on average, since the same debt seen again is no new evidence.
    """
    groups = cohorts.groupby(list(by), observed=True, sort=True)
    cell, sums = _read_ints(groups.ngroup()), groups[["open_amount", "lost_amount", "lost_days"]].sum()
    count, lost = len(sums), cohorts["lost_amount"].to_numpy() > 0
    customer, step, invoice = (_read_ints(cohorts[name]) for name in ("customer", "step", "invoice"))
    rows, invoices = np.bincount(cell, minlength=count), _count_distinct(cell, invoice, count=count)
    seen = _count_distinct(cell, customer * (step.max(initial=0) + 1) + step, count=count)
    table = sums.assign(
        customers=_count_distinct(cell, customer, count=count),
        losing_customers=_count_distinct(cell[lost], customer[lost], count=count),
        worth=seen * invoices / np.maximum(rows, 1),
    ).reset_index()
    return table.assign(**{name: table[name].astype("str") for name in by if name != "is_in_default"})


def _read_ints(column: pd.Series) -> Ints:
    return np.asarray(column.to_numpy(), dtype=np.int64)


def _count_distinct(cell: Ints, key: Ints, *, count: int) -> Ints:
    """Count the different keys of each cell."""
    width = int(key.max(initial=0)) + 1
    return np.asarray(np.bincount(pd.unique(cell * width + key) // width, minlength=count), dtype=np.int64)
