"""Small portfolios with known habits, for tests of the models."""

import numpy as np
import pandas as pd

from arrisk.frames import NEVER
from arrisk.modeling.inputs import Inputs
from arrisk.modeling.payment_curve import train_curve
from arrisk.modeling.rates import PastRate
from arrisk.modeling.rows import Column, Sample
from arrisk.modeling.stages import make_cases

COLUMNS = (
    Column("settled_count", 0, "log"),
    Column("late_count", 1, "log"),
    Column("mean_days_late", 1, "plain"),
    Column("open_amount", 0, "log"),
    Column("noise", 0, "plain"),
    Column("terms_days", 0, "plain"),
)
PAST = PastRate(count=COLUMNS[0], events=COLUMNS[1])
INPUTS = Inputs(columns=COLUMNS, past={(-NEVER, 0): PAST}, horizons={0: PAST}, history_count="settled_count")
LANDMARK_DAYS = 14
TRAINED_DAY = 15_550


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
    return _look_back(outcomes, random).assign(terms_days=30.0), outcomes


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


def ask_at_issue(features, outcomes):
    """Give questions as of issue, about invoices with outcomes as they were known on some day."""
    return make_cases(outcomes.assign(as_of_day=outcomes["issued_day"]), features, outcomes)


def ask_while_open(features, outcomes, *, before):
    """Give questions about what was open as of every second week before a day."""
    parts = []
    for day in range(int(outcomes["issued_day"].min()) + 1, before, LANDMARK_DAYS):
        is_open = (outcomes["issued_day"] < day) & (outcomes["ended_day"] >= day)
        parts.append(outcomes.loc[is_open].assign(as_of_day=day))
    asked = pd.concat(parts)
    own = features.loc[asked.index].reset_index(drop=True).assign(open_share=1.0, is_disputed=0.0)
    asked = asked.reset_index(drop=True)
    return make_cases(asked, own, asked)


def train_portfolio(features, outcomes, *, as_of_day=TRAINED_DAY, inputs=INPUTS):
    """Fit the payment curve on what was known of a portfolio before a day."""
    seen = see_as_of(outcomes, as_of_day)
    features = features.loc[seen.index].reset_index(drop=True)
    seen = seen.reset_index(drop=True)
    opened = ask_while_open(features, seen, before=as_of_day)
    return train_curve(ask_at_issue(features, seen), opened, inputs=inputs, as_of_day=as_of_day)


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
