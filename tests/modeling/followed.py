"""Portfolios with known curves, for tests of what is measured against them."""

import numpy as np
import pandas as pd

from arrisk.frames import NEVER
from arrisk.modeling.curves import Curves, make_grid
from tests.grids import LAST_DAYS

CUSTOMERS = 10
TERMS_DAYS = 30
END_DAY = 16_000


def make_curves(*, rows=3000, seed=1, written_off=0.02):
    """Give true curves as of issue: the customers take turns, and each has a curve of its own, from fast to slow."""
    days = np.array(LAST_DAYS, dtype="float64")
    slowness = np.random.default_rng(seed).normal(0, 6, CUSTOMERS)[np.arange(rows) % CUSTOMERS][:, None]
    open_share = 1 / (1 + np.exp((days - slowness) / 5))
    open_share *= np.where(days < 100, 1, 0.5)
    lost = written_off * (1 - open_share)
    return Curves(make_grid(ends=LAST_DAYS), open_share, lost, np.full(rows, -TERMS_DAYS))


def draw_outcomes(curves, *, seed=2, first_due=END_DAY - 500, last_due=END_DAY + 20, end_day=END_DAY):
    """Draw how invoices end by their curves, and forget what came after the end of the extract."""
    random = np.random.default_rng(seed)
    rows = len(curves)
    due = random.integers(first_due, last_due + 1, rows)
    days = np.arange(-TERMS_DAYS, LAST_DAYS[-1] + 1)
    level = random.random(rows)
    kinds, kind = curves.take(slice(CUSTOMERS)), np.arange(rows) % CUSTOMERS
    open_share = np.array([kinds.read_open(day) for day in days])[:, kind]
    delay = np.where((open_share <= level).any(axis=0), days[(open_share <= level).argmax(axis=0)], NEVER)
    ended = np.where(delay < NEVER, due + delay, NEVER)
    lost = random.random(rows) < curves.read_written_off(LAST_DAYS[-1]) / (1 - curves.read_open(LAST_DAYS[-1]))
    is_seen = ended <= end_day
    return pd.DataFrame(
        {
            "invoice_id": [f"i{number:05d}" for number in range(rows)],
            "customer_id": [f"c{number}" for number in kind],
            "kind": "invoice",
            "issued_day": due - TERMS_DAYS,
            "due_day": due,
            "amount": random.integers(1_000, 90_000, rows),
            "ended_day": np.where(is_seen, ended, NEVER),
            "cause": np.where(is_seen, np.where(lost, "written_off", "paid"), ""),
        }
    )
