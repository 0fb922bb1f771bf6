"""What is open must be learnt from as open: a history without it says that everybody pays."""

import numpy as np
import pandas as pd
import pytest

from arrisk.modeling.champion import compute_log_loss
from arrisk.modeling.logistic import to_probability
from tests.modeling.samples import train_portfolio

FIRST_DAY, CUTOFF, LAST_DAY = 15_000, 15_130, 15_260
ROWS = 3_000


def draw_history(*, seed):
    """Give invoices of a hundred days before and after the cutoff; how late one is hangs on what is known of it."""
    random = np.random.default_rng(seed)
    habit = random.normal(0, 12, ROWS)
    issued = np.sort(random.integers(FIRST_DAY, LAST_DAY, ROWS))
    delay = np.maximum(-29, np.round(habit + random.gamma(1.0, 20.0, ROWS))).astype("int64")
    count = np.full(ROWS, 12)
    late = random.binomial(count, to_probability(habit / 12))
    features = pd.DataFrame(
        {
            "settled_count": count.astype("float64"),
            "late_count": late.astype("float64"),
            "mean_days_late": habit + random.normal(0, 4, ROWS),
            "open_amount": random.integers(0, 90_000, ROWS).astype("float64"),
            "noise": random.normal(size=ROWS),
            "terms_days": 30.0,
        }
    )
    outcomes = pd.DataFrame(
        {
            "invoice_id": [f"i{number:05d}" for number in range(ROWS)],
            "customer_id": [f"c{number:03d}" for number in random.integers(0, 100, ROWS)],
            "issued_day": issued,
            "due_day": issued + 30,
            "ended_day": issued + 30 + delay,
            "cause": "paid",
        }
    )
    return features, outcomes


@pytest.mark.slow
def test_dropping_what_is_open_at_the_cutoff_predicts_too_little_lateness():
    features, outcomes = draw_history(seed=1)
    was_open = (outcomes["issued_day"] < CUTOFF) & (outcomes["ended_day"] >= CUTOFF)
    later = outcomes["issued_day"] >= CUTOFF
    days_late = (outcomes["ended_day"] - outcomes["due_day"])[later].to_numpy()
    age = np.full(later.sum(), -30)

    def measure(kept):
        """Give by k: expected less observed lateness, and the log loss, on later invoices."""
        model = train_portfolio(features[kept], outcomes[kept], as_of_day=CUTOFF).model
        curves = model.predict_issue(features[later], age=age)
        late = {k: 1 - curves.read_paid(k) for k in (0, 30)}
        return {
            k: (float(p.mean() - (days_late > k).mean()), float(compute_log_loss((days_late > k) * 1.0, p).mean()))
            for k, p in late.items()
        }

    right, biased = measure(outcomes["invoice_id"] != ""), measure(~was_open)
    said = f"expected - observed and log loss by k: right {right}, without what was open {biased}"
    for k in (0, 30):
        assert abs(right[k][0]) < 0.035, said
        assert biased[k][0] < right[k][0] - 0.03, said
        assert biased[k][1] > right[k][1] + 0.005, said
