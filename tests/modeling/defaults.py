"""Customers that default for reasons known to the tests, observed every quarter."""

from dataclasses import replace

import numpy as np
import pandas as pd

from arrisk.modeling.default.model import ALTMAN, HISTORY, Observed, train_default
from arrisk.modeling.logistic import to_probability
from arrisk.modeling.rows import Column

APPLICANT = (Column(ALTMAN, -1), Column("employees", -1, "log"))
COLUMNS = (Column(HISTORY, 0, "log"), Column("late_share", 1), *APPLICANT)
QUARTER, QUARTERS, CUSTOMERS = 91, 12, 250
FIRST_DAY = 18_000
TRAINED_DAY = FIRST_DAY + QUARTER * (QUARTERS - 1) + 365
"""The last quarter's year was over on the evening before."""


def make_observed(*, seed=1, first_day=FIRST_DAY, customers=CUSTOMERS, late_effect=1.2):
    """Draw customers of whom one in five has no history; lateness and Altman's score decide about default."""
    random = np.random.default_rng(seed)
    rows = customers * QUARTERS
    who = np.tile(np.arange(customers), QUARTERS)
    late = np.clip(random.normal(0.3, 0.2, customers)[who] + random.normal(0, 0.1, rows), 0, 1)
    altman = random.normal(2.0, 1.0, customers)[who]
    history = np.where(random.random(customers) < 0.2, 0.0, random.integers(1, 200, customers))[who]
    risk = -2.6 + late_effect * np.where(history > 0, 4 * (late - 0.3), 0.0) - 0.8 * (altman - 2.0)
    features = pd.DataFrame(
        {
            HISTORY: history,
            "late_share": np.where(history > 0, late, np.nan),
            ALTMAN: np.where(random.random(rows) < 0.1, np.nan, altman),
            "employees": random.integers(1, 500, rows).astype("float64"),
        }
    )
    ids = pd.Series([f"c{number:04d}" for number in who], dtype="str")
    days = first_day + QUARTER * np.repeat(np.arange(QUARTERS), customers)
    defaulted = (random.random(rows) < to_probability(risk)).astype("float64")
    return Observed(features, ids, days, defaulted)


def hide_outcomes(observed, *, since):
    """Forget how the years ended that began on a day or later."""
    return replace(observed, defaulted=np.where(observed.asked_day >= since, np.nan, observed.defaulted))


def train_observed(observed, *, as_of_day=TRAINED_DAY):
    """Fit the default model."""
    return train_default(observed, columns=COLUMNS, known_before=APPLICANT, as_of_day=as_of_day)
