"""The rule to beat: everything is paid on its due date plus the customer's median delay."""

import numpy as np
import pandas as pd

from arrisk.forecast.receipts import Horizon
from arrisk.frames import NEVER
from arrisk.modeling.rows import Floats


def forecast_by_rule(items: pd.DataFrame, outcomes: pd.DataFrame, *, horizon: Horizon) -> Floats:
    """Forecast that each open invoice is paid on its due date plus its customer's median delay.

    A customer without a paid invoice has the median of the book; a day before the first week counts to it.

    Parameters
    ----------
    items : one row per open invoice: customer_id, due_day, open_amount.
    outcomes : as given by ``list_outcomes`` as of the first day of the first week.
    horizon : the weeks.

    Returns
    -------
    array of shape (weeks,)
        In the unit of ``open_amount``.

    Examples
    --------
    >>> ended = pd.DataFrame({"customer_id": ["A"], "due_day": [10], "ended_day": [13], "cause": ["paid"]})
    >>> items = pd.DataFrame({"customer_id": ["A", "A", "B"], "due_day": [90, 104, 105], "open_amount": [5, 7, 9]})
    >>> forecast_by_rule(items, ended, horizon=Horizon(100, 2)).tolist()
    [5.0, 16.0]
    """
    paid = outcomes.loc[(outcomes["cause"] == "paid") & (outcomes["ended_day"] < NEVER)]
    days_late = paid["ended_day"] - paid["due_day"]
    of_book = float(days_late.median()) if len(paid) else 0.0
    own = days_late.groupby(paid["customer_id"]).median()
    delay = np.rint(items["customer_id"].map(own).fillna(of_book).to_numpy(dtype="float64")).astype("int64")
    expected = np.maximum(items["due_day"].to_numpy() + delay, horizon.as_of_day)
    return horizon.add_up(expected, items["open_amount"].to_numpy())
