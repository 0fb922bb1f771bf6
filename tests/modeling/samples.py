"""Small portfolios with known habits, for tests of the models."""

import numpy as np
import pandas as pd

from arrisk.frames import NEVER
from arrisk.modeling.inputs import Inputs
from arrisk.modeling.rates import PastRate
from arrisk.modeling.rows import Column, Sample

COLUMNS = (
    Column("settled_count", 0, "log"),
    Column("late_count", 1, "log"),
    Column("mean_days_late", 1, "plain"),
    Column("open_amount", 0, "log"),
    Column("noise", 0, "plain"),
)
PAST = PastRate(count=COLUMNS[0], events=COLUMNS[1])
INPUTS = Inputs(columns=COLUMNS, past={0: PAST}, history_count="settled_count")


def make_portfolio(*, customers=40, invoices=800, seed=1):
    """Give features as of issue and outcomes as known much later; customers differ in how late they pay."""
    random = np.random.default_rng(seed)
    who = random.integers(0, customers, invoices)
    habit = random.normal(-4, 10, customers)
    issued = np.sort(random.integers(15_000, 15_700, invoices))
    due = issued + 30
    delay = np.maximum(-29, np.round(habit[who] + random.normal(0, 8, invoices))).astype("int64")
    outcomes = pd.DataFrame(
        {
            "invoice_id": [f"i{number:05d}" for number in range(invoices)],
            "customer_id": [f"c{number:03d}" for number in who],
            "kind": "invoice",
            "issued_day": issued,
            "due_day": due,
            "amount": random.integers(1_000, 90_000, invoices),
            "open_amount": 0,
            "ended_day": due + delay,
            "cause": "paid",
        }
    )
    return _look_back(outcomes, random), outcomes


def _look_back(outcomes, random):
    rows = []
    for row in outcomes.itertuples():
        before = outcomes[(outcomes["customer_id"] == row.customer_id) & (outcomes["ended_day"] < row.issued_day)]
        late = before["ended_day"] - before["due_day"]
        rows.append((len(before), int((late > 0).sum()), late.mean() if len(late) else np.nan))
    frame = pd.DataFrame(rows, columns=["settled_count", "late_count", "mean_days_late"]).astype("float64")
    return frame.assign(
        open_amount=random.integers(0, 90_000, len(frame)).astype("float64"), noise=random.normal(size=len(frame))
    )


def see_as_of(outcomes, day):
    """Forget what became known on a day or later."""
    seen = outcomes.loc[outcomes["issued_day"] < day].copy()
    is_open = seen["ended_day"] >= day
    seen.loc[is_open, "ended_day"] = NEVER
    seen.loc[is_open, "cause"] = ""
    return seen


def make_sample(*, customers=40, invoices=800, seed=1):
    """Give the portfolio as a sample with the target "late"."""
    features, outcomes = make_portfolio(customers=customers, invoices=invoices, seed=seed)
    return Sample(
        features=features,
        target=(outcomes["ended_day"] > outcomes["due_day"]).to_numpy(dtype="float64"),
        customer=pd.factorize(outcomes["customer_id"])[0].astype("int64"),
        asked_day=outcomes["issued_day"].to_numpy(),
        known_day=outcomes["due_day"].to_numpy(),
        columns=COLUMNS,
    )
